"""Files that the user names: a pipe that is open already is read like a file, a named one that nobody writes into holds nobody up, and what is no file is refused; in every command."""
import os
import socket
import subprocess
import threading

from node import ENV, LICET, Case, run, uscc


class InputFiles(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node()
        self.genesis, self.doc = self.one.dir / "genesis.cbor", self.document()
        self.issued = self.issue(self.one, 1, self.doc)
        self.proof, self.archive, self.rows = self.folder / "p.licet", self.folder / "a.larc", self.folder / "rows.csv"
        self.assert_code(self.one.licet("proof", self.issued["key"], "-o", self.proof), 0)
        self.assert_code(self.one.licet("export", self.one.dir, "-o", self.archive), 0)
        self.assert_code(self.one.licet("stock-make", "--type", self.one.type_code(), "--rows", "3", "-o", self.rows), 0)
        self.seals = self.folder / "seals"
        self.assert_code(run(LICET, "seal", "make-test", self.seals), 0)
        self.ofd, self.text = self.seals / "licence.ofd", self.document("page.txt", "证照编号：N-9\n".encode())
        self.new = iter(self.folder / f"new{i}" for i in range(1000))

    def commands(self, path):
        """Every option and argument that takes a file which is read."""
        why = ("--reason", "r", "--basis", "b")
        stamp = ("seal", "stamp", "--seal", self.seals, "--out")
        yield "verify", ["verify", path]
        yield "verify with others", ["verify", path, self.doc]
        yield "verify --offline", ["verify", "--offline", path, "--trust", self.genesis]
        yield "verify --offline FILE", ["verify", "--offline", self.proof, path, "--trust", self.genesis]
        yield "verify --trust", ["verify", self.doc, "--trust", path]
        yield "verify --offline --trust", ["verify", "--offline", self.proof, "--trust", path]
        yield "verify --pin", ["verify", self.doc, "--trust", self.genesis, "--pin", path]
        yield "verify --offline --pin", ["verify", "--offline", self.proof, "--trust", self.genesis, "--pin", path]
        yield "ofd", ["ofd", path]
        yield "import", ["import", "--type", self.one.type_code(), path]
        yield "replay", ["replay", path]
        yield "replay --trust", ["replay", self.archive, "--trust", path]
        yield "suspend --doc", ["suspend", "--doc", path, *why]
        yield "proof --doc", ["proof", "--doc", path, "-o", next(self.new)]
        yield "show --doc", ["show", "--doc", path]
        yield "history --doc", ["history", "--doc", path]
        yield "issue --doc", ["issue", "--type", self.one.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "甲", "--number", "N-9", "--doc", path]
        yield "seal check", ["seal", "check", path]
        yield "seal check --data", ["seal", "check", self.seals / "seal.esl", "--data", path]
        yield "seal add", ["seal", "add", path, "--key", self.one.dir / "keys" / "seal.pem"]
        yield "seal stamp --in", [*stamp, next(self.new), "--in", path]
        yield "seal stamp --text", [*stamp, next(self.new), "--text", path]
        yield "init --types", ["init", next(self.new), "--types", path]
        yield "init --consortium", ["init", next(self.new), "--consortium", path]
        yield "key show", ["key", "show", path]
        yield "--key", ["suspend", self.issued["key"], *why, "--key", path]

    def start(self, command):
        env = {**ENV, "LICET_NODE": self.one.url, "LICET_KEY": str(self.one.issue_key)}
        return subprocess.Popen([LICET, *map(str, command)], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end(self, process):
        """The end is awaited; what hangs fails here."""
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return process.returncode, out.decode(), err.decode()

    def test_a_pipe_that_nobody_writes_into(self):
        pipe, held = self.folder / "pipe", self.folder / "held"
        os.mkfifo(pipe)
        os.mkfifo(held)
        writer = os.open(held, os.O_RDWR)  # a program has it open, and keeps silent
        self.addCleanup(os.close, writer)
        silent = [self.start(["verify", held]), self.start(["import", "--type", self.one.type_code(), held]), self.start(["verify", self.doc, "--trust", held])]
        started = [(what, self.start(command)) for what, command in self.commands(pipe)]
        for what, process in started:
            with self.subTest(what):
                code, out, err = self.end(process)
                self.assertIn(code, (1, 2), err)
                self.assertIn("pipe", err)
                if what != "verify with others":
                    self.assertEqual(out, "")
                if what not in ("key show", "--key"):  # what holds a key is a plain file of its owner's, and nothing else
                    self.assertIn("no program writes into", err)
        for process in silent:
            code, out, err = self.end(process)
            self.assertIn(code, (1, 2), err)
            self.assertIn("has written nothing", err)

    def test_what_is_no_file(self):
        place = self.folder / "socket"
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(place))
            for path in (self.folder, place):
                for what, command in self.commands(path):
                    if (what, path) in (("replay", self.folder), ("verify with others", path)):
                        continue
                    with self.subTest(what, path=path):
                        code, out, err = self.end(self.start(command))
                        self.assertIn(code, (1, 2), err)
                        self.assertEqual(out, "")
                        self.assertIn(path.name, err)

    def shell(self, line, code=0, **names):
        env = {"LICET_NODE": self.one.url, "LICET_KEY": str(self.one.issue_key), "L": LICET, **{k: str(v) for k, v in names.items()}}
        return self.assert_code(run("bash", "-c", line, env=env), code)

    def test_a_pipe_that_is_open_already(self):
        """What a shell's <(...) gives: all that a file can do, it can."""
        copy = self.folder / "copy.ofd"
        self.assert_code(run(LICET, "seal", "stamp", "--seal", self.seals, "--copy", "--in", self.ofd, "--note", "仅供本次", "--out", copy), 0)
        issued = self.shell('"$L" issue --json --type "$T" --holder-type 001 --holder-code "$C" --holder-name 甲 --number N-7 --doc <(cat "$F")', T=self.one.type_code(),
                            C=self.one.get_json("/v1/members")["members"][0]["uscc"], F=self.ofd).json
        trust = {"LICET_TRUST_DIR": self.seals / "trust"}
        for line in ('"$L" verify --json <(cat "$F")', 'cat "$F" | "$L" verify --json -', '"$L" verify --json - < "$F"', 'cat "$F" | "$L" verify --json /dev/stdin'):
            for path, document, count in ((self.ofd, "match", 1), (copy, "copy", 2)):
                verdict = self.shell(line, F=path, **trust).json
                self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"], len(verdict["signatures"])), ("valid", document, issued["key"], count), line)
        verdicts = self.shell('"$L" verify --json <(cat "$F") <(cat "$G")', F=self.ofd, G=copy, **trust).json
        self.assertEqual([v["document"] for v in verdicts], ["match", "copy"])
        self.shell('"$L" verify <(cat "$F") --trust <(cat "$G")', F=self.doc, G=self.genesis)
        self.shell('"$L" verify --offline <(cat "$P") <(cat "$F") --trust <(cat "$G")', P=self.proof, F=self.doc, G=self.genesis)
        self.assertIn("--offline", self.shell('"$L" verify <(cat "$P")', 2, P=self.proof).err)
        self.assertIn("no proof", self.shell('"$L" verify --offline <(cat "$F") --trust "$G"', 2, F=self.ofd, G=self.genesis).err)
        self.shell('"$L" ofd <(cat "$F")', F=copy)
        self.shell('"$L" replay <(cat "$A") --trust <(cat "$G")', A=self.archive, G=self.genesis)
        self.shell('"$L" seal check <(cat "$F")', F=self.seals / "seal.esl")
        self.shell('"$L" show --doc <(cat "$F")', F=self.ofd)
        done = self.shell('"$L" import --json --report "$R" --type "$T" <(cat "$F")', R=self.folder / "r.json", T=self.one.type_code(), F=self.rows)
        self.assertEqual(done.json["accepted"], 3)
        self.assertIn("empty", self.shell('"$L" verify "$F" --trust <(cat /dev/null)', 2, F=self.doc).err)

    def test_a_named_pipe_with_a_writer(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: pipe.write_bytes(self.doc.read_bytes()))  # opens where somebody reads, and not before
        writer.start()
        self.assert_code(self.one.licet("verify", pipe), 0)
        writer.join()

    def test_no_end(self):
        """What never ends is bounded."""
        for what, word in ((["verify", "/dev/zero"], "256 MB"), (["verify", self.doc, "--trust", "/dev/zero"], "larger than"), (["verify", "--offline", "/dev/zero", "--trust", self.genesis], "256 MB"),
                           (["seal", "check", "/dev/zero"], "larger than")):
            done = self.one.licet(*what)
            self.assertIn(done.code, (1, 2), done)
            self.assertIn(word, done.err)
