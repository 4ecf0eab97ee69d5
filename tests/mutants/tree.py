"""A copy of the sources to change, build and test in: the checkout itself is never touched.

After each trial the object, the libraries and their times are as before, and the programs that were linked are gone: so the next one compiles one file.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import shlex
import signal
import subprocess
import sys

LIBRARIES = ["libcore.a", "libnode.a", "libtools.a"]
PROGRAMS = ["licetd", "licet", "tests/foreign/verify_lines"]
LINKED_AT_ONCE = 6
PRIVATE_TMP = 'mount --bind "$0" /tmp && exec "$@"'  # what a mutant leaves behind in /tmp goes with its own


def run(command, cwd, seconds, environment=None):
    """(code, output). A program that does not end is killed with all that it started: code None."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")}
    process = subprocess.Popen(command, cwd=cwd, env={**inherited, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        out, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        code, out = None, b""
    try:
        os.killpg(process.pid, signal.SIGKILL)  # also what outlived a program that failed
    except ProcessLookupError:
        pass
    if code is None:
        process.communicate()
    return code, out.decode("utf-8", "replace")


def lines_run(program, ran):
    """path -> the lines, of those at which the compiler tells, that were run."""
    places = [at for at, byte in enumerate(ran.read_bytes()) if byte] if ran.exists() else []
    out = subprocess.run(["addr2line", "-e", str(program)], input="\n".join(map(hex, places)), capture_output=True, text=True, check=True).stdout
    found = {}
    for place in set(out.split("\n")):
        path, _, line = place.split(" ")[0].removeprefix("./").rpartition(":")
        if path and line.isdigit() and not path.startswith(("/", "tests/")):
            found.setdefault(path, []).append(int(line))
    return found


class Tree:
    def __init__(self, root, place):
        self.root, self.place = root, place
        self.build = place / "build"
        self.mark = place / "build/changed"  # names the file while it is changed
        self.tests = {}     # name -> {"seconds", "symbols"}, unit tests and corpora
        self.systems = {}   # module -> seconds
        self.shared = os.environ.get("LICET_SHARED") or str((root / "../shared").resolve())
        self.private_tmp = None

    # ---- making it ----

    def fill(self):
        """The files of the checkout as they stand, changed or not; what is built there already need not be built again."""
        names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=self.root, capture_output=True, check=True).stdout.decode().split("\0")
        wanted = {n for n in names if n and (self.root / n).is_file()}
        self.place.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            to = self.place / name
            source = (self.root / name).read_bytes()
            if to.is_file():
                if to.read_bytes() != source:
                    shutil.copy(self.root / name, to)  # newer than what is built of it
                continue
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, to)
        if self.mark.exists():  # a run was cut off within a trial: what was built of that file is built anew
            (self.place / self.mark.read_text()).touch()
            self.mark.unlink()
        for folder in ("crypto", "ledger", "genesis", "rpc", "node", "tools", "tests"):
            for old in (self.place / folder).rglob("*.[ch]"):
                if str(old.relative_to(self.place)) not in wanted:
                    old.unlink()  # moved away since
        if not self.build.exists() and (self.root / "build/deps.found").exists():
            self.build.mkdir()
            for name in ("crypto", "ledger", "genesis", "rpc", "node", "tools", "tests", "deps.found", *LIBRARIES, *PROGRAMS[:2]):
                if (self.root / "build" / name).exists():
                    subprocess.run(["cp", "-a", str(self.root / "build" / name), str(self.build)], check=True)

    def make(self, *targets, jobs=1, seconds=1800):
        return run(["make", "-s", f"-j{jobs}", "NODEPS=1", *targets], self.place, seconds)

    def start(self, jobs):
        self.place.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.place.parent / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("mutate: another run uses build/mutate")
        self.fill()
        code, out = self.make("test-programs", jobs=jobs)
        if code != 0:
            sys.exit(f"mutate: the sources do not build as they are:\n{out[-3000:]}")
        self.keep()

    def keep(self):
        keep = self.build / "keep"
        keep.mkdir(exist_ok=True)
        for name in LIBRARIES:
            shutil.copy2(self.build / name, keep / name)
        scratch = self.build / "tmp"
        scratch.mkdir(exist_ok=True)
        probe = subprocess.run(["unshare", "-m", "sh", "-c", PRIVATE_TMP, str(scratch), "true"], capture_output=True)
        self.private_tmp = scratch if probe.returncode == 0 else None

    def copy_of(self, other):
        """A second tree beside one that is built."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        subprocess.run(f"tar -C {shlex.quote(str(other.place))} --exclude=./build/trace -cf - . | tar -C {shlex.quote(str(self.place))} -xf -", shell=True, check=True)
        self.tests, self.systems = other.tests, other.systems
        self.keep()

    # ---- running ----

    def program(self, name, build=None):
        return (build or self.build) / "tests" / ("fuzz" if name.startswith("fuzz_") else "unit") / name

    def run_here(self, command, seconds, environment=None):
        environment = {"LICET_SHARED": self.shared, **(environment or {})}
        if self.private_tmp:
            command = ["unshare", "-m", "sh", "-c", PRIVATE_TMP, str(self.private_tmp), *command]
        answer = run(command, self.place, seconds, environment)
        if self.private_tmp:
            shutil.rmtree(self.private_tmp, ignore_errors=True)
            self.private_tmp.mkdir()
        return answer

    def run_test(self, name, seconds, build=None):
        files = []
        if name.startswith("fuzz_"):
            files = sorted(str(f) for f in (self.place / "tests/fuzz/corpus" / name[5:]).glob("*"))
        return self.run_here([str(self.program(name, build)), *files], seconds, {"LICET_TRACE": str(build / "ran")} if build else None)

    def run_system(self, module, seconds):
        return self.run_here([sys.executable, "-m", "unittest", "-f", module], seconds,
                             {"LICET_BUILD": str(self.build), "PYTHONPATH": str(self.place / "tests/system"), "PYTHONDONTWRITEBYTECODE": "1"})

    def measure(self, clock, wanted):
        """Every test once, on the sources as they are, in programs that tell which lines they run: see trace.c. A test that fails now tells nothing of a
        mutant, and is left out by name."""
        trace = self.place / "build/trace"
        trace.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-c", "-o", str(trace / "trace.o"), str(self.place / "tests/mutants/trace.c")], check=True)
        code, out = self.make("B=build/trace", "OPT=-O1 -fsanitize-coverage=trace-pc", f"LDFLAGS={trace / 'trace.o'}", "test-programs", jobs=2)
        if code != 0:
            sys.exit(f"mutate: the programs that tell which lines they run do not build:\n{out[-3000:]}")
        cache = trace / "measured.json"
        known = json.loads(cache.read_text()) if cache.exists() else {}
        for file in sorted(p for kind in ("unit", "fuzz") for p in (trace / "tests" / kind).glob("*_*")):
            name = file.name
            if file.suffix or not file.is_file() or not wanted(name):
                continue
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            if known.get(name, {}).get("digest") != digest:
                (trace / "ran").unlink(missing_ok=True)
                begin = clock()
                code, out = self.run_test(name, 900, trace)
                known[name] = {"digest": digest, "seconds": clock() - begin, "passed": code == 0, "lines": lines_run(file, trace / "ran")}
                cache.write_text(json.dumps(known))
            if known[name]["passed"]:
                self.tests[name] = known[name]
            else:
                print(f"mutate: {name} fails on the sources as they are, and is left out", flush=True)

    def measure_system(self, clock, modules):
        """The same for system modules, when a mutant first gets as far as they are."""
        self.make("all", *(f"build/{p}" for p in PROGRAMS[2:]), jobs=2)
        for module in modules:
            begin = clock()
            code, _ = self.run_system(module, 900)
            self.systems[module] = clock() - begin if code == 0 else None
            if code != 0:
                print(f"mutate: {module} fails on the sources as they are, and is left out", flush=True)

    # ---- one trial ----

    def tests_of(self, mutant):
        """Those that run the function: first those of its file's name, then the quick ones. Not the line: what the compiler tells of is the beginning of what
        runs in one go, and in a program that is made fast that is not always the line where it stands."""
        lines = (self.place / mutant.path).read_text().split("\n")
        first = next((at for at in range(mutant.line - 1, -1, -1) if re.match(r"\w.*\{", lines[at])), 0) + 1
        last = next((at for at in range(first - 1, len(lines)) if lines[at].startswith("}") or lines[at].endswith("; }")), len(lines)) + 1
        near = set(range(first, max(last, mutant.line) + 1))
        if re.search(r"= *\{", lines[first - 1]):
            near = set(range(len(lines) + 1))  # a table: nothing in it runs
        stem = pathlib.PurePath(mutant.path).stem
        run_it = [n for n, t in self.tests.items() if near & set(t["lines"].get(mutant.path, ()))]
        return sorted(run_it, key=lambda n: (n.split("_", 1)[1] not in (stem, stem.split("_")[0]) and stem not in n, self.tests[n]["seconds"]))

    def try_unit(self, names):
        for at in range(0, len(names), LINKED_AT_ONCE):
            some = names[at:at + LINKED_AT_ONCE]
            code, out = self.make(*(str(self.program(n).relative_to(self.place)) for n in some), jobs=2)
            if code != 0:
                return "the link fails"
            for name in some:
                code, _ = self.run_test(name, 30 + 10 * self.tests[name]["seconds"])
                if code != 0:
                    return name if code is not None else f"{name} (does not end)"
        return None

    def try_systems(self, modules):
        code, out = self.make("all", *(f"build/{p}" for p in PROGRAMS[2:]), jobs=2)
        if code != 0:
            return "the link fails"
        for module in modules:
            code, _ = self.run_system(module, 60 + 5 * self.systems[module])
            if code != 0:
                return module if code is not None else f"{module} (does not end)"
        return None

    @contextlib.contextmanager
    def changed(self, mutant, names):
        """The tree with this line; afterwards as it was. Gives the object, and the one of before."""
        source, target = self.place / mutant.path, self.build / (mutant.path[:-2] + ".o")
        kept = target.with_suffix(".kept")
        text, times = source.read_text(), source.stat()
        lines = text.split("\n")
        assert lines[mutant.line - 1] == mutant.old
        lines[mutant.line - 1] = mutant.new
        shutil.copy2(target, kept)
        self.mark.write_text(mutant.path)
        try:
            source.write_text("\n".join(lines))
            yield target, kept
        finally:
            source.write_text(text)
            os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
            os.replace(kept, target)
            for name in LIBRARIES:
                shutil.copy2(self.build / "keep" / name, self.build / name)
            for program in [*(self.program(n) for n in names), *(self.build / p for p in PROGRAMS)]:
                program.unlink(missing_ok=True)
            self.mark.unlink()

    def trial(self, mutant, names, modules, clock):
        """What noticed it, None where nothing did; with a star before: why it is none."""
        with self.changed(mutant, names) as (target, kept):
            code, _ = self.make(str(target.relative_to(self.place)))
            if code != 0:
                return "*does not compile"
            if self.code_of(target) == self.code_of(kept):
                return "*same code"
            noticed = self.try_unit(names)
        if noticed or not modules:
            return noticed
        self.measure_system(clock, [m for m in modules if m not in self.systems])
        with self.changed(mutant, names):
            return self.try_systems([m for m in modules if self.systems[m] is not None])

    @staticmethod
    def code_of(target):
        bare = target.with_suffix(".bare")
        subprocess.run(["strip", "-g", "-o", str(bare), str(target)], check=True)
        data = bare.read_bytes()
        bare.unlink()
        return data
