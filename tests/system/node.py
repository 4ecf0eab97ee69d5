"""What the system tests share: a node in a folder of its own, the command line, and HTTP without a library."""
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

# A program that ignores these when it starts goes on ignoring them, and so it was started where a shell runs the tests in the background or under nohup.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

BUILD = pathlib.Path(os.environ.get("LICET_BUILD", "build")).resolve()
LICET = str(BUILD / "licet")
LICETD = str(BUILD / "licetd")
ENV = {**os.environ, "LANG": "C.UTF-8", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=0")}
for name in ("LICET_NODE", "LICET_KEY", "LICET_TRUST", "LICET_TRUST_DIR", "LC_ALL", "LC_MESSAGES"):
    ENV.pop(name, None)
SLOW = 10 if "san" in BUILD.name else 1


def free_port():
    """A port whose neighbour is free too (the operator's listener), below those the system lends to outgoing connections."""
    while True:
        port = random.randrange(12000, 32000, 2)
        try:
            with socket.socket() as one, socket.socket() as other:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
                return port
        except OSError:
            continue


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def run(*arguments, env=None, timeout=120, stdin=None):
    done = subprocess.run([str(a) for a in arguments], env={**ENV, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL if stdin is None else stdin, timeout=timeout * SLOW)
    return Result(done)


class Node:
    """One department's node: made by `licet init`, run by `licetd`, on loopback ports of its own."""

    def __init__(self, folder, *init):
        self.dir = pathlib.Path(folder)
        self.process = None
        self.url = None
        self.port = free_port()
        made = run(LICET, "init", self.dir, "--listen", f"127.0.0.1:{self.port}", *init)
        if made.code != 0:
            raise AssertionError(f"init: {made}")
        self.log = open(self.dir / "test.log", "ab")

    @property
    def issue_key(self):
        return self.dir / "keys" / "issue.pem"

    @property
    def data(self):
        return self.dir / "data"

    def start(self, env=None, wrap=(), wait=True):
        (self.dir / "node" / "address").unlink(missing_ok=True)
        self.process = subprocess.Popen([*wrap, LICETD, str(self.dir)], env={**ENV, **(env or {})}, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)
        if not wait:
            return self
        until = time.monotonic() + 30 * SLOW
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"licetd ended {self.process.returncode}\n{self.tail()}")
            try:
                address = (self.dir / "node" / "address").read_text().split()[0]
                self.url = f"http://{address}"
                self.port = int(address.rsplit(":", 1)[1])
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except (FileNotFoundError, IndexError, OSError):
                time.sleep(0.02)
        raise AssertionError(f"licetd did not come up\n{self.tail()}")

    def tail(self):
        return (self.dir / "test.log").read_text("utf-8", "replace")[-4000:]

    def stop(self, how=signal.SIGTERM, expect=None):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=60 * SLOW)
        self.process = None
        if expect is not None and code != expect:
            raise AssertionError(f"licetd ended {code}, not {expect}\n{self.tail()}")
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    def licet(self, *arguments, timeout=120, key=True, env=None):
        more = {"LICET_NODE": self.url or f"http://127.0.0.1:{self.port}"}
        if key:
            more["LICET_KEY"] = str(self.issue_key)
        return run(LICET, *arguments, env={**more, **(env or {})}, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout * SLOW)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, _, body = self.request("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body!r}")
        return json.loads(body)

    def verify(self, queries, **more):
        status, _, body = self.request("POST", "/v1/verify", json.dumps({"queries": queries, **more}), {"Content-Type": "application/json"})
        return status, json.loads(body)

    def type_code(self, index=0):
        return self.licet("type", "list", "--json").json[index]["code"]


def uscc(body17):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    return body17 + alphabet[(31 - sum(alphabet.index(c) * w for c, w in zip(body17, weights)) % 31) % 31]


class Case(unittest.TestCase):
    """A test with folders that go away and nodes that are stopped."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="licet-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.nodes = []
        self.addCleanup(self.stop_all)

    def stop_all(self):
        for node in self.nodes:
            try:
                node.stop(signal.SIGKILL)
            except subprocess.TimeoutExpired:
                pass
            node.log.close()

    def node(self, name="node", *init, start=True):
        node = Node(self.folder / name, *init)
        self.nodes.append(node)
        return node.start() if start else node

    def document(self, name="licence.pdf", text=None):
        path = self.folder / name
        path.write_bytes(text if text is not None else os.urandom(3000))
        return path

    def issue(self, node, number, document=None, *more, type_code=None):
        arguments = ["issue", "--type", type_code or node.type_code(), "--serial", f"S{number}", "--holder-type", "001",
                     "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "测试公司", "--number", f"N-{number}",
                     "--from", "2026-01-01", "--to", "2036-01-01", "--json", *more]
        if document is not None:
            arguments += ["--doc", document]
        done = node.licet(*arguments)
        self.assertEqual(done.code, 0, done)
        return done.json

    def assert_code(self, done, code):
        self.assertEqual(done.code, code, done)
        return done


def sha256(data):
    return hashlib.sha256(data).hexdigest()
