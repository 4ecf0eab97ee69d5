"""E-seals end to end: `licet seal make-test` makes an authority and a seal, the seal is registered, licences are issued as sealed OFD files, and a window
checks the files, copies of them and forgeries; the seal is stopped, made again, cancelled, given away; proofs are checked with the node stopped."""
import csv
import json
import os
import pathlib
import re
import shutil
import time
import unittest
import zipfile

from node import BUILD, Case, ENV, LICET, run, sha256, uscc

CONSORTIUM = pathlib.Path(__file__).resolve().parents[2] / "genesis" / "consortium.json"
OWN, OTHER = "11310118LCT001117W", "11320509LCT001213X"
NAME = "青浦区市场监督管理局（示例）"
ES_ID = "31011800000042"
WHY = ("--reason", "保管人变更", "--basis", "电子印章管理办法")
CLOCK = BUILD / "tests" / "fault" / "clock.so"
YEAR = 365 * 86400
STATE_STEPS = ["seal_registered", "seal_digest", "seal_certificate", "seal_owner", "seal_named", "seal_state"]
ENV.pop("LICET_TRUST_DIR", None)


def files(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def rewrite(source, target, change):
    """The same package with other content: sizes and CRCs are right again."""
    content = files(source)
    change(content)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            package.writestr(name, data)
    return target


class World(Case):
    """The sample consortium's node with one seal of its market regulator registered."""
    register = True

    def setUp(self):
        super().setUp()
        self.one = self.node("node", "--consortium", CONSORTIUM)
        self.seals = self.authority("seal")
        self.type = next(t["code"] for t in self.one.licet("type", "list", "--json").json if not [e for e in t["elements"] if e["mandatory"] and e["code"] != "ZZBS"])
        if self.register:
            self.seal("add", self.seals / "seal.esl", "--owner", OWN)

    def authority(self, name, es_id=ES_ID, owner=OWN, clock=None):
        folder = self.folder / name
        env = {"LD_PRELOAD": str(CLOCK), "LICET_CLOCK": str(clock)} if clock else None
        self.assert_code(run(LICET, "seal", "make-test", folder, "--owner", owner, "--name", NAME, "--es-id", es_id, env=env), 0)
        return folder

    def at(self, key=None, trust="seal"):
        env = {"LICET_TRUST_DIR": str(self.folder / trust / "trust")} if trust else {}
        if key:
            env["LICET_KEY"] = str(key)
        return env

    def seal(self, *arguments, code=0, key="seal.pem", trust="seal"):
        return self.assert_code(self.one.licet("seal", *arguments, env=self.at(self.one.dir / "keys" / key, trust)), code)

    def stamp(self, name, text="证照编号：样品\n持证主体：青浦样品食品店\n", folder=None, clock=None):
        page, out = self.folder / "page.txt", self.folder / name
        page.write_text(f"{text}{name}\n", "utf-8")
        env = {"LD_PRELOAD": str(CLOCK), "LICET_CLOCK": str(clock)} if clock else None
        self.assert_code(run(LICET, "seal", "stamp", "--seal", folder or self.seals, "--text", page, "--out", out, env=env), 0)
        return out

    def copy(self, source, name, note="仅供本次办理使用", folder=None):
        out = self.folder / name
        self.assert_code(run(LICET, "seal", "stamp", "--seal", folder or self.seals, "--copy", "--in", source, "--note", note, "--out", out), 0)
        return out

    def try_issue(self, number, *documents, trust="seal", more=(), env=None):
        arguments = ["issue", "--type", self.type, "--serial", f"S{number}", "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"),
                     "--holder-name", "青浦样品食品店", "--number", f"N-{number}", "--json", *more]
        for document in documents:
            arguments += ["--doc", document]
        return self.one.licet(*arguments, env={**self.at(trust=trust), **(env or {})})

    def sealed(self, number, folder=None):
        """A sealed file that is issued: its path, and what `issue` said."""
        path = self.stamp(f"sealed{number}.ofd", folder=folder)
        return path, self.assert_code(self.try_issue(number, path, trust=folder.name if folder else "seal"), 0).json

    def ask(self, *arguments, code=0, trust="seal"):
        return self.assert_code(self.one.licet("verify", *arguments, "--json", key=False, env=self.at(trust=trust)), code).json

    def entry(self, issued):
        return int(self.one.get_json(f"/v1/licences/{issued['key']}/history")["history"][0]["entry"])

    def height(self):
        return self.one.get_json("/v1/head")["height"]

    def assert_refused(self, done, number, code):
        self.assert_code(done, code)
        self.assertIn(str(number), done.err)

    def reasons(self, verdict):
        return {s["step"]: s["reason"] for one in verdict["signatures"] for s in one["steps"] if s["result"] == "failed"}

    def state(self, verdict):
        return next(s for s in verdict["seal"]["steps"] if s["step"] == "seal_state")


class Life(World):
    def test_registered_and_verified(self):
        path, issued = self.sealed(1)
        verdict = self.ask(path)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "match", issued["key"]))
        seal = verdict["seal"]
        self.assertEqual((seal["id"], seal["owner"], seal["owner_name"], seal["state"], seal["result"]), (ES_ID, OWN, NAME, "valid", "passed"))
        self.assertEqual([(s["step"], s["result"], s["reason"]) for s in seal["steps"]], [(name, "passed", None) for name in STATE_STEPS])
        self.assertEqual(len(verdict["seals"]), 1)
        self.assertEqual(len(verdict["signatures"]), 1)
        signature = verdict["signatures"][0]
        self.assertEqual(set(signature), {"id", "kind", "result", "digest", "seal", "signer", "signed_at", "timestamp", "steps", "notes"})
        self.assertEqual((signature["result"], signature["seal"]["id"]), ("passed", ES_ID))
        results = {s["step"]: s["result"] for s in signature["steps"]}
        self.assertEqual({r for s, r in results.items() if s != "timestamp"}, {"passed"})
        for step in ("references", "coverage", "seal_signature", "maker_chain", "signature_value", "signer_chain", "signer_revocation", "signer_listed",
                     "data_hash", "seal_period"):
            self.assertIn(step, results)
        self.assertEqual([s["result"] for s in verdict["document_steps"] if s["result"] == "failed"], [])
        for words, locale in ((("document:  matches", "valid"), "C.UTF-8"), (("与登记文件一致", "有效"), "zh_CN.UTF-8")):
            text = self.assert_code(self.one.licet("verify", path, key=False, env={**self.at(), "LANG": locale, "LC_ALL": locale}), 0).out
            for word in words:
                self.assertIn(word, text)
        shown = self.seal("show", ES_ID, "--json").json
        self.assertEqual((shown["id"], shown["licences"], shown["count"], shown["owner"]["id"]), (ES_ID, 1, 1, OWN))
        self.assertEqual(shown["makings"][0]["digest"], sha256((self.seals / "seal.esl").read_bytes()))
        self.assertEqual(shown["makings"][0]["digest"], signature["seal"]["sha256"])
        self.assertEqual(shown["makings"][0]["certificates"], [signature["signer"]["sha256"]])
        self.assertEqual([s["id"] for s in self.seal("list", "--json").json], [ES_ID])
        self.assertIn(ES_ID, self.seal("list").out)
        self.assertIn("1 sealed with it", self.seal("show", ES_ID).out)
        self.seal("add", self.seals / "seal.esl", "--owner", OWN, code=1)  # once only

    def test_a_stamped_copy_reads_copy(self):
        path, issued = self.sealed(1)
        copy = self.copy(path, "copy.ofd")
        self.assertNotEqual(sha256(copy.read_bytes()), sha256(path.read_bytes()))
        verdict = self.ask(copy)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "copy", issued["key"]))
        self.assertEqual((verdict["seal"]["id"], verdict["seal"]["result"]), (ES_ID, "passed"))
        self.assertEqual((len(verdict["signatures"]), len(verdict["seals"])), (2, 2))
        self.assertEqual(verdict["seals"][1]["result"], "failed")  # the note's own seal is on no ledger, which is no fault of the copy
        self.assertEqual(verdict["copy"], "stamped")
        self.assertIn("copy of the registered", self.one.licet("verify", copy, key=False, env=self.at()).out)
        self.assert_code(self.one.licet("revoke", issued["identifier"], "--reason", "伪造材料", "--basis", "行政许可法"), 0)
        self.assertEqual(self.ask(copy, code=11)["document"], "copy")

    def test_a_node_that_is_down_hides_nothing_that_the_file_shows(self):
        path, _ = self.sealed(1)
        forged = rewrite(path, self.folder / "forged.ofd", lambda c: c.update({"Doc_0/Pages/Page_0/Content.xml": c["Doc_0/Pages/Page_0/Content.xml"] + b" "}))
        self.one.stop(expect=0)
        for files, code, words in (((forged,), 15, ["mismatch"]), ((path,), 1, ["incomplete"]), ((path, forged), 15, ["incomplete", "mismatch"])):
            done = self.assert_code(self.one.licet("verify", *files, "--json", key=False, env=self.at()), code)
            said = done.json if isinstance(done.json, list) else [done.json]
            self.assertEqual([v["verdict"] for v in said], words)
            self.assertIn("no node answers", done.err)

    def test_packed_anew_is_no_stamped_copy(self):
        path, issued = self.sealed(1)
        packed = self.folder / "packed.ofd"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
            for name in sorted(old.namelist(), reverse=True):
                new.writestr(name, old.read(name))
        verdict = self.ask(packed)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["copy"], verdict["licence"]["key"]), ("valid", "copy", "repacked", issued["key"]))
        self.assertIn("packed anew", self.one.licet("verify", packed, key=False, env=self.at()).out)

    def test_copies_of_copies(self):
        """More seals in one file than a query takes are no reason to say nothing."""
        path, issued = self.sealed(1)
        for turn in range(10):
            path = self.copy(path, f"copy{turn}.ofd", f"第{turn}次使用")
        verdict = self.ask(path)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "copy", issued["key"]))
        self.assertEqual(len(verdict["signatures"]), 11)
        self.assertEqual(verdict["seal"]["result"], "passed")

    def test_two_files_in_one_call(self):
        one, other = self.sealed(1)[0], self.sealed(2)[0]
        changed = self.tampered(other)
        plain = self.document("plain.txt", b"not a document of anybody")
        answer = self.ask(one, other)
        self.assertEqual([(v["verdict"], len(v["signatures"])) for v in answer], [("valid", 1)] * 2)
        self.assertNotEqual(answer[0]["licence"]["key"], answer[1]["licence"]["key"])
        answer = self.ask(one, changed, plain, code=15)
        self.assertEqual([v["verdict"] for v in answer], ["valid", "mismatch", "unknown"])
        self.assertNotIn("signatures", answer[2])
        text = self.one.licet("verify", one, other, key=False, env=self.at()).out
        self.assertLess(text.index(str(one)), text.index(str(other)))
        key = answer[0]["licence"]["key"]
        self.ask(one, "--id", key)
        self.ask(other, "--id", key, code=15)

    def tampered(self, path):
        def change(content):
            name = next(n for n in content if n.endswith("Page_0/Content.xml"))
            content[name] = content[name].replace("样品".encode(), "真品".encode())
        return rewrite(path, path.with_suffix(".changed.ofd"), change)

    def test_stopped_and_resumed(self):
        path, _ = self.sealed(1)
        height = self.height()
        self.seal("stop", ES_ID, *WHY)
        self.assertEqual(self.height(), height + 1)
        verdict = self.ask(path)
        self.assertEqual((verdict["verdict"], verdict["seal"]["state"], verdict["seal"]["result"]), ("valid", "stopped", "passed"))
        later = self.stamp("later.ofd")
        self.assert_refused(self.try_issue(2, later), 326, 1)
        self.assertEqual(self.ask(later, code=10)["verdict"], "unknown")
        self.seal("stop", ES_ID, *WHY, code=1)
        self.seal("resume", ES_ID)
        self.assert_code(self.try_issue(2, later), 0)
        self.assertEqual(self.ask(later)["seal"]["state"], "valid")
        history = self.seal("history", ES_ID, "--json").json
        self.assertEqual([(h["operation"], h["state"]) for h in history], [("seal-register", "valid"), ("seal-stop", "stopped"), ("seal-resume", "valid")])
        self.assertEqual(sorted(h["entry"] for h in history), [h["entry"] for h in history])
        self.assertEqual(len(self.seal("history", ES_ID).out.splitlines()), 3)

    def test_stopped_since_an_earlier_entry(self):
        """D10 seal after seal-revoke: sealed yesterday and entered after the leak reads suspended: the order of the log decides, not the time claimed."""
        good, _ = self.sealed(1)
        thief, stolen = self.sealed(2)
        yesterday = self.stamp("yesterday.ofd", clock=-86400 // 2)
        self.seal("stop", ES_ID, "--since", self.entry(stolen), *WHY)
        self.assertEqual(self.ask(good)["verdict"], "valid")
        verdict = self.ask(thief, code=12)
        self.assertEqual((verdict["verdict"], verdict["code"]), ("suspended", 2))
        self.assertEqual((self.state(verdict)["result"], self.state(verdict)["reason"], verdict["seal"]["result"]), ("failed", "suspect", "failed"))
        self.assertIn("seal", verdict["note"])
        self.assertEqual(self.ask(self.copy(thief, "copy.ofd"), code=12)["document"], "copy")
        self.assert_refused(self.try_issue(3, yesterday), 326, 1)
        self.assertEqual(self.ask(yesterday, code=10)["verdict"], "unknown")
        impact = self.seal("impact", ES_ID, "--json").json
        self.assertEqual((impact["sealed"], impact["suspect"], impact["valid"]), (2, 1, 1))
        self.assertEqual([(x["key"], x["suspect"], x["verdict"]) for x in impact["licences"]][0], (stolen["key"], True, "suspended"))
        self.assertEqual(impact["seal"]["state"], "stopped")
        self.assertEqual(set(impact), {"seal", "sealed", "suspect", "valid", "licences"})
        only = self.seal("impact", ES_ID, "--suspect", "--json").json  # the counts are of all, the list is of those
        self.assertEqual((only["sealed"], only["suspect"], [x["key"] for x in only["licences"]]), (2, 1, [stolen["key"]]))
        everything, suspect = self.seal("impact", ES_ID).out, self.seal("impact", ES_ID, "--suspect").out
        self.assertIn("1 of 2", everything)
        self.assertEqual((stolen["key"] in suspect, everything.count("making 1"), suspect.count("suspended")), (True, 3, 1))
        # cleared again: nothing has happened to the licences themselves
        self.seal("resume", ES_ID)
        self.assertEqual(self.ask(thief)["verdict"], "valid")
        # an entry that is still to come can be no reason today
        self.seal("stop", ES_ID, "--since", "999999", *WHY, code=1)

    def test_made_again(self):
        old, issued = self.sealed(1)
        again = self.authority("again")  # the same number, other keys and other data
        self.seal("remake", ES_ID, again / "seal.esl", *WHY, trust="again")
        self.assertEqual(self.ask(old)["verdict"], "valid")
        self.assertEqual(self.ask(old)["seal"]["result"], "passed")
        self.assert_refused(self.try_issue(2, self.stamp("late.ofd")), 328, 1)  # with the old one
        new, _ = self.sealed(3, folder=again)
        verdict = self.ask(new, trust="again")
        self.assertEqual((verdict["verdict"], verdict["seal"]["result"]), ("valid", "passed"))
        shown = self.seal("show", ES_ID, "--json").json
        self.assertEqual([m["digest"] for m in shown["makings"]], [sha256((f / "seal.esl").read_bytes()) for f in (self.seals, again)])
        self.assertIsNone(shown["makings"][0]["suspect_since"])
        impact = self.seal("impact", ES_ID, "--json").json
        self.assertEqual([x["making"] for x in impact["licences"]], [1, 0])
        # the key had leaked, as is found out with the next making
        third = self.authority("third")
        self.seal("remake", ES_ID, third / "seal.esl", "--since", self.entry(issued), *WHY, trust="third")
        last = self.seal("show", ES_ID, "--json").json
        self.assertEqual(len(last["makings"]), 3)
        self.assertEqual(self.seal("history", ES_ID, "--json").json[-1]["operation"], "seal-remake")
        self.seal("remake", ES_ID, self.authority("elsewhere", "31011800000077") / "seal.esl", *WHY, code=2, trust="elsewhere")
        self.seal("remake", ES_ID, third / "seal.esl", *WHY, code=1, trust="third")  # data that stand there already

    def test_cancelled_for_good(self):
        path, _ = self.sealed(1)
        self.seal("cancel", ES_ID, *WHY)
        self.assertEqual((self.ask(path)["verdict"], self.ask(path)["seal"]["state"]), ("valid", "cancelled"))
        for change in (("resume", ES_ID), ("stop", ES_ID, *WHY), ("cancel", ES_ID, *WHY), ("transfer", ES_ID, "--owner", OTHER, *WHY)):
            self.seal(*change, code=1)
        self.seal("remake", ES_ID, self.authority("again") / "seal.esl", *WHY, code=1, trust="again")
        self.assert_refused(self.try_issue(2, self.stamp("late.ofd")), 326, 1)
        self.seal("add", self.seals / "seal.esl", "--owner", OWN, code=1)
        self.assertEqual([h["operation"] for h in self.seal("history", ES_ID, "--json").json], ["seal-register", "seal-cancel"])

    def test_given_to_another_owner(self):
        path, _ = self.sealed(1)
        self.seal("transfer", ES_ID, "--owner", OTHER, *WHY)
        verdict = self.ask(path)  # it was the issuer's when it sealed
        self.assertEqual((verdict["verdict"], verdict["seal"]["owner"], verdict["seal"]["result"]), ("valid", OTHER, "passed"))
        self.assert_refused(self.try_issue(2, self.stamp("late.ofd")), 327, 30)
        self.seal("transfer", ES_ID, "--owner", "11310118MB2F304922", *WHY, code=1)  # no member
        self.assertEqual(self.seal("history", ES_ID, "--json").json[-1]["operation"], "seal-transfer")

    def test_who_may(self):
        """Only a key for seals registers and changes them."""
        height = self.height()
        self.seal("stop", ES_ID, *WHY, code=30, key="issue.pem")
        other = self.authority("other", "31011800000077")
        self.seal("add", other / "seal.esl", "--owner", OWN, code=30, key="issue.pem", trust="other")
        self.assertEqual(self.height(), height)


class Refused(World):
    def assert_nothing_recorded(self, done, code, height):
        self.assert_code(done, code)
        self.assertEqual(self.height(), height)

    def forgeries(self, path):
        """What a forger does to a good file, and the name of it."""
        page = next(n for n in files(path) if n.endswith("Page_0/Content.xml"))
        signs = "Doc_0/Signs/Sign_0/"

        def edit(name, old, new):
            def change(content):
                assert old in content[name], name
                content[name] = content[name].replace(old, new)
            return change

        def drop(name):
            return lambda content: content.pop(name)
        self_made = files(self.stamp("theirs.ofd", folder=self.authority("forger", "31011800000042")))
        data = path.read_bytes()
        flipped = self.folder / "flipped.ofd"
        flipped.write_bytes(data[:len(data) // 2] + bytes([data[len(data) // 2] ^ 0x55]) + data[len(data) // 2 + 1:])
        yield "a byte", flipped
        for name, change in (("a page, CRC right", edit(page, "样品".encode(), "真品".encode())),
                             ("a page added", lambda c: c.update({page.replace("Page_0", "Page_1"): c[page]}) or edit("Doc_0/Document.xml", b"Page_0", b"Page_1")(c)),
                             ("signature's references", edit(signs + "Signature.xml", b"</ofd:CheckValue>", b"A</ofd:CheckValue>")),
                             ("another's signed value", lambda c: c.update({signs + "SignedValue.dat": self_made[signs + "SignedValue.dat"]})),
                             ("another's seal and value", lambda c: c.update({n: self_made[signs + n[len(signs):]] for n in (signs + "SignedValue.dat", signs + "Seal.esl")})),
                             ("no value", drop(signs + "SignedValue.dat")), ("no seal file", drop(signs + "Seal.esl")), ("no page", drop(page)),
                             ("an empty value", lambda c: c.update({signs + "SignedValue.dat": b""})),
                             ("an empty signature", lambda c: c.update({signs + "Signature.xml": b""})),
                             ("half a value", lambda c: c.update({signs + "SignedValue.dat": c[signs + "SignedValue.dat"][:4000]}))):
            yield name, rewrite(path, self.folder / "forged.ofd", change)
        cut = self.folder / "cut.ofd"
        cut.write_bytes(data[:len(data) - 30])
        yield "cut off", cut

    def test_changed_content(self):
        """15 and never `valid`, with anchors and without; not taken for a copy; not issued."""
        path, issued = self.sealed(1)
        height = self.height()
        for name, forged in self.forgeries(path):
            for trust in ("seal", None):
                with self.subTest(name, trust=trust):
                    verdict = self.ask(forged, code=15, trust=trust)
                    self.assertNotEqual(verdict["verdict"], "valid")
                    self.assertIsNone(verdict["document"])
                    self.assertIsNone(verdict["licence"])
                    text = self.one.licet("verify", forged, key=False, env=self.at(trust=trust))
                    self.assertEqual(text.code, 15, text)
                    done = self.try_issue(9, forged, trust=trust)
                    self.assert_nothing_recorded(done, 15, height)
                    self.assertIn("is not issued", done.err)
                    self.ask(forged, "--id", issued["key"], code=15, trust=trust)
        self.assertEqual(self.ask(path)["verdict"], "valid")

    def test_missing_and_empty_parts(self):
        """A7 for OFD: each element and attribute of the signature's files gone or empty: 15 with a step's name, never `valid`, never a crash."""
        path, _ = self.sealed(1)
        content, lists = files(path), ("OFD.xml", "Doc_0/Signs/Signatures.xml")
        for name in (*lists, "Doc_0/Signs/Sign_0/Signature.xml"):
            text = content[name].decode()
            tags = re.findall(r"<(ofd:\w+)[^>/]*>[^<]*</\1>", text)
            attributes = set(re.findall(r" (\w+)=\"[^\"]+\"", text))
            changes = [re.sub(rf"<{t}(?: [^>]*)?>[^<]*</{t}>", by.format(t), text) for t in sorted(set(tags)) for by in ("", "<{0}></{0}>")]
            changes += [re.sub(rf" {a}=\"[^\"]+\"", by.format(a), text) for a in sorted(attributes) for by in ("", " {0}=\"\"")] + [""]
            self.assertGreater(len(changes), 4)
            for changed in changes:
                forged = rewrite(path, self.folder / "parts.ofd", lambda c: c.update({name: changed.encode()}))
                done = self.one.licet("verify", forged, "--json", key=False, env=self.at())
                verdict = done.json
                if done.code == 0:  # what is not signed, and shows nothing: the maker's name, the highest number of a signature
                    self.assertEqual((name in lists, verdict["document"]), (True, "copy"), changed)
                elif done.code == 10:  # a document that names no signature is some other document
                    self.assertEqual((name in lists, verdict["verdict"], verdict["signatures"]), (True, "unknown", []), changed)
                else:
                    self.assertEqual(done.code, 15, (name, changed, done))
                    self.assertNotEqual(verdict["verdict"], "valid")

    def test_revoked_before_signing(self):
        path, _ = self.sealed(1)
        late = self.stamp("late.ofd")
        height = self.height()
        self.assert_code(run(LICET, "seal", "revoke-test", self.seals, "signer", "--at", "2020-01-01T00:00:00Z"), 0)
        verdict = self.ask(path, code=15)
        self.assertEqual(self.reasons(verdict), {"signer_revocation": "revoked"})
        self.assertEqual(verdict["seal"]["result"], "failed")
        self.assert_nothing_recorded(self.try_issue(2, late), 15, height)
        self.assert_code(self.one.licet("seal", "check", self.seals / "seal.esl", env=self.at()), 0)  # the seal itself is not revoked; its maker stands
        self.assert_code(run(LICET, "seal", "revoke-test", self.seals, "maker", "--at", "2020-01-01T00:00:00Z"), 0)
        self.assert_code(self.one.licet("seal", "check", self.seals / "seal.esl", env=self.at()), 15)
        self.seal("remake", ES_ID, self.seals / "seal.esl", *WHY, code=15)
        self.assertEqual(self.height(), height)

    def test_revoked_after_entry(self):
        """D10 for certificates: what the log had before the revocation stays; what claims to be older and is not in the log does not."""
        path, _ = self.sealed(1)
        late, height = self.stamp("late.ofd", clock=-3600), self.height()
        time.sleep(2)  # a revocation list knows whole seconds
        self.assert_code(run(LICET, "seal", "revoke-test", self.seals, "signer"), 0)
        self.assertEqual(self.ask(path)["verdict"], "valid")
        self.assertEqual(self.reasons(self.ask(late, code=15)), {"signer_revocation": "revoked"})
        self.assert_nothing_recorded(self.try_issue(2, late), 15, height)

    def test_out_of_its_period(self):
        """Sealed in the seal's period: valid to this day. Sealed after its end: 13, and not issued."""
        old = self.authority("old", "31011800000050", clock=-6 * YEAR)
        done = self.seal("add", old / "seal.esl", "--owner", OWN, trust="old")
        self.assertIn("seal_period", done.err)
        in_time, late = self.stamp("in_time.ofd", folder=old, clock=-2 * YEAR), self.stamp("late.ofd", folder=old)
        height = self.height()
        verdict = self.ask(late, code=10, trust="old")
        self.assertEqual(self.reasons(verdict), {"seal_period": "after_period"})
        self.assert_code(self.one.licet("ofd", late, env=self.at(trust="old")), 13)
        self.assert_nothing_recorded(self.try_issue(1, late, trust="old"), 15, height)
        self.assert_refused(self.try_issue(2, in_time, trust="old"), 329, 1)  # today the ledger takes nothing under it

    def test_no_anchors(self):
        """Without a trust folder certificates lead nowhere: said on issue, and the seal reads not_checked; the ledger's own part still counts."""
        path = self.stamp("sealed.ofd")
        done = self.assert_code(self.try_issue(1, path, trust=None), 0)
        self.assertIn("warning", done.err)
        self.assertIn("trust", done.err)
        verdict = self.ask(path, trust=None)
        self.assertEqual((verdict["verdict"], verdict["seal"]["result"], verdict["signatures"][0]["result"]), ("valid", "not_checked", "passed"))
        self.assertEqual({s["result"] for s in verdict["seal"]["steps"]}, {"passed"})
        self.assertEqual(self.ask(path)["seal"]["result"], "passed")
        stranger = self.authority("stranger", "31011800000099")
        self.assertEqual(set(self.reasons(self.ask(path, code=15, trust="stranger")).values()), {"untrusted"})
        (self.folder / "bare" / "trust").mkdir(parents=True)
        bare = self.assert_code(self.one.licet("verify", path, "--json", key=False, env=self.at(trust="bare")), 2)
        self.assertIn("no self-issued CA certificate", bare.err)
        self.assertTrue(stranger.exists())
        self.assert_code(self.one.licet("verify", path, key=False, env={"LICET_TRUST_DIR": str(self.folder / "none")}), 2)

    def test_a_seal_that_is_not_registered(self):
        strange = self.authority("strange", "31011800000088")
        path = self.stamp("strange.ofd", folder=strange)
        done = self.assert_code(self.try_issue(1, path, trust="strange"), 0)
        self.assertIn("31011800000088 is not registered", done.err)
        verdict = self.ask(path, trust="strange")
        self.assertEqual(verdict["verdict"], "valid")
        steps = {s["step"]: (s["result"], s["reason"]) for s in verdict["seal"]["steps"]}
        self.assertEqual(steps["seal_registered"], ("failed", "seal_unknown"))
        self.assertEqual(verdict["seal"]["result"], "failed")
        self.assertEqual(self.one.get_json(f"/v1/licences/{done.json['key']}")["seal"], None)
        for command in ("show", "history", "impact"):
            self.seal(command, "31011800000088", code=10)
        self.seal("stop", "31011800000088", *WHY, code=10)

    def test_a_seal_of_another_owner(self):
        other = self.authority("other", "32050900000001", owner=OTHER)
        self.seal("add", other / "seal.esl", "--owner", OTHER, trust="other")
        height = self.height()
        path = self.stamp("other.ofd", folder=other)
        self.assert_refused(self.try_issue(1, path, trust="other"), 327, 30)
        self.assertEqual(self.height(), height)
        self.assertEqual(self.ask(path, code=10, trust="other")["verdict"], "unknown")

    def test_another_seal_under_the_same_document(self):
        """A file whose content was registered under one seal, signed again with another good one beside it and in its place."""
        path, issued = self.sealed(1)
        other = self.authority("other", "31011800000077")
        self.seal("add", other / "seal.esl", "--owner", OWN, trust="other")
        trust = self.folder / "both" / "trust"
        trust.mkdir(parents=True)
        for folder in (self.seals, other):
            for file in (f for f in (folder / "trust").rglob("*") if f.is_file()):
                to = trust / file.relative_to(folder / "trust").with_name(f"{folder.name}-{file.name}")
                to.parent.mkdir(exist_ok=True)
                shutil.copy(file, to)
        beside = self.folder / "beside.ofd"
        self.assert_code(run(LICET, "seal", "stamp", "--seal", other, "--in", path, "--out", beside), 0)
        verdict = self.ask(beside, trust="both")
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "copy", issued["key"]))
        signs = "Doc_0/Signs/Sign_0/"
        theirs = files(self.stamp("theirs.ofd", folder=other))
        instead = rewrite(path, self.folder / "instead.ofd", lambda c: c.update({signs + "SignedValue.dat": theirs[signs + "SignedValue.dat"]}))
        self.assertNotEqual(self.ask(instead, code=15, trust="both")["verdict"], "valid")

    def test_sizes(self):
        """A13: nothing, a folder, a file far larger than memory may be: hashed as a stream, or a plain message; never a crash."""
        empty, large = self.document("empty.ofd", b""), self.folder / "large.ofd"
        self.assertIn("0 bytes", self.assert_code(self.one.licet("verify", empty, key=False), 1).err)  # what a failed download leaves
        self.assert_code(self.one.licet("verify", self.folder, key=False), 1)
        self.assert_code(self.one.licet("verify", self.folder / "none.ofd", key=False), 1)
        limit = ["prlimit", "--as=268435456"] if "san" not in BUILD.name else []
        for head in (b"", b"PK\x03\x04", b"%PDF-1.7\n"):
            with open(large, "wb") as file:
                file.write(head)
                file.truncate(400 << 20)
            done = run(*limit, LICET, "verify", large, "--json", env={"LICET_NODE": self.one.url})
            self.assertIn(done.code, (10, 15), (head, done))
            self.assertNotEqual(done.json["verdict"], "valid")


class Offline(World):
    def test_with_the_node_stopped(self):
        path, issued = self.sealed(1)
        other, _ = self.sealed(2)
        copy, other_copy = self.copy(path, "copy.ofd"), self.copy(other, "other_copy.ofd")
        good, suspect = self.folder / "good.licet", self.folder / "suspect.licet"
        self.assert_code(self.one.licet("proof", issued["key"], "-o", good), 0)
        self.seal("stop", ES_ID, "--since", self.entry(issued), *WHY)
        self.assert_code(self.one.licet("proof", issued["key"], "-o", suspect), 0)
        self.one.stop(expect=0)
        genesis = ("--trust", self.one.dir / "genesis.cbor")
        verdict = self.ask("--offline", good, *genesis)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["seal"]["id"]), ("valid", None, ES_ID))
        self.assertNotIn("signatures", verdict)
        for shown, document, count in ((path, "match", 1), (copy, "copy", 2)):
            verdict = self.ask("--offline", good, shown, *genesis)
            self.assertEqual((verdict["verdict"], verdict["document"], len(verdict["signatures"])), ("valid", document, count))
            self.assertEqual((verdict["seal"]["id"], verdict["seal"]["result"]), (ES_ID, "passed"))  # as the node would say
            self.assertEqual({s["result"] for s in verdict["seal"]["steps"]}, {"passed"})
            verdict = self.ask("--offline", suspect, shown, *genesis, code=12)
            self.assertEqual((verdict["document"], self.state(verdict)["reason"]), (document, "suspect"))
        for shown in (other, other_copy):
            self.assertNotEqual(self.ask("--offline", good, shown, *genesis, code=15)["verdict"], "valid")
        def change(content):
            name = next(n for n in content if n.endswith("Page_0/Content.xml"))
            content[name] = content[name].replace("样品".encode(), "真品".encode())
        for source in (path, copy):
            changed = rewrite(source, self.folder / "changed.ofd", change)
            self.assertNotEqual(self.ask("--offline", good, changed, *genesis, code=15)["verdict"], "valid")
        self.assertIn("document:  matches", self.one.licet("verify", "--offline", good, path, *genesis, key=False, env=self.at()).out)


class Stock(World):
    """A stock of sealed files: each is looked at like one that is issued alone."""
    HEADING = "ZZBH,CZZT,CZZTDMLXDM,CZZTDM,ZZYXQQSRQ,WJ"

    def load(self, rows, trust="seal"):
        """The import's report; its refused rows by number, with the reason's name."""
        table = self.folder / "stock.csv"
        holder = uscc("91310118MA1JL0000")
        table.write_text("\n".join([self.HEADING] + [f"{number},青浦样品食品店,001,{holder},2026-01-01,{document}" for number, document in rows]) + "\n", "utf-8")
        done = self.one.licet("import", "--type", self.type, table, "--json", env=self.at(trust=trust))
        self.assert_code(done, 1 if done.json["refused"] else 0)
        refused = {}
        if done.json["refused_file"]:
            with open(done.json["refused_file"], encoding="utf-8-sig", newline="") as file:
                refused = {row[0]: row[-1].split(":")[0] for row in list(csv.reader(file))[1:]}
        return done, refused

    def named(self, es_id=ES_ID):
        return self.one.get_json(f"/v1/seals/{es_id}/licences")["licences"]

    def test_sealed_files(self):
        good, other = self.stamp("good.ofd"), self.authority("other", "31011800000077")
        self.stamp("strange.ofd", folder=other)
        rewrite(good, self.folder / "changed.ofd", lambda c: c.update({"Doc_0/Pages/Page_0/Content.xml": c["Doc_0/Pages/Page_0/Content.xml"] + b" "}))
        (self.folder / "plain.txt").write_text("a scan")
        rows = [("N-1", "good.ofd"), ("N-2", "strange.ofd"), ("N-3", "changed.ofd"), ("N-4", "plain.txt"), ("N-5", "gone.ofd"), ("N-6", ""), ("N-7", "link.ofd"), ("N-8", "../good.ofd")]
        (self.folder / "link.ofd").symlink_to(good)
        done, refused = self.load(rows, trust=None)
        self.assertEqual((done.json["accepted"], done.json["refused"]), (4, 4), done)
        gone = "ROW_DOCUMENT_GONE [WJ]"
        self.assertEqual(refused, {"N-3": "ROW_DOCUMENT [WJ]", "N-5": gone, "N-7": gone, "N-8": gone})
        self.assertEqual(done.json["documents"], {"plain": 1, "passed": 0, "not_fully_checked": 2, "unsigned": 0, "seals_named": 1, "seals_unknown": 1})
        self.assertEqual(done.err.count("31011800000077 is not registered"), 1)
        self.assertEqual(len(self.named()), 1)
        self.assertEqual(self.ask(good)["verdict"], "valid")
        verdict = self.ask(self.copy(good, "copy.ofd"))
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "copy", self.named()[0]["key"]))
        self.assertEqual(self.ask(self.folder / "changed.ofd", code=15)["verdict"], "mismatch")
        for path in self.folder.glob("*.ofd"):  # a licence that is there is not looked at again
            path.unlink()
        again, refused = self.load(rows[:2], trust=None)
        self.assertEqual((again.json["duplicates"], again.json["refused"], refused), (2, 0, {}))

    def test_whom_to_trust(self):
        self.stamp("good.ofd")
        self.stamp("strange.ofd", folder=self.authority("other", "31011800000077"))
        done, refused = self.load([("N-1", "good.ofd"), ("N-2", "strange.ofd")])
        self.assertEqual(done.json["documents"]["passed"], 1)
        self.assertEqual(refused, {"N-2": "ROW_DOCUMENT [WJ]"})

    def test_a_seal_that_was_stopped(self):
        """The ledger's rules hold for each row; the rows beside it are taken."""
        self.stamp("good.ofd")
        (self.folder / "plain.txt").write_text("a scan")
        self.seal("stop", ES_ID, *WHY)
        done, refused = self.load([("N-1", "good.ofd"), ("N-2", "plain.txt")])
        self.assertEqual((done.json["accepted"], done.json["refused"]), (1, 1), done)
        self.assertEqual(list(refused), ["N-1"])
        self.assertIn("SEAL", refused["N-1"])

    def test_more_signatures_than_can_be_registered(self):
        path = self.stamp("s0.ofd")
        for i in range(1, 8):
            path = self.copy(path, f"s{i}.ofd")
        done, refused = self.load([("N-1", "s6.ofd"), ("N-2", "s7.ofd")])  # seven signatures and the file; eight and the file
        self.assertEqual(refused, {"N-2": "ROW_SIGNATURES [WJ]"}, done)

    def test_many_files(self):
        """Several threads look at files at once."""
        for i in range(12):
            shutil.copy(self.stamp(f"one{i}.ofd"), self.folder / f"two{i}.ofd")
        rows = [(f"N-{i}", "" if i % 334 else f"one{i // 334}.ofd") for i in range(4000)]  # in three of the runs that threads take whole
        done, refused = self.load(rows)
        self.assertEqual((done.json["accepted"], refused), (4000, {}), done)
        self.assertEqual((done.json["documents"]["passed"], len(self.named())), (12, 12))
        done, refused = self.load([(f"M-{i}", f"two{i}.ofd") for i in range(12)])  # the same documents under other names
        self.assertEqual(set(refused.values()), {"DOCUMENT_TAKEN"})


class Usage(World):
    register = False

    def test_usage(self):
        esl = self.seals / "seal.esl"
        for bad in ((), ("none",), ("add",), ("add", esl, esl), ("add", esl, "--owner", "x"), ("add", esl, "--owner", OWN[:-1] + "0"), ("add", esl, "--kind", "4", "--owner", OWN),
                    ("add", esl, "--kind", "", "--owner", OWN), ("add", esl, "--name", "", "--owner", OWN), ("add", esl, "--name", "名" * 90, "--owner", OWN),
                    ("add", esl, "--owner", OWN, "--cert", esl), ("add", esl, "--owner", OWN, "--more"), ("stop",), ("stop", ES_ID), ("stop", ES_ID, "--reason", "x"),
                    ("stop", ES_ID, "--basis", "x"), ("stop", ES_ID, "--reason", "", "--basis", "x"), ("stop", ES_ID, "--reason", "理" * 43, "--basis", "x"),
                    ("stop", ES_ID, *WHY, "--since", "x"), ("stop", ES_ID, *WHY, "--since", "-1"), ("stop", ES_ID, *WHY, "--since", "1x"), ("stop", ES_ID, *WHY, "--since", ""),
                    ("stop", ES_ID, *WHY, "--since", "1" * 19), ("stop", "x" * 65, *WHY), ("stop", ES_ID, ES_ID, *WHY), ("resume", ES_ID, "--since", "1"), ("resume",),
                    ("remake", ES_ID, *WHY), ("remake", ES_ID, esl), ("transfer", ES_ID, *WHY), ("transfer", ES_ID, "--owner", "x", *WHY), ("cancel", ES_ID),
                    ("show",), ("show", ES_ID, ES_ID), ("show", ""), ("show", "x" * 65), ("history",), ("impact",), ("impact", ES_ID, "--what"), ("list", ES_ID)):
            with self.subTest(bad):
                self.assertTrue(self.seal(*bad, code=2).err)
        self.assertEqual(self.height(), 0)
        for unreadable, code in ((self.folder / "none.esl", 1), (self.document("bad.esl", b"no seal at all"), 15)):
            self.seal("add", unreadable, "--owner", OWN, code=code)
        self.assertIn("seal remake", run(LICET, "seal", "--help").out)
        for command in ("add", "stop", "resume", "cancel", "remake", "transfer", "list", "show", "history", "impact"):
            self.assertIn(command, self.assert_code(run(LICET, "seal", command, "--help"), 0).out)
        path = self.stamp("sealed.ofd")
        for bad in (("--seal", "none", "--doc", path), ("--seal", ES_ID)):
            self.assert_code(self.try_issue(1, more=bad), 2)

    def test_what_is_printed_for_programs(self):
        added = self.seal("add", self.seals / "seal.esl", "--owner", OWN, "--kind", "1", "--name", "示例章", "--json").json
        self.assertEqual((set(added), added["operation"], added["seal"]), ({"operation", "seal", "entry", "index"}, "seal-register", ES_ID))
        self.assertEqual((added["entry"], added["index"]), ("1.0", self.one.get_json("/v1/head")["entries"] - 1))
        shown = self.seal("show", ES_ID, "--json").json
        self.assertEqual((shown["name"], shown["kind"], shown["reason"], shown["basis"]), ("示例章", 1, None, None))
        self.assertEqual(set(shown), {"id", "no", "name", "kind", "owner", "registrar", "state", "since", "reason", "basis", "makings", "licences", "count", "height"})
        self.assertEqual(set(shown["makings"][0]), {"digest", "maker", "certificates", "valid_from", "valid_to", "entry", "suspect_since"})
        self.assertEqual(shown["makings"][0]["entry"], added["index"])
        for command, *more in (("stop", *WHY), ("resume",), ("transfer", "--owner", OTHER, *WHY), ("cancel", *WHY)):
            said = self.seal(command, ES_ID, *more, "--json").json
            self.assertEqual((said["operation"], said["seal"]), (f"seal-{command}", ES_ID))
        self.assertEqual(self.seal("show", ES_ID, "--json").json["reason"], WHY[1])
        history = self.seal("history", ES_ID, "--json").json
        self.assertEqual(len(history), 5)
        self.assertEqual(set(history[0]), {"id", "entry", "item", "operation", "state", "time", "kid", "key_no"})
        self.assertEqual(self.seal("impact", ES_ID, "--json").json["licences"], [])
        self.assertEqual(json.loads(self.seal("list", "--json").out)[0]["id"], ES_ID)


if __name__ == "__main__":
    unittest.main()
