"""A second verifier of proof files, written from docs/FORMATS.md and docs/TRUST.md alone: it shares no code and no author's view with the first.

    verify_licet.py P.licet [FILE] --trust genesis.cbor [--pin HEADER] [--max-age SECONDS] [--now MS]

Prints one word and ends with the exit code that `licet verify --offline` gives. Python's own library does the hashing; `cryptography` checks
ES256, the one algorithm that a verdict hangs on.
"""
import argparse
import hashlib
import hmac
import struct
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

EXIT = {"valid": 0, "not_active": 13, "suspended": 12, "lapsed": 13, "cancelled": 11, "annulled": 11, "revoked": 11, "superseded": 14,
        "transferred": 11, "unknown": 10, "mismatch": 15, "incomplete": 15, "refused": 20, "stale": 21}
POLICY, FINALITY, MEMBER, KEY, TYPE, LICENCE, NUMBER, DOCUMENT, SEAL = range(1, 10)
CLOCK_SLACK_MS = 300000
COUNT_MAX, TIME_MAX, VALUE_MAX, PROOF_MAX, NO_MAX = (1 << 63) - 1, 253402300799999, 24576, 4 << 20, (1 << 32) - 2


class Refused(Exception):
    """The proof does not hold: exit 20."""


def need(true, why):
    if not true:
        raise Refused(why)


# ---- CBOR, section 1 ----------------------------------------------------------------------------------------------------------------

class Tagged:
    def __init__(self, item):
        self.item = item


BAD_TEXT = {0x61C, 0x200E, 0x200F, 0xFEFF, *range(0x2028, 0x202F), *range(0x2066, 0x206A), *range(0x7F, 0xA0), *range(0x20), *range(0xFDD0, 0xFDF0)}


class Reader:
    def __init__(self, data, tag=False):
        self.data, self.at, self.tag = data, 0, tag

    def take(self, count):
        need(count <= len(self.data) - self.at, "CBOR_TRUNCATED")
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        first = self.take(1)[0]
        major, low = first >> 5, first & 31
        if major == 7:
            need(low in (20, 21, 22), "CBOR_FLOAT")
            return 7, low
        need(low < 28, "CBOR_INDEFINITE")
        if low < 24:
            return major, low
        size = 1 << (low - 24)
        value = int.from_bytes(self.take(size), "big")
        need(value >= (24, 1 << 8, 1 << 16, 1 << 32)[low - 24], "CBOR_NOT_SHORTEST")
        return major, value

    def item(self, depth=1):
        major, value = self.head()
        if major == 0:
            return value
        if major == 1:
            return -1 - value
        if major == 2:
            return bytes(self.take(value))
        if major == 3:
            return self.text(self.take(value))
        if major == 7:
            return {20: False, 21: True, 22: None}[value]
        need(depth <= 12, "CBOR_DEPTH")
        if major == 6:
            need(self.tag and value == 18 and depth == 1, "CBOR_TAG")
            return Tagged(self.item(depth + 1))
        need(value <= len(self.data) - self.at, "CBOR_TRUNCATED")
        if major == 4:
            return [self.item(depth + 1) for _ in range(value)]
        result, last = {}, None
        for _ in range(value):
            start = self.at
            key = self.item(depth + 1)
            need(isinstance(key, (int, str)) and not isinstance(key, bool), "CBOR_TYPE")
            raw = self.data[start:self.at]
            need(last is None or last < raw, "CBOR_KEY_ORDER")
            last, result[key] = raw, self.item(depth + 1)
        return result

    @staticmethod
    def text(raw):
        try:
            text = bytes(raw).decode("utf-8")
        except UnicodeDecodeError as reason:
            raise Refused("TEXT_INVALID") from reason
        need(not any(ord(c) in BAD_TEXT or ord(c) & 0xFFFE == 0xFFFE for c in text), "TEXT_INVALID")
        return text


def decode(data, tag=False):
    reader = Reader(data, tag)
    item = reader.item()
    need(reader.at == len(data), "CBOR_TRAILING")
    return item


def head_of(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    low = 0 if value < 1 << 8 else 1 if value < 1 << 16 else 2 if value < 1 << 32 else 3
    return bytes([major << 5 | 24 + low]) + value.to_bytes(1 << low, "big")


def encode(item):
    if item is None or isinstance(item, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
    if isinstance(item, int):
        return head_of(0, item) if item >= 0 else head_of(1, -1 - item)
    if isinstance(item, bytes):
        return head_of(2, len(item)) + item
    if isinstance(item, str):
        return head_of(3, len(item.encode())) + item.encode()
    if isinstance(item, Tagged):
        return b"\xd2" + encode(item.item)
    if isinstance(item, dict):
        rows = sorted((encode(k), encode(v)) for k, v in item.items())
        return head_of(5, len(rows)) + b"".join(k + v for k, v in rows)
    return head_of(4, len(item)) + b"".join(encode(part) for part in item)


def number(value, low=0, high=COUNT_MAX):
    need(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high, "a number")
    return value


def data(value, low, high=None):
    need(isinstance(value, bytes) and low <= len(value) <= (low if high is None else high), "bytes")
    return value


def text(value, low, high):
    need(isinstance(value, str) and low <= len(value.encode()) <= high, "text")
    return value


def array(value, low, high=None):
    need(isinstance(value, list) and low <= len(value) <= (low if high is None else high), "an array")
    return value


# ---- hashes, sections 1, 5, 8 -------------------------------------------------------------------------------------------------------

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(tag, *parts, secret=None):
    message = bytes([len(tag)]) + tag.encode() + b"".join(struct.pack(">I", len(part)) + part for part in parts)
    return hmac.digest(secret, message, "sha256") if secret else sha(message)


def map_key(genesis, kind, identity):
    return tagged("licet/object/v1", genesis, bytes([kind]), identity)


def path_of(raw):
    need(len(raw) % 32 == 0 and len(raw) // 32 <= 64, "a path")
    return [raw[at:at + 32] for at in range(0, len(raw), 32)]


def included(leaf, index, size, path):
    """RFC 9162 2.1.3.2: the root that leaf and path lead to."""
    need(index < size, "index beyond the tree")
    at, last, root = index, size - 1, leaf
    for node in path:
        need(last != 0, "path too long")
        if at & 1 or at == last:
            root = sha(b"\x01", node, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = sha(b"\x01", root, node)
        at, last = at >> 1, last >> 1
    need(last == 0, "path too short")
    return root


def bit_of(key, bit):
    return key[bit >> 3] >> (7 - (bit & 7)) & 1


def map_root(key, leaf, steps):
    need(len(steps) % 34 == 0 and len(steps) <= 256 * 34, "steps")
    rows = [(int.from_bytes(steps[at:at + 2], "big"), steps[at + 2:at + 34]) for at in range(0, len(steps), 34)]
    need(all(a < b for (a, _), (b, _) in zip(rows, rows[1:])) and all(bit < 256 for bit, _ in rows), "bits out of order")
    for bit, sibling in reversed(rows):
        pair = (sibling, leaf) if bit_of(key, bit) else (leaf, sibling)
        leaf = sha(b"\x01", struct.pack(">H", bit), *pair)
    return leaf, [bit for bit, _ in rows]


# ---- keys and COSE, sections 1, 2, 6 ------------------------------------------------------------------------------------------------

CURVE = {-47: 8, -7: 1, -70001: -70002}


def pubkey(item):
    array(item, 3)
    if item[0] == -8:
        return data(item[1], 32) and need(item[2] is None, "Ed25519 has one coordinate") or item
    need(item[0] in CURVE, "ALG_NOT_ALLOWED")
    data(item[1], 32), data(item[2], 32)
    return item


def thumbprint(key):
    if key[0] == -8:
        return sha(encode({1: 1, -1: 6, -2: key[1]}))
    return sha(encode({1: 2, -1: CURVE[key[0]], -2: key[1], -3: key[2]}))


def es256(key, message, signature):
    try:
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(key[1], "big"), int.from_bytes(key[2], "big"), ec.SECP256R1())
        pair = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        numbers.public_key().verify(pair, message, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as reason:
        raise Refused("SIGNATURE_INVALID") from reason


class Header:
    def __init__(self, raw):
        data(raw, 1, 384)
        item = array(decode(raw), 14)
        number(item[0], 1, 1)
        self.genesis, self.chain = data(item[1], 32), text(item[2], 1, 50)
        need(all(c.isascii() and (c.isalnum() or c in "-_.") for c in self.chain), "chain id")
        self.term, self.n = number(item[3], 0, 0xFFFFFFFF), number(item[4])
        number(item[5])
        self.time = number(item[6], 0, TIME_MAX)
        data(item[7], 32)
        self.size, self.root, self.state = number(item[8]), data(item[9], 32), data(item[10], 32)
        for count in item[11:]:
            number(count)
        self.hash, self.at = tagged("licet/header/v1", raw), (self.term, self.n)


HEAD_TYP = "application/vnd.licet.head+cose"


class Note:
    def __init__(self, raw, genesis):
        data(raw, 1, 256)
        sign = decode(raw, tag=True)
        need(isinstance(sign, Tagged), "CBOR_TAG")
        protected, unprotected, payload, self.signature = array(sign.item, 4)
        data(protected, 1, 256), data(payload, 1, 256), data(self.signature, 64)
        need(unprotected == {}, "UNPROTECTED_HEADER")
        labels = decode(protected)
        need(isinstance(labels, dict) and set(labels) == {1, 4, 16}, "labels")
        need(number(labels[1], -70001, -7) in (-7,), "ALG_NOT_ALLOWED")
        need(labels[16] == HEAD_TYP, "TYP_WRONG")
        self.kid = data(labels[4], 32)
        item = array(decode(payload), 6)
        number(item[0], 1, 1)
        need(data(item[1], 32) == genesis, "OTHER_LEDGER")
        self.at, self.header, self.time = (number(item[2], 0, 0xFFFFFFFF), number(item[3])), data(item[4], 32), number(item[5], 0, TIME_MAX)
        self.signed = encode(["Signature1", protected, b"", payload])


class Finality:
    def __init__(self, item):
        array(item, 4)
        number(item[1], 1, 2)
        nodes = array(item[3], 1, 64)
        self.threshold = number(item[2], 1, 64)
        need(self.threshold <= len(nodes), "threshold")
        self.notes = {}
        for at, node in enumerate(nodes):
            array(node, 4)
            text(node[0], 18, 18)
            for key in node[1:]:
                pubkey(key)
            self.notes[thumbprint(node[2])] = (at, node[2])

    def time_of(self, header, raws, genesis):
        """The proof's time; refused where the header is not final."""
        newest = {}
        for raw in raws:
            note = Note(raw, genesis)
            need(note.kid in self.notes, "KEY_UNKNOWN")
            node, key = self.notes[note.kid]
            need(key[0] == -7, "ALG_KEY_MISMATCH")
            need(note.at == header.at and note.header == header.hash, "a note of another header")
            need(note.time >= header.time, "a note before its header")
            es256(key, note.signed, note.signature)
            newest[node] = max(newest.get(node, -1), note.time)
        need(len(newest) >= self.threshold, "too few notes")
        return sorted(newest.values(), reverse=True)[self.threshold - 1]


# ---- objects, section 5 -------------------------------------------------------------------------------------------------------------

FIELDS = {POLICY: 8, FINALITY: 4, MEMBER: 11, KEY: 9, TYPE: 13, LICENCE: 26, NUMBER: 5, DOCUMENT: 6, SEAL: 19}
NO_AT = {MEMBER: 2, KEY: 2, TYPE: 2, LICENCE: 2, SEAL: 2, NUMBER: 3, DOCUMENT: 2}


def object_id(item):
    kind = item[0]
    if kind in (POLICY, FINALITY):
        return b""
    if kind == NUMBER:
        return struct.pack(">I", number(item[1], 0, NO_MAX)) + data(item[2], 16)
    return item[1].encode() if kind in (MEMBER, TYPE, SEAL) and isinstance(item[1], str) else data(item[1], 32)


class Licence:
    def __init__(self, item):
        (_, self.key, self.no, self.version, self.state, self.issuer, self.type, self.start, self.end, _, self.holder, self.name, self.fields,
         self.documents, self.seal, _, self.next, self.components, acted) = item[:19]
        self.acted = list(zip(acted[::2], acted[1::2]))


# ---- the proof file, section 9 ------------------------------------------------------------------------------------------------------

class Proof:
    def __init__(self, raw, trusted, pin=None):
        need(len(raw) <= PROOF_MAX, "too large")
        item = array(decode(raw), 11)
        number(item[0], 1, 1)
        _, subject, header, notes, links, records, openings, statement, inclusion, seals, commit = item
        self.genesis = trusted.hash
        self.subject = self.subject_of(subject)
        self.header = Header(header)
        rule, last = trusted.finality, None
        for link in array(links, 0, 64):
            rule, last = self.link(link, rule, last, pin)
        need(self.header.genesis == self.genesis, "OTHER_LEDGER")
        need(last is None or self.header.at >= last.at, "before the last link")
        need(last is None or self.header.at != last.at or self.header.hash == last.hash, "another header of the last link's place")
        if pin is not None:
            need(pin.genesis == self.genesis, "pin of another ledger")
            need(self.header.at > pin.at or self.header.hash == pin.hash, "older than the pin, or against it")
        self.time = rule.time_of(self.header, array(notes, 1, 64), self.genesis)
        self.present, self.absent = {}, set()
        self.by_no = {}
        for record in array(records, 1, 128):
            self.record(record)
        self.log(statement, inclusion)
        for seal in array(seals, 0, 64):
            data(seal, 1, 256)
        need(commit is None or data(commit, 1, 1 << 20), "commit")
        self.roots = [self.opening(data(opening, 1, 16384)) for opening in array(openings, 0, 65)]

    @staticmethod
    def subject_of(item):
        array(item, 2, 3)
        by = number(item[0], 1, 3)
        array(item, 3 if by == 3 else 2)
        if by == 3:
            return by, struct.pack(">I", number(item[1], 0, NO_MAX)) + data(item[2], 16)
        return by, data(item[1], 32)

    def link(self, link, rule, last, pin):
        raw, notes, record = array(decode(data(link, 1, PROOF_MAX)), 3)
        header = Header(raw)
        need(header.genesis == self.genesis, "OTHER_LEDGER")
        need(last is None or header.at > last.at, "links out of order")
        need(pin is None or header.at != pin.at or header.hash == pin.hash, "a link against the pin")
        rule.time_of(header, array(notes, 1, 64), self.genesis)
        item = self.checked(array(record, 3), header)
        need(item[0] == FINALITY, "a link without finality")
        return Finality(item), header

    def checked(self, record, header):
        """The object of a present record, under the header's state root."""
        kind, steps, value = record
        number(kind, 1, 13), data(steps, 0, 256 * 34), data(value, 1, VALUE_MAX)
        item = decode(value)
        need(kind in FIELDS and isinstance(item, list) and len(item) == FIELDS[kind] and item[0] == kind, "an object of another kind")
        key = map_key(self.genesis, kind, object_id(item))
        need(map_root(key, sha(b"\x00", key, sha(value)), steps)[0] == header.state, "not under the state root")
        return item

    def record(self, record):
        array(record, 3, 6)
        need(len(record) in (3, 6), "a record")
        if len(record) == 3:
            item = self.checked(record, self.header)
            self.present[item[0], object_id(item)] = item
            if item[0] in NO_AT:
                self.by_no[item[0], item[NO_AT[item[0]]]] = item
            return
        kind, steps, value, identity, other, other_hash = record
        number(kind, 1, 13), data(steps, 0, 256 * 34), data(identity, 0, 64)
        need(value is None, "neither present nor absent")
        key = map_key(self.genesis, kind, identity)
        if other is None:
            need(other_hash is None and steps == b"" and self.header.state == bytes(32), "the map is not empty")
        else:
            data(other, 32), data(other_hash, 32)
            need(other != key, "present, not absent")
            root, bits = map_root(key, sha(b"\x00", other, other_hash), steps)
            need(root == self.header.state, "not under the state root")
            need(all(bit_of(other, bit) == bit_of(key, bit) for bit in bits), "the other leaf lies elsewhere")
        self.absent.add((kind, identity))

    def log(self, statement, inclusion):
        if statement is None:
            return need(inclusion is None, "a path without a statement")
        index, path = array(inclusion, 2)
        data(statement, 1, 65535), number(index), data(path, 0, 64 * 32)
        need(included(sha(b"\x00", statement), index, self.header.size, path_of(path)) == self.header.root, "not in the log")

    def opening(self, raw):
        size, index, disclosure, path = array(decode(raw), 4)
        number(size, 1, 64), number(index, 0, 63), data(disclosure, 1, 8192)
        salt, value, code = array(decode(disclosure), 3)
        data(salt, 16), text(value, 0, 4096), text(code, 1, 40)
        root = included(sha(b"\x00", disclosure), index, size, path_of(data(path, 0, 64 * 32)))
        need(any(Licence(item).fields == root for (kind, _), item in self.present.items() if kind == LICENCE), "an opening of no licence here")
        return root

    # what the verdict asks; None: surely not there
    def find(self, kind, identity):
        if (kind, identity) in self.present:
            return self.present[kind, identity]
        if (kind, identity) in self.absent:
            return None
        raise Incomplete

    def numbered(self, kind, no):
        if (kind, no) not in self.by_no:
            raise Incomplete
        return self.by_no[kind, no]


# ---- the verdict --------------------------------------------------------------------------------------------------------------------

class Incomplete(Exception):
    pass


ENDED = {3: "annulled", 4: "cancelled", 7: "revoked", 8: "superseded", 9: "transferred"}


def own_word(proof, licence, day):
    """One licence without its components; every record that it needs is asked for, whatever the day."""
    keys = [(proof.numbered(KEY, no)[8], entry) for no, entry in licence.acted]
    bad = [since is not None and entry >= since for since, entry in keys]
    suspect = False
    if licence.seal is not None:
        seal_no, making_no, entry, _ = licence.seal
        seal = proof.numbered(SEAL, seal_no)
        proof.numbered(MEMBER, seal[3])
        making = seal[12][making_no]
        suspect = making[6] is not None and making[6] <= entry
        acts = seal[13]
        for no, at in zip(acts[::2], acts[1::2]):
            if making[5] <= at <= entry:
                since = proof.numbered(KEY, no)[8]
                suspect |= since is not None and at >= since
    last = max(range(len(keys)), key=lambda at: keys[at][1])
    if bad[last]:
        return "suspended"
    if licence.state in ENDED:
        return ENDED[licence.state]
    if licence.state in (2, 6) or any(bad) or suspect:
        return "suspended"
    if day < licence.start:
        return "not_active"
    return "lapsed" if licence.end is not None and day > licence.end else "valid"


def judge(proof, document_key, now):
    """The word for the proof's subject, and for the document shown with it. Validity is judged at the note's time where our clock is behind it."""
    now = max(now, proof.time)
    if proof.present.get((DOCUMENT, document_key), [None] * 6)[5] == 2:
        return "mismatch"  # what a signature signed is no document
    if document_key is None or (DOCUMENT, document_key) in proof.present or (DOCUMENT, document_key) in proof.absent:
        return judge_known(proof, document_key, now)
    word = judge_known(proof, None, now)
    if word in ("unknown", "mismatch", "incomplete"):
        return "mismatch" if word == "mismatch" else "incomplete"
    licence = proof.meant
    have = sum(kind == DOCUMENT and (item[3], item[4]) == (licence.no, licence.version) for (kind, _), item in proof.present.items())
    return "mismatch" if 0 < licence.documents <= have else "incomplete"


def judge_known(proof, document_key, now):
    by, identity = proof.subject
    asked = []  # (licence's number or None, document's version or None)
    missing = False
    proof.meant = None
    if by == 2 and document_key is None:
        document_key = identity
    if document_key is not None:
        try:
            item = proof.find(DOCUMENT, document_key)
            asked.append((None, None) if item is None else (item[3], item[4]))
        except Incomplete:
            missing = True
    try:
        if by == 1:
            item = proof.find(LICENCE, identity)
            asked.append((None, None) if item is None else (item[2], None))
        if by == 3:
            proof.numbered(TYPE, int.from_bytes(identity[:4], "big"))
            item = proof.find(NUMBER, identity)
            asked.append((None, None) if item is None else (item[4], None))
    except Incomplete:
        missing = True
    if len({no for no, _ in asked}) > 1:
        return "mismatch"
    if missing:
        return "incomplete"
    if asked[0][0] is None:
        return "unknown"
    try:
        licence = proof.meant = Licence(proof.numbered(LICENCE, asked[0][0]))
        versions = [version for _, version in asked if version is not None]
        if any(version > licence.version for version in versions):
            return "mismatch"
        proof.numbered(MEMBER, licence.issuer), proof.numbered(TYPE, licence.type)
        if licence.next is not None:
            proof.numbered(LICENCE, licence.next)
        day = (now + 8 * 3600000) // 86400000
        words, queue, at = [own_word(proof, licence, day)], list(licence.components), 0
        while at < len(queue):
            need(len(queue) <= 64, "too many components")
            part = Licence(proof.numbered(LICENCE, queue[at]))
            words.append(own_word(proof, part, day))
            queue += part.components
            at += 1
        if any(version < licence.version for version in versions):
            return "superseded"
    except Incomplete:
        return "incomplete"
    return next((word for word in words if word != "valid"), "valid")


class Trusted:
    """What is believed: the genesis document, section 11."""

    def __init__(self, raw):
        self.hash = sha(raw)
        item = array(decode(raw), 6)
        need(number(item[0], 1, 1) and item[1] == "licet-genesis", "not a genesis document")
        policy, finality = array(item[5], 2, 2048)[:2]
        need(policy[0] == POLICY and finality[0] == FINALITY, "objects out of order")
        self.stale_after_ms, self.finality = policy[6] * 1000, Finality(finality)


def document_keys(genesis, raw):
    return [tagged("licet/document/v1", genesis, b"sha-256", sha(raw))]


def verify(raw, trusted, file=None, pin=None, max_age_ms=None, now=None):
    """(word, why): refused and stale are words too."""
    now = round(time.time() * 1000) if now is None else now
    try:
        proof = Proof(raw, trusted, pin)
        key = None if file is None else document_keys(trusted.hash, file)[0]
        word = judge(proof, key, now)
        if word not in ("unknown", "mismatch", "incomplete"):
            need(all(root == proof.meant.fields for root in proof.roots), "an opening of another licence")
    except Refused as reason:
        return "refused", str(reason)
    if word == "valid" and not -CLOCK_SLACK_MS <= now - proof.time <= (trusted.stale_after_ms if max_age_ms is None else max_age_ms):
        return "stale", "the newest head note is too old, or from the future"
    return word, ""


def main():
    options = argparse.ArgumentParser(description="checks a .licet proof file")
    options.add_argument("proof")
    options.add_argument("file", nargs="?")
    options.add_argument("--trust", required=True)
    options.add_argument("--pin")
    options.add_argument("--max-age", type=int, help="seconds")
    options.add_argument("--now", type=int, help="milliseconds since 1970")
    given = options.parse_args()

    def read(path):
        with open(path, "rb") as file:
            return file.read()
    try:
        trusted = Trusted(read(given.trust))
        pin = Header(read(given.pin)) if given.pin else None
    except (Refused, OSError) as reason:
        print(f"error {reason}")
        return 1
    word, why = verify(read(given.proof), trusted, read(given.file) if given.file else None, pin,
                       None if given.max_age is None else given.max_age * 1000, given.now)
    print(word, why)
    return EXIT[word]


if __name__ == "__main__":
    sys.exit(main())
