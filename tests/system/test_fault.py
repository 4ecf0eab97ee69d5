"""E1, E2, E3, E5: a disk that fails at every single call, by the shim of tests/fault: the program dies there, or the power is cut and with it goes
what was not synced, or the call fails once. After each, the plain node starts again and everything it had acknowledged is there."""
import concurrent.futures
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

from node import BUILD, Case, ENV, LICET, LICETD, Node, SLOW, run
from test_crash import strip_receipts

SHIM = BUILD / "tests" / "fault" / "shim.so"
WORKERS = 3
CALLS_MAX = 120  # a start, three blocks and a stop take about half of it
ISSUES = 3


class Copy(Node):
    """A node in a copied folder; its log lies beside it, so that the shim does not count it."""

    def __init__(self, template, folder):
        self.dir = pathlib.Path(folder)
        shutil.copytree(template, self.dir)
        self.process = self.url = None
        self.port = 0
        self.log_path = self.dir.with_suffix(".log")
        self.calls_path = self.dir.with_suffix(".calls")
        self.log = open(self.log_path, "ab")

    def tail(self):
        return self.log_path.read_text("utf-8", "replace")[-4000:]

    def shimmed(self, at=None, do=None):
        env = {"LD_PRELOAD": str(SHIM), "LICET_SHIM_DIR": str(self.dir), "LICET_SHIM_LOG": str(self.calls_path)}
        if at:
            env.update(LICET_SHIM_AT=str(at), LICET_SHIM_DO=do)
        return env

    def launch(self, env=None):
        """True once it listens; False when it ended before that."""
        (self.dir / "node" / "address").unlink(missing_ok=True)
        self.process = subprocess.Popen([LICETD, str(self.dir)], env={**ENV, **(env or {})}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until = time.monotonic() + 20 * SLOW
        while time.monotonic() < until:
            try:
                text = (self.dir / "node" / "address").read_text()
                if text.endswith("\n"):
                    self.port = int(text.rsplit(":", 1)[1])
                    return True
            except (FileNotFoundError, IndexError):
                pass
            if self.process.poll() is not None:
                return False
            time.sleep(0.004)
        raise AssertionError(f"neither up nor ended\n{self.tail()}")

    def post(self, statement):
        """(status, answer), or None when the node died on us."""
        try:
            status, _, body = self.request("POST", "/entries", statement, {"Content-Type": "application/cose"}, timeout=10)
            return status, body
        except (OSError, http.client.HTTPException) as lost:
            if isinstance(lost, TimeoutError):
                raise AssertionError(f"no answer and no end\n{self.tail()}") from lost
            return None

    def calls(self):
        return [line.split(" ", 2)[1:] for line in self.calls_path.read_text().splitlines()] if self.calls_path.exists() else []

    def marked(self):
        """The height in the mark; None without a mark."""
        try:
            lines = (self.dir / "node" / "mark").read_text()
        except FileNotFoundError:
            return None
        return max(int(height) for height in re.findall(r"height (\d+)", lines))


class Fault(Case):
    def setUp(self):
        super().setUp()
        self.assertTrue(SHIM.exists(), f"{SHIM} is not built: make system")
        if "san" in BUILD.name:
            ENV["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        original = Node(self.folder / "original")
        self.nodes.append(original)
        config = original.dir / "licet.conf"
        text = re.sub(r"(?m)^listen = 127\.0\.0\.1:\d+$", "listen = 127.0.0.1:0", config.read_text(), count=1)
        config.write_text(re.sub(r"(?m)^listen = 127\.0\.0\.1:[1-9]\d*$", "listen = off", text))
        self.fresh = self.folder / "fresh"
        shutil.copytree(original.dir, self.fresh)
        (self.fresh / "test.log").unlink()
        original.start()
        issued = [self.issue(original, number) for number in range(ISSUES)]
        self.keys = [answer["key"] for answer in issued]
        self.statements = [strip_receipts(original.request("GET", f"/entries/{answer['entry']}/statement")[2]) for answer in issued]
        original.stop(expect=0)

    def replayed(self, node):
        """What an auditor reads out of the data as they lie there; None: there is no ledger yet."""
        done = run(LICET, "replay", node.dir, "--json")
        if done.code != 0:
            self.assertIsNone(node.marked(), f"a mark without sound data: {done}")
            return None
        self.assertTrue(done.json["ok"], done)
        return done.json

    def see(self, heads, height, head):
        self.assertEqual(heads.setdefault(height, head), head, f"two heads at height {height}")

    def work(self, node, heads, receipts):
        """Posts the statements in order, for as long as the node lives. Receipts: what was acknowledged, by number."""
        refused = False
        for number, statement in enumerate(self.statements):
            answer = node.post(statement)
            if answer is None:
                return
            status, body = answer
            if status in (200, 201):
                self.assertFalse(refused, "acknowledged after a fault of the disk")
                self.assertEqual(receipts.setdefault(number, body), body)
                try:
                    head = node.get_json("/v1/head")
                except (OSError, http.client.HTTPException):
                    return
                self.see(heads, head["height"], head["head"])
            else:
                self.assertGreaterEqual(status, 500, body)
                refused = True

    def verdicts(self, node, numbers):
        status, answer = node.verify([{"key": self.keys[number]} for number in numbers])
        self.assertEqual(status, 200, answer)
        return [verdict["verdict"] for verdict in answer["verdicts"]]

    def one(self, template, name, at, do):
        """A life with a fault at call `at`, then a life without. Returns (exit code, the call that was hit, was it of no consequence)."""
        node = Copy(template, self.folder / name)
        heads, receipts = {}, {}
        try:
            if node.launch(node.shimmed(at, do)):
                self.work(node, heads, receipts)
                if node.process.poll() is None:
                    node.process.send_signal(signal.SIGTERM)
            code = node.process.wait(20 * SLOW)
            node.process = None
            calls = node.calls()
            hit = tuple(calls[at - 1]) if len(calls) >= at else None
            # said once the last note has been given: the next start is bound by a lease that is a second longer
            harmless = hit == ("unlink", "node/address") or "lease_not_settled" in node.tail()
            before = self.replayed(node)
            if before:
                self.see(heads, before["height"], before["head"])
                self.assertLessEqual(node.marked() or 0, before["height"], "the mark is ahead of the data")
            begun = time.monotonic()
            self.assertTrue(node.launch(), f"does not start again\n{node.tail()}")
            self.assertLess(time.monotonic() - begun, 5 * SLOW)
            head = node.get_json("/v1/head")
            self.see(heads, head["height"], head["head"])
            self.assertEqual(self.verdicts(node, receipts), ["valid"] * len(receipts), "an acknowledged licence is gone")
            for number, statement in enumerate(self.statements):
                status, body = node.post(statement)
                self.assertIn(status, (200,) if number in receipts else (200, 201))
                self.assertEqual(receipts.setdefault(number, body), body, "another receipt for the same statement")
            self.assertEqual(self.verdicts(node, range(ISSUES)), ["valid"] * ISSUES)
            self.assertEqual(node.stop(), 0, node.tail())
            after = self.replayed(node)
            self.see(heads, after["height"], after["head"])
            self.assertEqual((after["entries"], node.marked()), (2 + ISSUES, after["height"]))
            return code, hit, harmless
        except AssertionError as wrong:
            calls = node.calls()
            hit = calls[at - 1] if len(calls) >= at else "none"
            raise AssertionError(f"{name}: {do} at call {at} ({hit}): {wrong}\n{node.tail()}") from wrong
        finally:
            if node.process:
                node.kill()
            node.log.close()
            shutil.rmtree(node.dir, ignore_errors=True)

    def everywhere(self, template, do):
        """A fault at every call there is, in a few nodes at once. Returns (exit code, call, harmless) of each."""
        found, ends = {}, CALLS_MAX
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for first in range(1, CALLS_MAX, 2 * WORKERS):
                batch = range(first, first + 2 * WORKERS)
                done = pool.map(lambda at: (at, self.one(template, f"{template.name}-{do}-{at}", at, do)), batch)
                for at, (code, call, harmless) in done:
                    if call:
                        found[at] = (code, call, harmless)
                    else:
                        self.assertEqual(code, 0, f"call {at} was not reached")
                        ends = min(ends, at)
                if ends < CALLS_MAX:
                    break
        self.assertLess(ends, CALLS_MAX, "CALLS_MAX is too small to reach the end")
        codes = [code for code, _, _ in found.values()]
        print(f"{template.name} {do}: {len(codes)} calls; " + ", ".join(f"exit {code}: {codes.count(code)}" for code in sorted(set(codes))))
        return found.values()

    def behind(self):
        """A folder whose mark is one block behind: the node was killed between the two."""
        node = Copy(self.fresh, self.folder / "behind")
        self.assertTrue(node.launch({**node.shimmed(ISSUES, "before"), "LICET_SHIM_ONLY": "pwrite node/mark"}))
        self.work(node, {}, {})
        self.assertEqual(node.process.wait(20 * SLOW), 137)
        node.process = None
        node.log.close()
        self.assertEqual((node.marked(), self.replayed(node)["height"]), (ISSUES - 1, ISSUES))
        return node.dir

    def dies(self, template, do):
        for code, call, _ in self.everywhere(template, do):
            self.assertEqual(code, 137, call)

    def fails(self, template, do):
        """The exit code is the one in docs/OPERATIONS.md that sends the operator to the disk, but for the note of the address, which is no data."""
        for code, (call, name), harmless in self.everywhere(template, do):
            expected = 0 if harmless else 1 if name.startswith("node/address") else 40
            self.assertEqual(code, expected, f"{do} in {call} {name}")

    def test_e1_killed_at_every_call(self):
        self.dies(self.fresh, "before")

    def test_e2_power_cut_at_every_call(self):
        self.dies(self.fresh, "lose")

    def test_e5_every_call_fails_once(self):
        self.fails(self.fresh, "eio")

    def test_e6_every_call_meets_a_full_disk(self):
        self.fails(self.fresh, "enospc")

    def test_the_same_at_a_start_with_the_mark_behind(self):
        template = self.behind()
        self.dies(template, "before")
        self.dies(template, "lose")
        self.fails(template, "eio")

    def synced_before_serving(self, node):
        calls = [tuple(call) for call in node.calls()]
        served = calls.index(("create", "node/address.new"))
        synced = {name for call, name in calls[:served] if call in ("fsync", "fdatasync")}
        self.assertLessEqual({"", "data", "data/data.mdb", "node", "private"}, synced, calls)
        return calls

    def test_e3_names_and_found_data_are_safe_before_anything_is_served(self):
        """Also where an earlier node made them and was killed before it could sync them: data and mark are in the system's memory, and visible."""
        node = Copy(self.fresh, self.folder / "first")
        node.launch(node.shimmed())
        calls = self.synced_before_serving(node)
        self.assertLess(calls.index(("rename", "node/mark")), len(calls) - 1 - calls[::-1].index(("fsync", "node")))
        node.stop(expect=0)
        node.log.close()
        for at in [number for number, (call, _) in enumerate(calls, 1) if call in ("fsync", "fdatasync")]:
            node = Copy(self.fresh, self.folder / f"second-{at}")
            self.assertFalse(node.launch(node.shimmed(at, "before")))
            node.calls_path.unlink()
            self.assertTrue(node.launch(node.shimmed()), node.tail())
            self.synced_before_serving(node)
            node.stop(expect=0)
            node.log.close()

    def test_e3_init_says_done_when_it_is(self):
        """What `licet init` made survives a cut of power right after it said so: every new name was followed by a sync of its folder."""
        above = self.folder / "above"
        above.mkdir()
        log = self.folder / "init.calls"
        done = run(LICET, "init", above / "node", "--listen", "127.0.0.1:23456",
                   env={"LD_PRELOAD": str(SHIM), "LICET_SHIM_DIR": str(above), "LICET_SHIM_LOG": str(log)})
        self.assert_code(done, 0)
        unsafe = set()
        for call, name in (line.split(" ", 2)[1:] for line in log.read_text().splitlines()):
            if call in ("rename", "mkdir"):
                unsafe.add(name)
            elif call == "fsync":
                unsafe = {other for other in unsafe if other.rpartition("/")[0] != name}
        self.assertEqual(unsafe, set())

    def test_the_map_grows_under_readers(self):
        """LMDB's map moves when it grows, which waits for all readers: none is starved, none sees anything torn, nobody waits for ever."""
        node = Copy(self.fresh, self.folder / "growing")
        self.nodes.append(node)
        self.assertTrue(node.launch({**node.shimmed(), "LICET_SHIM_MAP": str(3 << 20)}))
        node.url = f"http://127.0.0.1:{node.port}"
        for statement in self.statements:
            self.assertEqual(node.post(statement)[0], 201)
        stop, answers = threading.Event(), []

        def reader():
            while not stop.is_set():
                self.assertEqual(self.verdicts(node, range(ISSUES)), ["valid"] * ISSUES)
                answers.append(1)

        stock = self.folder / "stock.csv"
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", "20000", "--seed", "1", "-o", stock), 0)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(reader) for _ in range(4)]
            try:
                done = node.licet("import", "--type", node.type_code(), stock, "--json", timeout=60)
                audited = self.replayed(node)
            finally:
                stop.set()
            for each in readers:
                each.result()
        self.assert_code(done, 0)
        self.assertEqual(done.json["accepted"], 20000)
        self.assertGreater(audited["height"], ISSUES)
        sizes = [int(size) for call, size in node.calls() if call == "map" and int(size) < 1 << 32]
        self.assertGreaterEqual(len(sizes), 3, sizes)  # it grows by more at once the more statements share a block
        self.assertGreater(len(answers), len(sizes))
        node.stop(expect=0)
