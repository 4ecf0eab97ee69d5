"""Progress: a line on a terminal for what takes long, gone when it ends; not a byte of it anywhere else."""
import os
import pty
import signal
import subprocess
import threading
import time

from node import Case, ENV, LICET, SLOW


class Terminal:
    """A command whose standard error is a terminal."""

    def __init__(self, *arguments, env=None, stdin=subprocess.DEVNULL):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([LICET, *map(str, arguments)], env={**ENV, **(env or {})}, stdin=stdin, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        self.shown = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                got = os.read(self.master, 65536)
            except OSError:  # the other end is closed
                return
            if not got:
                return
            self.shown += got

    def end(self):
        out, _ = self.process.communicate(timeout=120 * SLOW)
        self.reader.join(timeout=60)
        os.close(self.master)
        return self.process.returncode, out.decode(), self.shown.decode("utf-8", "replace")


def left(shown):
    """What stands on the terminal at the end: each line without what was written over."""
    lines = []
    for line in shown.replace("\r\n", "\n").split("\n"):
        last = line.split("\r")[-1]
        lines.append(last.replace("\033[K", ""))
    return [line for line in lines if line.strip()]


class Progress(Case):
    def stock(self, node, rows):
        path = self.folder / f"stock{rows}.csv"
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", str(rows), "--seed", "3", "--dirty", "10", "-o", path), 0)
        return path

    def slow_import(self, node, path, env):
        """The node stands still for more than a second while the import runs."""
        height = node.get_json("/v1/head")["height"]
        running = Terminal("import", "--type", node.type_code(), path, env={"LICET_NODE": node.url, "LICET_KEY": str(node.issue_key), **env})
        while node.get_json("/v1/head")["height"] == height:
            self.assertIsNone(running.process.poll())
        node.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        node.process.send_signal(signal.SIGCONT)
        return running.end()

    def test_import_on_a_terminal(self):
        node = self.node()
        path = self.stock(node, 40000)
        code, out, shown = self.slow_import(node, path, {})
        self.assertEqual(code, 1, shown)
        self.assertRegex(shown, r"\rimport \[[#.]{24}\] +\d+%  \d+ / \d+  \d+ a second")
        self.assertRegex(shown, r"\d+ refused")
        self.assertEqual(len(left(shown)), 1, left(shown))  # the message about refused rows alone
        self.assertIn("refused, not on the ledger", left(shown)[0])
        self.assertNotIn("\033", out)
        code, _, shown = self.slow_import(self.node("other"), path, {"LANG": "zh_CN.UTF-8"})
        self.assertRegex(shown, r"\r导入 \[[#.]{24}\] .*每秒 \d+")
        self.assertIn("拒收", shown)

    def test_import_elsewhere_is_silent(self):
        node = self.node()
        done = node.licet("import", "--type", node.type_code(), self.stock(node, 3000))
        self.assertEqual(done.code, 1)
        self.assertNotIn("\033", done.err)
        self.assertNotIn("\r", done.err)

    def test_a_file_that_comes_slowly(self):
        node = self.node()
        running = Terminal("verify", "-", env={"LICET_NODE": node.url}, stdin=subprocess.PIPE)
        for piece in range(4):
            running.process.stdin.write(b"x" * 2_000_000)
            running.process.stdin.flush()
            if piece < 3:
                time.sleep(0.6)
        running.process.stdin.close()
        running.process.stdin = None
        code, out, shown = running.end()
        self.assertEqual(code, 10, (out, shown))
        self.assertRegex(shown, r"\rread: \d+ MB  \d+ MB a second")
        self.assertEqual(left(shown), [])

    def test_what_is_short_shows_nothing(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        for command in (("fsck", node.dir), ("replay", node.dir), ("export", node.dir, "-o", self.folder / "a.larc")):
            code, _, shown = Terminal(*command).end()
            self.assertEqual((code, left(shown)), (0, []), command)
            self.assertNotIn("[#", shown)
