"""Stops, signals and logs: a node that is told to stop ends, whatever else hangs; what is ignored stays ignored; nothing is silent."""
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import time

from node import BUILD, Case, ENV, LICET, LICETD, SLOW, run, uscc

SHIM = BUILD / "tests" / "fault" / "shim.so"


class Stop(Case):
    def begin(self, node, stderr, wait=True, env=None, **more):
        """licetd with a standard error of the test's own."""
        (node.dir / "node" / "address").unlink(missing_ok=True)
        node.process = subprocess.Popen([LICETD, str(node.dir)], env={**ENV, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=stderr, **more)
        while wait and not (node.dir / "node" / "address").exists():
            self.assertIsNone(node.process.poll())
            time.sleep(0.02)
        node.url = f"http://127.0.0.1:{node.port}"
        return node

    def events(self, node):
        lines = (node.dir / "test.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_event(self, node, name):
        until = time.monotonic() + 30 * SLOW
        while time.monotonic() < until:
            found = [event for event in self.events(node) if event["event"] == name]
            if found:
                return found[-1]
            time.sleep(0.02)
        self.fail(f"no event {name}\n{node.tail()}")

    def ops(self, node, path):
        main = node.port
        node.port = main + 1
        try:
            status, _, body = node.request("GET", path)
        finally:
            node.port = main
        return status, body.decode()

    def full_pipe(self):
        ends = os.pipe()
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(ends[1], False)
        try:
            while True:
                os.write(ends[1], b"x" * 4096)
        except BlockingIOError:
            pass
        os.set_blocking(ends[1], True)
        for end in ends:
            self.addCleanup(os.close, end)
        return ends

    def test_a_log_that_nobody_reads_stops_nothing(self):
        node = self.node(start=False)
        ends = self.full_pipe()
        self.begin(node, ends[1])
        self.issue(node, 1)
        self.assertEqual(self.ops(node, "/livez"), (200, "ok\n"))
        node.stop(expect=0)
        # a start that is refused says so where it can, and ends where it cannot
        (node.dir / "licet.conf").write_text("[rpc]\nno_such = 1\n")
        self.begin(node, ends[1], wait=False)
        self.assertEqual(node.process.wait(60 * SLOW), 2)

    def test_a_log_that_is_read_late_has_all_lines(self):
        node = self.node(start=False)
        ends = self.full_pipe()
        self.begin(node, ends[1])
        got = b""
        while b'"event":"listening"' not in got:
            got += os.read(ends[0], 65536)
        node.stop(expect=0)
        got += os.read(ends[0], 65536)
        for event in (b"ledger_begun", b"ledger_open", b"listening", b"stopping", b"stopped"):
            self.assertIn(b'"event":"%s"' % event, got)

    def test_a_full_disk_under_the_log_is_counted(self):
        node = self.node(start=False)
        with open("/dev/full", "wb") as full:
            self.begin(node, full)
        self.issue(node, 1)
        metrics = self.ops(node, "/metrics")[1]
        dropped = [line for line in metrics.splitlines() if line.startswith("licet_log_lines_dropped_total ")]
        self.assertGreater(int(dropped[0].split()[1]), 0, metrics)
        node.stop(expect=0)

    def test_a_disk_that_hangs_is_told_and_the_stop_ends(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        with open(self.folder / "log", "wb") as log:  # outside of the folder whose disk hangs
            self.begin(node, log, env={"LD_PRELOAD": str(SHIM), "LICET_SHIM_DIR": str(node.dir), "LICET_SHIM_LOG": str(self.folder / "calls"),
                                       "LICET_SHIM_AT": "1", "LICET_SHIM_ONLY": "pwrite node/mark", "LICET_SHIM_DO": "hang"})
        self.assertEqual(self.ops(node, "/livez"), (200, "ok\n"))
        waiting = subprocess.Popen([LICET, "issue", "--type", node.type_code(), "--serial", "S2", "--holder-type", "001", "--holder-code",
                                    uscc("91310118MA1JL0000"), "--holder-name", "测试公司", "--number", "N-2", "--node", node.url, "--key", node.issue_key],
                                   env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(waiting.wait)
        until = time.monotonic() + 120 * SLOW
        while self.ops(node, "/livez")[0] == 200:
            self.assertLess(time.monotonic(), until, "/livez says that all is well")
            time.sleep(0.2)
        self.assertFalse(json.loads(self.ops(node, "/readyz")[1])["ready"])
        self.assertEqual(node.stop(), 40)
        self.assertIn('"event":"stop_forced"', (self.folder / "log").read_text())
        node.start()
        self.issue(node, 3)
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir), 0)

    def test_the_address_is_for_everybody_to_read_and_nobody_to_write(self):
        node = self.node()
        self.assertEqual((node.dir / "node" / "address").stat().st_mode & 0o777 & ~0o644, 0)

    def test_hangup(self):
        node = self.node()
        node.process.send_signal(signal.SIGHUP)
        self.assertIn("nothing is read again", self.wait_event(node, "hangup")["meaning"])
        self.issue(node, 1)
        node.stop(signal.SIGINT, expect=0)
        self.assertEqual(self.wait_event(node, "stopping")["name"], "SIGINT")
        # nohup, and what a shell does with `licetd &`
        node.start(wrap=("sh", "-c", "trap '' HUP INT; exec \"$0\" \"$@\""))
        for number in (signal.SIGHUP, signal.SIGINT):
            node.process.send_signal(number)
        self.issue(node, 2)
        self.assertEqual(len([event for event in self.events(node) if event["event"] == "hangup"]), 1)
        node.stop(signal.SIGTERM, expect=0)
        self.assertEqual(self.wait_event(node, "stopping")["name"], "SIGTERM")

    def test_a_terminal_that_goes_ends_it(self):
        node = self.node(start=False)
        main, other = os.openpty()
        self.begin(node, other)
        os.close(other)
        node.process.send_signal(signal.SIGHUP)
        self.assertEqual(node.process.wait(60 * SLOW), 0)
        self.assertIn(b"SIGHUP", os.read(main, 65536))
        os.close(main)

    def test_descriptors_that_are_closed(self):
        node = self.node(start=False)
        node.start(wrap=("sh", "-c", "exec \"$0\" \"$@\" <&- >&- 2>&-"))
        self.issue(node, 1)
        for fd, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
            self.assertEqual(os.readlink(f"/proc/{node.process.pid}/fd/{fd}"), "/dev/null")
        node.stop(expect=0)
        # the client: what could not be said does not pass for said
        for closed, code in (("<&-", 0), (">&-", 1), ("2>&-", 0)):
            done = run("sh", "-c", f"exec \"$0\" \"$@\" {closed}", LICET, "fsck", node.dir)
            self.assertEqual(done.code, code, (closed, done))

    def test_neither_program_leaves_a_core_file(self):
        node = self.node()
        self.assertEqual(resource.prlimit(node.process.pid, resource.RLIMIT_CORE), (0, 0))
        with socket.create_server(("127.0.0.1", 0)) as mute:
            client = subprocess.Popen([LICET, "status", "--node", f"http://127.0.0.1:{mute.getsockname()[1]}"], env=ENV, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                mute.accept()[0].close()  # it is past its start
                # a zombie has its limits still; only wait() takes them away
                self.assertEqual(resource.prlimit(client.pid, resource.RLIMIT_CORE), (0, 0))
            finally:
                client.kill()
                client.wait()
