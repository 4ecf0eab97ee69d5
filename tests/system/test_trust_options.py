"""An option about trust that cannot be used is an error, always the same one (2: EXIT_TRUST_OPTION of tools/cli/cli.h), and nothing is asked or judged: every such option, with every defect, in every
command that takes it, by its name and by the variable that stands for it."""
import os
import shutil

from node import LICET, Case, run, uscc


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

    def refused(self, by, path, *command, env=None, word=""):
        done = self.one.licet(*command, key=False, env=env)
        self.assertEqual(done.code, 2, (command, done))
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

    def asking(self):
        """What asks a node under an anchor."""
        why, out = ("--reason", "r", "--basis", "b", "--key", self.one.issue_key), self.folder / "out.licet"
        return {"verify": ["verify", self.doc], "verify --id": ["verify", "--id", self.issued["key"]], "ofd": ["ofd", self.ofd, "--node", self.one.url], "list": ["list"],
                "show": ["show", self.issued["key"]], "history": ["history", self.issued["key"]], "proof": ["proof", self.issued["key"], "-o", out],
                "proof --doc": ["proof", "--doc", self.doc, "-o", out],
                "issue": ["issue", "--type", self.one.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "甲", "--number", "N-9", "--key", self.one.issue_key],
                "import": ["import", "--type", self.one.type_code(), self.doc, "--key", self.one.issue_key], "seal add": ["seal", "add", self.seals / "seal.esl", "--key", self.one.dir / "keys" / "seal.pem"],
                "seal stop": ["seal", "stop", "31011800000001", *why[:4], "--key", self.one.dir / "keys" / "seal.pem"],
                "status --header": ["status", "--header", "1", "-o", out],
                **{f"{act} --doc": [act, "--doc", self.doc, *why] for act in ("suspend", "revoke", "annul", "cancel")}, "resume": ["resume", self.issued["key"], *why]}

    def test_genesis(self):
        asking = self.asking()
        # of these, --offline has no node, and replay no variable: it says which genesis was compared with nothing
        commands = {**asking, "verify --offline": ["verify", "--offline", self.proof], "replay": ["replay", self.one.dir]}
        for name, path in self.bad_files().items():
            for what, command in commands.items():
                with self.subTest(what, defect=name):
                    self.refused("--trust", path, *command, "--trust", path)
                if what != "replay":
                    with self.subTest(what, defect=name, by="environment"):
                        self.refused("$LICET_TRUST", path, *command, env={"LICET_TRUST": str(path)})
        self.assertEqual(self.one.get_json(f"/v1/licences/{self.issued['key']}")["status"]["state"], "valid")
        for what in ("verify", "verify --id", "list", "show", "history", "proof", "verify --offline", "replay"):
            out = ("--force",) if what == "proof" else ()
            self.assert_code(self.one.licet(*commands[what], *out, "--trust", self.genesis, key=False), 0)
        self.assert_code(self.one.licet(*commands["verify --offline"], key=False, env={"LICET_TRUST": str(self.genesis)}), 0)
        self.assert_code(self.one.licet(*commands["verify --offline"], key=False), 2)

    def test_where_a_genesis_would_lie(self):
        """--key and --home name it too. What lies there and is damaged was named by nobody: 20."""
        for option, name in (("--home", self.folder / "none"), ("--key", self.folder / "none.pem")):
            self.refused(option, name, "verify", self.doc, option, name)
        home = self.folder / "home"
        (home / "keys").mkdir(parents=True)
        (home / "genesis.cbor").write_bytes(b"\x00 rubbish")
        done = self.assert_code(self.one.licet("verify", self.doc, "--home", home, key=False), 20)
        self.assertIn("genesis.cbor", done.err)
        (home / "genesis.cbor").write_bytes(b"")
        self.refused("--key", home / "keys", "verify", self.doc, "--home", home)

    def test_pin(self):
        commands = {k: v for k, v in self.asking().items() if k.split()[0] in ("verify", "ofd", "list", "show", "history", "proof", "status")}
        commands["verify --offline"] = ["verify", "--offline", self.proof]
        for name, path in self.bad_files().items():
            for what, command in commands.items():
                with self.subTest(what, defect=name):
                    self.refused("--pin", path, *command, "--trust", self.genesis, "--pin", path)

    def test_max_age(self):
        commands = [v for k, v in self.asking().items() if k.split()[0] in ("verify", "ofd", "list", "show", "history", "proof")]
        for age in ("", "x", "-1", "5y", "1.5h", "99999999999", "0x10", " 5m", "5 m"):
            for command in (*commands, ["verify", "--offline", self.proof]):
                with self.subTest(command[0], age=age):
                    self.refused("--max-age", age, *command, "--trust", self.genesis, f"--max-age={age}")

    def test_what_would_be_ignored(self):
        """Named, and nothing there that it could be about."""
        for option, value in (("--trust", self.genesis), ("--pin", self.doc), ("--max-age", "5m")):
            with self.subTest(option):
                self.refused(option, "", "ofd", self.ofd, option, value)
        self.refused("--trust-dir", "", "verify", "--offline", self.proof, "--trust", self.genesis, "--trust-dir", self.seals / "trust")
        for command in (["show", self.issued["key"]], ["history", self.issued["key"]], ["suspend", self.issued["key"], "--reason", "r", "--basis", "b", "--key", self.one.issue_key],
                        ["proof", self.issued["identifier"], "-o", self.folder / "out.licet", "--key", self.one.issue_key]):
            with self.subTest(command[0]):
                self.refused("--trust-dir", "", *command, "--trust-dir", self.seals / "trust")
        for option, value in (("--pin", self.doc), ("--max-age", "5m")):
            self.refused(option, "", "verify", self.doc, option, value)

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
        hidden = self.trust("hidden-maker")
        (hidden / "makers").mkdir(exist_ok=True)
        shutil.copy(next((self.seals / "trust").glob("*.pem")), hidden / "makers" / ".ca.pem")
        bad["a hidden maker"] = (hidden, "makers/.ca.pem")
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
        for name in (".revoked.crl", ".crl", ".revoked"):
            folder = self.trust("hidden" + name)
            shutil.copy(lists[0], folder / name)
            bad["a hidden list " + name] = (folder, name + " is a hidden file")
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
                    ["seal", "check", self.seals / "seal.esl"], ["seal", "add", self.seals / "seal.esl", "--key", self.one.dir / "keys" / "seal.pem"], ["import", "--type", self.one.type_code(), rows],
                    ["show", "--doc", self.ofd], ["proof", "--doc", self.ofd, "-o", self.folder / "out.licet"],
                    ["suspend", "--doc", self.ofd, "--reason", "r", "--basis", "b", "--key", self.one.issue_key],
                    ["issue", "--type", self.one.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "甲", "--number", "N-9", "--doc", self.ofd,
                     "--key", self.one.issue_key]]
        for name, (folder, word) in self.bad_folders().items():
            for command in commands:
                with self.subTest(" ".join(map(str, command[:2])), defect=name):
                    self.refused("--trust-dir", folder, *command, "--trust-dir", folder, word=word)
                    self.refused("$LICET_TRUST_DIR", folder, *command, env={"LICET_TRUST_DIR": str(folder)}, word=word)
        litter = self.trust("litter")
        for name in (".DS_Store", "._root.pem", ".gitkeep", ".gitignore", ".root.pem.swp", "root.pem~"):
            (litter / name).write_bytes(b"litter")
        for folder in (self.seals / "trust", litter):
            self.assert_code(self.one.licet("ofd", self.ofd, "--trust-dir", folder), 0)
        self.assert_code(run(LICET, "seal", "revoke-test", self.seals, "maker"), 0)  # a list by a CA that is there
        self.assert_code(self.one.licet("seal", "check", self.seals / "seal.esl", "--trust-dir", self.seals / "trust"), 15)

    def test_time(self):
        for at in ("", "yesterday", "2026-13-01", "2026-01-31T25:00:00Z", "2026-01-31T10:00:00"):
            for command in (["ofd", self.ofd], ["seal", "check", self.seals / "seal.esl"]):
                with self.subTest(command[0], at=at):
                    self.refused("--at", at, *command, f"--at={at}")
