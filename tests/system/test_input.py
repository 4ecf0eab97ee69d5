"""A1-A10, I1-I3: bytes and clients that mean no good, against a running node. After each the node answers and its memory is what it was."""
import json
import pathlib
import resource
import socket
import time

from node import Case, SLOW
from test_crash import strip_receipts

COSE = {"Content-Type": "application/cose"}


def rss(node):
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def ticks(node):
    return sum(map(int, pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().split(")")[1].split()[11:13]))


class Input(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node()
        self.issued = self.issue(self.one, 1, self.document())
        self.statement = strip_receipts(self.one.request("GET", f"/entries/{self.issued['entry']}/statement")[2])

    def refused(self, body, statuses=(400, 403, 413)):
        status, headers, answer = self.one.request("POST", "/entries", body, COSE)
        self.assertIn(status, statuses, (body[:40].hex(), answer))
        self.assertEqual(headers["content-type"], "application/concise-problem-details+cbor")
        return answer

    def still_well(self):
        self.assertEqual(self.one.verify([{"key": self.issued["key"]}])[1]["verdicts"][0]["verdict"], "valid")
        self.assertEqual(self.one.get_json("/v1/head")["height"], 1)

    def test_a1_memory_bombs(self):
        before = rss(self.one)
        for bomb in ("9affffffff", "9a0fffffff", "9b0203366bfffbde1856bfffff", "5a7fffffff", "d2845a7fffffff", "bb7fffffffffffffff"):
            start = time.monotonic()
            self.refused(bytes.fromhex(bomb))
            self.assertLess(time.monotonic() - start, 1 * SLOW)
        self.assertLess(rss(self.one) - before, 4 << 20)
        self.still_well()

    def test_a2_nesting(self):
        for head in (b"\x81", b"\xc1", b"\x9f", b"\xa1\x01", b"\xd2\x84"):
            self.refused(head * 30000)
        self.still_well()

    def test_a3_a4_a5_forms_that_are_not_the_one_form(self):
        statement = self.statement
        for bad in (statement + b"\x00", statement[:-1], b"\xd8\x12" + statement[1:], statement[1:], b"\x9f" + statement[2:] + b"\xff",
                    b"\xd2\x98\x04" + statement[2:], b"", b"\x00", b"\xd2\x84\x40\xa0\x40\x40", bytes.fromhex("a201020103"),
                    bytes.fromhex("1805"), bytes.fromhex("190005"), bytes.fromhex("580141"), bytes.fromhex("9f01ff"), bytes.fromhex("fa3f800000")):
            self.refused(bad)
        self.still_well()

    def test_a7_b1_every_flipped_bit_of_a_statement_is_refused_or_a_repeat(self):
        statement = self.statement
        step = max(1, len(statement) // 80)
        for at in range(0, len(statement), step):
            status, _, _ = self.one.request("POST", "/entries", statement[:at] + bytes([statement[at] ^ 1]) + statement[at + 1:], COSE)
            self.assertIn(status, (400, 403, 404, 409, 422), at)
        self.still_well()

    def test_b1_the_high_s_twin_is_the_same_record(self):
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        s = int.from_bytes(self.statement[-32:], "big")
        twin = self.statement[:-32] + (order - s).to_bytes(32, "big")
        status, _, body = self.one.request("POST", "/entries", twin, COSE)
        self.assertEqual(status, 409, body)
        self.still_well()

    def test_b6_a_signature_for_another_ledger_or_purpose_is_refused(self):
        other = self.node("other")
        status, _, body = other.request("POST", "/entries", self.statement, COSE)
        self.assertIn(status, (400, 403), body)
        head = self.one.get_json("/v1/head")
        self.assertTrue(head)
        self.still_well()

    def test_a9_numbers_at_their_edges(self):
        for path in ("/v1/blocks/-1", "/v1/blocks/18446744073709551616", "/v1/blocks/1e3", "/v1/blocks/99999999", "/entries/0.0", "/entries/1.99999999999999999999",
                     "/entries/-1.0", "/entries/1", "/entries/x.y", "/v1/licences/zz", "/v1/licences/" + "0" * 63, "/tile/9/0", "/tile/0/x000/000", "/v1/prefix/zz",
                     "/v1/members?after=-1", "/v1/types?limit=1000000000000", "/nothing", "/..%2f..%2fetc/passwd", "/v1/%00head"):
            status, _, body = self.one.request("GET", path)
            self.assertIn(status, (200, 400, 404), (path, body))
            if status == 200:
                json.loads(body)
        for body in ('{"queries":[{"key":1e400}]}', '{"queries":[{"key":1.5}]}', '{"queries":9223372036854775808}', '{"queries":{}}', "[]", "", "nul", '{"queries":[]}x',
                     '{"queries":[{"document":{"alg":"md5","digest":"00"}}]}', '{"queries":[{}]}', '{"queries":[{"key":null}]}', "[" * 100000,
                     '{"queries":[{"fields":{"type":"\u0000","number":"1"}}]}', '{"queries":[{"identifier":"' + "A" * 5000 + '"}]}'):
            status, _, answer = self.one.request("POST", "/v1/verify", body.encode(), {"Content-Type": "application/json"})
            self.assertEqual(status, 400, (body[:60], answer))
            problem = json.loads(answer)
            self.assertTrue(problem["en"] and problem["zh"] and problem["code"], problem)
        self.still_well()

    def raw(self, data, wait=3.0, keep_open=False):
        with socket.create_connection(("127.0.0.1", self.one.port), 5) as s:
            s.settimeout(wait * SLOW)
            s.sendall(data.replace(b"Host: x\r\n", b"Host: 127.0.0.1:%d\r\n" % self.one.port))
            if not keep_open:
                s.shutdown(socket.SHUT_WR)
            got = b""
            try:
                while chunk := s.recv(65536):
                    got += chunk
            except (TimeoutError, ConnectionResetError):
                pass
            return got

    def test_a10_ambiguous_framing_is_refused_and_the_connection_closed(self):
        head = b"POST /entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\n"
        hidden = b"GET /v1/head HTTP/1.1\r\nHost: x\r\n\r\n"
        for framing in (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                        b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n+5\r\nabcde\r\n0\r\n\r\n",
                        b"Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n", b": empty\r\nContent-Length: 1\r\n\r\nx", b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
                        b"Content-Length: -1\r\n\r\n", b"Content-Length: 1x\r\n\r\nx", b"Content-Length: 1, 2\r\n\r\nxy"):
            got = self.raw(head + framing + hidden, keep_open=True)
            statuses = [line for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
            self.assertLessEqual(len(statuses), 1, (framing, got))
            if statuses:
                self.assertTrue(statuses[0].startswith(b"HTTP/1.1 400"), (framing, got))
        self.still_well()

    def test_i2_oversized_headers_and_bodies(self):
        before = rss(self.one)
        got = self.raw(b"POST /entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\nContent-Length: 10737418240\r\n\r\n", keep_open=True)
        self.assertIn(b" 413 ", got[:40], got)
        got = self.raw(b"GET /v1/head HTTP/1.1\r\nHost: x\r\n" + b"".join(b"H%d: v\r\n" % n for n in range(10000)) + b"\r\n")
        self.assertTrue(got == b"" or b" 431 " in got[:40] or b" 400 " in got[:40], got[:100])
        try:
            with socket.create_connection(("127.0.0.1", self.one.port), 5) as s:
                s.settimeout(20 * SLOW)
                s.sendall(b"GET /v1/head HTTP/1.1\r\nX: ")
                for _ in range(32):
                    s.sendall(b"a" * (1 << 20))
        except OSError:
            pass
        self.assertLess(rss(self.one) - before, 16 << 20)
        self.refused(b"\x00" * 65536 + b"\x00" * 100, (413,))
        self.still_well()

    def test_i3_many_connections_and_few_descriptors(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        crowded = self.node("crowded", start=False)
        crowded.start(wrap=("prlimit", "--nofile=256:256"))
        crowd = []
        for _ in range(600):
            try:
                s = socket.socket()
                s.settimeout(0.5)
                s.connect(("127.0.0.1", crowded.port))
                crowd.append(s)
            except OSError:
                break
        clock = ticks(crowded)
        time.sleep(2)
        spun = ticks(crowded) - clock
        self.assertLess(spun, 100, "ticks burnt while descriptors are short")
        for s in crowd:
            s.close()
        until = time.monotonic() + 10 * SLOW
        while True:
            try:
                self.assertEqual(crowded.get_json("/v1/head")["height"], 0)
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self.assertIsNone(crowded.process.poll())


class Slow(Case):
    def test_i1_slow_clients_are_closed_and_others_are_served(self):
        node = self.node(start=False)
        config = node.dir / "licet.conf"
        config.write_text(config.read_text().replace("request_ms_max = 10000", "request_ms_max = 2000"))
        node.start()
        crowd = []
        for n in range(300):
            s = socket.create_connection(("127.0.0.1", node.port), 5)
            s.sendall(b"GET /v1/head HT" if n % 2 else b"POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
            crowd.append(s)
        start = time.monotonic()
        while time.monotonic() - start < 1:
            self.assertEqual(node.get_json("/v1/head")["height"], 0)
        until = time.monotonic() + 8 * SLOW
        open_still = crowd
        while open_still and time.monotonic() < until:
            rest = []
            for s in open_still:
                try:
                    s.settimeout(0.01)
                    s.send(b"x")
                    if s.recv(1000) != b"":
                        continue
                except TimeoutError:
                    rest.append(s)
                except OSError:
                    pass
            open_still = rest
            time.sleep(0.3)
        self.assertEqual(len(open_still), 0, "slow clients live on though a byte came now and then")
        self.assertEqual(node.get_json("/v1/head")["height"], 0)
        for s in crowd:
            s.close()
