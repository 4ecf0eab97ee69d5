#!/usr/bin/env python3
"""Runs every test and ends with one line: `N passed, N failed, N skipped`.

Unit tests are cmocka programs (their TAP output is counted), fuzz corpora are replayed, system tests are tests/system/test_*.py, each a
unittest module over the real programs. Nothing here times anything.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOTAL = {"passed": 0, "failed": 0, "skipped": 0}
SKIPPED = {}  # reason -> how many


def note(name, passed, failed, skipped, output="", reasons=()):
    """`reasons`: why each skipped test was; a test that gives none is counted under that."""
    for reason in (*reasons, *["no reason given"] * (skipped - len(reasons))):
        SKIPPED[reason] = SKIPPED.get(reason, 0) + 1
    TOTAL["passed"] += passed
    TOTAL["failed"] += failed
    TOTAL["skipped"] += skipped
    mark = "FAIL" if failed else "ok"
    print(f"{mark:4} {name}: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if failed:
        print(output[-20000:], flush=True)


def run(command, environment=None, timeout=1200):
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode("utf-8", "replace") + f"\ntimed out after {timeout} s"


def unit(build):
    for program in sorted(pathlib.Path(build, "tests/unit").glob("test_*")):
        if program.suffix:
            continue
        code, out = run([str(program)], {"CMOCKA_MESSAGE_OUTPUT": "TAP"})
        passed = len(re.findall(r"^ok \d+\b(?!.*# SKIP)", out, re.M))
        skipped = len(re.findall(r"^ok \d+.*# SKIP|^not ok \d+ # SKIP", out, re.M))
        failed = len(re.findall(r"^not ok \d+\b(?! # SKIP)", out, re.M))
        if code != 0 and not failed:
            failed = 1  # a crash, or a program that counted nothing
        if code == 0 and not passed and not skipped:
            failed = 1
        # A cmocka test says why with a line `skip: REASON` before it skips.
        reasons = re.findall(r"^(?:# )?skip: (.*)$", out, re.M)[:skipped]
        note(f"unit {program.name}", passed, failed, skipped, out, reasons)


def vectors():
    """The golden vectors are what the second programs make of the formats, to the byte."""
    for maker in sorted((ROOT / "tests/vectors").glob("make*.py")):
        code, out = run([sys.executable, str(maker), "--check"])
        note(f"vectors {maker.name}", int(code == 0), int(code != 0), 0, out)


def corpora(build):
    for program in sorted(pathlib.Path(build, "tests/fuzz").glob("fuzz_*")):
        if program.suffix:
            continue
        corpus = ROOT / "tests/fuzz/corpus" / program.name[len("fuzz_"):]
        files = sorted(str(f) for f in corpus.glob("*")) if corpus.is_dir() else []
        if not files:
            note(f"fuzz {program.name}", 0, 1, 0, f"{corpus} has no files")
            continue
        code, out = run([str(program), *files])
        note(f"fuzz {program.name} ({len(files)} files)", int(code == 0), int(code != 0), 0, out)


def system(build, pattern):
    for module in sorted((ROOT / "tests/system").glob("test_*.py")):
        if pattern and not re.search(pattern, module.stem):
            continue
        start = time.monotonic()
        code, out = run([sys.executable, "-m", "unittest", "-v", module.stem],
                        {"LICET_BUILD": str(pathlib.Path(build).resolve()), "PYTHONPATH": str(module.parent)})
        ran = re.search(r"^Ran (\d+) tests?", out, re.M)
        count = int(ran.group(1)) if ran else 0
        bad = re.search(r"^FAILED \((.*)\)", out, re.M)
        failed = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", bad.group(1))) if bad else 0
        skipped = int((re.search(r"skipped=(\d+)", out) or [0, 0])[1])
        if code != 0 and not failed:
            failed = 1
        reasons = [r for _, r in re.findall(r"\.\.\. skipped (['\"])(.*)\1$", out, re.M)][:skipped]
        note(f"system {module.stem} ({time.monotonic() - start:.0f} s)", max(count - failed - skipped, 0), failed, skipped, out, reasons)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", choices=["unit", "fuzz", "system"], action="append", help="may stand twice; without it all")
    parser.add_argument("--match", default="", help="system tests whose name matches this")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    if not arguments.only or "unit" in arguments.only:
        unit(arguments.build)
        vectors()
    if not arguments.only or "fuzz" in arguments.only:
        corpora(arguments.build)
    if not arguments.only or "system" in arguments.only:
        system(arguments.build, arguments.match)
    for reason, count in sorted(SKIPPED.items()):
        print(f"... skipped {count}: {reason}")
    print(f"{TOTAL['passed']} passed, {TOTAL['failed']} failed, {TOTAL['skipped']} skipped")
    return 1 if TOTAL["failed"] or not TOTAL["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
