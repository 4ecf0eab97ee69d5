"""Texts from outside never reach a terminal raw: what a server sends, names on the ledger, in files and of files; and JSON is valid UTF-8 whatever they hold."""
import json
import os
import re
import unicodedata
import zipfile

from node import LICET, Case, run
from test_trust import Liar

EVIL = "a\x1b[31mRED\x07\r\nlicet: done\x00\x7f\u0085\u009b2J\u202egnp.exe\u2066\u200b\u2028z"
PLAIN = EVIL.replace("\x00", "")  # where the system takes no NUL
BAD_BYTES = os.fsencode(PLAIN.replace("\n", "").replace("/", "")) + b"\xff\xfe\xc3"


class HostileText(Case):
    def raw(self, *arguments, env=None):
        """stdout and stderr as bytes."""
        import subprocess
        from node import ENV
        done = subprocess.run([a if isinstance(a, bytes) else str(a) for a in arguments], env={**ENV, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def tame(self, arguments, env=None, codes=None, must=b""):
        """Run for people in both languages and for programs; nothing raw in any of it."""
        for more in ([], ["--lang", "zh"], ["--json"]):
            code, out, err = self.raw(*arguments, *more, env=env)
            for name, data in (("stdout", out), ("stderr", err)):
                text = data.decode("utf-8")  # strict
                bad = [f"U+{ord(c):04X}" for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")]
                self.assertEqual(bad, [], (arguments, more, name, text))
                self.assertNotRegex(text, r"(?m)^licet: done", "a line that somebody else wrote")
            self.assertIn(must, out + err)
            if codes is not None:
                self.assertIn(code, codes, (arguments, out, err))
            if more == ["--json"]:
                self.assertEqual(out.count(b"\n"), 1, out)
                json.loads(out)

    def test_a_server(self):
        node = self.node()
        document = self.document()
        issued = self.issue(node, 1, document)

        def poison(value):
            if isinstance(value, dict):
                return {k: poison(v) for k, v in value.items()}
            if isinstance(value, list):
                return [poison(v) for v in value]
            keep = isinstance(value, str) and (value in ("valid", "match", "active", "ok") or re.fullmatch(r"[0-9a-f]{64}|[0-9-]{10}|[0-9T:.Z-]{20,30}", value))
            return value if not isinstance(value, str) or keep else value + EVIL

        liar = Liar(node, lambda path, sent, answer: poison(answer))
        self.addCleanup(liar.close)
        env = {"LICET_NODE": liar.url}
        for arguments in (["verify", document], ["verify", "--id", issued["key"]], ["type", "list"], ["type", "show", node.type_code()], ["member", "list"], ["status"], ["seal", "list"], ["list"], ["show", issued["key"]], ["history", issued["key"]], ["revoke", issued["key"], "--reason", "r", "--basis", "b", "--yes"],
                          ["proof", issued["key"], "-o", self.folder / "p.licet", "--force"], ["seal", "show", "1"]):
            with self.subTest(" ".join(map(str, arguments[:2]))):
                self.tame([LICET, *arguments], env)
        for answer in (b"{\"code\": 301, \"en\": \"\x1b[31m\"}", b"\x1b]0;title\x07", json.dumps({"code": 1, "name": EVIL, "en": EVIL, "zh": EVIL, "field": EVIL}).encode()):
            silly = Liar(node, lambda path, sent, real, answer=answer: answer)
            self.addCleanup(silly.close)
            for arguments in (["verify", document], ["status"], ["type", "list"], ["member", "list"]):
                with self.subTest(" ".join(map(str, arguments[:2])), answer=answer[:12]):
                    self.tame([LICET, *arguments], {"LICET_NODE": silly.url})

    def test_names_of_files_and_options(self):
        for name in (os.fsencode(PLAIN.replace("/", "")), BAD_BYTES):
            path = os.fsencode(self.folder) + b"/" + name
            for arguments in ([b"verify", path], [b"verify", b"--offline", path, b"--trust", path], [b"ofd", path], [b"ofd", b"--trust-dir", path, path], [b"replay", path], [b"fsck", path],
                              [b"export", path, b"-o", path], [b"key", b"show", path], [b"issue", b"--type", name], [name], [b"verify", b"--" + name], [b"status", name],
                              [b"verify", b"--id", name], [b"init", path, b"--region", name], [b"seal", name], [b"seal", b"check", path], [b"help", name], [b"--node", name, b"status"]):
                with self.subTest(arguments[0], name=name[:4]):
                    self.tame([LICET, *arguments], codes=range(1, 42))
            with open(path, "wb") as file:
                file.write(b"%PDF-1.7 none")
            for arguments in ([b"verify", path, path], [b"ofd", path], [b"verify", b"--offline", path, b"--trust", path], [b"replay", path], [b"seal", b"check", path],
                              [b"stock-make", b"-o", path], [b"key", b"new", path]):
                with self.subTest(arguments[0], name=name[:4], there=True):
                    self.tame([LICET, *arguments], {"LICET_NODE": "http://127.0.0.1:1"}, codes=range(1, 42))

    def test_entries_of_a_package(self):
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "authority"), 0)
        sealed = self.folder / "authority" / "licence.ofd"
        for i, name in enumerate((PLAIN, "Doc_0/" + PLAIN, "../" + PLAIN)):
            path = self.folder / f"evil{i}.ofd"
            path.write_bytes(sealed.read_bytes())
            with zipfile.ZipFile(path, "a") as package:
                package.writestr(name, "x")
            self.tame([LICET, "ofd", path, "--explain"], codes=(15,))
            self.tame([LICET, "ofd", path])

    def test_names_in_certificates_and_seals(self):
        """Bytes of one length are exchanged in what was signed: the signature fails, and the names are printed all the same."""
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "authority", "--name", "示例市行政审批局"), 0)
        seal = (self.folder / "authority" / "seal.esl").read_bytes()
        old, hostile = "示例市行政审批局".encode(), ("\x1b[31m\u202e" + "\r\n\x07\u009b").encode()
        self.assertIn(old, seal)
        for new in (hostile + b"x" * (len(old) - len(hostile)), b"\xff" * len(old)):
            path = self.folder / "evil.esl"
            path.write_bytes(seal.replace(old, new))
            self.tame([LICET, "seal", "check", path, "--explain"], codes=(13, 15, 1))

    def test_cells(self):
        node = self.node()
        env = {"LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)}
        table = self.folder / "stock.csv"
        cell = EVIL.replace("\x00", "").replace("\n", "").replace("\r", "")
        for heading, row in ((f"ZZBH,CZZT,CZZTDMLXDM,CZZTDM,ZZYXQQSRQ,{cell}", "N1,名称,001,91310118MA1JL00009,2026-01-01,x"),
                             ("ZZBH,CZZT,CZZTDMLXDM,CZZTDM,ZZYXQQSRQ,WJ", f"N1,{cell},001,{cell},{cell},{cell}"), (cell, cell)):
            table.write_text(f"{heading}\n{row}\n", "utf-8")
            with self.subTest(heading[:12]):
                self.tame([LICET, "import", "--type", node.type_code(), table], env)
