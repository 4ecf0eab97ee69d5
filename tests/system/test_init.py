"""How a ledger begins: what `licet init` takes, `licetd` runs and serves; what cannot be run is refused before a file is made."""
import json
import pathlib
import struct

from node import Case, LICET, LICETD, free_port, run

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
