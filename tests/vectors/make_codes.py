#!/usr/bin/env python3
"""docs/CODES.md out of ledger/base/code.h: every refusal, its number, its HTTP status and both sentences. --check compares instead."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE, PAGE = ROOT / "ledger/base/code.h", ROOT / "docs/CODES.md"
GROUPS = {0: "Accepted", 1: "Bytes that cannot be read", 2: "The statement and its signer", 3: "The rules", 4: "Requests", 5: "Limits and this machine",
          7: "Rows of existing stock"}


def codes():
    text = SOURCE.read_text(encoding="utf-8").replace("\\\n", " ")
    string = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    for name, number, http, en, zh in re.findall(rf"X\((\w+), (\d+), (\d+),\s*{string},\s*{string}\)", text):
        yield int(number), name, int(http), *("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', s)).replace('\\"', '"') for s in (en, zh))


def page():
    lines = ["# Refusals", "", "Made from `ledger/base/code.h` by `tests/vectors/make_codes.py`; a test compares. Numbers are for ever and never reused.",
             "HTTP is the status of an answer that carries the code alone."]
    group = None
    for number, name, http, en, zh in sorted(codes()):
        if number // 100 != group:
            group = number // 100
            lines += ["", f"## {GROUPS[group]}", "| code | name | HTTP | | |", "|---|---|---|---|---|"]
        lines.append(f"| {number} | {name} | {http} | {en} | {zh} |".replace("||", "|\\|"))
    return "\n".join(lines) + "\n"


made = page()
if "--check" in sys.argv:
    if PAGE.read_text(encoding="utf-8") != made:
        sys.exit(f"{PAGE.name} is not what code.h says: run {sys.argv[0]}")
else:
    PAGE.write_text(made, encoding="utf-8")
