"""The README's commands, copied out of it and run as a newcomer would, line by line in one shell, with the exit codes that it names."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from node import BUILD, ENV, LICET, SLOW, Case, free_port, run

README = pathlib.Path(__file__).resolve().parent.parent.parent / "README.md"


def commands(heading):
    """[(command, exit code)] of the block under a heading; a line that ends in a backslash goes on."""
    block = re.search(rf"^## {re.escape(heading)}\n.*?^```\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)[1]
    found = []
    for line in block.replace("\\\n", " ").splitlines():
        code = re.search(r"\s# (\d+) ", line + " ")
        command = re.sub(r"\s+# .*$", "", line).strip()
        if command:
            found.append((command, int(code[1]) if code else 0))
    return found


class Readme(Case):
    def test_by_hand_and_sealed(self):
        port = free_port()
        steps = commands("A first licence by hand") + commands("A sealed licence")
        self.assertGreater(len(steps), 20)
        os.symlink(BUILD, self.folder / "build")
        script = []
        for command, code in steps:
            if command == "make":  # built already
                continue
            # The README's port may be taken on the machine that runs the tests.
            command = command.replace("init mine", f"init mine --listen 127.0.0.1:{port}")
            if command == "sleep 1":
                command = "for i in $(seq 600); do [ -s mine/node/address ] && break; sleep 0.1; done"
            script += [command, f'code=$?; [ $code = {code} ] || {{ echo "expected {code}, got $code:" {self.quoted(command)}; exit 99; }}']
        shell = shutil.which("bash")
        env = {**ENV, "LICET_NODE": f"http://127.0.0.1:{port}"}
        for name in ("LICET_TRUST_DIR", "LICET_TRUST", "LICET_HOME"):
            env.pop(name, None)
        done = subprocess.run([shell, "-c", "trap 'kill $(jobs -p) 2>/dev/null' EXIT\n" + "\n".join(script)], cwd=self.folder, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120 * SLOW)
        out = done.stdout.decode("utf-8", "replace")
        self.assertEqual(done.returncode, 0, out)

    @staticmethod
    def quoted(text):
        return "'" + text.replace("'", "'\\''") + "'"

    def test_exit_codes_are_told_everywhere(self):
        """Every exit code of the code, and 130, stands in each list for people."""
        root = README.parent
        codes = {int(n) for n in re.findall(r"EXIT_[A-Z]+ = (\d+)", (root / "ledger/base/code.h").read_text("utf-8"))} | {130}
        self.assertGreater(len(codes), 13)
        readme = README.read_text("utf-8")
        lists = {"README": readme[readme.index("exit codes are the same"):readme.index("## Read on")],
                 "OPERATIONS": re.search(r"^## Exit codes of licet\n(.*?)^## ", (root / "docs/OPERATIONS.md").read_text("utf-8"), re.M | re.S)[1],
                 "help": run(LICET, "help").out, "help in Chinese": run(LICET, "help", "--lang", "zh").out,
                 "docs/zh": "\n".join(line for line in (root / "docs/zh/README.md").read_text("utf-8").splitlines() if line.startswith("| ") or "退出码" in line)}
        for name, text in lists.items():
            self.assertEqual(sorted(codes - {int(n) for n in re.findall(r"\d+", text)}), [], name)

    def test_what_it_names_is_there(self):
        root = README.parent
        for path in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
            self.assertTrue((root / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
