"""A header to pin: written by `licet status --header`, checked before it is, and what --pin then holds back."""
import base64

from node import LICET, Case, run
from test_trust import Liar


class Pin(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node()
        self.genesis = self.one.dir / "genesis.cbor"
        self.doc = self.document()
        self.issued = self.issue(self.one, 1, self.doc)
        self.old = self.folder / "old.licet"
        self.assert_code(self.one.licet("proof", self.issued["key"], "-o", self.old), 0)
        self.assert_code(self.one.licet("revoke", self.issued["key"], "--reason", "r", "--basis", "b"), 0)
        self.pin = self.folder / "pin.header"

    def header(self, which, code=0, *more, out=None, key=True, node=None):
        return self.assert_code(self.one.licet("status", "--header", which, "-o", out or self.pin, "--json", *more, *(("--node", node) if node else ()), key=key), code)

    def offline(self, proof, code, pin):
        return self.assert_code(run(LICET, "verify", "--offline", proof, "--trust", self.genesis, "--pin", pin), code)

    def test_what_a_pin_holds_back(self):
        height = self.one.get_json("/v1/head")["height"]
        done = self.header("newest")
        said = self.one.get_json("/v1/head")
        self.assertEqual(done.json, {"height": height, "head": said["head"], "header": str(self.pin)})
        self.assertEqual(self.pin.read_bytes(), base64.urlsafe_b64decode(said["header"] + "=" * (-len(said["header"]) % 4)))
        self.assert_code(run(LICET, "verify", "--offline", self.old, "--trust", self.genesis), 0)  # older than the revocation, and valid for who pins nothing
        self.offline(self.old, 20, self.pin)
        fresh = self.folder / "fresh.licet"
        self.assert_code(self.one.licet("proof", self.issued["key"], "-o", fresh, "--pin", self.pin), 0)
        self.offline(fresh, 11, self.pin)
        first = self.folder / "first.header"
        self.header(1, out=first)
        self.offline(self.old, 0, first)
        self.assert_code(self.one.licet("verify", self.doc, "--trust", self.genesis, "--pin", self.pin, key=False), 11)
        # a pin moves forward only
        later = self.folder / "later.header"
        self.issue(self.one, 2)
        self.header("newest", 0, "--pin", self.pin, out=later)
        self.assertNotEqual(later.read_bytes(), self.pin.read_bytes())
        self.assertIn("moves forward", self.header(1, 2, "--pin", later, out=self.folder / "back.header").err)
        self.header("newest", 0, "--pin", later, "--force", out=later)

    def test_nothing_is_written_that_does_not_hold(self):
        stranger = self.node("stranger")
        self.issue(stranger, 1)
        good = self.one.get_json("/v1/blocks/2")
        def flipped(text):
            data = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            data[len(data) // 2] ^= 1
            return base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
        lies = {"another block": self.one.get_json("/v1/blocks/1"), "another ledger": stranger.get_json("/v1/blocks/1"), "no seal": {**good, "seal": None}, "no header": {**good, "header": None},
                "another's seal": {**good, "seal": self.one.get_json("/v1/blocks/1")["seal"]}, "flipped": {**good, "header": flipped(good["header"])},
                "flipped seal": {**good, "seal": flipped(good["seal"])}, "numbers": {**good, "header": 1, "seal": 2}, "empty": {}, "rubbish": {**good, "header": "AAAA"}}
        for name, lie in lies.items():
            with self.subTest(name):
                liar = Liar(self.one, lambda path, sent, answer: lie if path.startswith("/v1/blocks/") else answer)
                self.addCleanup(liar.close)
                done = self.header(2, 20, node=liar.url)
                self.assertIn("Nothing was written", done.err)
                self.assertFalse(self.pin.exists())
        self.header(2, 20, "--trust", stranger.dir / "genesis.cbor")
        self.assertFalse(self.pin.exists())

    def test_usage(self):
        height = self.one.get_json("/v1/head")["height"]
        for which, code in ((0, 2), (-1, 2), ("", 2), ("1x", 2), ("latest", 2), (height + 1, 1), (2 ** 64, 2), (2 ** 64 - 1, 1)):
            with self.subTest(which):
                self.assert_code(self.one.licet("status", f"--header={which}", "-o", self.pin), code)
                self.assertFalse(self.pin.exists())
        self.assertIn("genesis.cbor", self.header(1, 2, key=False).err)  # a pin that nobody checked is none
        self.assert_code(self.one.licet("status", "--header", "1"), 2)
        for option in ("--out", "--trust", "--pin"):
            self.assertIn(option, self.assert_code(self.one.licet("status", option, self.genesis), 2).err)
        self.header(1, 0, "--trust", self.genesis, key=False)
        self.assertIn("--force", self.header(1, 1).err)
        self.header(1, 0, "--force")
        self.assertIn("区块头", self.assert_code(self.one.licet("status", "--header", "1", "-o", self.pin, "--force", "--lang", "zh"), 0).out)
        with self.subTest("empty ledger"):
            new = self.node("new")
            self.assertIn("no block yet", self.assert_code(new.licet("status", "--header", "newest", "-o", self.folder / "none"), 1).err)
