"""One bit of the data file flipped, again and again: fsck, replay, start and every kind of answer after each flip.

No program ends by a signal, and what is answered is what the whole file answers, or a documented refusal. FLIPS says how many (40), SEED which.
"""
import collections
import json
import os
import random
import time

from node import Case, LICET, SLOW, run

FLIPS = int(os.environ.get("FLIPS", "40"))
PAGE = 4096
OTHER_FORMAT = "stored by another version"  # the row that says the format was hit: exit 1, and nothing is read


class Flips(Case):
    def ledger(self):
        """Licences of every state that a node reaches in a moment, one of them sealed with a document, so that every table has rows."""
        node = self.node()
        documents = [self.document(f"d{n}") for n in range(10)]
        keys = [self.issue(node, n, document)["key"] for n, document in enumerate(documents)]
        for key, act in zip(keys, ("revoke", "suspend", "cancel", "annul")):
            self.assert_code(node.licet(act, key, "--reason", "check", "--basis", "rule 1"), 0)
        self.assert_code(node.licet("proof", keys[0], "-o", self.folder / "right.licet"), 0)
        return node, keys

    @staticmethod
    def plain(text):
        """An answer without what grows with the clock, and without the node's own health."""
        answer = json.loads(text)
        for verdict in answer.get("verdicts", [answer]):
            verdict.pop("as_of", None)
        for member in ("note_time", "age_ms", "note", "writable"):  # writable: false once damage was met, which is said before
            answer.pop(member, None)
        return answer

    def questions(self, node, keys, height):
        asked = [("POST", "/v1/verify", json.dumps({"queries": [{"key": key} for key in [*keys, "00" * 32]]}))]
        for n in (0, 1, height // 2, height):
            asked.append(("GET", f"/v1/blocks/{n}", None))
        for n in (1, height // 2, height):
            asked += [("GET", f"/entries/{n}.0", None), ("GET", f"/entries/{n}.0/statement", None)]
        for key in (keys[0], keys[5]):
            asked += [("GET", f"/v1/licences/{key}", None), ("GET", f"/v1/licences/{key}/history?statements=1", None)]
        size = int(node.request("GET", "/checkpoint")[2].split(b"\n")[1])
        asked += [("GET", path, None) for path in ("/v1/head", "/v1/members", "/v1/types", "/v1/seals", f"/tile/0/000.p/{size}", f"/tile/entries/000.p/{size}")]
        return asked

    def ask(self, node, question):
        method, path, body = question
        status, head, answer = node.request(method, path, body, {"Content-Type": "application/json"} if body else None)
        if status == 200 and head.get("content-type", "").startswith("application/json"):
            answer = self.plain(answer)
        return status, answer

    def start(self, node):
        """True where the node came up; its exit code else."""
        node.start(wait=False)
        until = time.monotonic() + 60 * SLOW
        address = node.dir / "node" / "address"
        while time.monotonic() < until:
            if node.process.poll() is not None:
                code, node.process = node.process.returncode, None
                return code
            try:
                node.port = int(address.read_text().split()[0].rsplit(":", 1)[1])
                node.url = f"http://127.0.0.1:{node.port}"
                return True
            except (FileNotFoundError, IndexError):
                time.sleep(0.01)
        raise AssertionError(f"licetd neither came up nor ended\n{node.tail()}")

    def end_of(self, done, what, where):
        """A program's end after a flip: by itself, with a documented code and a sentence."""
        other = OTHER_FORMAT in done.err
        self.assertIn(done.code, (1,) if other else (0, 20, 40), (what, where, done))
        if done.code:
            self.assertTrue(done.err.strip() or done.out.strip(), (what, where))
        return done.code

    def test_flips_of_the_data_file(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed} FLIPS={FLIPS}")
        chance = random.Random(seed)
        node, keys = self.ledger()
        height = node.get_json("/v1/head")["height"]
        questions = self.questions(node, keys, height)
        right = [self.ask(node, question) for question in questions]
        self.assertEqual({status for status, _ in right}, {200}, [q for q, r in zip(questions, right) if r[0] != 200])
        node.stop(expect=0)
        replay = node.licet("replay", node.dir, "--json")
        self.assert_code(replay, 0)
        path, mark = node.data / "data.mdb", {name: (node.dir / "node" / name).read_bytes() for name in ("mark", "mark.notes")}
        whole = path.read_bytes()
        used = [at for at in range(0, len(whole), PAGE) if any(whole[at:at + PAGE])]
        seen = collections.Counter()
        for turn in range(FLIPS):
            page = chance.choice(used)
            # Half of the flips among the bytes that say something: where a page is mostly empty, the rest would flip nothing.
            full = [at for at in range(page, page + PAGE) if whole[at]]
            at, bit = (chance.choice(full) if chance.random() < 0.5 else page + chance.randrange(PAGE)), chance.randrange(8)
            where = f"SEED={seed} turn {turn}: byte {at}, bit {bit}"
            changed = bytearray(whole)
            changed[at] ^= 1 << bit
            path.write_bytes(changed)
            for name, data in mark.items():
                (node.dir / "node" / name).write_bytes(data)
            fsck = self.end_of(node.licet("fsck", node.dir), "fsck", where)
            again = node.licet("replay", node.dir, "--json")
            replayed = self.end_of(again, "replay", where)
            if replayed == 0:
                self.assertEqual([again.json[m] for m in ("height", "head", "entries")], [replay.json[m] for m in ("height", "head", "entries")], where)
            os.truncate(node.dir / "test.log", 0)
            came = self.start(node)
            seen[f"fsck {fsck}"] += 1
            seen[f"replay {replayed}"] += 1
            if came is not True:
                # 41: the newer of LMDB's two meta pages was hit, and what is left is older than the mark.
                self.assertIn(came, (1,) if OTHER_FORMAT in node.tail() else (20, 40, 41), (where, node.tail()))
                seen[f"start {came}"] += 1
                continue
            seen["start up"] += 1
            refused = False
            for question, (_, answer) in zip(questions, right):
                try:
                    status, got = self.ask(node, question)
                except OSError:  # it ends once damage was met: with 20 or 40, below
                    refused = True
                    break
                if status == 200:
                    self.assertEqual(got, answer, (where, question))
                else:
                    self.assertIn(status, (503, 507), (where, question, got))
                    refused = True
            seen["an answer refused" if refused else "all answers right"] += 1
            if refused:
                code = node.process.wait(60 * SLOW)
                self.assertIn(code, (20, 40), (where, node.tail()))
                node.process = None
            else:
                proof = self.folder / "after.licet"
                proof.unlink(missing_ok=True)
                made = node.licet("proof", keys[0], "-o", proof)
                if made.code == 0:
                    checked = run(LICET, "verify", "--offline", proof, "--trust", node.dir / "genesis.cbor")
                    self.assertEqual(checked.code, 11, (where, checked))
                else:
                    self.assertIn(made.code, (15, 20, 40), (where, made))
                code = node.stop()
                self.assertIn(code, (0, 20, 40), (where, node.tail()))
        print(", ".join(f"{name}: {count}" for name, count in sorted(seen.items())))
        self.assertGreater(seen["fsck 20"] + seen["replay 20"], 0, "no flip was found: the flips do not reach what is stored")
        path.write_bytes(whole)
        for name, data in mark.items():
            (node.dir / "node" / name).write_bytes(data)
        node.start()
        self.assertEqual([self.ask(node, question) for question in questions], right)
        node.stop(expect=0)
