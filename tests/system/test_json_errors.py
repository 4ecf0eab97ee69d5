"""With --json everything that a command says is JSON: a line that cannot be read, a file that is not there, a statement that the ledger refuses."""
import json
import os
import re

from node import LICET, Case, run, uscc
from test_trust import Liar

COMMANDS = ["init", "key", "issue", "import", "suspend", "resume", "revoke", "annul", "cancel", "verify", "proof", "list", "show", "history", "status", "type", "member", "replay", "export", "fsck", "seal", "ofd",
            "stock-make", "help"]
SEAL = ["add", "stop", "resume", "cancel", "remake", "transfer", "list", "show", "history", "impact", "check", "make-test", "revoke-test", "alter-test", "stamp"]


class JsonErrors(Case):
    def error(self, done, code, number=None, name=None):
        """The one object on stdout, checked; what people read is on stderr."""
        self.assert_code(done, code)
        self.assertEqual(done.out.count("\n"), 1, done)
        whole = json.loads(done.out)
        self.assertEqual(set(whole), {"error", "exit"}, done)
        self.assertEqual(whole["exit"], code)
        error = whole["error"]
        self.assertLessEqual({"code", "name", "en", "zh"}, set(error))
        self.assertEqual(error["code"], number, done)
        if name:
            self.assertEqual(error["name"], name, done)
        self.assertTrue(done.err.startswith("licet: "), done)
        self.assertNotRegex(error["en"], r"[\u4e00-\u9fff]", done)
        return error

    def test_usage(self):
        commands = [[c] for c in COMMANDS if c != "seal"] + [["seal", c] for c in SEAL]
        for command in commands:
            with self.subTest(" ".join(command)):
                for line in ([*command, "--no-such-option", "--json"], ["--json", *command, "--no-such-option"], [*command, "--json", "--no-such-option=x"]):
                    error = self.error(run(LICET, *line), 2, name="usage")
                    self.assertIn("--no-such-option", error["en"])
                    self.assertRegex(error["zh"], r"[\u4e00-\u9fff]")
        for line in (["--json", "no-such-command"], ["--json", "--node"], ["verify", "--json", "--id"], ["--json", "seal", "no-such-word"], ["--json", "help", "no-such-command"],
                     ["verify", "--json"], ["--json", "--lang", "fr", "status"], ["--json", "seal"], ["type", "--json"], ["proof", "x", "--json"]):
            with self.subTest(" ".join(line)):
                self.error(run(LICET, *line), 2, name="usage")

    def test_both_languages_stand_in_it(self):
        english = self.error(run(LICET, "verify", "--json", "--lang", "en"), 2)
        chinese = self.error(run(LICET, "verify", "--json", "--lang", "zh"), 2)
        self.assertEqual(english, chinese)
        self.assertRegex(chinese["zh"], r"[\u4e00-\u9fff]")
        self.assertIn(chinese["zh"], run(LICET, "verify", "--json", env={"LANG": "zh_CN.UTF-8"}).err)

    def test_without_json_stdout_stays_empty(self):
        for line in (["no-such-command"], ["verify"], ["verify", self.folder / "none"], ["verify", "--", "--json"]):
            done = run(LICET, *line, env={"LICET_NODE": "http://127.0.0.1:1"})
            self.assertEqual(done.out, "", done)

    def test_files_that_are_not_there(self):
        none = self.folder / "none"
        node = self.node()
        for line, code in ((["verify", none], 1), (["ofd", none], 1), (["verify", "--offline", none, "--trust", node.dir / "genesis.cbor"], 1), (["replay", none], 1), (["fsck", none], 1),
                           (["export", none, "-o", self.folder / "a.larc"], 1), (["key", "show", none], 1), (["seal", "check", none], 1), (["seal", "add", none], 1),
                           (["import", "--type", node.type_code(), none], 1), (["status", "--node", "http://127.0.0.1:1"], 1), (["issue", "--type", "x", "--key", none], 1)):
            with self.subTest(line[0]):
                error = self.error(node.licet(*line, "--json"), code)
                if "--node" not in line and code == 1:
                    self.assertIn("none", error["en"])

    def test_one_element_for_each_file(self):
        node = self.node()
        documents = [self.document("a.pdf"), self.document("b.pdf")]
        self.issue(node, 1, documents[0])
        none = self.folder / "none"
        done = self.assert_code(node.licet("verify", documents[0], none, documents[1], "--json"), 1)
        first, missing, last = done.json
        self.assertEqual((first["verdict"], last["verdict"]), ("valid", "unknown"))
        self.assertEqual((missing["exit"], missing["error"]["name"]), (1, "error"))
        self.assertIn(str(none), missing["error"]["en"])
        done = self.assert_code(node.licet("verify", none, self.folder / "none either", "--json"), 1)
        self.assertEqual([("none either" in e["error"]["en"], e["exit"]) for e in done.json], [(False, 1), (True, 1)])
        told = self.assert_code(node.licet("verify", documents[0], none), 1)
        self.assertIn("valid", told.out)
        self.assertIn(f"{none}\nnot looked at", told.out)

    def test_refusals(self):
        node = self.node()
        issued = self.issue(node, 1)
        holder = uscc("91310118MA1JL0000")
        again = ["issue", "--type", node.type_code(), "--serial", "S1", "--holder-type", "001", "--holder-code", holder, "--holder-name", "测试公司", "--number", "N-1",
                 "--from", "2026-01-01", "--to", "2036-01-01"]
        codes = {name: int(number) for name, number in re.findall(r"X\((\w+), (\d+), \d{3},", (self.source() / "ledger/base/code.h").read_text("utf-8"))}
        self.error(node.licet(*again, "--json"), 1, codes["LICENCE_EXISTS"], "LICENCE_EXISTS")
        done = node.licet("resume", issued["key"], "--reason", "x", "--basis", "y", "--json")
        self.assertIn(done.code, (1, 30), done)
        told = json.loads(done.out)["error"]
        self.assertEqual(codes[told["name"]], told["code"])
        self.assertRegex(told["zh"], r"[\u4e00-\u9fff]")
        self.assertEqual(told.get("item"), 0)
        unknown = node.licet("proof", "00" * 32, "-o", self.folder / "p.licet", "--json")
        self.assertEqual(set(self.assert_code(unknown, 0).json), {"key", "proof"})  # of what is unknown there is a proof too
        wrong = node.licet("seal", "stop", "31011800000001", "--reason", "x", "--basis", "y", "--json")
        self.assertEqual(codes[json.loads(wrong.out)["error"]["name"]], json.loads(wrong.out)["error"]["code"])

    def test_a_list_that_is_cut_short(self):
        node = self.node()
        self.assertEqual(self.assert_code(node.licet("list", "--json"), 0).json, [])
        for i in (1, 2):
            self.issue(node, i)

        def cut(at):
            def change(path, _, answer):
                if path.startswith("/v1/licences"):
                    del answer["licences"][at]["key"]
                return answer
            return change
        second, first = Liar(node, cut(1)), Liar(node, cut(0))
        self.addCleanup(second.close)
        self.addCleanup(first.close)
        done = self.assert_code(node.licet("list", "--json", env={"LICET_NODE": second.url}), 15)
        self.assertEqual(len(done.json), 2)
        self.assertEqual((len(done.json[0]["key"]), done.json[1]["exit"], done.json[1]["error"]["name"]), (64, 15, "mismatch"))
        self.error(node.licet("list", "--json", env={"LICET_NODE": first.url}), 15, name="mismatch")

    def source(self):
        import pathlib
        return pathlib.Path(os.path.abspath(__file__)).parents[2]
