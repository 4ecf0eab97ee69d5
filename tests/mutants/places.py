"""Where a source may be changed, and how: one row an operator. A change is one line with one thing in it put otherwise."""
import pathlib
import re


class Mutant:
    """One changed line. `line` counts from 1."""

    def __init__(self, path, line, old, new, how):
        self.path, self.line, self.old, self.new, self.how = path, line, old, new, how

    def __str__(self):
        return f"{self.path}:{self.line}: {self.how}\n    - {self.old.strip()}\n    + {self.new.strip()}"

    def same_as(self, path, old, new):
        return self.old.strip() == old and self.new.strip() == new and pathlib.PurePath(self.path).name == pathlib.PurePath(path).name


# Lines that are left alone, and why. What a test cannot see is no hole in the tests.
LEFT_ALONE = [
    (r"\bASSERT\(|_Static_assert", "our own mistakes: no input leads there"),
    (r"\blog_(event|text|uint|int)\(", "the words of a log line"),
    (r"ERR_MEMORY|\b[mc]alloc\(|\brealloc\(|no memory|No memory", "no test takes memory away"),
    (r"__builtin_|prefetch|pthread_setname_np|_Thread_local|thread_local", "speed and names only"),
    (r"\bSAY\(|\bprint_|fprintf\(stderr", "words for people"),
    (r"^\s*#|\\$", "the preprocessor's"),
    (r"^\s*(case|default)\b.*:$|^\s*(else|do|\}) ?\{?$|^\s*[{}]", "no statement"),
]
# Statements whose loss no test can see but by a tool that looks for leaks.
GIVES_BACK = re.compile(r"^(\(void\))?\w*(free|close|wipe|cleanse|unlink|_end|_stop|destroy)\w*\(")
DECLARES = re.compile(r"^(const|static|extern|typedef|struct|enum|union|unsigned|signed|u?int\w*|size_t|ssize_t|off_t|bool|char|short|long|float|double|void|FILE|time_t|pid_t"
                      r"|[A-Z][A-Z0-9_]+ \*?\w+ =|\w+_fn|\w+_t)\b")
STATEMENT = re.compile(r"^(\(void\))?[\w*(][\w\->.\[\]()*+ ]*?(\(.*\)|(?<![=!<>])\s(=|\+=|-=|\|=|&=|\^=|<<=|>>=)\s.*|\+\+|--);$|^(if|while|for) \(.*\) .*;$|^return refuse\w*\(.*;$"
                       r"|^\+\+.*;$")


def blank(text):
    """The same text, of the same length, with comments and literals as blanks."""
    out, i, n = list(text), 0, len(text)
    while i < n:
        two = text[i:i + 2]
        if two == "/*":
            end = text.find("*/", i + 2)
            end = n if end < 0 else end + 2
        elif two == "//":
            end = text.find("\n", i)
            end = n if end < 0 else end
        elif text[i] in "\"'":
            end = i + 1
            while end < n and text[end] != text[i] and text[end] != "\n":
                end += 2 if text[end] == "\\" else 1
            end = min(end + 1, n)
        else:
            i += 1
            continue
        for k in range(i, end):
            if out[k] != "\n":
                out[k] = " "
        i = end
    return "".join(out)


def swapped(pattern, pairs):
    """An operator: each match of the pattern's first group becomes each of its others."""
    def changes(code):
        for match in re.finditer(pattern, code):
            for new in pairs(match.group(1)):
                yield match.start(1), match.end(1), new
    return changes


def negated(code):
    for match in re.finditer(r"\bif \(", code):
        depth, start = 1, match.end()
        for at in range(start, len(code)):
            depth += (code[at] == "(") - (code[at] == ")")
            if depth == 0:
                yield start, at, None  # None: around what stands there
                break


COMPARED = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<"], ">": [">=", "<="], ">=": [">"]}


def beside(number):
    value = int(number, 8 if re.fullmatch(r"0\d+", number) else 0)
    yield str(value + 1)
    if value > 0:
        yield str(value - 1)


OPERATORS = [
    ("a comparison", swapped(r" (==|!=|<=|>=|<|>) ", lambda op: COMPARED[op])),
    ("and, or", swapped(r" (&&|\|\|) ", lambda op: ["||" if op == "&&" else "&&"])),
    ("a sign", swapped(r" (\+|-) ", lambda op: ["-" if op == "+" else "+"])),
    ("a truth", swapped(r"\b(true|false)\b", lambda word: ["false" if word == "true" else "true"])),
    ("a not", swapped(r"(!)(?=[\w(])", lambda _: [""])),
    ("a number", swapped(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(?=[uUlL]*\b)(?!\.)", beside)),
    ("a condition", negated),
]


def begins_statement(before):
    """Whether the line before ends something, so that what follows begins anew. None: it hangs under an if or a loop."""
    return before == "" or before[-1] in ";{}:"


def of_line(path, line, old, code, before):
    """All mutants of one line; `code` is the line with blanks for what is no code, `before` the code before it."""
    stripped = code.strip()
    indent = old[:len(old) - len(old.lstrip())]
    if STATEMENT.match(stripped) and not DECLARES.match(stripped) and not GIVES_BACK.match(stripped) and (begins_statement(before) or before.endswith(")")):
        yield Mutant(path, line, old, indent + ";", "a statement left out")
    declares = DECLARES.match(stripped)
    for how, changes in OPERATORS:
        for start, end, new in changes(code):
            if how == "a number" and declares and (code[start - 1:start] == "[" or "{" in code):
                continue  # room in an array; the rows of a table
            text = old[:start] + ("!(" + old[start:end] + ")" if new is None else new) + old[end:]
            yield Mutant(path, line, old, text, how)


def of_file(root, path):
    """line -> its mutants."""
    text = (root / path).read_text()
    olds, codes = text.split("\n"), blank(text).split("\n")
    found, before = {}, ""
    for at, (old, code) in enumerate(zip(olds, codes)):
        stripped = code.strip()
        inside = old[:1] == " " or re.match(r"^(static |MUST_USE )?\w.*\{ return ", old)  # a body, or one on its head's line
        if stripped and inside and not any(re.search(pattern, old) for pattern, _ in LEFT_ALONE):
            mutants = list(of_line(path, at + 1, old, code, before))
            if mutants:
                found[at + 1] = mutants
        if stripped and not stripped.startswith("#"):
            before = stripped
    return found


def read_rows(path):
    """Blocks of `PATH [#NTH]`, `- old line`, `+ new line`, `= words`; others are remarks. Yields (path, nth, old, new, words)."""
    row = {}
    for text in path.read_text().splitlines() if path.exists() else []:
        mark, rest = text[:2], text[2:].strip()
        if mark == "- ":
            row["old"] = rest
        elif mark in ("+ ", "+"):
            row["new"] = rest
        elif mark == "= ":
            where, _, nth = row["path"].partition(" #")
            yield where, int(nth or 1), row["old"], row.get("new", ";"), rest
        elif text and not text.startswith("#"):
            row = {"path": text.strip()}


def of_row(root, sources, path, nth, old, new, words):
    """The mutant that a row means, where its line stands now. A file that has moved is found by its name. None: there is no such line any more."""
    name = pathlib.PurePath(path).name
    places = [path] if (root / path).exists() else [s for s in sources if pathlib.PurePath(s).name == name]
    if len(places) != 1:
        return None
    for at, text in enumerate((root / places[0]).read_text().split("\n")):
        if text.strip() == old:
            nth -= 1
            if nth == 0:
                indent = text[:len(text) - len(text.lstrip())]
                return Mutant(places[0], at + 1, text, indent + new, words)
    return None
