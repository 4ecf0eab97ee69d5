"""list, show and history against a node with some thousand licences; who acts names a licence by its fields or its document; a node that lies about a history is found."""
import http.client
import http.server
import json
import os
import pty
import select
import subprocess
import threading
import time
import unittest

from node import ENV, LICET, SLOW, Case, run, uscc

STOCK = 3000


class Liar(http.server.BaseHTTPRequestHandler):
    """Passes everything on to a node, and changes the answers whose path holds `where`."""
    protocol_version = "HTTP/1.1"
    port, where, lie = 0, None, None

    def pass_on(self, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * SLOW)
        headers = {k: v for k, v in self.headers.items() if k.lower() in ("accept", "content-type")}
        connection.request(self.command, self.path, body=body, headers=headers)
        answer = connection.getresponse()
        data, kind, status = answer.read(), answer.getheader("Content-Type"), answer.status
        connection.close()
        if type(self).where and type(self).where in self.path:
            data = type(self).lie(data)
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.pass_on()

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_):
        pass


def links(change):
    def lie(data):
        answer = json.loads(data)
        change(answer)
        return json.dumps(answer).encode()
    return lie


def drop_last(answer):
    answer["history"].pop()


def swap(answer):
    answer["history"][0], answer["history"][1] = answer["history"][1], answer["history"][0]


def put(name, value):
    def change(answer):
        answer["history"][-1][name] = value
    return change


def other_statement(answer):
    answer["history"][-1]["statement"] = answer["history"][0]["statement"]


def flip(data):
    return data[:-1] + bytes([data[-1] ^ 1])


class List(Case):
    def liar(self, node):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("OneLiar", (Liar,), {"port": node.port}))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_thousands(self):
        node = self.node()
        stock = self.folder / "stock.csv"
        types = node.licet("type", "list", "--json").json
        code, name = types[0]["code"], types[0]["name"]
        self.assert_code(run(LICET, "stock-make", "--rows", STOCK, "--type", code, "--out", stock, "--seed", "7"), 0)
        self.assert_code(node.licet("import", "--type", code, stock), 0)
        other = self.issue(node, "other", type_code=code)
        self.assert_code(node.licet("suspend", other["key"], "--reason", "r", "--basis", "b"), 0)

        rows = self.assert_code(node.licet("list", "--json"), 0).json
        self.assertEqual(len(rows), STOCK + 1)
        self.assertEqual(len({row["key"] for row in rows}), STOCK + 1)
        self.assertEqual(node.get_json("/v1/licences?limit=1")["count"], STOCK + 1)
        for row in rows[:50]:
            self.assertEqual((row["type_name"], row["hidden"]), (name, False), row)
            self.assertTrue(row["identifier"].startswith("1.2.156.3005.2." + code), row)
        # every filter, by itself and beside another
        suspended = self.assert_code(node.licet("list", "--state", "suspended", "--json"), 0).json
        self.assertEqual([row["key"] for row in suspended], [other["key"]])
        lapsed = node.licet("list", "--state", "lapsed", "--json").json
        valid = node.licet("list", "--state", "valid", "--json").json
        self.assertEqual(len(lapsed) + len(valid) + 1 + len(node.licet("list", "--state", "not_active", "--json").json), STOCK + 1)
        self.assertEqual([row["key"] for row in node.licet("list", "--since", other["entry"], "--json").json], [other["key"]])
        self.assertEqual(len(node.licet("list", "--type", name, "--json").json), STOCK + 1)
        self.assertEqual(node.licet("list", "--type", types[1]["code"], "--json").json, [])
        issuer = node.licet("member", "list", "--json").json[0]["uscc"]
        self.assertEqual(len(node.licet("list", "--issuer", issuer, "--json").json), STOCK + 1)
        self.assert_code(node.licet("list", "--issuer", uscc("91310118MA1JL0000")), 1)
        self.assertIn("not_active", self.assert_code(node.licet("list", "--state", "lost"), 2).err)
        self.assertEqual(node.licet("list", "--state", "暂扣", "--json").json, suspended)
        self.assert_code(node.licet("list", "--state", "a&b"), 2)
        self.assert_code(node.licet("list", "--since", "x"), 2)
        # for people, and for who has no private data
        shown = self.assert_code(node.licet("list", "--state", "suspended"), 0)
        self.assertIn(name + "  " + other["identifier"], shown.out)
        self.assertIn("UTC+8", shown.err)
        hidden = self.assert_code(node.licet("list", "--state", "suspended", key=False), 0)
        self.assertIn(other["key"] + " (identifier hidden)", hidden.out)
        self.assertNotIn(other["identifier"], hidden.out)
        row = node.licet("list", "--state", "suspended", "--json", key=False).json[0]
        self.assertEqual((row["identifier"], row["holder_name"], row["hidden"]), (None, None, True))
        # no page of the node tells what the ledger hides
        self.assertNotIn(other["identifier"], json.dumps(node.get_json("/v1/licences?state=suspended")))
        self.assertEqual(node.request("GET", "/v1/licences?state=lost")[0], 400)
        self.assertEqual(node.request("GET", "/v1/licences?type=nothing")[0], 404)
        self.assertEqual(node.get_json("/v1/licences?after=4294967294")["licences"], [])
        self.assertEqual(node.request("GET", "/v1/licences?after=4294967295")[0], 400)

    def test_named_and_shown(self):
        node = self.node()
        document, second = self.document(), self.document("second.pdf")
        issued = self.issue(node, "1", document)
        holder = uscc("91310118MA1JL0000")
        fields = ["--fields", f"type={node.type_code()}", "number=N-1", f"holder_code={holder}", "holder_name=测试公司"]
        for way in ([issued["identifier"]], [issued["key"]], fields, ["--doc", document]):
            shown = self.assert_code(node.licet("show", *way), 0)
            for text in (issued["identifier"], issued["key"], "ZZBH N-1", "CZZT 测试公司", "proved under the genesis"):
                self.assertIn(text, shown.out)
        stranger = node.licet("show", issued["key"], key=False)
        self.assertIn("hidden here", stranger.out)
        self.assertNotIn("测试公司", stranger.out)
        self.assertEqual(node.licet("show", issued["key"], "--json").json["licence"]["elements"]["ZZBH"], "N-1")
        self.assertIn(issued["identifier"], node.licet("verify", "--id", issued["identifier"]).out)

        done = self.assert_code(node.licet("suspend", "--doc", document, "--reason", "r", "--basis", "b"), 0)
        for text in (issued["identifier"], "测试公司", "N-1"):
            self.assertIn(text, done.err)
        again = self.assert_code(node.licet("suspend", *fields, "--reason", "r", "--basis", "b"), 1)
        self.assertIn("315 ALREADY_SO", again.err)
        self.assertRegex(again.err, "met: .*" + issued["identifier"].replace(".", r"\.") + ", suspended since block 2, history count 2")
        # what names nothing, or the same twice, changes nothing
        before = node.get_json("/v1/head")["height"]
        self.assert_code(node.licet("resume", "--doc", second), 10)
        self.assert_code(node.licet("resume", *fields[:-1], "holder_name=别的公司"), 15)
        self.assert_code(node.licet("resume", issued["key"], "--doc", document), 2)
        self.assert_code(node.licet("resume"), 2)
        self.assertEqual(node.get_json("/v1/head")["height"], before)
        self.assert_code(node.licet("revoke", *fields, "--reason", "r", "--basis", "b", "--yes"), 0)
        self.assert_code(node.licet("show", issued["key"]), 11)

    def at_a_terminal(self, node, answer, *arguments):
        """Runs licet with a terminal on stdin and stderr: (exit code, what it said there)."""
        ours, theirs = pty.openpty()
        env = {**ENV, "LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)}
        process = subprocess.Popen([LICET, *map(str, arguments)], env=env, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        said, until, answered = b"", time.monotonic() + 60 * SLOW, False
        while time.monotonic() < until:
            if not answered and b"Type yes" in said:
                os.write(ours, answer)
                answered = True
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    said += os.read(ours, 4096)
                except OSError:
                    break
        process.stdout.close()
        code = process.wait(timeout=60 * SLOW)
        os.close(ours)
        return code, said.decode("utf-8", "replace"), answered

    def test_endings_are_asked_about(self):
        node = self.node()
        issued = self.issue(node, "1")
        end = ("revoke", issued["key"], "--reason", "r", "--basis", "b")
        code, said, asked = self.at_a_terminal(node, b"no\n", *end)
        self.assertEqual((code, asked), (1, True), said)
        self.assertIn("nothing was changed", said)
        self.assertIn("测试公司", said)
        self.assert_code(node.licet("verify", "--id", issued["key"]), 0)
        code, said, asked = self.at_a_terminal(node, b"", "suspend", issued["key"], "--reason", "r", "--basis", "b")
        self.assertEqual((code, asked), (0, False), said)
        code, said, asked = self.at_a_terminal(node, b"yes\n", *end)
        self.assertEqual((code, asked), (0, True), said)
        self.assert_code(node.licet("verify", "--id", issued["key"]), 11)
        second = self.issue(node, "2")["key"]
        code, said, asked = self.at_a_terminal(node, b"", "cancel", second, "--reason", "r", "--basis", "b", "--yes")
        self.assertEqual((code, asked), (0, False), said)

    def test_history(self):
        node = self.node()
        issued = self.issue(node, "1")
        for command in ("suspend", "resume", "suspend"):
            self.assert_code(node.licet(command, issued["key"], "--reason", "r", "--basis", "b"), 0)
        told = self.assert_code(node.licet("history", issued["identifier"]), 0)
        self.assertIn("word of the node alone", told.out)
        self.assertEqual(told.out.count("+08:00"), 4)
        proved = self.assert_code(node.licet("history", issued["key"], "--verify"), 0)
        self.assertIn("4 entries, each proved", proved.out)
        answer = node.licet("history", issued["key"], "--verify", "--json").json
        self.assertEqual([link["operation"] for link in answer["history"]], ["issue", "suspend", "resume", "suspend"])
        self.assertEqual((answer["verified"], answer["trust"]), (True, "proof"))
        self.assertTrue(answer["history"][0]["time"].endswith("Z"))
        self.assert_code(node.licet("history", issued["key"], "--verify", key=False), 2)
        self.assert_code(node.licet("history", "00" * 32, "--verify"), 10)

        liar = self.liar(node)
        url = f"http://127.0.0.1:{liar.server_address[1]}"
        answer = node.licet("history", issued["key"], "--verify", env={"LICET_NODE": url})
        self.assert_code(answer, 0)  # an honest one in between changes nothing
        lies = [("history", links(change)) for change in (
            drop_last, swap, other_statement, put("time", "2026-01-01T00:00:00.000Z"), put("state", "valid"), put("operation", "revoke"), put("entry", 2),
            put("item", 1), put("kid", "00" * 32), put("key_no", 0), put("statement", "AAAA"), put("id", "1.0"), put("time", 5), put("state", "lost"))]
        lies += [("/entries/", flip), ("/entries/", lambda data: b"")]
        for number, (where, lie) in enumerate(lies):
            liar.RequestHandlerClass.where, liar.RequestHandlerClass.lie = where, staticmethod(lie)
            done = node.licet("history", issued["key"], "--verify", env={"LICET_NODE": url})
            with self.subTest(number):
                self.assert_code(done, 20)
        # a list that never ends, or lacks a part, is not believed
        for lie in (lambda answer: answer.update(next=0), lambda answer: answer["licences"][0].pop("verdict"), lambda answer: answer.update(licences=5)):
            liar.RequestHandlerClass.where, liar.RequestHandlerClass.lie = "/v1/licences?", staticmethod(links(lie))
            self.assert_code(node.licet("list", env={"LICET_NODE": url}), 15)


if __name__ == "__main__":
    unittest.main()
