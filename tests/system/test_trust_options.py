"""An option about trust that cannot be used is an error, always: every such option, with every defect, in every command that takes it."""
import os
import shutil

from node import LICET, Case, run


class TrustOptions(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node("one")
        self.genesis = self.one.dir / "genesis.cbor"
        self.doc = self.document()
        self.issued = self.issue(self.one, 1, self.doc)
        self.proof = self.folder / "p.licet"
        self.assert_code(self.one.licet("proof", self.issued["key"], "-o", self.proof), 0)
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "authority"), 0)
        self.seals = self.folder / "authority"
        self.ofd = self.seals / "licence.ofd"

    def refused(self, by, path, *command, env=None, codes=(1, 2), word=""):
        done = self.one.licet(*command, key=False, env=env)
        self.assertIn(done.code, codes, (command, done))
        self.assertEqual(done.out, "", command)
        self.assertIn(by, done.err, command)
        if str(path):
            self.assertIn(str(path), done.err, command)
        self.assertIn(word, done.err, command)

    # --- files: --trust, --pin ---

    def bad_files(self):
        empty, folder, rubbish, large, lock = (self.folder / name for name in ("empty", "a-folder", "rubbish", "large", "locked"))
        empty.write_bytes(b"")
        folder.mkdir()
        rubbish.write_bytes(b"\x00 neither a genesis nor a header")
        large.write_bytes(b"\x01" * (70 << 20))
        bad = {"missing": self.folder / "none", "empty": empty, "a folder": folder, "rubbish": rubbish, "too large": large, "no name": ""}
        if os.geteuid() != 0:
            lock.write_bytes(self.genesis.read_bytes())
            lock.chmod(0)
            bad["may not be read"] = lock
        return bad

    def test_genesis(self):
        commands = {
            "verify": ["verify", self.doc], "verify --id": ["verify", "--id", self.issued["key"]], "verify --offline": ["verify", "--offline", self.proof],
            "replay": ["replay", self.one.dir], "ofd": ["ofd", self.ofd, "--node", self.one.url],
        }
        for name, path in self.bad_files().items():
            for what, command in commands.items():
                with self.subTest(what, defect=name):
                    # what is no genesis document may as well be a damaged one: 20 there, but for `replay`, which would say that of the ledger
                    codes = (1, 2, 20) if name == "rubbish" and what != "replay" else (1, 2)
                    self.refused("--trust", path, *command, "--trust", path, codes=codes)
            for what in ("verify", "verify --id", "ofd"):
                with self.subTest(what, defect=name, by="environment"):
                    self.refused("LICET_TRUST" if name != "rubbish" else "", path, *commands[what], env={"LICET_TRUST": str(path)}, codes=(1, 2, 20) if name == "rubbish" else (1, 2))
        for command in commands.values():
            self.assert_code(self.one.licet(*command, "--trust", self.genesis, key=False), 0)

    def test_pin(self):
        for name, path in self.bad_files().items():
            for command in (["verify", self.doc], ["verify", "--id", self.issued["key"]], ["verify", "--offline", self.proof], ["ofd", self.ofd, "--node", self.one.url]):
                with self.subTest(command[0], defect=name):
                    self.refused("--pin", path, *command, "--trust", self.genesis, "--pin", path)

    def test_max_age(self):
        for age in ("", "x", "-1", "5y", "1.5h", "99999999999", "0x10", " 5m", "5 m"):
            for command in (["verify", self.doc], ["verify", "--offline", self.proof], ["ofd", self.ofd, "--node", self.one.url]):
                with self.subTest(command[0], age=age):
                    self.refused("--max-age", age, *command, "--trust", self.genesis, f"--max-age={age}", codes=(2,))

    def test_what_would_be_ignored(self):
        """Named, and nothing there that it could be about."""
        for option, value in (("--trust", self.genesis), ("--pin", self.doc), ("--max-age", "5m")):
            with self.subTest(option):
                self.refused(option, "", "ofd", self.ofd, option, value, env={"LICET_NODE": ""}, codes=(2,))
        self.refused("--trust-dir", "", "verify", "--offline", self.proof, "--trust", self.genesis, "--trust-dir", self.seals / "trust", codes=(2,))
        for option, value in (("--pin", self.doc), ("--max-age", "5m")):
            self.refused(option, "", "verify", self.doc, option, value, codes=(2,))

    # --- the folder: --trust-dir ---

    def trust(self, name):
        folder = self.folder / name
        shutil.copytree(self.seals / "trust", folder)
        return folder

    def bad_folders(self):
        bad = {"missing": (self.folder / "none", "none"), "no name": ("", ""), "a file": (self.doc, "")}
        empty = self.folder / "empty-folder"
        empty.mkdir()
        bad["empty"] = (empty, "no self-issued CA")
        unnamed = self.trust("unnamed")
        for path in unnamed.glob("*.*"):
            path.rename(path.with_suffix(".txt"))
        bad["no file with such an ending"] = (unnamed, "no self-issued CA")
        for name, content in (("rubbish.pem", b"rubbish"), ("empty.crt", b""), ("list.crl", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
                              ("half.der", b"\x30\x82\x01\x00\x30")):
            folder = self.trust("with-" + name)
            (folder / name).write_bytes(content)
            bad[name] = (folder, name)
        link = self.trust("link")
        (link / "gone.pem").symlink_to(self.folder / "nowhere")
        bad["a link to nothing"] = (link, "gone.pem")
        nobody = self.trust("nobody")
        shutil.rmtree(nobody / "makers", ignore_errors=True)
        (nobody / "makers").mkdir()
        bad["makers names nobody"] = (nobody, "makers")
        wrong = self.trust("wrong-maker")
        (wrong / "makers").mkdir(exist_ok=True)
        (wrong / "makers" / "x.pem").write_bytes(b"none")
        bad["a maker that cannot be read"] = (wrong, "makers/x.pem")
        file = self.trust("makers-file")
        shutil.rmtree(file / "makers", ignore_errors=True)
        (file / "makers").write_bytes(b"a list")
        bad["makers is a file"] = (file, "makers")
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "stranger"), 0)
        self.assert_code(run(LICET, "seal", "revoke-test", self.folder / "stranger", "signer"), 0)
        stray = self.trust("stray")
        lists = sorted((self.folder / "stranger" / "trust").glob("*.crl"))
        self.assertTrue(lists)
        shutil.copy(lists[0], stray / "stray.crl")
        bad["a list of a CA that is not there"] = (stray, "stray.crl")
        if os.geteuid() != 0:
            locked = self.trust("locked")
            locked.chmod(0)
            self.addCleanup(locked.chmod, 0o700)
            bad["may not be read"] = (locked, "")
        return bad

    def test_folder(self):
        rows = self.folder / "rows.csv"
        self.assert_code(self.one.licet("stock-make", "--type", self.one.type_code(), "--rows", "1", "-o", rows), 0)
        commands = [["ofd", self.ofd], ["verify", self.ofd], ["verify", "--id", self.issued["key"]], ["verify", "--offline", self.proof, self.ofd, "--trust", self.genesis],
                    ["seal", "check", self.seals / "seal.esl"], ["seal", "add", self.seals / "seal.esl", "--key", self.one.dir / "keys" / "seal.pem"], ["import", "--type", self.one.type_code(), rows]]
        for name, (folder, word) in self.bad_folders().items():
            for command in commands:
                with self.subTest(" ".join(map(str, command[:2])), defect=name):
                    self.refused("--trust-dir", folder, *command, "--trust-dir", folder, word=word)
                    self.refused("LICET_TRUST_DIR", folder, *command, env={"LICET_TRUST_DIR": str(folder)}, word=word)
        self.assert_code(self.one.licet("ofd", self.ofd, "--trust-dir", self.seals / "trust", env={"LICET_NODE": ""}), 0)
        self.assert_code(run(LICET, "seal", "revoke-test", self.seals, "maker"), 0)  # a list by a CA that is there
        self.assert_code(self.one.licet("seal", "check", self.seals / "seal.esl", "--trust-dir", self.seals / "trust"), 15)

    def test_time(self):
        for at in ("", "yesterday", "2026-13-01", "2026-01-31T25:00:00Z", "2026-01-31T10:00:00"):
            for command in (["ofd", self.ofd], ["seal", "check", self.seals / "seal.esl"]):
                with self.subTest(command[0], at=at):
                    self.refused("--at", at, *command, f"--at={at}", codes=(2,))
