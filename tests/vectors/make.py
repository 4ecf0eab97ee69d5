#!/usr/bin/env python3
"""Golden vectors of the wire formats, made from docs/FORMATS.md by a program that shares no code with the ledger.

    make.py            writes the .txt files beside it, and the lines `file/name: hex` of docs/FORMATS.md
    make.py --check    writes nothing; fails where any differs (a change needs a line in CHANGELOG.md)

Standard library only. Values are made to be read: fill(a, n) is the bytes a, a+1, a+2, ... The signatures are real
(RFC 6979, low S), so that a verifier can be tried on them; the private keys are SHA-256 of a sentence and worth nothing.
"""
import hashlib
import hmac
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


# ---- CBOR, deterministic ------------------------------------------------------------------------------------------
class Tag:
    def __init__(self, number, item):
        self.number, self.item = number, item


def head(major, n):
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 1 << (8 * size):
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(x):
    if x is None:
        return b"\xf6"
    if x is True or x is False:
        return b"\xf5" if x else b"\xf4"
    if isinstance(x, int):
        return head(0, x) if x >= 0 else head(1, -1 - x)
    if isinstance(x, bytes):
        return head(2, len(x)) + x
    if isinstance(x, str):
        return head(3, len(x.encode())) + x.encode()
    if isinstance(x, list):
        return head(4, len(x)) + b"".join(map(cbor, x))
    if isinstance(x, dict):
        return head(5, len(x)) + b"".join(k + cbor(v) for k, v in sorted((cbor(k), v) for k, v in x.items()))
    if isinstance(x, Tag):
        return head(6, x.number) + cbor(x.item)
    raise TypeError(x)


# ---- hashes -------------------------------------------------------------------------------------------------------
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(tag, *parts):
    return sha(bytes([len(tag)]), tag.encode(), *(len(p).to_bytes(4, "big") + p for p in parts))


def leaf_hash(entry):
    return sha(b"\0", entry)


def node_hash(left, right):
    return sha(b"\1", left, right)


def fill(first, length=32):
    return bytes((first + i) & 255 for i in range(length))


# ---- ECDSA: RFC 6979 with SHA-256, low S --------------------------------------------------------------------------
class Curve:
    def __init__(self, alg, crv, p, a, n, gx, gy):
        self.alg, self.crv, self.p, self.a, self.n, self.g = alg, crv, p, a, n, (gx, gy)

    def add(self, P, Q):
        if P is None or Q is None:
            return P or Q
        if P[0] == Q[0]:
            if (P[1] + Q[1]) % self.p == 0:
                return None
            m = (3 * P[0] * P[0] + self.a) * pow(2 * P[1], -1, self.p)
        else:
            m = (Q[1] - P[1]) * pow(Q[0] - P[0], -1, self.p)
        x = (m * m - P[0] - Q[0]) % self.p
        return x, (m * (P[0] - x) - P[1]) % self.p

    def mul(self, k, P):
        R = None
        while k:
            if k & 1:
                R = self.add(R, P)
            P = self.add(P, P)
            k >>= 1
        return R


SECP256K1 = Curve(-47, 8, 2**256 - 2**32 - 977, 0, 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
                  0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
                  0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)
P256 = Curve(-7, 1, 2**256 - 2**224 + 2**192 + 2**96 - 1, -3, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
             0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
             0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


class Key:
    def __init__(self, curve, sentence):
        self.curve = curve
        self.d = int.from_bytes(sha(sentence.encode()), "big") % curve.n
        point = curve.mul(self.d, curve.g)
        self.x, self.y = (c.to_bytes(32, "big") for c in point)
        self.cose = cbor({1: 2, -1: curve.crv, -2: self.x, -3: self.y})
        self.thumb = sha(self.cose)
        self.part = [curve.alg, self.x, self.y]  # as it stands inside objects

    def nonces(self, digest):
        n = self.curve.n
        z = int.from_bytes(digest, "big") % n
        seed = self.d.to_bytes(32, "big") + z.to_bytes(32, "big")
        v, k = b"\1" * 32, b"\0" * 32
        for byte in (b"\0", b"\1"):
            k = hmac.digest(k, v + byte + seed, "sha256")
            v = hmac.digest(k, v, "sha256")
        while True:
            v = hmac.digest(k, v, "sha256")
            yield int.from_bytes(v, "big")
            k = hmac.digest(k, v + b"\0", "sha256")
            v = hmac.digest(k, v, "sha256")

    def sign(self, message):
        c, digest = self.curve, sha(message)
        for k in self.nonces(digest):
            if not 1 <= k < c.n:
                continue
            r = c.mul(k, c.g)[0] % c.n
            s = pow(k, -1, c.n) * (int.from_bytes(digest, "big") + r * self.d) % c.n
            if r and s:
                return r.to_bytes(32, "big") + min(s, c.n - s).to_bytes(32, "big")


# ---- COSE ---------------------------------------------------------------------------------------------------------
def typ(name):
    return "application/vnd.licet.%s+cose" % name


def to_be_signed(protected, payload):
    return cbor(["Signature1", protected, b"", payload])


def sign1(key, protected, payload, unprotected=None, attach=True):
    signature = key.sign(to_be_signed(protected, payload))
    return cbor(Tag(18, [protected, unprotected or {}, payload if attach else None, signature]))


# ---- the world ----------------------------------------------------------------------------------------------------
ISSUER = Key(SECP256K1, "licet vectors: issuer")
SEAL = Key(SECP256K1, "licet vectors: node seal")
NOTE = Key(P256, "licet vectors: node note")
GENESIS = fill(0x10)
USCC = "11310118MB2F00000L"
TYPE = USCC + "001"
CHAIN = "elic-310118"
LEDGER = "urn:licet:ledger:" + CHAIN + ":" + GENESIS[:8].hex()
TIME_MS = 1795323821123  # 2026-11-22T05:03:41.123Z
DAY_2026, DAY_2031 = 20454, 22280

ISSUE_FULL = [fill(0x20), 1, fill(0x30, 16), 1, fill(0x31, 16), fill(0x32, 16), DAY_2026, DAY_2031,
              [[1, fill(0x40)], [2, fill(0x41)]], fill(0x50), ["31011800000001", fill(0x60)], [fill(0x70)]]
ISSUE_BARE = [fill(0x21), 999, fill(0x33, 16), 111, fill(0x34, 16), fill(0x35, 16), -25567, None, [], fill(0x51), None, []]
ELEMENTS = ["KZ_JYFW", "ZZBS", "ZZMC"]
REASON, BASIS = "停业整顿", "行政处罚法第九条"
ESID = "31011800000001"
MAKING_1 = [fill(0x60), fill(0x61), [fill(0x62)], TIME_MS, TIME_MS + 157680000000]
MAKING_2 = [fill(0x63), fill(0x64), [fill(0x65), fill(0x66), fill(0x67), fill(0x68)], 0, 253402300799999]


def issue(*items):
    return cbor([1, 1, [TYPE, ELEMENTS, list(items)]])


def status(op, *items):
    return cbor([1, op, [list(items)]])


RECORDS = {
    "issue": issue(ISSUE_FULL, ISSUE_BARE),
    "suspend": status(3, [fill(0x20), 1, REASON, BASIS, 20500], [fill(0x21), 23, REASON, BASIS, None]),
    "cancel": status(5, [fill(0x20), 2, REASON, BASIS, None]),
    "resume": status(6, [fill(0x20), 3, "", "", None]),
    "revoke": status(12, [fill(0x20), 256, REASON, BASIS, None]),
    "annul": status(13, [fill(0x20), 65536, REASON, BASIS, None]),
    "seal_register": status(20, [ESID, USCC, 1, "青浦区市场监督管理局", *MAKING_1], ["S", USCC, 3, "局长", *MAKING_2]),
    "seal_stop": status(21, [ESID, 1, REASON, BASIS, 300], ["S", 24, REASON, BASIS, None]),
    "seal_resume": status(22, [ESID, 2, "", ""], ["S", 25, REASON, BASIS]),
    "seal_cancel": status(23, [ESID, 3, REASON, BASIS, None]),
    "seal_remake": status(24, [ESID, 4, REASON, BASIS, None, *MAKING_2], ["S", 5, REASON, BASIS, 0, *MAKING_1]),
    "seal_transfer": status(25, [ESID, 6, REASON, BASIS, USCC]),
}


def record_header(record_sub):
    return cbor({1: -47, 3: "application/vnd.licet.record+cbor", 4: ISSUER.thumb,
                 15: {1: "urn:licet:member:" + USCC, 2: record_sub, 6: TIME_MS // 1000}, 16: typ("record"), -70000: GENESIS})


def small_header(key, name):
    return cbor({1: key.curve.alg, 4: key.thumb, 16: typ(name)})


RECEIPT_HEADER = cbor({1: -7, 4: NOTE.thumb, 15: {1: LEDGER, 2: LEDGER, 6: TIME_MS // 1000}, 16: typ("receipt"), 395: 1})


# ---- the files ----------------------------------------------------------------------------------------------------
def hashes():
    yield "# Tagged hash: SHA-256(u8 len(tag) | tag | for each part: u32be len | bytes)"
    yield "no_part", tagged("licet/vector/v1")
    yield "one_part", tagged("licet/vector/v1", b"abc")
    yield "empty_part", tagged("licet/vector/v1", b"abc", b"")
    yield "moved_border", tagged("licet/vector/v1", b"ab", b"c")
    yield "# COSE_Key of exactly the required members, and its thumbprint (RFC 9679)"
    for name, key in (("issuer", ISSUER), ("seal", SEAL), ("note", NOTE)):
        yield name + "_x", key.x
        yield name + "_y", key.y
        yield name + "_cose_key", key.cose
        yield name + "_thumb", key.thumb


def statements():
    yield "# The payload of a statement, one per operation"
    for name, record in RECORDS.items():
        yield "record_" + name, record
    yield "# Protected headers"
    protected = record_header(fill(0x20).hex())
    yield "protected_record", protected
    yield "protected_header", small_header(SEAL, "header")
    yield "protected_head", small_header(NOTE, "head")
    yield "protected_request", small_header(ISSUER, "request")
    yield "protected_note", small_header(ISSUER, "note")
    yield "protected_receipt", RECEIPT_HEADER
    yield "# A signed statement: the bytes signed, the whole, its id, its leaf in the log"
    yield "to_be_signed", to_be_signed(protected, RECORDS["issue"])
    whole = sign1(ISSUER, protected, RECORDS["issue"])
    yield "statement", whole
    yield "statement_id", tagged("licet/statement/v1", protected, RECORDS["issue"])
    yield "statement_leaf", leaf_hash(whole)
    job = record_header("job-2026-001")
    yield "statement_suspend", sign1(ISSUER, job, RECORDS["suspend"])
    yield "# Other signatures by members: a signed request and a note (their payloads are opaque here)"
    yield "request", sign1(ISSUER, small_header(ISSUER, "request"), cbor(["request"]))
    yield "note", sign1(ISSUER, small_header(ISSUER, "note"), cbor(["note"]))



def objects():
    ed25519 = [-8, fill(0x90), None]
    table = {
        "policy": ([1, 86400, 300, 2, 2000000, 16, 86400, 30], b""),
        "finality": ([2, 1, 1, [[USCC, SEAL.part, NOTE.part, ed25519]]], b""),
        "member": ([3, USCC, 1, "青浦区市场监督管理局", 310118, 126, 1, [2, 7, 300], 1000000, 20779, 25], USCC.encode()),
        "key": ([4, ISSUER.thumb, 3, ISSUER.part, 1, 2, TIME_MS, None, None], ISSUER.thumb),
        "key_ended": ([4, NOTE.thumb, 4, NOTE.part, 1, 8, 0, TIME_MS, 77], NOTE.thumb),
        "type": ([5, TYPE, 2, "食品经营许可证", 1, True, [1, 111], [["KZ_JYFW", "经营范围", True, 1], ["ZZBS", "证照标识", True, 2],
                  ["ZZMC", "证照名称", False, 0]], 1826, False, 1, None, [1, 5]], TYPE.encode()),
        "type_public": ([5, USCC + "002", 6, "公告", 2, False, [999], [["ZZBS", "证照标识", False, 0]], 0, True, 1, 1, []], (USCC + "002").encode()),
        "licence": ([6, fill(0x20), 70000, 1, 1, 1, 2, DAY_2026, DAY_2031, 111, fill(0x31, 16), fill(0x32, 16), fill(0x50), 1, None, None,
                     None, [], [3, 70000], 300, "", "", None, 1, fill(0x80), 70001], fill(0x20)),
        "licence_full": ([6, fill(0x21), 9, 2, 2, 1, 2, -25567, None, 1, fill(0x34, 16), fill(0x35, 16), fill(0x51), 8, [11, 15, 299, 7], 8, 12, [13, 14],
                          [3, 5, 4, 6], 88, REASON, BASIS, 20500, 23, fill(0x81), 99], fill(0x21)),
        "number": ([7, 2, fill(0x30, 16), 8, 70000], (2).to_bytes(4, "big") + fill(0x30, 16)),
        "licence_sealed": ([6, fill(0x22), 16, 1, 1, 1, 2, DAY_2026, None, 1, fill(0x34, 16), fill(0x35, 16), fill(0x51), 0, [11, 0, 301, None], None,
                            None, [], [3, 301], 89, "", "", None, 1, fill(0x82), 100], fill(0x22)),
        "seal": ([9, ESID, 11, 1, 280, 1, 1, "青浦区市场监督管理局", 1, 86, "", "", [MAKING_1 + [280, None]], [5, 280], 0, None, 1, fill(0x83), 98],
                 ESID.encode()),
        "seal_full": ([9, "S", 12, 4294967294, 297, 1, 3, "局长", 2, 90, REASON, BASIS, [MAKING_1 + [281, 290], MAKING_2 + [295, 303]],
                       [5, 281, 5, 295, 6, 297, 5, 303], 2, 16, 4, fill(0x84), 101], b"S"),
        "document": ([8, fill(0x40), 10, 70000, 1, 1], fill(0x40)),
    }
    yield "# Objects of the state map: value, map key, hash of the value"
    for name, (value, identity) in table.items():
        yield name, cbor(value)
        yield name + "_key", tagged("licet/object/v1", GENESIS, bytes([value[0]]), identity)
        yield name + "_value_hash", sha(cbor(value))
    yield "# A history of two links: the links, the head after each"
    first = b"".join(n.to_bytes(s, "big") for n, s in
                     ((70000, 4), (0xFFFFFFFF, 4), (300, 8), (1, 2), (1, 1), (1, 1), (3, 4), (TIME_MS, 8)))
    second = b"".join(n.to_bytes(s, "big") for n, s in
                      ((70000, 4), (70001, 4), (301, 8), (0, 2), (3, 1), (2, 1), (3, 4), (TIME_MS + 1, 8)))
    head_1 = tagged("licet/link/v1", bytes(32), first[8:])
    third = b"".join(n.to_bytes(s, "big") for n, s in
                     ((11, 4), (98, 4), (303, 8), (0, 2), (21, 1), (2, 1), (5, 4), (TIME_MS + 2, 8)))
    yield "link_1", first
    yield "head_1", head_1
    yield "link_2", second
    yield "head_2", tagged("licet/link/v1", head_1, second[8:])
    yield "# A link of a seal's history: stopped"
    yield "link_seal", third
    yield "head_seal", tagged("licet/link/v1", fill(0x83), third[8:])


def headers():
    statement = sign1(ISSUER, record_header(fill(0x20).hex()), RECORDS["issue"])
    left = node_hash(leaf_hash(b"leaf 0"), leaf_hash(b"leaf 1"))
    root = node_hash(left, leaf_hash(statement))
    header = cbor([1, GENESIS, CHAIN, 1, 88, 4000000000, TIME_MS, fill(0xA0), 3, root, fill(0xB0), 70002, 70003, 65536])
    first = cbor([1, GENESIS, CHAIN, 0, 0, 0, TIME_MS - 1, bytes(32), 2, left, fill(0xB1), 12, 0, 0])
    yield "# Headers and their hashes: block 88, and the first"
    yield "header", header
    yield "header_hash", tagged("licet/header/v1", header)
    yield "header_first", first
    yield "header_first_hash", tagged("licet/header/v1", first)
    yield "# The block's seal: ES256K, detached"
    yield "seal", sign1(SEAL, small_header(SEAL, "header"), header, attach=False)
    yield "# The head note: ES256, over its payload"
    payload = cbor([1, GENESIS, 1, 88, tagged("licet/header/v1", header), TIME_MS + 60000])
    yield "head_note_payload", payload
    yield "head_note", sign1(NOTE, small_header(NOTE, "head"), payload)
    yield "# The receipt of entry 2 in a log of 3 (leaves \"leaf 0\", \"leaf 1\", the statement of statement.txt): ES256 over the root"
    yield "log_root", root
    proof = cbor([3, 2, [left]])
    receipt = sign1(NOTE, RECEIPT_HEADER, root, {396: {-1: [proof]}}, attach=False)
    yield "receipt", receipt
    yield "# The same statement with its receipt in header 394"
    parts = [record_header(fill(0x20).hex()), {394: [receipt]}, RECORDS["issue"], statement[-64:]]
    yield "transparent_statement", cbor(Tag(18, parts))


def settle(path, text, check):
    """Writes the file, or says whether it is as it should be."""
    if check:
        return os.path.exists(path) and open(path, encoding="utf-8").read() == text
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return True


def main():
    check = sys.argv[1:] == ["--check"]
    different, known = [], {}
    for name, lines in (("hash", hashes), ("statement", statements), ("object", objects), ("header", headers)):
        text = "# Made by make.py. name: hex\n"
        for line in lines():
            if isinstance(line, str):
                text += line + "\n"
            else:
                text += "%s: %s\n" % (line[0], line[1].hex())
                known["%s/%s" % (name, line[0])] = line[1].hex()
        if not settle(os.path.join(HERE, name + ".txt"), text, check):
            different.append(name + ".txt")

    formats = os.path.join(HERE, "..", "..", "docs", "FORMATS.md")
    text = open(formats, encoding="utf-8").read()
    example = re.compile(r"^((?:hash|statement|object|header)/\w+):.*$", re.M)
    if not settle(formats, example.sub(lambda m: "%s: %s" % (m[1], known[m[1]]), text), check):
        different.append("docs/FORMATS.md")
    if different:
        sys.exit("not what make.py makes: " + ", ".join(different))


main()
