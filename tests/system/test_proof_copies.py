"""A copy of a registered file (stamped, packed anew) is judged by a proof as by the node, and `licet proof` takes one for the licence that it is a copy of."""
import base64
import hashlib
import shutil
import zipfile

from node import LICET, Case, run


def files(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


class Copies(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node()
        self.owner = self.one.get_json("/v1/members")["members"][0]["uscc"]
        self.genesis = self.one.dir / "genesis.cbor"
        self.trust = self.folder / "trust"
        self.trust.mkdir()
        self.own, self.other = self.authority("own", "31011800000001"), self.authority("other", "31011800000077")
        for authority in (self.own, self.other):
            self.assert_code(self.one.licet("seal", "add", authority / "seal.esl", "--trust-dir", authority / "trust", env={"LICET_KEY": str(self.one.dir / "keys" / "seal.pem")}), 0)
        self.stranger = self.authority("stranger", "31011800000099", trusted=False)

    def authority(self, name, number, trusted=True):
        folder = self.folder / name
        self.assert_code(run(LICET, "seal", "make-test", folder, "--owner", self.owner, "--name", "测试机关", "--es-id", number), 0)
        for file in (f for f in (folder / "trust").rglob("*") if f.is_file() and trusted):
            to = self.trust / file.relative_to(folder / "trust").with_name(f"{name}-{file.name}")
            to.parent.mkdir(exist_ok=True)
            shutil.copy(file, to)
        return folder

    def stamp(self, name, authority, *more, of=None):
        if of is None:
            page = self.folder / "page.txt"
            page.write_text(f"证照编号：{name}\n持证主体：测试公司\n", "utf-8")
            more = ("--text", page, *more)
        else:
            more = ("--in", of, *more)
        self.assert_code(run(LICET, "seal", "stamp", "--seal", authority, *more, "--out", self.folder / name), 0)
        return self.folder / name

    def copy(self, name, of, authority=None):
        return self.stamp(name, authority or self.own, "--copy", "--note", "仅供本次办理使用", of=of)

    def packed(self, name, of, change=None):
        content = files(of)
        if change:
            change(content)
        with zipfile.ZipFile(self.folder / name, "w", zipfile.ZIP_STORED) as package:
            for file, data in sorted(content.items(), reverse=True):
                package.writestr(file, data)
        return self.folder / name

    def sealed(self, number, *more):
        """A licence whose file bears two seals of the issuer, and what `issue` left as its proof."""
        path = self.stamp(f"two{number}.ofd", self.other, of=self.stamp(f"one{number}.ofd", self.own))
        proof = self.folder / f"issued{number}.licet"
        issued = self.issue(self.one, number, path, "--seal", "31011800000001", "--out", proof, *more)
        return path, issued, proof

    def judged(self, path, proof, code, *more):
        """By the node, and by the proof without it: the same words."""
        more = tuple(more)
        online = self.assert_code(self.one.licet("verify", path, "--json", *more, key=False), code).json
        offline = self.assert_code(run(LICET, "verify", "--offline", proof, path, "--trust", self.genesis, "--json", *more), code).json
        for part in ("verdict", "document", "copy", "code", "signatures", "document_steps"):
            self.assertEqual(online.get(part), offline.get(part), (part, path))
        for part in ("licence", "seal"):
            self.assertEqual((online[part] or {}).get("key"), (offline[part] or {}).get("key"), part)
            self.assertEqual((online[part] or {}).get("result"), (offline[part] or {}).get("result"), part)
        return offline

    def test_offline_as_online(self):
        path, issued, proof = self.sealed(1)
        trust = ("--trust-dir", self.trust)
        own = self.folder / "own.licet"
        self.assert_code(self.one.licet("proof", issued["key"], "-o", own), 0)
        packed, stamped, by_stranger = self.packed("packed.ofd", path), self.copy("stamped.ofd", path), self.copy("strange.ofd", path, self.stranger)
        again = self.copy("again.ofd", self.packed("packed-stamped.ofd", stamped))
        for one in (proof, own):
            self.assertEqual(self.judged(path, one, 0)["document"], "match")
            # both signatures are registered: nothing but the package is other, so nobody has to vouch for a stamp
            said = self.judged(packed, one, 0)
            self.assertEqual((said["verdict"], said["document"], said["copy"]), ("valid", "copy", "repacked"))
            for copy in (stamped, again):
                said = self.judged(copy, one, 0, *trust)
                self.assertEqual((said["verdict"], said["document"], said["copy"]), ("valid", "copy", "stamped"))
                self.assertIn("name the trust anchors", self.judged(copy, one, 15)["note"])
            self.assertEqual(self.judged(by_stranger, one, 15, *trust)["verdict"], "mismatch")
            # a stamp that nobody vouches for does not pass for a registered one by standing in front
            signs = next(n for n in files(by_stranger) if n.endswith("Signatures.xml"))
            def turn(content):
                head, *rows = content[signs].split(b"<ofd:Signature ")
                tail = rows[-1][rows[-1].rindex(b"</ofd:Signatures>"):]
                rows[-1] = rows[-1][:-len(tail)]
                content[signs] = head + b"".join(b"<ofd:Signature " + row for row in reversed(rows)) + tail
            self.judged(self.packed("turned.ofd", by_stranger, turn), one, 15)
            def change(content):
                name = next(n for n in content if n.endswith("Page_0/Content.xml"))
                content[name] = content[name].replace("测试".encode(), "真正".encode())
            self.assertEqual(self.judged(self.packed("changed.ofd", path, change), one, 15)["verdict"], "mismatch")
        self.assert_code(self.one.licet("revoke", issued["key"], "--reason", "r", "--basis", "b"), 0)
        self.assert_code(self.one.licet("proof", issued["key"], "-o", own, "--force"), 0)
        self.judged(packed, own, 11)
        self.judged(stamped, own, 11, *trust)

    def test_a_proof_by_a_copy(self):
        path, issued, _ = self.sealed(1)
        _, second, _ = self.sealed(2)
        plain = self.document("plain.pdf")
        third = self.issue(self.one, 3, plain)
        out, copy = self.folder / "by-copy.licet", self.copy("copy.ofd", path)
        for what in (copy, path, self.packed("packed.ofd", path)):
            done = self.assert_code(self.one.licet("proof", "--doc", what, "-o", out, "--force", "--json"), 0)
            self.assertEqual(done.json["key"], issued["key"], what)
            self.assertEqual(done.err, "")
            self.judged(copy, out, 0, "--trust-dir", self.trust)
            self.judged(path, out, 0)
        for what in ((issued["key"], "--doc", copy), (issued["identifier"], "--doc", copy, "--doc", path)):
            self.assertEqual(self.assert_code(self.one.licet("proof", *what, "-o", out, "--force", "--json"), 0).json["key"], issued["key"])
        self.assertEqual(self.assert_code(self.one.licet("proof", "--doc", plain, "-o", out, "--force", "--json"), 0).json["key"], third["key"])
        before = out.read_bytes()
        def change(content):
            name = next(n for n in content if n.endswith("Page_0/Content.xml"))
            content[name] = content[name].replace("测试".encode(), "真正".encode())
        for what, code, word in (((second["key"], "--doc", copy), 15, "another licence"), (("--doc", plain, "--doc", copy), 15, "another licence"),
                                 (("--doc", self.document("strange.pdf")), 10, "strange.pdf"), (("--doc", self.packed("changed.ofd", path, change)), 15, "fails by itself"),
                                 ((), 2, "licet proof"), ((issued["key"], second["key"]), 15, "another licence")):
            done = self.assert_code(self.one.licet("proof", *what, "-o", out, "--force"), code)
            self.assertIn(word, done.err, what)
        self.assertEqual(out.read_bytes(), before)
        # without a genesis document it is this machine's node that says which licence is meant, and that is told; another machine's is not asked
        done = self.assert_code(self.one.licet("proof", "--doc", copy, "-o", out, "--force", key=False), 0)
        self.assertIn("word of the node", done.err)
        self.assert_code(self.one.licet("proof", "--doc", copy, "-o", out, "--force", "--node", "http://192.0.2.1:8480", key=False), 2)

    def test_what_a_proof_cannot_say(self):
        """A proof of one signature alone, as a node gives for a query about it, says nothing of the other one."""
        path, issued, _ = self.sealed(1)
        packed = self.packed("packed.ofd", path)
        signature = next(data for name, data in sorted(files(path).items()) if name.endswith("Signature.xml"))
        query = {"document": {"alg": "sha-256", "digest": hashlib.sha256(signature).hexdigest(), "kind": "ofd-signature"}}
        _, answer = self.one.verify([query], proof=True)
        part = self.folder / "part.licet"
        text = answer["verdicts"][0]["proof"]
        part.write_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        ask = ("verify", "--offline", part, "--trust", self.genesis, "--json")
        said = self.assert_code(run(LICET, *ask, packed), 15).json
        self.assertEqual((said["verdict"], said["document"], said["licence"]["key"]), ("incomplete", "copy", issued["key"]))
        self.assertIn("`licet proof ID`", said["note"])
        self.assertEqual(self.assert_code(run(LICET, *ask, packed, "--trust-dir", self.trust), 0).json["verdict"], "valid")
        said = self.assert_code(run(LICET, *ask, self.document("strange.pdf")), 15).json
        self.assertEqual(said["verdict"], "incomplete")
        self.assertIn("says nothing about this file", said["note"])

    def test_stale(self):
        path, _, proof = self.sealed(1)
        ask = ("verify", "--offline", proof, path, "--trust", self.genesis, "--max-age", "0s")
        done = self.assert_code(run(LICET, *ask, "--json"), 21)
        self.assertEqual((done.json["verdict"], done.json["stale"]), ("valid", True))
        self.assertIn("fetch a new one", run(LICET, *ask).out)

    def test_ofd_asks_a_node_only_where_the_line_names_one(self):
        """$LICET_NODE says where to ask, and not that something is to be asked; with --node the exit code is that of both."""
        path, issued, _ = self.sealed(1)
        strange = self.stamp("strange.ofd", self.own)
        here = {"LICET_NODE": self.one.url}
        for file in (path, strange):
            alone = self.assert_code(run(LICET, "ofd", file, "--json"), 0).json
            self.assertIsNone(alone["ledger"])
            self.assertEqual(self.assert_code(run(LICET, "ofd", file, "--json", env=here), 0).json, alone)
            # a node that is not there is not missed
            self.assertEqual(self.assert_code(run(LICET, "ofd", file, "--json", env={"LICET_NODE": "http://127.0.0.1:1"}), 0).json, alone)
        ask = lambda file, code, *more: self.assert_code(run(LICET, "ofd", file, "--json", "--node", self.one.url, "--trust", self.genesis, *more), code).json["ledger"]
        self.assertEqual((ask(path, 0)["verdict"], ask(strange, 10)["verdict"]), ("valid", "unknown"))
        self.assert_code(run(LICET, "ofd", path, "--node", "http://127.0.0.1:1"), 1)
        self.assert_code(run(LICET, "ofd", path, "--node", "http://192.0.2.1:1"), 2)
        self.assert_code(self.one.licet("revoke", issued["key"], "--reason", "r", "--basis", "b"), 0)
        self.assertEqual(ask(path, 11)["verdict"], "revoked")
        def change(content):
            name = next(n for n in content if n.endswith("Page_0/Content.xml"))
            content[name] = content[name].replace("测试".encode(), "真正".encode())
        self.assertEqual(ask(self.packed("changed.ofd", path, change), 15)["verdict"], "mismatch")
