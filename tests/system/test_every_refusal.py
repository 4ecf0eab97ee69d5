"""Every refusal that a statement can meet, met by a statement of a program that is not ours, and nothing changed by it."""
import json
import pathlib
import re
import subprocess

from node import Case
from test_foreign import HERE, ROOT
from test_second_verifier import python

# Codes that no statement from outside meets on a ledger of one member, with the reason. A code that is neither here nor met fails the test.
ELSEWHERE = {
    "CBOR_DEPTH": "no form of a statement is deep enough: another type is met before (tests/unit/test_cbor.c)",
    "HEX_INVALID": "statements hold no hex but sub", "JSON_INVALID": "not JSON", "HASH_MISMATCH": "stored bytes", "PROOF_MISMATCH": "proofs",
    "ARCHIVE_CUT": "archives", "TEXT_NOT_NFC": "texts of a record are taken as they stand; the tools normalise what they write (tests/unit/test_genesis.c)",
    "KEY_NOT_ACTIVE": "keys of a genesis never end (tests/unit/test_apply.c)", "KEY_COMPROMISED": "nothing declares it yet (tests/unit/test_apply.c)",
    "MEMBER_NOT_ACTIVE": "nothing suspends a member yet (tests/unit/test_apply.c)",
    "ROLE_MISSING": "a genesis gives no key without its role (tests/unit/test_apply.c)",
    "TYPE_NOT_ALLOWED": "takes a second member (tests/unit/test_apply.c)", "NOT_THE_ISSUER": "takes a second member (tests/unit/test_apply.c)",
    "SEAL_NOT_OWNED": "takes a second member (tests/unit/test_apply_seal.c)", "NOT_THE_REGISTRAR": "takes a second member (tests/unit/test_model.c)",
    "IDENTIFIER_INVALID": "statements hold keys, no identifiers", "USCC_INVALID": "a genesis and the tools check it", "GENESIS_INVALID": "a genesis",
    "ACTED_FULL": "takes 15 keys that act on one licence (tests/unit/test_apply.c)", "TIME_BACKWARD": "blocks", "CHAIN_BROKEN": "blocks", "MAKINGS_FULL": "takes 64 acts (tests/unit/test_apply_seal.c)",
    "QUOTA": "takes a small quota in the genesis (tests/unit/test_apply.c)",
}


class EveryRefusal(Case):
    def test_each_code_by_a_statement(self):
        node = self.node()
        member = re.search(rb"[0-9A-Z]{18}", node.request("GET", "/v1/members")[2]).group().decode()
        done = subprocess.run([python(), HERE / "refuse_licet.py", node.dir, member, node.type_code()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        met, wrong = set(), []
        for name, statement in json.loads(done.stdout):
            before = node.get_json("/v1/head")
            status, _, body = node.request("POST", "/entries", bytes.fromhex(statement), {"Content-Type": "application/cose", "Accept": "application/json"})
            after = node.get_json("/v1/head")
            said = {201: "OK", 200: "ALREADY_ENTERED"}.get(status) or json.loads(body)["name"]
            same = all(before[part] == after[part] for part in ("height", "head", "entries", "state_root"))
            if said != name or same != (name != "OK"):
                wrong.append(f"{name}: {status} {said} {body[:200] if status > 201 else ''} unchanged {same}")
            met.add(said)
        self.assertEqual(len(wrong), 0, "\n" + "\n".join(wrong))
        listed = re.findall(r"^\| ([123]\d\d) \| ([A-Z_]+) \|", (pathlib.Path(ROOT) / "docs" / "CODES.md").read_text(), re.M)
        self.assertGreater(len(listed), 70)
        for number, name in listed:
            self.assertTrue((name in met) != (name in ELSEWHERE), f"{number} {name}: met or listed with a reason, and not both")
