"""A file that a command writes is never written over one that is there, unless the user says so; no link is followed, and a refusal leaves nothing behind."""
import os

from node import LICET, Case, run, uscc


class OutputFiles(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node("one")
        self.issued = self.issue(self.one, 1)
        self.seals = self.folder / "authority"
        self.assert_code(run(LICET, "seal", "make-test", self.seals), 0)
        self.text = self.folder / "page.txt"
        self.text.write_text("一页\n")
        self.rows = self.folder / "rows.csv"
        self.assert_code(self.one.licet("stock-make", "--type", self.one.type_code(), "--rows", "3", "-o", self.rows), 0)
        self.out = self.folder / "out"
        self.out.mkdir()

    def commands(self, name):
        """(the option that names the file, the command, may it be forced)"""
        path = self.out / name
        return [
            ("--out", path, ["proof", self.issued["key"], "-o", path], True),
            ("--out", path, ["export", self.one.dir, "-o", path], True),
            ("--out", path, ["seal", "stamp", "--seal", self.seals, "--text", self.text, "--out", path], True),
            ("--out", path, ["stock-make", "--rows", "2", "-o", path], True),
            ("--answers", path, ["stock-make", "--rows", "2", "--answers", path], True),
            ("--report", path, ["import", "--type", self.one.type_code(), self.rows, "--report", path], True),
        ]

    def test_a_file_that_is_there_stays(self):
        for i, (option, path, command, _) in enumerate(self.commands("x.json")):
            with self.subTest(" ".join(map(str, command[:2]))):
                path.write_bytes(b"kept")
                done = self.assert_code(self.one.licet(*command), 1)
                self.assertIn(f"{option} {path}", done.err)
                self.assertIn("--force", done.err)
                self.assertEqual(path.read_bytes(), b"kept")
                self.assertEqual(os.listdir(self.out), ["x.json"], "nothing is left beside it")
                done = self.one.licet(*command, "--force")
                self.assertIn(done.code, (0, 1) if command[0] == "import" else (0,), done)
                self.assertNotEqual(path.read_bytes(), b"kept")
                for file in self.out.iterdir():
                    file.unlink()
                done = self.one.licet(*command)  # and a new one is made without a word
                self.assertIn(done.code, (0, 1) if command[0] == "import" else (0,), done)
                self.assertTrue(path.exists())
                for file in self.out.iterdir():
                    file.unlink()

    def test_no_link_is_followed(self):
        target = self.folder / "target"
        for there in (True, False):
            for option, path, command, _ in self.commands("link.json"):
                with self.subTest(" ".join(map(str, command[:2])), there=there):
                    if there:
                        target.write_bytes(b"kept")
                    path.symlink_to(target)
                    self.assertIn(option, self.assert_code(self.one.licet(*command), 1).err)
                    self.assertTrue(path.is_symlink())
                    self.one.licet(*command, "--force")
                    self.assertFalse(path.is_symlink(), "the name is a file of its own now")
                    self.assertEqual(target.read_bytes() if target.exists() else None, b"kept" if there else None)
                    target.unlink(missing_ok=True)
                    for file in self.out.iterdir():
                        file.unlink()

    def test_what_is_no_file(self):
        folder, pipe = self.out / "a-folder", self.out / "pipe"
        folder.mkdir()
        os.mkfifo(pipe)
        for name in ("a-folder", "pipe"):
            for option, path, command, _ in self.commands(name):
                with self.subTest(" ".join(map(str, command[:2])), what=name):
                    for more in ([], ["--force"]):
                        done = self.assert_code(self.one.licet(*command, *more), 1)
                        self.assertIn(f"{option} {path}", done.err)
        self.assertEqual(sorted(os.listdir(self.out)), ["a-folder", "pipe"])
        for option, _, command, _ in self.commands("no-folder/x"):
            self.assertIn("cannot be written", self.assert_code(self.one.licet(*command), 1).err)
        for option, path, command, _ in self.commands("x"):
            done = self.assert_code(self.one.licet(*["" if part == path else part for part in command]), 1 if option == "--report" else 2)
            self.assertIn(option, done.err)

    def test_issue_signs_nothing_then(self):
        path = self.out / "new.licet"
        path.write_bytes(b"kept")
        before = self.one.licet("status", "--json").json["licences"]
        command = ["issue", "--type", self.one.type_code(), "--serial", "S9", "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "测试公司",
                   "--number", "N-9", "--out", path, "--force", "old data"]
        done = self.assert_code(self.one.licet(*command), 1)
        self.assertIn(f"--out {path}", done.err)
        self.assertEqual((path.read_bytes(), self.one.licet("status", "--json").json["licences"]), (b"kept", before))
        path.unlink()
        self.assert_code(self.one.licet(*command), 0)
        self.assertTrue(path.exists())

    def test_keys_and_authorities(self):
        key = self.out / "k.pem"
        self.assert_code(run(LICET, "key", "new", key), 0)
        before = key.read_bytes()
        self.assert_code(run(LICET, "key", "new", key), 1)
        self.assertEqual(key.read_bytes(), before)
        self.assert_code(run(LICET, "seal", "make-test", self.seals), 1)
        self.assert_code(run(LICET, "init", self.one.dir), 41)

    def test_reports_of_several_runs(self):
        """Without --report each run has a report of its own: rows of the first may have been corrected by hand."""
        names = []
        for _ in range(3):
            before = set(os.listdir(self.folder))
            self.one.licet("import", "--type", self.one.type_code(), self.rows)
            names.append(sorted(name for name in set(os.listdir(self.folder)) - before if name.endswith(".json")))
        self.assertEqual(names, [["rows.csv.report.json"], ["rows.csv.report-2.json"], ["rows.csv.report-3.json"]])
