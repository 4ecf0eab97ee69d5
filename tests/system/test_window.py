"""One department end to end, by hand as the README has it: issue, verify, change, prove offline, replay."""
import base64
import hashlib
import json
import time

from node import Case, sha256, uscc


class Window(Case):
    def test_issue_verify_change_prove_replay(self):
        node = self.node()
        document = self.document()
        issued = self.issue(node, 1, document)
        self.assertTrue(issued["identifier"].startswith("1.2.156.3005.2."))
        verdict = self.assert_code(node.licet("verify", document, "--json", key=False), 0).json
        self.assertEqual((verdict["verdict"], verdict["code"], verdict["document"]), ("valid", 0, "match"))
        self.assertEqual(verdict["licence"]["key"], issued["key"])
        self.assertLess(verdict["as_of"]["age_ms"], 60000)
        changed = self.folder / "changed.pdf"
        data = bytearray(document.read_bytes())
        data[100] ^= 1
        changed.write_bytes(data)
        self.assert_code(node.licet("verify", changed, key=False), 10)

        for command, code in (("suspend", 12), ("resume", 0), ("revoke", 11)):
            self.assert_code(node.licet(command, issued["identifier"], "--reason", "inspection", "--basis", "Act 1"), 0)
            self.assert_code(node.licet("verify", document, key=False), code)
        verdict = node.licet("verify", document, "--json", key=False).json
        self.assertEqual((verdict["verdict"], verdict["code"]), ("revoked", 3))
        self.assertEqual((verdict["status"]["reason"], verdict["status"]["basis"]), ("inspection", "Act 1"))

        proof = self.folder / "p.licet"
        self.assert_code(node.licet("proof", issued["identifier"], "-o", proof), 0)
        valid = self.issue(node, 2, self.document("second.pdf"))
        valid_proof = self.folder / "v.licet"
        self.assert_code(node.licet("proof", valid["key"], "-o", valid_proof), 0)
        node.stop(expect=0)
        trust = ("--trust", node.dir / "genesis.cbor")
        done = self.assert_code(node.licet("verify", "--offline", proof, document, *trust, "--json", key=False), 11)
        self.assertEqual(done.json["verdict"], "revoked")
        self.assert_code(node.licet("verify", "--offline", valid_proof, *trust, key=False), 0)
        self.assert_code(node.licet("verify", "--offline", valid_proof, self.folder / "second.pdf", *trust, key=False), 0)
        self.assert_code(node.licet("verify", "--offline", valid_proof, changed, *trust, key=False), 15)
        time.sleep(1.2)
        self.assert_code(node.licet("verify", "--offline", valid_proof, *trust, "--max-age", "1s", key=False), 21)
        self.assert_code(node.licet("verify", "--offline", proof, *trust, "--max-age", "1s", key=False), 11)
        self.assert_code(node.licet("verify", "--offline", valid_proof, key=False), 2)

        replayed = self.assert_code(node.licet("replay", node.dir, "--json"), 0).json
        self.assertTrue(replayed["ok"])
        self.assertEqual(replayed["height"], 5)
        archive = self.folder / "a.larc"
        self.assert_code(node.licet("export", node.dir, "-o", archive), 0)
        again = self.assert_code(node.licet("replay", archive, "--trust", node.dir / "genesis.cbor", "--json"), 0).json
        self.assertEqual(again["head"], replayed["head"])
        self.assert_code(node.licet("fsck", node.dir), 0)

    def test_a_proof_from_an_idle_ledger_is_fresh_and_then_grows_stale(self):
        node = self.node()
        issued = self.issue(node, 1, self.document())
        time.sleep(2.5)
        proof = self.folder / "p.licet"
        self.assert_code(node.licet("proof", issued["key"], "-o", proof), 0)
        node.stop()
        trust = ("--trust", node.dir / "genesis.cbor")
        self.assert_code(node.licet("verify", "--offline", proof, *trust, "--max-age", "2s", key=False), 0)
        time.sleep(2.2)
        self.assert_code(node.licet("verify", "--offline", proof, *trust, "--max-age", "2s", key=False), 21)

    def test_another_ledgers_proof_is_not_trusted(self):
        one, other = self.node("one"), self.node("other")
        issued = self.issue(one, 1, self.document())
        proof = self.folder / "p.licet"
        self.assert_code(one.licet("proof", issued["key"], "-o", proof), 0)
        self.assert_code(one.licet("verify", "--offline", proof, "--trust", other.dir / "genesis.cbor", key=False), 20)

    def test_nothing_is_signed_for_another_ledger_than_the_keys_own(self):
        """B13: a node that claims to be another ledger gets no signature."""
        one, other = self.node("one"), self.node("other")
        done = one.licet("issue", "--type", one.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "x",
                         "--number", "N1", env={"LICET_NODE": other.url})
        self.assert_code(done, 20)
        self.assertIn("another ledger", done.err)
        self.assertEqual(other.get_json("/v1/head")["height"], 0)

    def test_a_flipped_byte_in_a_proof_is_found(self):
        node = self.node()
        issued = self.issue(node, 1, self.document())
        proof = self.folder / "p.licet"
        self.assert_code(node.licet("proof", issued["key"], "-o", proof), 0)
        data = proof.read_bytes()
        flipped = self.folder / "f.licet"
        for at in range(0, len(data), max(1, len(data) // 60)):
            flipped.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1:])
            done = node.licet("verify", "--offline", flipped, "--trust", node.dir / "genesis.cbor", key=False)
            self.assertIn(done.code, (15, 20), (at, done))

    def test_all_query_kinds_agree(self):
        node = self.node()
        document = self.document()
        issued = self.issue(node, 7, document)
        code = node.type_code()
        fields = {"type": code, "number": "N-7", "holder_code": uscc("91310118MA1JL0000"), "holder_name": "测试公司"}
        digest = {"alg": "sha-256", "digest": sha256(document.read_bytes())}
        queries = [{"key": issued["key"]}, {"identifier": issued["identifier"]}, {"document": digest}, {"fields": fields},
                   {"key": issued["key"], "identifier": issued["identifier"], "document": digest, "fields": fields},
                   {"fields": {**fields, "holder_name": "别人"}}, {"fields": {**fields, "number": "N-8"}}, {"document": {**digest, "digest": "00" * 32}},
                   {"fields": {"type": code, "number": "N-7"}}]
        status, answer = node.verify(queries)
        self.assertEqual(status, 200, answer)
        words = [v["verdict"] for v in answer["verdicts"]]
        self.assertEqual(words, ["valid"] * 5 + ["mismatch", "unknown", "unknown", "incomplete"])
        self.assertEqual([v["code"] for v in answer["verdicts"]], [0] * 5 + [6, 5, 5, 4])
        # width, case and spaces do not matter; what the ledger holds does not show them either
        status, answer = node.verify([{"fields": {**fields, "number": " ｎ－７ "}}])
        self.assertEqual(answer["verdicts"][0]["verdict"], "valid")
        status, answer = node.verify([{"key": "zz"}])
        self.assertEqual(status, 400)
        status, answer = node.verify([{"key": issued["key"]}] * 1001)
        self.assertEqual(status, 413)

    def test_fields_are_no_oracle(self):
        node = self.node()
        self.issue(node, 7)
        fields = {"type": node.type_code(), "number": "N-7", "holder_code": uscc("91310118MA1JL0000"), "holder_name": "x"}
        words = [node.verify([{"fields": {**fields, "holder_name": f"guess {i}"}}])[1]["verdicts"][0]["verdict"] for i in range(8)]
        self.assertEqual(words, ["mismatch"] * 5 + ["incomplete"] * 3)
        self.assertEqual(node.verify([{"fields": {**fields, "holder_name": "测试公司"}}])[1]["verdicts"][0]["verdict"], "incomplete")

    def test_the_ledger_holds_no_number_name_or_digest(self):
        """K1 in small: what was typed in is found nowhere in the ledger's data, its archive or the log."""
        node = self.node()
        document = self.document()
        issued = self.issue(node, 31415926, document)
        node.licet("verify", document, key=False)
        node.stop()
        needles = [b"N-31415926", "测试公司".encode(), issued["identifier"].encode(), bytes.fromhex(sha256(document.read_bytes()))]
        for path in [*node.data.iterdir(), node.dir / "test.log"]:
            data = path.read_bytes()
            for needle in needles:
                self.assertNotIn(needle, data, (path, needle))

    def test_status_and_lists(self):
        node = self.node()
        self.issue(node, 1)
        status = self.assert_code(node.licet("status", "--json", key=False), 0).json
        self.assertEqual((status["height"], status["licences"], status["engine"]), (1, 1, "solo"))
        # the verifier key (C2SP signed-note) is that of the checkpoint
        name, key_id, key = status["checkpoint_key"].split("+", 2)
        key = base64.b64decode(key)
        self.assertEqual((len(key), key[0]), (33, 1))
        self.assertEqual(hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8], key_id)
        lines = node.request("GET", "/checkpoint")[2].decode().splitlines()
        self.assertEqual((lines[0], lines[-1].split(" ")[1]), (name, name))
        self.assertEqual(base64.b64decode(lines[-1].split(" ")[2])[:4].hex(), key_id)
        self.assertIn("checkpoint key: " + status["checkpoint_key"], node.licet("status", key=False).out)
        types = node.licet("type", "list", "--json", key=False).json
        self.assertEqual(len(types), 10)
        self.assertTrue(all(t["code"] and t["name"] for t in types))
        members = node.get_json("/v1/members")
        self.assertIn("members", members)
        history = node.get_json("/v1/licences/" + self.issue(node, 2)["key"] + "/history")
        self.assertEqual(len(history["history"]), 1, json.dumps(history))
