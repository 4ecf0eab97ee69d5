"""`licet verify` believes no node: a server that lies, in every way that it can, against a client that trusts a genesis document; and one that trusts none."""
import copy
import http.server
import json
import socket
import threading
import time

from node import Case, sha256, uscc


class Liar:
    """Passes on what the real node says, changed by `change(path, sent, answer)`: bytes are answered as they stand, None hangs until the end of the test."""

    def __init__(self, node, change):
        liar = self
        self.node, self.change, self.over = node, change, threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, method):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kind = self.headers.get("Content-Type") or "application/json"
                asked = {"Content-Type": kind, **({"Accept": self.headers["Accept"]} if self.headers.get("Accept") else {})}
                status, headers, real = liar.node.request(method, self.path, body or None, asked)
                if kind == "application/cose":  # a statement: as it stands, there and back
                    self.send_response(status)
                    for name in ("content-type", "location"):
                        if name in headers:
                            self.send_header(name, headers[name])
                    self.send_header("Content-Length", str(len(real)))
                    self.end_headers()
                    self.wfile.write(real)
                    return
                sent, real = json.loads(body) if body else None, json.loads(real)
                if self.path == "/v1/verify" and status != 200:  # a refusal of the real node does not keep a liar from an answer
                    status, real = 200, {"verdicts": [{} for _ in sent["queries"]]}
                made = liar.change(self.path, sent, real)
                if made is None:
                    liar.over.wait(60)
                    return
                out = made if isinstance(made, bytes) else json.dumps(made).encode()
                self.send_response(status)
                self.send_header("Content-Type", headers.get("content-type", "application/json"))
                self.send_header("Content-Length", str(len(out)))
                self.end_headers()
                self.wfile.write(out)

            def do_GET(self):
                self.answer("GET")

            def do_POST(self):
                self.answer("POST")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def each(verdict_change):
    """A change of every verdict of /v1/verify."""
    def change(path, _, answer):
        if path == "/v1/verify":
            answer["verdicts"] = [verdict_change(v) for v in answer["verdicts"]]
        return answer
    return change


class Trust(Case):
    def setUp(self):
        super().setUp()
        self.real = self.node()
        self.doc, self.good_doc, self.strange = self.document("revoked.pdf"), self.document("good.pdf"), self.document("strange.pdf")
        self.revoked, self.good = self.issue(self.real, 1, self.doc), self.issue(self.real, 2, self.good_doc)
        self.assert_code(self.real.licet("revoke", self.revoked["key"], "--reason", "r", "--basis", "b"), 0)
        self.genesis = self.real.dir / "genesis.cbor"

    def ask(self, change, *what, trust=True, key=False, env=None):
        liar = Liar(self.real, change)
        self.addCleanup(liar.close)
        return self.real.licet("verify", *what, "--json", "--node", liar.url, *(("--trust", self.genesis) if trust else ()), key=key, env=env)

    def real_verdict(self, query, proof=True):
        return self.real.verify([query], proof=proof)[1]["verdicts"][0]

    def test_an_honest_node_is_proved(self):
        honest = each(lambda v: v)
        for what, code, word in (((self.doc,), 11, "revoked"), ((self.good_doc,), 0, "valid"), ((self.strange,), 10, "unknown"),
                                 (("--id", self.good["key"]), 0, "valid"), (("--id", self.good["identifier"]), 0, "valid")):
            done = self.assert_code(self.ask(honest, *what, key=True), code)
            self.assertEqual((done.json["verdict"], done.json["trust"]), (word, "proof"), what)
        # the genesis document beside the key is found, so is $LICET_TRUST
        done = self.ask(honest, self.good_doc, trust=False, key=True)
        self.assertEqual((done.code, done.json["trust"]), (0, "proof"))
        done = self.ask(honest, self.good_doc, trust=False, env={"LICET_TRUST": str(self.genesis)})
        self.assertEqual((done.code, done.json["trust"]), (0, "proof"))
        done = self.ask(honest, self.good_doc, trust=False)
        self.assertEqual((done.code, done.json["trust"]), (0, "node"))
        self.assertIn("the word of the node", self.real.licet("verify", self.good_doc, key=False).out)
        self.assertIn("proved under", self.real.licet("verify", self.good_doc).out)

    def test_fields_are_proved_where_the_secret_is_here(self):
        honest = each(lambda v: v)
        fields = ["--fields", "type=" + self.real.type_code(), "number=N-2", "holder_code=" + uscc("91310118MA1JL0000"), "holder_name=测试公司"]
        done = self.assert_code(self.ask(honest, *fields, key=True), 0)
        self.assertEqual(done.json["trust"], "proof")
        done = self.assert_code(self.ask(honest, *fields), 15)  # nobody but the node can tell, and a proof was asked for
        self.assertEqual(done.json["trust"], "none")
        done = self.assert_code(self.ask(honest, *fields, trust=False), 0)  # none was, and it is this machine's
        self.assertEqual(done.json["trust"], "node")
        none = self.assert_code(self.ask(honest, fields[0], fields[1], "number=N-77", *fields[3:], key=True), 10)
        self.assertEqual(none.json["trust"], "proof")
        # what has no normal form was compared with nothing: a node that says `valid` of it all the same is not believed
        right = self.real_verdict({"fields": dict(f.split("=", 1) for f in fields[1:])})
        for bad, code in (("holder_name=甲\x01乙", 2), ("holder_name=" + "名" * 200, 15), ("holder_code=" + "1" * 300, 15)):
            done = self.ask(each(lambda v: right), "--fields", *fields[1:3], *[f for f in fields[3:] if f.split("=")[0] != bad.split("=")[0]], bad, key=True)
            self.assert_code(done, code)
            if code == 15:  # 2: it is no text that can be typed, and no node is asked
                self.assertIn("not in its form", done.json["note"])
        # a proof of another licence is none of this number
        other = self.real_verdict({"key": self.revoked["key"]})
        good = self.real_verdict({"key": self.good["key"]})
        fields[2] = "number=N-1"
        done = self.assert_code(self.ask(each(lambda v: good), *fields, key=True), 15)
        self.assertNotEqual(done.json["verdict"], "valid")
        fields[2] = "number=N-2"
        self.assertNotEqual(self.ask(each(lambda v: {**good, "proof": other["proof"]}), *fields, key=True).code, 0)

    def test_lies(self):
        valid = {"verdict": "valid", "code": 0, "note": None}
        good = self.real_verdict({"key": self.good["key"]})
        good_doc = self.real_verdict({"document": {"alg": "sha-256", "digest": sha256(self.good_doc.read_bytes())}})
        unknown = self.real_verdict({"key": "11" * 32})
        older = self.real_verdict({"document": {"alg": "sha-256", "digest": sha256(self.good_doc.read_bytes())}})
        self.assert_code(self.real.licet("suspend", self.good["key"], "--reason", "r", "--basis", "b"), 0)
        for name, what, change, code in (
                ("valid with the proof of the revoked", (self.doc,), lambda v: {**v, **valid}, 20),
                ("valid without a proof", (self.doc,), lambda v: {**v, **valid, "proof": None}, 15),
                ("valid with another licence's proof", (self.doc,), lambda v: {**good_doc, "licence": v["licence"]}, 15),
                ("another licence's whole answer", (self.doc,), lambda v: good_doc, 15),
                ("another licence's whole answer by key", ("--id", self.revoked["key"]), lambda v: good, 15),
                ("a known one called unknown, without a proof", (self.doc,), lambda v: {**unknown, "proof": None}, 15),
                ("a known one called unknown, with the proof of another's absence", (self.doc,), lambda v: unknown, 15),
                ("a known one called unknown, with its own proof", (self.doc,), lambda v: {**unknown, "proof": v["proof"]}, 20),
                ("an unregistered one called valid", (self.strange,), lambda v: {**good_doc, "proof": v["proof"]}, 20),
                ("a flipped proof", (self.good_doc,), lambda v: {**v, "proof": v["proof"][:200] + ("A" if v["proof"][200] != "A" else "B") + v["proof"][201:]}, 20),
                ("a proof that is cut", (self.good_doc,), lambda v: {**v, "proof": v["proof"][:300]}, 20),
                ("a proof that is no base64", (self.good_doc,), lambda v: {**v, "proof": "?!"}, 20)):
            done = self.ask(each(change), *what)
            self.assertEqual(done.code, code, (name, done))
            self.assertNotEqual(done.json["verdict"], "valid", (name, done))
        # a proof from before the suspension is caught by its age only: what a node may hide is how long ago it was
        time.sleep(1.3)
        done = self.ask(each(lambda v: older), self.good_doc, "--max-age", "1s")
        self.assert_code(done, 21)
        self.assertIn("s old", done.json["note"])

    def test_an_identifier_beside_the_document_switches_off_no_proof(self):
        """Without the look-up secret only the node can say whose identifier it is; what it says of the document is proved all the same."""
        good = self.real_verdict({"document": {"alg": "sha-256", "digest": sha256(self.good_doc.read_bytes())}})
        for name, change in (("no proof", lambda v: {**good, "proof": None}), ("another's proof", lambda v: {**good, "licence": {**good["licence"], "identifier": self.revoked["identifier"]}}),
                             ("another identifier", lambda v: good)):
            self.assertIn(self.ask(each(change), self.strange, "--id", self.revoked["identifier"]).code, (15, 20), name)
        # an answer tells of a document only where one was asked about
        self.assert_code(self.ask(each(lambda v: {**v, "document": "match"}), "--id", self.good["key"], trust=False), 15)
        for args, env in ((("--key", self.folder / "nosuch.pem"), {}), ((), {"LICET_KEY": str(self.folder / "nosuch" / "issue.pem")}), (("--home", self.folder / "nosuch"), {})):
            done = self.real.licet("verify", self.good_doc, *args, key=False, env=env)
            self.assertEqual((done.code, "genesis.cbor" in done.err), (2, True), done)
        beside = self.folder / "keys"
        beside.mkdir()
        (beside / "issue.pem").write_bytes(self.real.issue_key.read_bytes())
        (self.folder / "genesis.cbor").symlink_to(self.folder / "gone")
        self.assertNotEqual(self.real.licet("verify", self.good_doc, "--key", beside / "issue.pem", key=False).code, 0)

    def test_import_believes_no_receipt_that_does_not_hold(self):
        table = self.folder / "stock.csv"
        self.assert_code(self.real.licet("stock-make", "--rows", "5", "--type", self.real.type_code(), "-o", table), 0)
        kept = {}
        liar = Liar(self.real, lambda path, sent, answer: answer)
        self.addCleanup(liar.close)
        _, _, old = self.real.request("GET", "/entries/" + self.good["entry"])
        handler = liar.server.RequestHandlerClass

        def do_post(self_):
            body = self_.rfile.read(int(self_.headers.get("Content-Length") or 0))
            if self_.path != "/entries":
                status, headers, out = liar.node.request("POST", self_.path, body, {"Content-Type": self_.headers["Content-Type"]})
            else:
                status, headers, out = 201, {"location": "/entries/1.0"}, kept["receipt"]
            self_.send_response(status)
            for name in ("content-type", "location"):
                if name in headers:
                    self_.send_header(name, headers[name])
            self_.send_header("Content-Length", str(len(out)))
            self_.end_headers()
            self_.wfile.write(out)
        handler.do_POST = do_post
        for receipt, code in ((b"junk", 1), (old, 20)):
            kept["receipt"] = receipt
            done = self.real.licet("import", "--type", self.real.type_code(), table, "--node", liar.url, "--json", "--force")
            self.assertEqual(done.code, code, done)
            self.assertNotIn('"accepted":5', done.out.replace(" ", ""))

    def test_other_ledger(self):
        other = self.node("other")
        document = self.document("other.pdf")
        self.issue(other, 1, document)
        done = other.licet("verify", document, "--json", "--trust", self.genesis)
        self.assert_code(done, 20)
        self.assertIn("another ledger", done.json["note"])

    def test_half_answers(self):
        def without(*names):
            def change(verdict):
                verdict = copy.deepcopy(verdict)
                at = verdict
                for name in names[:-1]:
                    at = at[name]
                del at[names[-1]]
                return verdict
            return change

        def put(value, *names):
            def change(verdict):
                verdict = copy.deepcopy(verdict)
                at = verdict
                for name in names[:-1]:
                    at = at[name]
                at[names[-1]] = value
                return verdict
            return change

        whole = self.real_verdict({"document": {"alg": "sha-256", "digest": sha256(self.good_doc.read_bytes())}}, proof=False)
        parts = [(name,) for name in ("verdict", "code", "document", "issuer", "licence", "status", "seal", "as_of")]
        parts += [(outer, inner) for outer in ("issuer", "licence", "status", "as_of") for inner in whole[outer]]
        changes = [without(*part) for part in parts] + [put([], *part) for part in parts] + [put({"x": "y"}, *part) for part in parts if part != ("seal",)]
        changes += [put("good", "verdict"), put(1, "code"), put("yes", "document"), put(None, "document"), put(None, "licence"), put("00", "licence", "key"),
                    lambda v: {"verdict": "valid"}, lambda v: [], lambda v: "valid", lambda v: None]
        # one call for all: each is answered for itself
        for trust in (False, True):
            at = iter(changes)
            files = [self.document(f"copy-{i}.pdf", self.good_doc.read_bytes()) for i in range(len(changes))]
            done = self.ask(each(lambda v: next(at)(v)), *files, trust=trust)
            self.assert_code(done, 15)
            self.assertEqual(len(done.json), len(changes))
            for i, verdict in enumerate(done.json):
                self.assertEqual(verdict["verdict"], "incomplete", (trust, i, verdict))
                self.assertIn("not whole", verdict["note"])

        for answer in ({}, {"verdicts": []}, {"verdicts": None}, {"verdicts": {}}):
            done = self.ask(lambda path, sent, real: answer, self.good_doc, trust=False)
            self.assert_code(done, 15)
        for answer in (b"", b"valid", b"[", b"\xff\xfe"):
            self.assert_code(self.ask(lambda path, sent, real: answer, self.good_doc, trust=False), 1)

    def test_another_machine_is_not_believed(self):
        # 192.0.2.0/24 is for examples and leads nowhere: nothing may be sent there at all, so it has to end at once
        for node in ("http://192.0.2.1:8480", "http://licet.example:8480", "http://1270.0.0.1:1", "http://127.0.0.1.example:1"):
            done = self.real.licet("verify", self.good_doc, "--node", node, key=False)
            self.assertEqual((done.code, "--trust" in done.err), (2, True), done)
        done = self.real.licet("verify", self.good_doc, "--node", "http://no-such-host.invalid:1", "--trust", self.genesis, key=False)
        self.assertEqual(done.code, 1)
        self.assertIn("no-such-host.invalid is the name of no machine", done.err)

    def test_acts_believe_no_node_about_which_licence_is_meant(self):
        """A key in a folder of its own, without a genesis document beside it, and a node that names another licence than the document's."""
        victim_doc = self.document("victim.pdf")
        victim = self.issue(self.real, 3, victim_doc)
        alone = self.folder / "alone"
        alone.mkdir()
        key = alone / "issue.pem"
        key.write_bytes(self.real.issue_key.read_bytes())
        key.chmod(0o600)
        other = self.real_verdict({"document": {"alg": "sha-256", "digest": sha256(victim_doc.read_bytes())}})
        bare = {**other, "proof": None}
        why = ("--reason", "r", "--basis", "b")
        state = lambda licence: self.real.get_json(f"/v1/licences/{licence['key']}")["status"]["state"]

        def act(change, *more, env=None, operation="suspend"):
            liar = Liar(self.real, change)
            self.addCleanup(liar.close)
            return self.real.licet(operation, "--doc", self.good_doc, *why, "--json", "--node", liar.url, *more, env={"LICET_KEY": str(key), **(env or {})})

        for lie in (other, bare):
            for more, env in ((("--trust", self.genesis), None), ((), {"LICET_TRUST": str(self.genesis)})):
                done = act(each(lambda v: lie), *more, env=env)
                self.assertIn(done.code, (10, 15, 20), done)
                self.assertIn("names no licence", done.err)
        self.assertEqual((state(victim), state(self.good)), ("valid", "valid"))
        done = self.assert_code(act(each(lambda v: v), "--trust", self.genesis), 0)
        self.assertEqual((done.json["keys"], "trust" in done.json, "word of the node" in done.err), ([self.good["key"]], False, False))
        self.assertEqual(state(self.good), "suspended")
        # nobody named a genesis document: this machine's node is believed, and it is told on whose word
        done = self.assert_code(act(each(lambda v: v), operation="resume"), 0)
        self.assertEqual((done.json["keys"], done.json["trust"]), ([self.good["key"]], "node"))
        self.assertIn("word of the node", done.err)
        self.assertIn("--trust", done.err)
        # an ID is nobody's word
        done = self.assert_code(self.real.licet("suspend", victim["key"], *why, "--json", env={"LICET_KEY": str(key)}), 0)
        self.assertEqual(("trust" in done.json, "word of the node" in done.err), (False, False))
        # another machine's is not asked
        done = self.assert_code(self.real.licet("suspend", "--doc", self.good_doc, *why, "--node", "http://192.0.2.1:8480", env={"LICET_KEY": str(key)}), 2)
        self.assertIn("another machine", done.err)
        # and nothing is signed for another ledger than the one that is trusted
        stranger = self.node("stranger", start=False)
        done = self.assert_code(act(each(lambda v: v), "--trust", stranger.dir / "genesis.cbor"), 20)
        self.assertIn("another ledger", done.err)
        self.assertEqual(state(self.good), "valid")
        issue = ("issue", "--type", self.real.type_code(), "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "甲", "--number", "N-9")
        for done in (self.real.licet(*issue, "--trust", stranger.dir / "genesis.cbor", env={"LICET_KEY": str(key)}),
                     self.real.licet(*issue, env={"LICET_KEY": str(key), "LICET_TRUST": str(stranger.dir / "genesis.cbor")})):
            self.assert_code(done, 20)
            self.assertIn("another ledger", done.err)

    def test_trust_that_cannot_be_used(self):
        empty, text = self.document("empty", b""), self.document("text", b"hello")
        node = self.real.licet
        for what, env in ((("--trust", ""), {}), (("--trust", empty), {}), (("--trust", text), {}), (("--trust", self.folder / "none"), {}), ((), {"LICET_TRUST": ""}),
                          ((), {"LICET_TRUST": str(self.folder / "none")}), (("--pin", text), {}), (("--max-age", "soon", "--trust", self.genesis), {}),
                          (("--max-age", "1h"), {}), (("--pin", empty, "--trust", self.genesis), {})):
            done = node("verify", self.good_doc, *what, env=env, key=False)
            self.assertIn(done.code, (1, 2, 20), (what, done))
            self.assertTrue(done.err, (what, done))
            self.assertEqual(done.out, "", (what, done))

    def test_a_node_that_is_down_or_hangs_hides_nothing(self):
        changed = self.document("changed.pdf", b"%PDF-1.4\nno PDF at all")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            down = f"http://127.0.0.1:{closed.getsockname()[1]}"
            for where in (down,):
                done = self.real.licet("verify", changed, self.good_doc, "--json", "--node", where, key=False)
                self.assertIn(done.code, (1, 15), done)
                self.assertEqual(len(done.json), 2)
                self.assertEqual({v["verdict"] for v in done.json} - {"incomplete", "mismatch"}, set(), done)
                self.assertIn("no node answers", done.err)
        done = self.ask(lambda *_: None, self.good_doc)
        self.assert_code(done, 1)
        self.assertIn("did not answer within 8 s", done.err)
        self.assertEqual(done.json["verdict"], "incomplete")

    def test_what_was_meant(self):
        proof = self.folder / "p.licet"
        self.assert_code(self.real.licet("proof", self.good["key"], "-o", proof), 0)
        done = self.assert_code(self.real.licet("verify", proof), 2)
        self.assertIn(f"--offline {proof}", done.err)
        document = self.document("seen.pdf", b"%PDF-1.4\n")
        done = self.assert_code(self.real.licet("verify", "--offline", document, "--trust", self.genesis), 2)
        self.assertIn("is a document, and no proof", done.err)
        identifier = self.good["identifier"]
        wrong = [identifier[:-1] + c for c in "ABC" if c != identifier[-1]][:2]  # of two wrong ones at most one fits the other rule of check characters
        said = [self.assert_code(self.real.licet("verify", "--id", one), 10).err for one in wrong]
        self.assertTrue(any("mistyped?" in text for text in said), said)
