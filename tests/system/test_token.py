"""Keys in a PKCS#11 token, with SoftHSM: a department issues, changes and imports with a key that is in no file; a node seals with one; wrong PINs,
tokens that go away, keys that are not the right one."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

from node import ENV, LICET, SLOW, Case, run, uscc

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", *map(str, pathlib.Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")))
MODULE = next((m for m in MODULES if os.path.exists(m)), None)
PIN = "40961024"


@unittest.skipUnless(shutil.which("softhsm2-util") and MODULE, "softhsm2-util or its module is not installed (tools/deps.sh test)")
class Token(Case):
    def setUp(self):
        super().setUp()
        self.tokens = self.folder / "tokens"
        self.tokens.mkdir()
        conf = self.folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.env = {"SOFTHSM2_CONF": str(conf)}
        self.pin = self.write_pin("pin", PIN)
        self.util("--init-token", "--free", "--label", "licet", "--so-pin", "87654321", "--pin", PIN)

    def write_pin(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(mode)
        return path

    def util(self, *arguments):
        return self.assert_code(run("softhsm2-util", *arguments, env=self.env), 0)

    def put(self, pem, label, number):
        self.util("--import", pem, "--token", "licet", "--label", label, "--id", f"{number:02x}", "--pin", PIN)

    def make_key(self, name, *how):
        path = self.folder / name
        self.assert_code(run("openssl", "genpkey", "-algorithm", *how, "-out", path), 0)
        return path

    def uri(self, key, pin=None, module=True):
        query = ([f"module-path={MODULE}"] if module else []) + ([f"pin-source={pin or self.pin}"] if pin is not False else [])
        return f"pkcs11:token=licet;{key}" + ("?" + "&".join(query) if query else "")

    def by_token(self, node, *arguments, key=None, home=True, env=None):
        more = {"LICET_KEY": key or self.uri("object=issue"), **self.env, **(env or {})}
        return node.licet(*arguments, *(("--home", node.dir) if home else ()), key=False, env=more)

    def issue_by_token(self, node, number, document=None, **how):
        return self.by_token(node, "issue", "--type", node.type_code(), "--serial", f"S{number}", "--holder-type", "001", "--holder-code",
                             uscc("91310118MA1JL0000"), "--holder-name", "测试公司", "--number", f"N-{number}", "--from", "2026-01-01", "--to",
                             "2036-01-01", "--json", *(("--doc", document) if document else ()), **how)

    def department(self, name="node"):
        """A node whose issuing key is in the token, and in the token only."""
        node = self.node(name)
        self.put(node.issue_key, "issue", 1)
        node.issue_key.unlink()
        return node

    def assert_says(self, done, code, words):
        self.assert_code(done, code)
        self.assertIn(words, done.err)
        self.assertNotIn(PIN, done.out + done.err)

    def test_issue_verify_change_prove(self):
        node = self.department()
        document = self.document()
        issued = self.assert_code(self.issue_by_token(node, 1, document), 0).json
        verdict = self.assert_code(node.licet("verify", document, "--json", key=False), 0).json
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["licence"]["key"]), ("valid", "match", issued["key"]))
        self.assert_code(self.by_token(node, "suspend", issued["identifier"], "--reason", "inspection", "--basis", "Act 1"), 0)
        self.assert_code(node.licet("verify", document, key=False), 12)
        self.assert_code(self.by_token(node, "resume", issued["key"]), 0)

        # private data and look-up secrets are those of the ledger's folder
        proof = self.folder / "p.licet"
        self.assert_code(self.by_token(node, "proof", issued["identifier"], "-o", proof, "--field", "CZZT"), 0)
        fields = {"type": node.type_code(), "number": "N-1", "holder_code": uscc("91310118MA1JL0000"), "holder_name": "测试公司"}
        self.assertEqual(node.verify([{"fields": fields}])[1]["verdicts"][0]["verdict"], "valid")
        node.stop(expect=0)
        trust = ("--trust", node.dir / "genesis.cbor")
        self.assert_code(node.licet("verify", "--offline", proof, document, *trust, key=False), 0)
        self.assertTrue(self.assert_code(node.licet("replay", node.dir, "--json"), 0).json["ok"])

    def test_import(self):
        node = self.department()
        code, rows = node.type_code(), self.folder / "rows.csv"
        self.assert_code(run(LICET, "stock-make", "--rows", "300", "-o", rows, "--type", code, env={"LICET_NODE": node.url}), 0)
        done = self.by_token(node, "import", "--type", code, rows, "--report", self.folder / "r.json", "--json")
        self.assert_code(done, 0)
        self.assertGreater(node.get_json("/v1/head")["height"], 0)
        self.assertGreater(self.assert_code(node.licet("status", "--json", key=False), 0).json["licences"], 200)

    def test_taken_out_during_an_import(self):
        node = self.department()
        code, rows, report = node.type_code(), self.folder / "rows.csv", self.folder / "r.json"
        self.assert_code(run(LICET, "stock-make", "--rows", "20000", "-o", rows, "--type", code, env={"LICET_NODE": node.url}), 0)
        command = [LICET, "import", "--type", code, str(rows), "--report", str(report), "--json", "--home", str(node.dir), "--key", self.uri("object=issue")]
        with open(self.folder / "import.err", "wb") as err:
            loading = subprocess.Popen(command, env={**ENV, **self.env, "LICET_NODE": node.url}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        self.addCleanup(loading.wait)
        self.addCleanup(loading.kill)
        while node.get_json("/v1/head")["height"] == 0 and loading.poll() is None:
            time.sleep(0.001)
        loading.send_signal(signal.SIGSTOP)
        self.assertIsNone(loading.poll())
        self.tokens.rename(self.folder / "elsewhere")
        loading.send_signal(signal.SIGCONT)
        self.assertEqual(loading.wait(timeout=120 * SLOW), 1)
        self.assertIn("nothing more was signed: there is no such token", (self.folder / "import.err").read_text("utf-8"))
        part = node.licet("status", "--json", key=False).json["licences"]
        self.assertGreater(part, 0)

        (self.folder / "elsewhere").rename(self.tokens)  # put back: the same file again loads what is missing
        self.assert_code(self.by_token(node, *command[1:7], "--force", "--json"), 0)
        whole = node.licet("status", "--json", key=False).json["licences"]
        self.assertGreater(whole, part)
        done = json.loads(report.read_text("utf-8"))
        self.assertTrue(done["complete"], {k: v for k, v in done.items() if k != "rows"})

    def test_the_public_half_is_shown(self):
        node = self.node()
        self.put(node.issue_key, "issue", 1)
        by_file = self.assert_code(run(LICET, "key", "show", node.issue_key, "--json"), 0).json
        by_token = self.assert_code(run(LICET, "key", "show", self.uri("object=issue"), "--json", env=self.env), 0).json
        self.assertEqual(by_token.pop("file"), "pkcs11:token=licet;object=issue")
        by_file.pop("file")
        self.assertEqual(by_token, by_file)
        self.assertEqual(by_token["alg"], "ES256K")
        self.put(self.make_key("p256.pem", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"), "p256", 2)
        shown = self.assert_code(run(LICET, "key", "show", self.uri("id=%02"), env=self.env), 0)
        self.assertIn("alg: ES256\n", shown.out)
        self.assert_code(run(LICET, "key", "new", self.uri("object=new"), env=self.env), 2)

    def test_home_is_asked_for_and_checked(self):
        node = self.department()
        self.assert_says(self.issue_by_token(node, 1, home=False), 2, "--home")
        self.assert_says(self.issue_by_token(node, 1, home=False, env={"LICET_HOME": str(self.folder)}), 2, "ledger's folder")
        other = self.node("other")
        done = self.issue_by_token(node, 1, env={"LICET_NODE": other.url})  # the folder says which ledger may be signed for
        self.assert_says(done, 20, "another ledger")
        self.assert_code(self.issue_by_token(node, 1, home=False, env={"LICET_HOME": str(node.dir)}), 0)

    def test_pins(self):
        node = self.department()
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=issue", self.write_pin("wrong", "11111111"))), 1, "refused the PIN")
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=issue", self.write_pin("open", PIN, 0o644))), 1, "mode 0600")
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=issue", self.folder / "nowhere")), 1, "PIN file")
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=issue", False)), 1, "pin-source")
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=issue") + f"&pin-value={PIN}"), 1, "must not stand in an address")
        self.assertEqual(node.get_json("/v1/head")["height"], 0)
        self.assert_code(self.issue_by_token(node, 1), 0)

    def test_modules_and_tokens(self):
        node = self.department()
        bare = self.uri("object=issue", module=False)
        self.assert_says(self.issue_by_token(node, 1, key=bare), 1, "no PKCS#11 module is named")
        self.assert_code(self.issue_by_token(node, 1, key=bare, env={"LICET_PKCS11_MODULE": MODULE}), 0)
        self.assert_says(self.issue_by_token(node, 2, key=bare, env={"LICET_PKCS11_MODULE": "/nowhere.so"}), 1, "cannot be loaded")
        self.assert_says(self.issue_by_token(node, 2, env={"SOFTHSM2_CONF": "/nowhere"}), 1, "does not start")
        self.assert_says(self.issue_by_token(node, 2, key=self.uri("object=issue").replace("licet;", "other;")), 1, "no such token")
        self.assert_says(self.issue_by_token(node, 2, key="pkcs11:token=licet"), 1, "must name")
        self.util("--init-token", "--free", "--label", "licet", "--so-pin", "87654321", "--pin", PIN)
        self.assert_says(self.issue_by_token(node, 2), 1, "several tokens")

    def test_the_wrong_keys(self):
        node = self.department()
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=absent")), 1, "no such private key")
        self.put(self.make_key("p384.pem", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"), "p384", 3)
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=p384")), 1, "neither of P-256 nor of secp256k1")
        self.put(self.make_key("rsa.pem", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "rsa", 4)
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("object=rsa")), 1, "neither of P-256 nor of secp256k1")
        self.put(self.make_key("p256.pem", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"), "issue", 2)
        self.assert_says(self.issue_by_token(node, 1), 1, "several private keys")
        self.assert_says(self.issue_by_token(node, 1, key=self.uri("id=%02")), 30, "not registered")
        self.assertEqual(node.get_json("/v1/head")["height"], 0)
        self.assert_code(self.issue_by_token(node, 1, key=self.uri("object=issue;id=%01")), 0)

    def settle(self, node, keys):
        """Settings with these lines in [keys], and no others."""
        path = node.dir / "licet.conf"
        conf, count = re.subn(r"(?ms)^\[keys\]\n.*?^(?=\[)", "[keys]\n" + keys + "\n\n", path.read_text("utf-8"))
        self.assertEqual(count, 1)
        path.write_text(conf, "utf-8")

    def test_a_node_seals_with_a_token_and_stops_without_it(self):
        node = self.node(start=False)
        self.put(node.dir / "node" / "seal.pem", "seal", 1)
        self.put(node.dir / "node" / "note.pem", "note", 2)
        (node.dir / "node" / "seal.pem").unlink()
        (node.dir / "node" / "note.pem").unlink()
        self.settle(node, f"module = {MODULE}\nseal = {self.uri('object=seal', module=False)}\nnote = {self.uri('object=note', module=False)}")
        node.start(env=self.env)
        document = self.document()
        issued = self.issue(node, 1, document)
        proof = self.folder / "p.licet"
        self.assert_code(node.licet("proof", issued["key"], "-o", proof), 0)
        self.assert_code(node.licet("verify", "--offline", proof, document, "--trust", node.dir / "genesis.cbor", key=False), 0)

        self.tokens.rename(self.folder / "elsewhere")  # taken out while it runs
        done = node.licet("issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "x",
                          "--number", "N-2")
        self.assertNotEqual(done.code, 0, done)
        self.assertEqual(node.process.wait(timeout=60), 40, node.tail())
        self.assertIn("key_does_not_sign", node.tail())
        self.assertNotIn(PIN, node.tail())
        node.process = None
        self.assertEqual(self.assert_code(node.licet("replay", node.dir, "--json"), 0).json["height"], 1)

        (self.folder / "elsewhere").rename(self.tokens)
        node.start(env=self.env)
        self.issue(node, 3)
        self.assertEqual(node.get_json("/v1/head")["height"], 2)
        node.stop(expect=0)

    def test_a_nodes_settings(self):
        node = self.node(start=False)
        def refused(lines, code, words):
            self.settle(node, lines)
            node.start(env=self.env, wait=False)
            self.assertEqual(node.process.wait(timeout=60), code, node.tail())
            node.process = None
            self.assertIn(words, node.tail())
            self.assertNotIn(PIN, node.tail())

        refused(f"seal = pkcs11:token=licet;object=seal?pin-value={PIN}", 2, "must not stand in an address")
        refused("seal = pkcs11:object=seal", 2, "must name the token")
        refused(f"seal = {self.uri('object=seal', module=False)}", 1, "no PKCS#11 module")
        refused("seal = node/nowhere.pem", 1, "no such key file")
        self.put(node.dir / "node" / "seal.pem", "seal", 1)
        refused(f"module = {MODULE}\ncheckpoint = {self.uri('object=seal', module=False)}", 2, "is not a key that this ledger registered")
        (node.dir / "node" / "seal.pem").rename(node.dir / "sealing.pem")
        self.settle(node, "seal = sealing.pem")
        node.start()
        node.stop(expect=0)
