"""How a ledger begins: what `licet init` takes, `licetd` runs and serves; what cannot be run is refused before a file is made."""
import json
import pathlib
import struct

from node import Case, LICET, LICETD, Node, run

TYPES = pathlib.Path(__file__).resolve().parents[2] / "genesis" / "types.json"


class Init(Case):
    def test_one_version_everywhere(self):
        node = self.node()
        version = node.get_json("/v1/head")["version"]
        for program in (LICET, LICETD):
            said = self.assert_code(run(program, "--version"), 0).out
            self.assertEqual(said.split()[:2], [pathlib.Path(program).name, version])
            self.assertIn("OpenSSL ", said)
            self.assertIn("LMDB ", said)
        self.assertIn(f"version: {version}\n", node.licet("status").out)
        self.assertEqual(node.licet("status", "--json").json["version"], version)
        self.assertIn(f'"event":"starting","version":"{version}"', node.tail())
        node.port += 1
        self.assertIn(f'licet_build_info{{version="{version}"}} 1\n', node.request("GET", "/metrics")[2].decode())
        node.port -= 1

    def types(self, count):
        whole = json.loads(TYPES.read_text("utf-8"))
        one = max(whole if isinstance(whole, list) else whole["types"], key=lambda kind: len(json.dumps(kind)))
        path = self.folder / f"types-{count}.json"
        path.write_text(json.dumps([{**one, "code": one["code"][:-3] + f"{i:03d}"} for i in range(count)]), "utf-8")
        return path

    def test_what_is_refused_leaves_nothing(self):
        dir = self.folder / "new"
        for option, value, says in (("--listen", "0.0.0.0:8480", "its own machine only"), ("--listen", "192.0.2.1:8480", "its own machine only"),
                                    ("--listen", "example.org:8480", "its own machine only"), ("--name", "", "--name: must have"),
                                    ("--name", "x" * 257, "--name: must have"), ("--chain-id", "", "--chain-id"), ("--chain-id", "A", "--chain-id")):
            done = self.assert_code(run(LICET, "init", dir, option, value), 2)
            self.assertIn(says, done.err)
            self.assertFalse(dir.exists(), (option, value))
        for host in ("127.0.0.1", "127.9.9.9", "[::1]", "localhost"):
            made = self.folder / f"at-{host}"
            self.assert_code(run(LICET, "init", made, "--listen", f"{host}:0"), 0)
            self.assert_code(run(LICETD, "--check", made), 0)
        dir.mkdir()
        self.assert_code(run(LICET, "init", dir), 0)  # an empty one
        other = self.folder / "other"
        other.mkdir()
        (other / "notes.txt").write_text("mine")
        self.assertIn("is not empty", self.assert_code(run(LICET, "init", other), 1).err)
        self.assertEqual([path.name for path in other.iterdir()], ["notes.txt"])

    def test_a_git_checkout(self):
        (self.folder / ".git").mkdir()
        (self.folder / "a").mkdir()
        self.assertIn("git checkout", self.assert_code(run(LICET, "init", self.folder / "a" / "b"), 0).err)
        (self.folder / ".gitignore").write_text("*.o\n/a/\n")
        self.assertNotIn("git checkout", self.assert_code(run(LICET, "init", self.folder / "a" / "c"), 0).err)
        self.assertIn("/d/ into", self.assert_code(run(LICET, "init", self.folder / "d"), 0).err)

    def test_a_port_that_is_taken_names_its_setting(self):
        node = self.node()
        other = Node(self.folder / "other")
        self.nodes.append(other)
        conf = other.dir / "licet.conf"
        text = conf.read_text()
        for mine, taken, setting in ((other.port, node.port, "[rpc] listen"), (other.port + 1, node.port, "[ops] listen")):
            conf.write_text(text.replace(f":{mine}\n", f":{taken}\n"))
            done = self.assert_code(run(LICETD, other.dir), 2)
            self.assertIn(setting, done.err)
            self.assertIn("another program", done.err)

    def test_files_that_are_missing_beside_a_living_ledger(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        for name, content, says in (("genesis.cbor", None, "put a copy back"), ("genesis.cbor", b"", "is empty"), ("genesis.cbor", b"x", "is damaged"),
                                    ("licet.conf", None, "put it back")):
            path = node.dir / name
            kept = path.read_bytes()
            path.unlink()
            if content is not None:
                path.write_bytes(content)
            done = run(LICETD, node.dir)
            self.assertNotEqual(done.code, 0)
            self.assertIn(says, done.err)
            self.assertNotIn("licet init DIR", done.err)
            self.assertNotIn("two different ledgers", done.err)
            path.write_bytes(kept)
        node.start()
        self.assertEqual(node.get_json("/v1/head")["height"], 1)
        node.stop(expect=0)
        other = self.folder / "nothing"
        other.mkdir()
        self.assertIn("licet init DIR", run(LICETD, other).err)

    def test_the_largest_genesis_that_is_taken_is_served(self):
        taken, refused = 1, 256
        while refused - taken > 1:
            count = (taken + refused) // 2
            dir = self.folder / f"try-{count}"
            done = run(LICET, "init", dir, "--listen", "127.0.0.1:0", "--types", self.types(count))
            if done.code == 0:
                taken = count
            else:
                self.assert_code(done, 1)
                self.assertIn("65,535 bytes", done.err)
                self.assertFalse(dir.exists(), "a refusal leaves something behind")
                refused = count
        node = self.node("largest", "--types", self.types(taken))
        genesis = (node.dir / "genesis.cbor").read_bytes()
        self.assertGreater(len(genesis), 60000)
        status, _, tile = node.request("GET", "/tile/entries/000.p/2")
        self.assertEqual(status, 200)
        self.assertEqual(tile[:2 + len(genesis)], struct.pack(">H", len(genesis)) + genesis)
        node.stop(expect=0)
        # and one that another program made larger
        (node.dir / "genesis.cbor").write_bytes(genesis + bytes(65536 - len(genesis)))
        done = run(LICETD, node.dir)
        self.assert_code(done, 1)
        self.assertIn("65535 bytes that a genesis document", done.err)
