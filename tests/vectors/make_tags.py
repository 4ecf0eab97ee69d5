#!/usr/bin/env python3
"""Golden vectors of tags and element commitments (docs/FORMATS.md, "Keys and tags"), made by a program that shares no code with the
ledger: hashes from hashlib, deterministic CBOR and the RFC 9162 tree written out here.   python3 tests/vectors/make_tags.py > tests/vectors/tags.txt"""
import hashlib
import pathlib
import sys
import hmac

GENESIS = bytes(range(0x10, 0x30))
SECRET = bytes(range(0x80, 0xA0))
SEED = bytes(range(0xC0, 0xE0))
TYPE = "11100000000013338W011"
IDENTIFIER = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


def tagged(tag, *parts):
    message = bytes([len(tag)]) + tag.encode()
    for part in parts:
        message += len(part).to_bytes(4, "big") + part
    return message


def plain(tag, *parts):
    return hashlib.sha256(tagged(tag, *parts)).digest()


def keyed(key, tag, *parts):
    return hmac.new(key, tagged(tag, *parts), hashlib.sha256).digest()


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << (8 * size):
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(value):
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(cbor(v) for v in value)


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(leaves, m):
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return path(leaves[:k], m) + [root(leaves[k:])]
    return path(leaves[k:], m - k) + [root(leaves[:k])]


def disclosure(code, value):
    salt = keyed(SEED, "licet/salt/v1", code.encode())[:16]
    return cbor([salt, value, code])


LINES = []


def out(name, data):
    LINES.append(f"{name}: {data.hex()}")


LINES.append(f"# Made by make_tags.py. name: hex. genesis 10..2f, secret 80..9f, seed c0..df, type {TYPE}")
for name, make in (("public", plain), ("keyed", lambda *a: keyed(SECRET, *a))):
    key = make("licet/licence/v1", GENESIS, TYPE.encode(), IDENTIFIER.encode())
    out(f"{name}_licence", key)
    out(f"{name}_number", make("licet/number/v1", GENESIS, TYPE.encode(), "建字第2026-001号".encode())[:16])
    out(f"{name}_holder", make("licet/holder/v1", GENESIS, TYPE.encode(), b"11430000006122244L")[:16])
    out(f"{name}_name", make("licet/name/v1", GENESIS, TYPE.encode(), key, "张三".encode())[:16])
    out(f"{name}_name_empty", make("licet/name/v1", GENESIS, TYPE.encode(), key, b"")[:16])
digest = bytes(range(0x40, 0x60))
out("document_sha256", plain("licet/document/v1", GENESIS, b"sha-256", digest))
out("document_sm3", plain("licet/document/v1", GENESIS, b"sm3", digest))

fields = {f"KZ_{i:02d}": f"value {i} 值" for i in range(63)}
fields["ZZBS"] = IDENTIFIER
fields["KZ_05"] = ""
fields["KZ_07"] = "x" * 300
ordered = sorted(fields.items(), key=lambda kv: kv[0].encode())
out("disclosure_short", disclosure(*ordered[0]))
out("disclosure_empty", disclosure("KZ_05", ""))
out("disclosure_long", disclosure("KZ_07", "x" * 300))
for count in (1, 2, 3, 5, 8, 33, 64):
    some = ordered[-count:]  # the identifier is the last of them
    disclosures = [disclosure(*kv) for kv in some]
    leaves = [hashlib.sha256(b"\x00" + d).digest() for d in disclosures]
    out(f"root_{count}", root(leaves))
    for index in sorted({0, count // 2, count - 1}):
        out(f"opening_{count}_{index}", cbor([count, index, disclosures[index], b"".join(path(leaves, index))]))

FILE = pathlib.Path(__file__).with_name("tags.txt")
TEXT = "\n".join(LINES) + "\n"
if "--check" in sys.argv:
    sys.exit(FILE.read_text() != TEXT)
FILE.write_text(TEXT)
