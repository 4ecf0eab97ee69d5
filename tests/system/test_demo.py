"""The tour in both languages: every step shows what it says, in the reader's language alone; and `make` below `make` takes part in its jobserver without a word."""
import os
import pathlib
import re
import subprocess

import test_chinese
from node import BUILD, ENV, SLOW, Case, free_port
from test_chinese import HAN

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Demo(Case):
    def tour(self, language):
        env = {**ENV, "LANG": language, "LICET_LISTEN": f"127.0.0.1:{free_port()}"}
        done = subprocess.run([ROOT / "tools" / "demo.sh", os.path.relpath(BUILD, ROOT), self.folder / language], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=240 * SLOW)
        out = done.stdout.decode("utf-8", "replace")
        self.assertEqual(done.returncode, 0, out)
        return out

    def steps(self, out):
        found = re.findall(r"^== (.*)$", out, re.M)
        self.assertGreater(len(found), 17)
        return found

    def test_in_english(self):
        out = self.tour("C.UTF-8")
        for step in self.steps(out):
            self.assertFalse(HAN.search(re.sub(r"青浦, 吴江, 嘉善|测试章|制作备案|加注件", "", step)), step)
        altered = out[out.index("seal alter-test"):out.index("The seal is stopped")]
        self.assertRegex(altered, r"Content\.xml, byte \d+: \d became \d")
        self.assertRegex(altered, r"FAILED: a signed file was changed after signing: /Doc_0/Pages/Page_0/Content\.xml")
        self.assertIn("-> exit 15", altered)
        self.assertIn("every step showed what it should", out)

    def test_in_chinese(self):
        out = self.tour("zh_CN.UTF-8")
        sieve = test_chinese.Chinese("test_the_sieve")
        sieve.folder = self.folder
        for line in [*self.steps(out), *re.findall(r"^ {3}(?! |\$)(.*)$", out, re.M), out.strip().splitlines()[-1]]:
            self.assertTrue(HAN.search(line), line)
            self.assertEqual(sieve.english(line.replace("demo: ", "")), [], line)
        self.assertIn("被签文件在签章后被修改：/Doc_0/Pages/Page_0/Content.xml", out)
        self.assertNotIn("-> exit", out)

    def test_make_below_make(self):
        makefile = self.folder / "Makefile"
        top = (ROOT / "Makefile").read_text("utf-8")
        rule = re.search(r"^ifeq \(\$\(MAKELEVEL\).*?^endif$", top, re.M | re.S)[0]
        makefile.write_text(f"SHELL := /bin/bash\n{rule}\ntop:\n\t@$(MAKE) -f {makefile} below\nbelow:\n\t@echo flags $(MAKEFLAGS)\n")
        for more, jobs in (([], os.cpu_count()), (["-j3"], 3), (["--jobs=3"], 3), (["-kj3"], 3)):
            env = {k: v for k, v in ENV.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
            done = subprocess.run(["make", "-f", makefile, *more, "top"], cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60 * SLOW)
            out = done.stdout.decode()
            self.assertEqual(done.returncode, 0, out)
            self.assertNotIn("warning", out)
            if jobs > 1:
                self.assertIn(f"-j{jobs}", out, more)
