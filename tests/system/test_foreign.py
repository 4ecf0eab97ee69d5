"""Our formats checked by programs that never saw our code: COSE, SCITT receipts, ICS23, WebCrypto, C2SP checkpoints.

Each program is installed here, pinned, into build/foreign. Where it cannot be had (no npm, no Go, no registry) its tests are skipped with a
sentence that says why; once it is there, a refusal is a failure.
"""
import functools
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import unittest

from node import Case, run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests" / "foreign"
PLACE = ROOT / "build" / "foreign"
VENVS = {"scitt": ("scitt-cose==0.5.0", "cbor2==6.2.1"), "cwt": ("cwt==3.3.0", "cbor2<6")}
MINUTES = 5


def attempt(command, **more):
    """What a command printed, or the skip that says why it could not be run."""
    try:
        done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=60 * MINUTES, **more)
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise unittest.SkipTest(f"{command[0]}: {reason}") from reason
    said = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise unittest.SkipTest(f"cannot be installed here: {' '.join(map(str, command[:6]))}: {said.splitlines()[-1] if said else done.returncode}")
    return said


def stale(mark, text):
    """False where the mark left by an earlier installation says that just this was installed."""
    return not (mark.exists() and mark.read_text() == text)


@functools.lru_cache(maxsize=None)
def node_program():
    node = shutil.which("node")
    if node is None:
        raise unittest.SkipTest("node is not installed")
    if int(subprocess.run([node, "-p", "process.versions.node.split('.')[0]"], stdout=subprocess.PIPE, check=True).stdout) < 18:
        raise unittest.SkipTest("node is older than 18")
    return node


@functools.lru_cache(maxsize=None)
def modules():
    node_program()
    if shutil.which("npm") is None:
        raise unittest.SkipTest("npm is not installed")
    text = (HERE / "package.json").read_text()
    mark = PLACE / "npm" / "installed"
    if stale(mark, text):
        (PLACE / "npm").mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", PLACE / "npm" / "package.json")
        attempt(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"], cwd=PLACE / "npm")
        mark.write_text(text)
    return PLACE / "npm"


@functools.lru_cache(maxsize=None)
def venv(name):
    place, text = PLACE / f"venv-{name}", " ".join(VENVS[name])
    mark = place / "installed"
    if stale(mark, text):
        shutil.rmtree(place, ignore_errors=True)
        PLACE.mkdir(parents=True, exist_ok=True)
        attempt([sys.executable, "-m", "venv", place])
        attempt([place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *VENVS[name]])
        mark.write_text(text)
    return place / "bin" / "python"


class Foreign(Case):
    def put(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def get(self, node, path):
        status, _, body = node.request("GET", path)
        self.assertEqual(status, 200, (path, body))
        return body

    def taken(self, command, **more):
        return self.assert_code(run(*command, **more), 0)

    def refused(self, command, **more):
        done = run(*command, **more)
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("refused", done.err, done)

    def entry(self, node, entry="1.0"):
        """Files of one entry: the statement as it stands in the log, its receipt, the transparent statement, the published keys."""
        position = self.position(entry, node)
        statement = self.tile_entry(node, position)
        return (self.put("statement", statement), self.put("receipt", self.get(node, f"/entries/{entry}")),
                self.put("transparent", self.get(node, f"/entries/{entry}/statement")), self.put("keys", self.get(node, "/.well-known/scitt-keys")))

    @staticmethod
    def position(entry, node):
        block, index = map(int, entry.split("."))
        assert index == 0 and node.get_json("/v1/head")["entries"] == node.get_json("/v1/head")["height"] + 2, "one statement in each block"
        return block + 1  # genesis and policy are entries 0 and 1

    def tile_entry(self, node, position):
        size = node.get_json("/v1/head")["entries"]
        data, found = self.get(node, f"/tile/entries/000.p/{size}"), []
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2:2 + length])
            data = data[2 + length:]
        self.assertEqual(len(found), size)
        return found[position]

    def each_flip(self, files, check, count=12):
        """check(files) is refused for a flipped bit anywhere in the first or second file."""
        for which in (0, 1):
            data = files[which].read_bytes()
            for at in sorted({*range(0, len(data), max(1, len(data) // count)), len(data) - 1}):
                changed = list(files)
                changed[which] = self.put("flipped", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
                self.refused(check(changed))


class Receipts(Foreign):
    def check_with(self, command):
        node = self.node()
        for number in (1, 2, 3):
            self.issue(node, number, self.document(f"{number}.pdf"))
        for entry in ("1.0", "2.0", "3.0"):
            files = self.entry(node, entry)
            self.taken(command(files))
        self.each_flip(files, command, 6)
        other = [self.put("other", self.tile_entry(node, 2)), *files[1:]]
        self.refused(command(other))

    def test_receipts_by_transmute_cose(self):
        node, place = node_program(), modules()
        self.check_with(lambda files: [node, HERE / "transmute.mjs", place, *files])

    def test_receipts_by_scitt_cose(self):
        python = venv("scitt")
        self.check_with(lambda files: [python, HERE / "scitt.py", *files])

    def test_receipts_by_web_crypto(self):
        node = node_program()
        self.check_with(lambda files: [node, HERE / "verify.mjs", "receipt", files[0], files[1], files[3]])

    def test_a_receipt_never_changes(self):
        node = self.node()
        self.issue(node, 1, self.document())
        before = self.get(node, "/entries/1.0")
        for number in (2, 3, 4):
            self.issue(node, number)
        self.assertEqual(self.get(node, "/entries/1.0"), before)
        node.stop()
        node.start()
        self.assertEqual(self.get(node, "/entries/1.0"), before)


class Statements(Foreign):
    def issuer(self, node):
        shown = self.assert_code(node.licet("key", "show", node.issue_key, "--json", key=False), 0).json
        return shown["x"], shown["y"]

    def test_our_statement_by_cwt(self):
        python, node = venv("cwt"), self.node()
        self.issue(node, 1, self.document())
        statement = self.entry(node)[0]
        x, y = self.issuer(node)
        self.assertEqual(self.taken([python, HERE / "statement.py", "check", statement, x, y]).out.strip(), "1")
        data = statement.read_bytes()
        for at in (20, len(data) // 2, len(data) - 1):
            flipped = self.put("flipped", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
            self.refused([python, HERE / "statement.py", "check", flipped, x, y])

    def test_a_statement_made_by_others_is_taken(self):
        """By Python's cryptography and cbor2 after docs/FORMATS.md, with either half of s; once, and under one signature."""
        python, node = venv("cwt"), self.node()
        member = node.licet("member", "list", "--json", key=False).json[0]["uscc"]
        post = {"Content-Type": "application/cose"}
        for half in ("low", "high"):
            out = self.folder / half
            made = self.taken([python, HERE / "statement.py", "make", node.issue_key, node.dir / "genesis.cbor", member, node.type_code(), out, half])
            status, headers, receipt = node.request("POST", "/entries", out.read_bytes(), post)
            self.assertEqual(status, 201, receipt)
            entry = headers["location"].rsplit("/", 1)[1]
            self.assertEqual(self.get(node, f"/entries/{entry}"), receipt)
            status, _, again = node.request("POST", "/entries", out.read_bytes(), post)
            self.assertEqual((status, again), (200, receipt))
            files = self.entry(node, entry)
            self.assertEqual(files[0].read_bytes(), out.read_bytes())
            self.taken([node_program(), HERE / "verify.mjs", "receipt", files[0], files[1], files[3]])
            state = node.get_json("/v1/licences/" + made.out.strip())
            self.assertEqual(state["verdict"], "valid", state)
            data = bytearray(out.read_bytes())
            data[-1] ^= 1
            status, _, _ = node.request("POST", "/entries", bytes(data), post)
            self.assertIn(status, (403, 409))
            order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
            mirrored = out.read_bytes()[:-32] + (order - int.from_bytes(out.read_bytes()[-32:], "big")).to_bytes(32, "big")
            status, _, answer = node.request("POST", "/entries", mirrored, post)
            self.assertEqual(status, 409, answer)


class StateProofs(Foreign):
    def test_membership_and_absence_by_ics23(self):
        program, place, node = node_program(), modules(), self.node()
        for number in range(12):
            issued = self.issue(node, number, self.document(f"{number}.pdf"))
        proof = self.folder / "p.licet"
        self.assert_code(node.licet("proof", issued["key"], "-o", proof), 0)
        leaves = self.put("leaves.json", self.get(node, "/v1/prefix/"))
        done = self.taken([program, HERE / "ics23.mjs", place, proof, node.dir / "genesis.cbor", leaves])
        told = done.json
        objects = node.get_json("/v1/head")["objects"]
        self.assertEqual(len(json.loads(leaves.read_text())["leaves"]), objects)
        self.assertGreaterEqual(told["members"], objects + 5, told)
        self.assertGreaterEqual(told["absences"], 40 + objects, told)

    def test_the_published_proof_spec(self):
        """The spec that ics23.mjs uses is the one that docs/FORMATS.md publishes."""
        text = " ".join((ROOT / "docs" / "FORMATS.md").read_text(encoding="utf-8").split())
        self.assertIn("leaf `{prefix: 00, hash: SHA256, prehash_key: NO_HASH, prehash_value: SHA256, length: NO_PREFIX}`", text)
        self.assertIn("inner `{child_order: [0, 1], child_size: 32, min_prefix_length: 3, max_prefix_length: 3, hash: SHA256}`", text)


class WebCrypto(Foreign):
    def verify(self, *arguments):
        return run(node_program(), HERE / "verify.mjs", *arguments)

    def test_a_proof_file_in_javascript(self):
        node_program()
        node = self.node()
        issued = self.issue(node, 1, self.document())
        proof, genesis = self.folder / "p.licet", node.dir / "genesis.cbor"
        for command, word in ((None, "valid"), ("suspend", "suspended"), ("resume", "valid"), ("revoke", "revoked")):
            if command:
                self.assert_code(node.licet(command, issued["key"], "--reason", "r", "--basis", "b"), 0)
            self.assert_code(node.licet("proof", issued["identifier"], "-o", proof, "--force"), 0)
            told = self.assert_code(self.verify("proof", proof, genesis), 0).json
            head = node.get_json("/v1/head")
            self.assertEqual((told["verdict"], told["height"], told["headerHash"]), (word, head["height"], head["head"]))
            self.assertEqual((told["licence"]["key"], told["stateRoot"]), (issued["key"], head["state_root"]))
            ours = node.licet("verify", "--offline", proof, "--trust", genesis, "--json", key=False).json
            self.assertEqual(ours["verdict"], word)
        self.refused([node_program(), HERE / "verify.mjs", "proof", proof, self.node("other", start=False).dir / "genesis.cbor"])
        told = self.assert_code(self.verify("note", self.put("head.json", self.get(node, "/v1/head")), genesis), 0).json
        self.assertEqual(told["head"], node.get_json("/v1/head")["head"])

    def test_absence_in_javascript(self):
        node_program()
        node = self.node()
        self.issue(node, 1)
        status, _, body = node.request("GET", f"/v1/licences/{hashlib.sha256(b'none').hexdigest()}?proof=1", headers={"Accept": "application/vnd.licet.proof"})
        self.assertEqual(status, 200, body)
        told = self.assert_code(self.verify("proof", self.put("absent.licet", body), node.dir / "genesis.cbor"), 0).json
        self.assertEqual(told["verdict"], "unknown")

    def test_two_verifiers_say_the_same_of_damaged_proofs(self):
        node_program()
        node = self.node()
        issued = self.issue(node, 1, self.document())
        proof, genesis = self.folder / "p.licet", node.dir / "genesis.cbor"
        self.assert_code(node.licet("proof", issued["key"], "-o", proof), 0)
        node.stop()
        data, chance, paths = proof.read_bytes(), random.Random(os.environ.get("SEED", "7")), [proof]
        for i in range(150):
            changed = bytearray(data)
            at = chance.randrange(len(data))
            how = chance.randrange(4)
            if how == 0:
                changed[at] ^= 1 << chance.randrange(8)
            elif how == 1:
                changed[at] = chance.randrange(256)
            elif how == 2:
                del changed[at]
            else:
                changed[at:at] = bytes([chance.randrange(256)])
            paths.append(self.put(f"{i}.licet", bytes(changed)))
        theirs = self.assert_code(self.verify("proofs", genesis, *paths), 0).json
        self.assertEqual(theirs[0], "valid")
        for path, word in zip(paths, theirs):
            done = node.licet("verify", "--offline", path, "--trust", genesis, "--json", key=False)
            ours = "refused" if done.code == 20 else done.json["verdict"]
            self.assertEqual((path.name, ours), (path.name, word), done)

    def test_the_seeds_of_the_fuzzer_in_javascript(self):
        """Whole proofs made by tests/fuzz/make_corpus.py: every state, compromise, components, key links. tests/unit/test_proof_seeds.c has ours."""
        node_program()
        vectors = dict(line.split(": ", 1) for line in (ROOT / "tests/vectors/object.txt").read_text().splitlines() if not line.startswith("#"))
        genesis = bytes(range(0x10, 0x30)).hex()
        words = {}
        for line in (ROOT / "tests/fuzz/proof_seeds.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                name, word = line.split()
                words[name] = word
        self.assertGreater(len(words), 20)
        for name, word in words.items():
            done = self.verify("vector", ROOT / "tests/fuzz/corpus/proof" / name, genesis, vectors["finality"], 1795323821123)
            self.assertEqual((name, done.json["verdict"] if done.code == 0 else "refused"), (name, word), done)


class Checkpoints(Foreign):
    def test_checkpoint_and_tiles_by_x_mod_sumdb(self):
        go = shutil.which("go")
        if go is None:
            self.skipTest("go is not installed")
        program = PLACE / "sumdb"
        PLACE.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
        attempt([go, "mod", "download"], cwd=HERE / "sumdb", env=environment)
        subprocess.run([go, "build", "-o", program, "."], cwd=HERE / "sumdb", env=environment, check=True)
        node = self.node()
        keys = self.assert_code(run(node_program(), HERE / "verify.mjs", "vkey", node.dir / "genesis.cbor"), 0).json
        self.issue(node, 1, self.document())
        older = self.put("older", self.get(node, "/checkpoint"))
        for number in range(2, 8):
            self.issue(node, number)
        newer = self.put("newer", self.get(node, "/checkpoint"))
        command = [program, keys[0], node.url]
        self.taken([*command, older, newer])
        for which in (older, newer):
            data = which.read_bytes()
            for at in (0, data.index(b"\n") + 1, data.index(b"\n") + 6, len(data) - 12):
                flipped = self.put("flipped", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
                self.refused([*command, *(flipped if one is which else one for one in (older, newer))])


if __name__ == "__main__":
    unittest.main()
