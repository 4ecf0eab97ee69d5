"""Two verifiers of proof files, ours and one in Python from the documents alone, over proofs that were changed with knowledge of what they are.

MUTATIONS says how many (2,000), SEED which. Both give the same exit code for each, and none says `valid` where something that matters was changed.
"""
import base64
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import time

from node import BUILD, Case, ENV
from test_foreign import HERE, attempt, venv

MUTATIONS = int(os.environ.get("MUTATIONS", "2000"))
LINES = BUILD / "tests" / "foreign" / "verify_lines"


def python():
    """A Python that has `cryptography`: this one, or the one that the foreign tests install."""
    if subprocess.run([sys.executable, "-c", "import cryptography"], stderr=subprocess.DEVNULL).returncode == 0:
        return sys.executable
    return venv("cwt")


class SecondVerifier(Case):
    def fetch(self, node, world, told, name, key, *more, file=None):
        self.assert_code(node.licet("proof", key, "-o", world / name, *more), 0)
        told["proofs"].append((name, str(file) if file else None))

    def leaves(self, node, told):
        answer = node.get_json("/v1/prefix/?limit=1000")
        told["maps"][answer["state_root"]] = {leaf["key"]: base64.urlsafe_b64decode(leaf["value"] + "==").hex() for leaf in answer["leaves"]}

    def world(self):
        """Two ledgers. The first with proofs of every state that it went through, its maps, its log, its keys."""
        world = self.folder / "world"
        world.mkdir()
        told = {"proofs": [], "others": [], "files": [], "maps": {}, "entries": []}
        node = self.node()
        shutil.copy(node.dir / "genesis.cbor", world)
        for name, path in (("note.pem", "node"), ("seal.pem", "node"), ("issue.pem", "keys")):
            shutil.copy(node.dir / path / name, world)
        documents = [self.document(f"d{n}") for n in range(4)]
        keys = [self.issue(node, n, document)["key"] for n, document in enumerate(documents)]
        told["files"] = [str(path) for path in (*documents, self.document("another"))]
        self.leaves(node, told)
        for n, key in enumerate(keys[:3]):
            self.fetch(node, world, told, f"valid{n}.licet", key, file=documents[n])
        self.fetch(node, world, told, "open.licet", keys[0], "--field", "ZZBH")
        self.fetch(node, world, told, "doc.licet", keys[1], "--doc", documents[1], file=documents[1])
        self.fetch(node, world, told, "nothing.licet", "00" * 32)
        for key, act in zip(keys, ("suspend", "revoke", "cancel")):
            self.assert_code(node.licet(act, key, "--reason", "check", "--basis", "rule 1"), 0)
            self.leaves(node, told)
            self.fetch(node, world, told, f"{act}.licet", key)
        self.fetch(node, world, told, "ended.licet", keys[1], "--doc", documents[1])
        self.fetch(node, world, told, "good.licet", keys[3], "--field", "ZZBH")
        size = int(node.request("GET", "/checkpoint")[2].split(b"\n")[1])
        tile = node.request("GET", f"/tile/entries/000.p/{size}")[2]
        while tile:
            length = int.from_bytes(tile[:2], "big")
            told["entries"].append(tile[2:2 + length].hex())
            tile = tile[2 + length:]
        node.stop(expect=0)
        other = self.node("other")
        key = self.issue(other, 0, documents[0])["key"]
        self.assert_code(other.licet("proof", key, "-o", world / "other.licet"), 0)
        told["others"] = ["other.licet"]
        other.stop(expect=0)
        (world / "world.json").write_text(json.dumps(told))
        pins = attempt([self.python, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import verify_licet as v\n"
                        "for p in sys.argv[2:]: open(p + '.pin', 'wb').write(v.decode(open(p, 'rb').read())[2])", HERE,
                        *[world / name for name, _ in told["proofs"]]])
        self.assertEqual(pins, "")
        return world, told

    def test_the_same_word_for_every_changed_proof(self):
        self.python = python()
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed} MUTATIONS={MUTATIONS}")
        world, _ = self.world()
        out = self.folder / "out"
        words, kinds, wrong = collections.Counter(), collections.Counter(), []
        now = round(time.time() * 1000)
        done = 0
        while done < MUTATIONS:
            count = min(2000, MUTATIONS - done)
            out.mkdir()
            theirs = subprocess.run([self.python, HERE / "attack_licet.py", world, out, str(count), str(seed + done), str(now)], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
            self.assertEqual(theirs.returncode, 0, theirs.stderr.decode()[-4000:])
            rows = [line.split() for line in theirs.stdout.decode().splitlines()]
            self.assertEqual(len(rows), count)
            ours = subprocess.run([LINES, world / "genesis.cbor"], input="".join(" ".join(row[:4]) + "\n" for row in rows).encode(),
                                  stdout=subprocess.PIPE, env=ENV)
            self.assertEqual(ours.returncode, 0, "the verifier ended")
            answers = [line.split() for line in ours.stdout.decode().splitlines()]
            self.assertEqual(len(answers), count)
            for row, (code, word) in zip(rows, answers):
                path, shown, pin, at, their_code, their_word, kind, harmless, before, base, why = row
                words[their_word] += 1
                kinds[kind] += 1
                same = code == their_code and (their_word in ("refused", "stale") or their_word == word)
                untrue = "valid" in (word, their_word) and their_code != "21" and (harmless == "0" or before != "valid")
                if not same or untrue:
                    wrong.append(f"{kind} of {base}: ours {code} {word}, theirs {their_code} {their_word} ({why}); before {before}; "
                                 f"file {shown != '-'} pin {pin != '-'} now+{(int(at) - now) // 86400000}; batch seed {seed + done} {path.rsplit('/', 1)[1]}")
                    if os.environ.get("KEEP"):
                        shutil.copy(path, os.environ["KEEP"])
            shutil.rmtree(out)
            done += count
        print(", ".join(f"{word}: {count}" for word, count in sorted(words.items())))
        print(f"{done} changed proofs, {len(kinds)} kinds of change, {len(wrong)} differences")
        self.assertEqual(len(wrong), 0, "\n" + "\n".join(wrong[:40]))
        self.assertGreater(words["refused"], 0)
        self.assertGreater(words["valid"], 0)
