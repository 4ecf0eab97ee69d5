#!/usr/bin/env python3
"""Changes one line of C at a time and looks whether a test notices: `make mutate MUTANTS=20 ROOM=rpc`.

Each mutant is built in a copy of the sources under build/mutate, tried with the unit tests and corpora that link its file (those of its name and the quick
ones first), and, where none of them fails, with the system modules of its room. A program that does not end is noticed, and killed with all it started.
Left out: what does not compile, what gives the same code, and the rows of tests/mutants/equivalent.txt. With --known the rows of tests/mutants/known.txt are
tried instead: lines that once no test noticed. Ends 0 where at least LEAST per cent are noticed (of the known: all).
"""
import argparse
import json
import pathlib
import queue
import random
import re
import subprocess
import sys
import threading
import time

from mutants import places
from mutants.tree import Tree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST = 95
REPORT = ROOT / "build/mutate/report.json"
# The system modules that fit a room: a pattern of paths, first match counts. In the second place the slow unit tests that fit it.
ROOMS = [
    (r"^rpc/", r"server|mismatches", ["test_window", "test_input", "test_json_errors", "test_list"]),
    (r"^node/", r"engine|log_sink|server|ahead", ["test_window", "test_stop", "test_ahead", "test_crash", "test_storage"]),
    (r"^ledger/kv/private", r"private", ["test_private_races", "test_storage"]),
    (r"^ledger/(kv|chain)/", r"kv_damage|store|ahead|engine", ["test_window", "test_ahead", "test_every_refusal", "test_storage"]),
    (r"^ledger/rules/verdict", r"offline", ["test_window", "test_seal_attacks", "test_trust", "test_second_verifier"]),
    (r"^ledger/", r"store|offline|engine|ahead", ["test_window", "test_every_refusal", "test_second_verifier"]),
    (r"^genesis/", r"", ["test_init"]),
    (r"^crypto/seal/", r"ses|seal|ofd|signed", ["test_seal_make", "test_field_seals", "test_seals"]),
    (r"^crypto/", r"keyfile|engine|store", ["test_window", "test_token"]),
    (r"^tools/document/", r"ofd|pdf|body", ["test_document_words", "test_pdf_updates", "test_field_documents", "test_ofd"]),
    (r"^tools/authority/", r"ofd|seal|ses", ["test_seal_make", "test_seals"]),
    (r"^tools/.*(seal)", r"ofd|seal|ses", ["test_seal_make", "test_seals"]),
    (r"^tools/.*(import|stock|csv)", r"", ["test_import", "test_field_stock", "test_progress"]),
    (r"^tools/.*init", r"keyfile", ["test_init"]),
    (r"^tools/", r"offline|keyfile", ["test_window", "test_list", "test_sentences", "test_json_errors", "test_language", "test_output_files", "test_trust",
                                       "test_trust_options", "test_init"]),
]


SLOW = 12  # so many of the slowest unit tests are run for their rooms alone


def room_of(path):
    """Its slow unit tests, a pattern, and its system modules."""
    return next(((slow, modules) for pattern, slow, modules in ROOMS if re.search(pattern, path)), ("", []))


def sources():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [n for n in names if not n.startswith("tests/") and (ROOT / n).is_file()]


def draw(room, count, seed, span):
    """At least `count` mutants, each of another line; with a span of lines, all of those."""
    equivalent = list(places.read_rows(ROOT / "tests/mutants/equivalent.txt"))
    lines = [mutants for path in sources() if path.startswith(room) for mutants in places.of_file(ROOT, path).values()]
    chance = random.Random(seed)
    if span:
        drawn = [m for mutants in lines for m in mutants if span[0] <= m.line <= span[-1]]
    else:
        chance.shuffle(lines)
        drawn = [chance.choice(mutants) for mutants in lines]
    return [m for m in drawn if not any(m.same_as(path, old, new) for path, _, old, new, _ in equivalent)], 1 << 30 if span else count


def known():
    found = []
    for row in places.read_rows(ROOT / "tests/mutants/known.txt"):
        mutant = places.of_row(ROOT, sources(), *row)
        if mutant is None:
            sys.exit(f"mutate: tests/mutants/known.txt: {row[0]} has no such line any more, put it right: {row[2]}")
        found.append(mutant)
    return found


class Trials:
    """Takes mutants in turn until enough have been tried; every worker has a tree of its own."""

    def __init__(self, mutants, wanted, until, arguments):
        self.waiting, self.wanted, self.until, self.arguments = queue.SimpleQueue(), wanted, until, arguments
        for mutant in mutants:
            self.waiting.put(mutant)
        self.lock = threading.Lock()
        self.rows, self.begun = [], 0
        self.earlier, self.left_out, self.fault = [], {}, None

    def next(self):
        with self.lock:
            if self.begun >= self.wanted or self.waiting.empty() or (self.until and time.time() > self.until):
                return None
            self.begun += 1
            return self.waiting.get()

    def end(self, mutant, answer):
        with self.lock:
            if answer is not None and answer.startswith("*"):
                self.begun -= 1
                self.left_out[answer[1:]] = self.left_out.get(answer[1:], 0) + 1
                return
            self.rows.append((mutant, answer))
            self.write()
            print(f"{len(self.rows):4} {'noticed by ' + answer if answer else 'NOT NOTICED'}: {mutant}", flush=True)

    def write(self):
        """For --again, and for whoever counts."""
        REPORT.write_text(json.dumps([{"path": m.path, "line": m.line, "how": m.how, "old": m.old, "new": m.new, "noticed": answer}
                                      for m, answer in self.earlier + self.rows], indent=1))

    def work(self, tree):
        try:
            self.work_on(tree)
        except BaseException as fault:
            self.fault = fault
            raise

    def work_on(self, tree):
        while (mutant := self.next()) is not None:
            slow, modules = room_of(mutant.path)
            if self.arguments.known:  # the words of a row are its tests
                names = mutant.how.split()
                modules = [n for n in names if n not in tree.tests]
            else:
                slowest = sorted(tree.tests, key=lambda n: tree.tests[n]["seconds"])[-SLOW:] if len(tree.tests) > 2 * SLOW else []
                stem = pathlib.PurePath(mutant.path).stem
                names = [n for n in tree.tests_of(mutant) if n not in slowest or stem in n or (slow and re.search(slow, n))]
            modules = [m for m in modules if not self.arguments.unit and re.search(self.arguments.tests, m) and (ROOT / f"tests/system/{m}.py").exists()]
            self.end(mutant, tree.trial(mutant, [n for n in names if n in tree.tests], modules, time.monotonic))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=20)
    parser.add_argument("--room", default="", help="a folder, or the beginning of paths")
    parser.add_argument("--lines", default="", help="FROM-TO: every mutant of these lines of the file that --room names")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=1, help="trees that are tried side by side")
    parser.add_argument("--minutes", type=float, default=0, help="no new mutant is begun after these")
    parser.add_argument("--unit", action="store_true", help="no system modules")
    parser.add_argument("--tests", default="", help="only the unit tests and system modules whose names match this")
    parser.add_argument("--known", action="store_true", help="the rows of tests/mutants/known.txt")
    parser.add_argument("--again", action="store_true", help="what the run before did not notice, with the system modules: after --unit, or after a new test")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    until = time.time() + 60 * arguments.minutes if arguments.minutes else None
    mutants, wanted = (known(), 1 << 30) if arguments.known else draw(arguments.room, arguments.mutants, seed, [int(n) for n in arguments.lines.split("-") if n])
    earlier = []
    if arguments.again:
        rows = [(places.Mutant(r["path"], r["line"], r["old"], r["new"], r["how"]), r["noticed"]) for r in json.loads(REPORT.read_text())]
        earlier, mutants, wanted = [row for row in rows if row[1]], [m for m, noticed in rows if not noticed], 1 << 30
    if not mutants:
        sys.exit(f"mutate: no line to change in {arguments.room or 'the sources'}")
    print(f"mutate: SEED={seed}, {min(wanted, len(mutants))} mutants of {len(mutants)} lines; building", flush=True)

    trees = [Tree(ROOT, ROOT / f"build/mutate/{i}") for i in range(arguments.workers)]
    trees[0].start(2)
    named = {n for m in mutants for n in m.how.split()} if arguments.known else None
    trees[0].measure(time.monotonic, lambda name: name in named if named is not None else re.search(arguments.tests, name))
    for tree in trees[1:]:
        tree.copy_of(trees[0])

    trials = Trials(mutants, wanted, until, arguments)
    trials.earlier = earlier
    threads = [threading.Thread(target=trials.work, args=(tree,)) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if trials.fault:
        sys.exit(f"mutate: a fault of its own: {trials.fault!r}")
    return report(trials, seed, 100 if arguments.known else LEAST)


def report(trials, seed, least):
    rows = trials.earlier + trials.rows
    missed = [m for m, answer in rows if answer is None]
    total = len(rows)
    print("\nNot noticed:" if missed else "")
    for mutant in missed:
        print(mutant)
    left = ", ".join(f"{count} {why}" for why, count in sorted(trials.left_out.items()))
    share = 100 * (total - len(missed)) / total if total else 0
    print(f"{total} mutants, {total - len(missed)} noticed ({share:.1f} %), {len(missed)} not; left out: {left or 'none'}; SEED={seed}")
    return 0 if total and share >= least else 1


if __name__ == "__main__":
    sys.exit(main())
