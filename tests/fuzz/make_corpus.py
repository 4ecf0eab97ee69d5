#!/usr/bin/env python3
"""The seeds of the fuzz targets: tests/fuzz/corpus/TARGET/NAME, made of the golden vectors and of what is known to hurt decoders.

    make_corpus.py            writes them; files it does not know (inputs that once broke a law) stay
    make_corpus.py --check    writes nothing; fails where any differs

Standard library only; shares no code with the ledger. A target has at most 60 files and 96 KiB.
"""
import hashlib
import json
import pathlib
import sys

import document_seeds

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
FILES_MAX, BYTES_MAX = 60, 96 << 10

# The second program that makes the vectors: its encoder, keys and signatures, without the line that runs it.
source = (VECTORS / "make.py").read_text(encoding="utf-8")
make = {"__name__": "make", "__file__": str(VECTORS / "make.py")}
exec(compile(source[:source.rindex("\nmain()")], "make.py", "exec"), make)
cbor, tagged, sha, fill, sign1, Tag = (make[n] for n in ("cbor", "tagged", "sha", "fill", "sign1", "Tag"))
GENESIS, USCC, TYPE, TIME_MS = make["GENESIS"], make["USCC"], make["TYPE"], make["TIME_MS"]
ISSUER, SEAL, NOTE = make["ISSUER"], make["SEAL"], make["NOTE"]


def vectors(name):
    found = {}
    for line in (VECTORS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            key, _, value = line.partition(": ")
            found[key] = bytes.fromhex(value)
    return found


HASH, STATEMENT, OBJECT, HEADER, TAGS, DOCUMENT, E_SEAL, VALUE = (vectors(n) for n in ("hash", "statement", "object", "header", "tags", "genesis", "seal", "value"))

# What makes CBOR readers fall: promises of memory, nesting, repeated keys, other than the one form, trailing bytes, text.
BAD = {
    "a1_array_4g": "9affffffff", "a1_array_256m": "9a0fffffff", "a1_array_huge": "9b0203366bfffbde1856bfffff", "a1_bytes_2g": "5a7fffffff",
    "a1_map_huge": "bbffffffffffffffff", "a3_key_twice": "a201020103", "a4_uint8": "1805", "a4_uint16": "190005",
    "a4_uint64": "1b0000000000000005", "a4_bytes": "580141", "a4_array": "980101", "a4_map": "b8010001", "a4_indefinite": "9f01ff",
    "a4_map_order": "a202000100", "a4_float": "fa3f800000", "a4_half_nan": "f97e00", "a4_double": "fb3ff199999999999a", "a4_undefined": "f7",
    "a4_simple": "f820", "a4_break": "ff", "a5_trailing": "0000", "a6_overlong": "62c0ae", "a6_nul": "6100", "a6_bidi": "63e280ae",
    "a6_surrogate": "63eda080", "a6_nfd": "6365cc81", "a6_bom": "63efbbbf", "tag_bignum": "c2420100", "tag_18": "d280", "empty": "",
    "nint_min": "3bffffffffffffffff", "null": "f6", "one_byte_head": "18",
}
BAD = {name: bytes.fromhex(value) for name, value in BAD.items()}
DEEP = {"a2_arrays": b"\x81" * 4000 + b"\x00", "a2_tags": b"\xc1" * 4000, "a2_indefinite": b"\x9f" * 4000, "a2_tag18": b"\xd2" * 4000,
        "depth_12": b"\x81" * 11 + b"\x80", "depth_13": b"\x81" * 12 + b"\x80"}


def damaged(name, value):
    """One byte more, one less, one other in the middle; an item swollen."""
    middle = len(value) // 2
    yield name + "_and_one", value + b"\0"
    yield name + "_cut", value[:-1]
    yield name + "_flip", value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1:]
    yield name + "_swollen", bytes([value[0] & 0xe0 | 26]) + b"\xff\xff\xff\xff" + value[1:]


def some_bad(*names):
    return {name: BAD[name] for name in names or ("a1_array_huge", "a1_bytes_2g", "a3_key_twice", "a4_array", "a4_indefinite", "a4_float", "empty")}


# ---- proofs ------------------------------------------------------------------------------------------------------------------------
def bit(key, i):
    return key[i >> 3] >> (7 - (i & 7)) & 1


class Map:
    """The crit-bit map, read off docs/FORMATS.md: entries {key: value hash}."""

    def __init__(self, entries):
        self.entries = entries
        self.root = self.hash(sorted(entries), 0) if entries else bytes(32)

    def split(self, keys, i):
        while True:
            zero = [k for k in keys if not bit(k, i)]
            if zero and len(zero) < len(keys):
                return i, zero, [k for k in keys if bit(k, i)]
            i += 1

    def hash(self, keys, i):
        if len(keys) == 1:
            return sha(b"\0", keys[0], self.entries[keys[0]])
        at, left, right = self.split(keys, i)
        return sha(b"\1", at.to_bytes(2, "big"), self.hash(left, at + 1), self.hash(right, at + 1))

    def walk(self, key):
        """Steps from the root, and the leaf where the key's own bits lead."""
        keys, i, steps = sorted(self.entries), 0, b""
        while len(keys) > 1:
            at, left, right = self.split(keys, i)
            mine, other = (right, left) if bit(key, at) else (left, right)
            steps += at.to_bytes(2, "big") + self.hash(other, at + 1)
            keys, i = mine, at + 1
        return steps, keys[0] if keys else None


def object_key(kind, identity):
    return tagged("licet/object/v1", GENESIS, bytes([kind]), identity)


ENDED = cbor([4, SEAL.thumb, 5, SEAL.part, 1, 2, TIME_MS, None, 77])  # a key of the issuer, compromised since entry 77


def licence(**changes):
    fields = dict(key=fill(0x20), no=70000, version=1, state=1, issuer=1, type=2, start=20454, end=22280, kind=111, holder=fill(0x31, 16),
                  name=fill(0x32, 16), root=TAGS["root_3"], documents=1, seal=None, previous=None, next=None, components=[], acted=[3, 70000],
                  since=3, reason="", basis="", until=None, count=1, head=fill(0x80), link=70001)
    fields.update(changes)
    return cbor([6, *fields.values()])


def seal(since=(None,), acts=(3, 280), state=1):
    """One making for each of `since`, entered at 280, 290, ...; from that entry on it is suspect."""
    makings = [[fill(0x60 + 4 * i), fill(0x61), [fill(0x62)], 0, TIME_MS, 280 + 10 * i, at] for i, at in enumerate(since)]
    return 9, cbor([9, "31011800000001", 11, 1, 280, 1, 1, "公章", state, 3, "", "", makings, list(acts), 1, 70000, len(acts) // 2, fill(0x83), 98]), b"31011800000001"


def records(*more, **changes):
    mine = licence(**changes)
    values = [(3, OBJECT["member"], USCC.encode()), (4, OBJECT["key"], ISSUER.thumb), (4, ENDED, SEAL.thumb), (5, OBJECT["type"], TYPE.encode()),
              (6, mine, fill(0x20)), (7, OBJECT["number"], (2).to_bytes(4, "big") + fill(0x30, 16)), (8, OBJECT["document"], fill(0x40)), *more]
    return {object_key(kind, identity): (kind, value) for kind, value, identity in values}


def proof(subject, world, absent=(), openings=(), statement=True, finality=None, links=(), n=88, only=None, notes=1):
    tree = Map({key: sha(value) for key, (_, value) in world.items()})
    entry = STATEMENT["statement"]
    left = make["node_hash"](make["leaf_hash"](b"leaf 0"), make["leaf_hash"](b"leaf 1"))
    log_root = make["node_hash"](left, make["leaf_hash"](entry))
    header = cbor([1, GENESIS, make["CHAIN"], 1, n, 0, TIME_MS, fill(0xA0), 3, log_root, tree.root, 70002, 70003, 65536])
    protected = make["small_header"](NOTE, "head")
    signed = [sign1(NOTE, protected, cbor([1, GENESIS, 1, n, tagged("licet/header/v1", header), TIME_MS + 60000 + i])) for i in range(notes)]
    held = [[kind, tree.walk(key)[0], value] for key, (kind, value) in world.items() if only is None or kind in only]
    for kind, identity in absent:
        steps, other = tree.walk(object_key(kind, identity))
        held.append([kind, steps, None, identity, other, tree.entries.get(other)])
    seal = sign1(SEAL, make["small_header"](SEAL, "header"), header, attach=False)
    inclusion = [2, left] if statement else None
    if finality is not None:
        return cbor([header, signed, [2, tree.walk(object_key(2, b""))[0], finality]])
    return cbor([1, subject, header, signed, list(links), held, list(openings), entry if statement else None, inclusion, [seal], None])


def proofs():
    by_licence, by_document, by_number = [1, fill(0x20)], [2, fill(0x40)], [3, 2, fill(0x30, 16)]
    openings = [TAGS["opening_3_0"], TAGS["opening_3_2"]]
    good = proof(by_licence, records(), openings=openings)
    yield "licence", good
    yield "document", proof(by_document, records(), statement=False)
    yield "number", proof(by_number, records(), statement=False, notes=2)
    for name, state in (("suspended", 2), ("annulled", 3), ("cancelled", 4), ("transferring", 6), ("revoked", 7), ("transferred", 9)):
        yield name, proof(by_licence, records(state=state, reason="停业整顿", basis="行政处罚法第九条", count=2), statement=False)
    newer = licence(key=fill(0x22), no=70010, version=2, previous=70000, root=fill(0x50))
    yield "superseded", proof(by_licence, records((6, newer, fill(0x22)), state=8, next=70010), statement=False)
    yield "compromised", proof(by_licence, records(acted=[5, 70000, 3, 70001]), statement=False)
    part = licence(key=fill(0x22), no=70010, state=7, root=fill(0x50))
    yield "composite", proof(by_licence, records((6, part, fill(0x22)), components=[70010]), statement=False)
    sealed = {"seal": [11, 0, 301, None]}
    for name, a_seal in (("", seal()), ("_stopped_later", seal([302], (3, 280, 3, 302), 2)), ("_suspect", seal([301], (3, 280, 3, 305), 2)),
                         ("_other_making_suspect", seal([None, 0], (3, 280, 3, 290, 3, 305), 3)), ("_compromised", seal(acts=(5, 280))),
                         ("_compromised_later", seal(acts=(3, 280, 5, 302)))):
        yield "sealed" + name, proof(by_licence, records(a_seal, **sealed), statement=False)
    again = {"seal": [11, 1, 301, 69000]}
    yield "sealed_made_again", proof(by_licence, records(seal([None, None], (5, 280, 3, 290)), **again), statement=False)
    yield "sealed_made_again_compromised", proof(by_licence, records(seal([None, None], (3, 280, 5, 290)), **again), statement=False)
    yield "sealed_revoked", proof(by_licence, records(seal([0]), state=7, reason="停业整顿", basis="行政处罚法第九条", **sealed), statement=False)
    yield "sealed_without_the_seal", proof(by_licence, records(seal(), **sealed), only=[3, 4, 5, 6, 7, 8], statement=False)
    sealed_part = licence(key=fill(0x22), no=70010, root=fill(0x50), **sealed)
    yield "sealed_component", proof(by_licence, records((6, sealed_part, fill(0x22)), seal([290]), components=[70010]), statement=False)
    itself = records(components=[70000], state=8, next=70000)
    yield "circle", proof(by_licence, itself, statement=False)
    yield "absent", proof([1, fill(0x99)], records(), absent=[(6, fill(0x99))], only=[], statement=False)
    yield "absent_number", proof([3, 2, fill(0x98, 16)], records(), absent=[(7, (2).to_bytes(4, "big") + fill(0x98, 16))], only=[5], statement=False)
    yield "absent_in_empty", proof([1, fill(0x99)], {}, absent=[(6, fill(0x99))], statement=False)
    yield "without_issuer", proof(by_licence, records(), only=[4, 5, 6], statement=False)
    yield "open_ended", proof(by_licence, records(end=None, start=-25567), statement=False)
    finality = {**records(), object_key(2, b""): (2, OBJECT["finality"])}
    link = proof(by_licence, finality, finality=OBJECT["finality"], n=50)
    yield "link", link
    yield "with_link", proof(by_licence, records(), links=[link], statement=False)
    yield "links_in_disorder", proof(by_licence, records(), links=[link, link], statement=False)
    yield from damaged("licence", good)


# ---- archives ----------------------------------------------------------------------------------------------------------------------
def chunk(plain):
    """One chunk: a zstd frame of one stored block."""
    size = len(plain)
    head = b"\x28\xb5\x2f\xfd" + (b"\x20" + size.to_bytes(1, "little") if size < 256 else b"\x60" + (size - 256).to_bytes(2, "little"))
    frame = head + (size << 3 | 1).to_bytes(3, "little") + plain
    return len(frame).to_bytes(4, "big") + frame + sha(frame)


def item(kind, value):
    return bytes([kind]) + len(value).to_bytes(4, "big") + value


def archive(*chunks, end=True, blocks=1, entries=3):
    made = [chunk(b"".join(c)) for c in chunks]
    out = b"LARC1\n" + b"".join(made)
    if end:
        hashes = sha(b"".join(c[-32:] for c in made))
        out += chunk(item(4, cbor([blocks, entries, HEADER["header_hash"], hashes])))
    return out


def archives():
    block = cbor([HEADER["header"], HEADER["seal"], HEADER["receipt"][-64:], NOTE.thumb])
    first = cbor([HEADER["header_first"], None, None, None])
    items = [item(1, DOCUMENT["document"]), item(2, first), item(2, block), item(3, STATEMENT["statement"]), item(3, STATEMENT["statement_suspend"])]
    whole = archive(items, blocks=2, entries=4)
    yield "whole", whole
    yield "chunks", archive(items[:1], items[1:3], items[3:], blocks=2, entries=4)
    yield "genesis_alone", archive(items[:1], blocks=0, entries=0)
    yield "no_end", archive(items, end=False)
    yield "two_genesis", archive(items[:1], items[:1])
    yield "statement_first", archive(items[:1], items[3:4])
    yield "end_alone", archive()
    yield "after_the_end", whole + b"\0"
    yield "half_item", archive([items[0], items[2][:-1]])
    yield "item_too_long", archive([items[0], b"\x02\xff\xff\xff\xff"])
    yield "empty_item", archive([item(1, b"")])
    yield "magic", b"LARC1\n"
    yield "newer", b"LARC2\n" + whole[6:]
    yield "length_huge", b"LARC1\n\xff\xff\xff\xff"
    yield "length_zero", b"LARC1\n\0\0\0\0"
    bomb = b"\x28\xb5\x2f\xfd\xa0\xff\xff\xff\x7f" + (1 << 17 << 3 | 3).to_bytes(3, "little") + b"\0"
    yield "bomb", b"LARC1\n" + len(bomb).to_bytes(4, "big") + bomb + sha(bomb)
    skippable = b"\x50\x2a\x4d\x18\x01\0\0\0\0"
    yield "skippable", b"LARC1\n" + len(skippable).to_bytes(4, "big") + skippable + sha(skippable)
    yield from damaged("whole", whole)
    # for the part that makes chunks right: u8 length | plain ... 00
    small = [item(1, b"\x86\x01"), item(2, b"\x84\x00"), item(3, b"\xd2\x84")]
    yield "mended", b"".join(bytes([len(i)]) + i for i in small) + b"\0"
    yield "mended_one_chunk", bytes([sum(map(len, small))]) + b"".join(small) + b"\0"
    yield "mended_disorder", bytes([len(small[1])]) + small[1] + bytes([len(small[0])]) + small[0] + b"\0"


# ---- text --------------------------------------------------------------------------------------------------------------------------
def genesis_json():
    text = (VECTORS / "genesis.json").read_text(encoding="utf-8")
    yield "vector", text.encode()
    whole = json.loads(text)

    def but(name, change):
        d = json.loads(text)
        change(d)
        return name, json.dumps(d, ensure_ascii=False, separators=(",", ":")).encode()
    yield but("compact", lambda d: None)
    yield but("no_time", lambda d: d.pop("time"))
    yield but("unknown_member", lambda d: d.update(colour="red"))
    yield but("region_number", lambda d: d.update(region=310118))
    yield but("no_members", lambda d: d.update(members=[]))
    yield but("no_types", lambda d: d.update(types=[]))
    yield but("all_types", lambda d: d["members"][0].update(types="all"))
    yield but("types_null", lambda d: d["members"][0].update(types=None))
    yield but("member_twice", lambda d: d["members"].append(d["members"][0]))
    yield but("threshold_1e400", lambda d: d.update(threshold=10**400))
    yield but("threshold_half", lambda d: d.update(threshold=0.5))
    yield but("threshold_minus", lambda d: d.update(threshold=-1))
    yield but("long_name", lambda d: d["types"][0].update(name="证" * 100))
    yield but("nul_name", lambda d: d["types"][0].update(name="a\0b"))
    yield but("bidi_name", lambda d: d["types"][0].update(name="a\u202eb"))
    yield but("bad_time", lambda d: d.update(time="2026-02-30T25:61:61Z"))
    yield but("elements_many", lambda d: d["types"][0].update(elements=[{"code": f"KZ_{i}", "label": "x"} for i in range(70)]))
    yield "twice", b'{"chain_id":"a","chain_id":"b"}'
    yield "array", b"[]"
    yield "deep", b"[" * 2100
    yield "deep_objects", b'{"a":' * 1000
    yield "lone_surrogate", b'{"chain_id":"\\ud800"}'
    yield "bad_utf8", b'{"chain_id":"\xc0\xae"}'
    yield "number_1e400", b'{"threshold":1e400}'
    yield "number_big", b'{"threshold":9223372036854775808}'
    yield "trailing", text.encode()[:-1] + b" x"
    yield "half", text.encode()[:1500]
    yield "empty", b""
    del whole


def verify():
    key, digest = fill(0x20).hex(), fill(0x40).hex()
    identifier = "1.2.156.3005.2." + TYPE + "." + USCC + ".S1.001.7"
    fields = {"type": TYPE, "number": "N-7", "holder_code": "91310118MA1JL00000", "holder_name": "测试公司"}

    def body(queries, **more):
        return json.dumps({"queries": queries, **more}, ensure_ascii=False).encode()
    one = {"key": key}
    yield "key", body([one])
    yield "identifier", body([{"identifier": identifier}])
    yield "document", body([{"document": {"alg": "sha-256", "digest": digest}}])
    yield "document_sm3", body([{"document": {"alg": "sm3", "digest": digest}}])
    yield "fields", body([{"fields": fields}])
    yield "fields_number", body([{"fields": {"type": TYPE, "number": "N-7"}}])
    yield "fields_wide", body([{"fields": {**fields, "number": " ｎ－７ "}}])
    yield "all", body([{**one, "identifier": identifier, "document": {"alg": "sha-256", "digest": digest}, "fields": fields}],
                      purpose="p", item="i", proof=True)
    yield "two", body([one, {"fields": fields}])
    yield "proof_number", body([one], proof=1)
    yield "none", body([])
    yield "many", body([{"key": "0"}] * 1001)
    yield "empty_query", body([{}])
    yield "query_null", body([None])
    yield "unknown_word", body([{"colour": 1}])
    yield "key_short", body([{"key": key[:-1]}])
    yield "key_upper", body([{"key": key.upper()}])
    yield "key_number", body([{"key": 7}])
    yield "digest_array", body([{"document": [digest]}])
    yield "alg_unknown", body([{"document": {"alg": "md5", "digest": digest}}])
    yield "text_nul", body([{"fields": {**fields, "holder_name": "a\0b"}}])
    yield "text_bidi", body([{"fields": {**fields, "holder_name": "a\u202eb"}}])
    yield "text_nfd", body([{"fields": {**fields, "holder_name": "e\u0301"}}])
    yield "text_long", body([{"fields": {**fields, "number": "7" * 6000}}])
    yield "key_twice", b'{"queries":[{"key":"00","key":"01"}]}'
    yield "queries_object", b'{"queries":{}}'
    yield "queries_absent", b'{"proof":true}'
    yield "array", b"[]"
    yield "deep", b"[" * 2100
    yield "lone_surrogate", b'{"queries":[{"identifier":"\\ud800"}]}'
    yield "bad_utf8", b'{"queries":[{"identifier":"\xc0\xae"}]}'
    yield "number_1e400", b'{"queries":[{"key":1e400}]}'
    yield "trailing", body([one]) + b"x"
    yield "half", body([one])[:-3]
    yield "bom", b"\xef\xbb\xbf" + body([one])
    yield "empty", b""


def csv():
    heading = "ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZBFRQ,ZZYXQQSRQ,ZZYXQJZRQ"
    row = "沪-1,测试公司,91310118MA1JL00000,001,2026-01-01,2026年1月1日,长期"
    plain = heading + "\r\n" + row + "\r\n"
    for n, name in enumerate(("any", "utf8", "gb18030")):
        yield f"utf8_read_as_{name}", bytes([n]) + plain.encode()
        yield f"gb18030_read_as_{name}", bytes([n]) + plain.encode("gb18030")
    texts = {
        "lf": plain.replace("\r\n", "\n"), "cr": plain.replace("\r\n", "\r"), "no_end": plain[:-2], "quoted": '"a","b,c","d""e","f\r\ng"\r\n',
        "quote_open": 'a,"b\nc,d\ne,f\n', "quote_then_text": '"a"b,c\nd,e\n', "quote_spaces": ' "a" , "b" \n', "quote_inside": 'a"b,c\n',
        "blank_lines": "\n\n,,\na,b\n\n", "many_cells": "," * 300 + "x\n", "four_bytes": "𠮷,😀\n", "tabs": "a\tb\tc\n", "only_quote": '"', "comma": ",",
    }
    for name, text in texts.items():
        yield name, b"\0" + text.encode()
    yield "bom", b"\0\xef\xbb\xbf" + plain.encode()
    yield "utf16", b"\0" + plain.encode("utf-16")
    yield "utf16_big", b"\0\xfe\xff" + plain.encode("utf-16-be")
    yield "utf16_read_as_little", b"\3" + plain.encode("utf-16-le") + b"\x40\xd8"
    yield "utf16_read_as_big", b"\4" + texts["four_bytes"].encode("utf-16-be") + b"\0"
    yield "by_tabs", b"\x41" + plain.replace(",", "\t").encode()
    yield "by_tabs_quoted", b"\x41" + '"a"\t"b;c"\n\t\t\nd\t "e" \n'.encode()
    yield "by_semicolons", b"\x82" + plain.replace(",", ";").encode()
    yield "nul", b"\0a,\0b\nc,d\n"
    yield "bad_utf8", b"\1a,\xc0\xae\nc,\xff\nd,e\n"
    yield "bad_gb18030", b"\2a,\x81\nb,\x80\xff\nc,\x84\x31\xa4\n"
    yield "one_bad_byte", b"\0" + plain.encode() * 8 + b"\xb2\n"
    yield "cut_character", b"\0" + plain.encode()[:-1] + "证".encode()[:2]
    yield "workbook", b"\0PK\x03\x04" + bytes(26)
    yield "workbook_old", b"\0\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24)
    yield "slow", b"\x15" + plain.encode()
    yield "slow_gb18030", b"\x05" + plain.encode("gb18030")


def ident():
    root = "1.2.156.3005.2."
    good = root + "11100000000013338W011.11310118MB2F304922.S1.001.7"
    texts = {
        "identifier": good, "identifier_issuer6": root + "11100000000013338W011.310118.0000000001.999.X", "identifier_lower": good.lower(),
        "identifier_version0": good.replace(".001.", ".000."), "identifier_parts": good + ".1", "identifier_long": root + "1" * 300,
        "identifier_no_serial": good.replace(".S1.", ".."), "uscc": "11310118MB2F304922", "uscc_wrong": "11310118MB2F304921",
        "citizen": "11010519491231002X", "citizen_lower": "11010519491231002x", "citizen_no_date": "110105194902310021",
        "type": "11100000000013338W011", "day": "2026-02-28", "day_none": "2026-02-30", "day_leap": "2000-02-29", "day_first": "1900-01-01",
        "day_last": "9999-12-31", "day_year0": "0000-01-01", "wide": "\uff21\uff41\uff11\uff0d\uff3f", "wide_end": "\uff01\uff5e\uff5f\uff00",
        "spaces": "\u3000\u00a0 A \u202f\u2060\u3000", "nfd": "e\u0301 q\u0307\u0323", "hangul": "\u1100\u1161\u11a8", "kelvin": "\u212a\u212b\uf900",
        "marks": "a" + "\u0301" * 60, "grows": "\u0344\u0958" * 20, "nul": "a\0b", "bidi": "a\u202eb", "bom": "\ufeffa", "noncharacter": "\ufffe\uffff",
        "four_bytes": "𠮷\U0010fffd", "dots": "i\u0307 \u0130 \u0131", "empty": "", "space": " ", "mark_alone": "\u0301", "space_mark": " \u0301a\u0308 ",
    }
    for name, text in texts.items():
        yield name, text.encode()
    yield "overlong", b"\xc0\xae"
    yield "surrogate", b"\xed\xa0\x80"
    yield "beyond", b"\xf4\x90\x80\x80"
    yield "cut", "证".encode()[:2]
    yield "time_last", (253402300799999).to_bytes(8, "big")
    yield "eight", bytes(8)


def config():
    full = ("; a comment\n# another\n\n[rpc]\n  listen = [::1]:0 ; any port\n  threads=4\nconnections_max = 10\nbody_max = 2000000\n"
            "headers_max = 8192\nrequest_ms_max = 500\nanswer_ms_max = 600\nidle_ms_max = 700\n[ops]\nlisten = off\n[engine]\nkind = solo\n"
            "pool = 3\nqueue_max = 9\nqueue_mib = 2\n[storage]\nmark = /var/lib/mark\nroom_min_mib = 5\n[log]\nlevel = broken")
    texts = {
        "full": full, "empty": "", "comment": ";", "crlf": full.replace("\n", "\r\n"), "bom": "\ufeff[rpc]\nthreads = 1\n", "unknown": "[rpc]\nlisen = x\n",
        "section": "[nothing]\n", "twice": "[rpc]\nthreads = 1\nthreads = 2\n", "section_open": "[rpc\nthreads = 1\n", "no_value": "[rpc]\nthreads\n",
        "no_section": "threads = 1\n", "listen_wide": "[rpc]\nlisten = 0.0.0.0:80\n", "listen_port": "[rpc]\nlisten = 127.0.0.1:65536\n",
        "listen_name": "[rpc]\nlisten = localhost:1\n", "listen_long": "[rpc]\nlisten = " + "1" * 150 + ":1\n",
        "line_200": "[log]\nlevel = " + "x" * 186 + "\n",
        "line_long": "[log]\nlevel = " + "x" * 600 + "\nlevel = info\n", "number": "[rpc]\nthreads = 99999999999999999999\n",
        "number_minus": "[rpc]\nthreads = -1\n", "number_hex": "[rpc]\nthreads = 0x4\n", "tls": "[rpc]\ntls_key = a\n",
        "path_dots": "[storage]\nmark = ../../x\n",
        "keys": "[keys]\nseal = pkcs11:token=t;object=seal?pin-source=/p\nnote = node/n.pem\nmodule = /m.so\n", "keys_pin": "[keys]\nseal = pkcs11:token=t;object=o?pin-value=1\n",
        "continued": "[rpc]\nlisten = 127.0.0.1:1\n  threads = 2\n  3\n", "colon": "[rpc]\nthreads: 2\n", "nul": "[rpc]\nthr\0eads = 2\n", "only_nul": "\0",
        "section_long": "[" + "a" * 80 + "]\nx = 1\n", "quoted": '[log]\nlevel = "info"\n',
    }
    for name, text in texts.items():
        yield name, text.encode()


def http_head():
    host = "Host: a\r\n"
    get, post = "GET / HTTP/1.1\r\n" + host, "POST / HTTP/1.1\r\n" + host
    heads = {
        "get": "GET /v1/head HTTP/1.1\r\n" + host, "post": "POST /v1/verify?after=5&x=a%20b+c&flag HTTP/1.1\r\n" + host + "Content-Length:  12 \r\nX-Y:\tz\t\r\n",
        "head_1_0": "HEAD / HTTP/1.0\r\n", "other": "DELETE / HTTP/1.1\r\n" + host, "absolute": "GET http://b:2/p?q=1 HTTP/1.1\r\n" + host,
        "absolute_1_0": "GET https://b/ HTTP/1.0\r\n", "absolute_no_path": "GET http://b HTTP/1.1\r\n" + host, "absolute_no_host": "GET http:///p HTTP/1.1\r\n" + host,
        "slash": "GET /a%2Fb%2f/c?x=%2F HTTP/1.1\r\n" + host, "slash_mark": "GET /a%01 HTTP/1.1\r\n" + host, "nul": "GET /a%00 HTTP/1.1\r\n" + host,
        "percent_open": "GET /a%2 HTTP/1.1\r\n" + host, "percent_percent": "GET /%25%3f%23?%26%3d=%2b HTTP/1.1\r\n" + host, "utf8": "GET /%E8%AF%81 HTTP/1.1\r\n" + host,
        "query_empty": "GET /?&&=&=x&y= HTTP/1.1\r\n" + host, "query_many": "GET /?" + "&".join(f"p{i}={i}" for i in range(20)) + " HTTP/1.1\r\n" + host,
        "path_1023": "GET /" + "a" * 1022 + " HTTP/1.1\r\n" + host, "path_1024": "GET /" + "a" * 1023 + " HTTP/1.1\r\n" + host,
        "host_twice": get + host, "host_none": "GET / HTTP/1.1\r\nA: b\r\n", "close": get + "Connection: upgrade, close\r\n",
        "keep": "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", "expect": post + "Expect: 100-continue\r\nContent-Length: 1\r\n",
        "expect_other": post + "Expect: 200-ok\r\n", "length_twice": post + "Content-Length: 1\r\nContent-Length: 1\r\n",
        "length_18": post + "Content-Length: " + "9" * 18 + "\r\n", "length_19": post + "Content-Length: " + "1" * 19 + "\r\n",
        "length_sign": post + "Content-Length: +1\r\n", "chunked": post + "Transfer-Encoding: chunked\r\n",
        "fields_64": get + "A: b\r\n" * 63, "fields_65": get + "A: b\r\n" * 64, "fold": get + " b\r\n", "space_colon": "GET / HTTP/1.1\r\nHost : a\r\n",
        "name_none": get + ": b\r\n", "value_none": get + "A:\r\n", "delete": get + "A: \x7f\r\n", "tab": get + "A: b\tc\r\n",
        "version": "GET / HTTP/2.0\r\n" + host, "version_none": "GET /\r\n" + host, "method_none": " / HTTP/1.1\r\n" + host,
        "fragment": "GET /a#b HTTP/1.1\r\n" + host, "target_star": "OPTIONS * HTTP/1.1\r\n" + host,
    }
    for name, text in heads.items():
        yield name, (text + "\r\n").encode("latin-1")
    yield "two", (get + "\r\n" + get + "\r\n").encode()
    yield "bare_lf", b"GET / HTTP/1.1\nHost: a\n\n"
    yield "lf_last", b"GET / HTTP/1.1\r\nHost: a\r\n\n"
    yield "cr", b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"
    yield "cut", b"GET / HTTP/1.1\r\nHost: a\r\n"
    yield "empty", b""


def token_uri():
    key = "pkcs11:token=t;object=o"
    texts = {
        "full": "pkcs11:id=%00%ff%41a;type=private;serial=0123456789abcdef;model=M%201;manufacturer=%e5%8d%b0;object=a&b:=;token=%3b"
                "?pin-source=file:///p/x?y&module-path=/m/n.so",
        "softhsm": "pkcs11:token=licet;object=issue?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/path/pin", "short": key, "serial": "pkcs11:serial=1;id=1",
        "empty": "", "scheme": "pkcs11:", "upper": "PKCS11:token=t;object=o", "file": "/keys/issue.pem", "question": key + "?", "semicolon": key + ";",
        "no_value": "pkcs11:token=;object=o", "no_equals": "pkcs11:token;object=o", "twice": key + ";object=o", "twice_query": key + "?module-path=/a&module-path=/a",
        "vendor": key + ";x-vendor=1", "slot": key + ";slot-id=1", "type": key + ";type=public", "pin": key + "?pin-value=1", "pin_path": key + ";pin-value=1",
        "pin_after": key + "?module-path=/a&pin-value=1", "vague": "pkcs11:token=t", "percent_cut": "pkcs11:token=t;object=%4", "percent_bad": "pkcs11:token=t;object=%4g",
        "nul": "pkcs11:token=%00;object=o", "nul_id": "pkcs11:token=t;id=%00", "nul_path": key + "?pin-source=/a%00b", "raw": "pkcs11:token=\u5370;object=o",
        "relative": key + "?module-path=a.so", "program": key + "?pin-source=|/bin/pin", "host": key + "?pin-source=file://host/pin", "file_bare": key + "?pin-source=file:",
        "token_33": "pkcs11:token=" + "a" * 33 + ";object=o", "token_32": "pkcs11:token=" + "%41" * 32 + ";object=o", "id_129": "pkcs11:token=t;id=" + "%01" * 129,
        "path_long": key + "?module-path=/" + "a" * 1023, "path_most": key + "?module-path=/" + "a" * 1022, "long": "pkcs11:" + "a" * 4096,
    }
    for name, text in texts.items():
        yield name, text.encode()


def mark():
    def line(text):
        return text + b" " + hashlib.sha256(text).hexdigest()[:16].encode() + b" " * (4096 - len(text) - 18) + b"\n"
    one = b"licet-mark 1 term 0 height 7 hash " + HEADER["header_hash"].hex().encode()
    two = b"licet-mark 1 term 0 height 8 hash " + HEADER["header_first_hash"].hex().encode()
    blank = b" " * 4095 + b"\n"
    yield "two_lines", line(one) + line(two)
    yield "one_line", line(one) + blank
    yield "second_damaged", line(one) + line(two)[:50] + b"x" + line(two)[51:]
    yield "short", line(one)
    yield "lines", one + b"\n" + two
    yield "later_term", one.replace(b"term 0", b"term 1") + b"\n" + two
    yield "height_huge", one.replace(b"height 7", b"height 18446744073709551615") + b"\n"
    yield "height_beyond", one.replace(b"height 7", b"height 18446744073709551616") + b"\n"
    yield "height_minus", one.replace(b"height 7", b"height -1") + b"\n"
    yield "term_beyond", one.replace(b"term 0", b"term 4294967296") + b"\n"
    yield "zero_before", one.replace(b"term 0", b"term 00") + b"\n"
    yield "hash_short", one[:-1] + b"\n"
    yield "hash_upper", one[:-64] + one[-64:].upper() + b"\n"
    yield "version", one.replace(b"mark 1", b"mark 2") + b"\n"
    yield "empty", b""


def slots():
    """Rows of objects: u16 offsets, then the values."""
    def row(*values, offsets=None):
        at, table = 2 * len(values), b""
        for value in values:
            table += at.to_bytes(2, "big")
            at += len(value)
        return (table if offsets is None else b"".join(o.to_bytes(2, "big") for o in offsets)) + b"".join(values)
    number, document = OBJECT["number"], OBJECT["document"]
    yield "one", row(number)
    yield "three", row(number, document, number)
    yield "bytes", row(b"a", b"b", b"c")
    yield "most", row(*[b"x"] * 674)
    yield "one_more", row(*[b"x"] * 675)
    yield "full", row(b"a" * 1000, b"b" * 1018)
    yield "full_and_one", row(b"a" * 1000, b"b" * 1019)
    yield "alone", row(b"a" * 24576)
    yield "alone_and_one", row(b"a" * 24577)
    yield "empty", b""
    yield "no_value", b"\0\2"
    yield "no_value_two", b"\0\4\0\5"
    yield "value_empty", row(b"ab", b"", b"c")
    yield "last_empty", row(b"ab", b"c", b"")
    yield "offset_zero", row(b"ab", offsets=[0])
    yield "offset_odd", row(b"abcd", offsets=[3])
    yield "offset_beyond", row(b"ab", offsets=[400])
    yield "offset_at_end", row(b"ab", offsets=[4])
    yield "offset_huge", row(b"ab", offsets=[0xfffe])
    yield "second_beyond", row(b"ab", b"cd", offsets=[4, 8])
    yield "second_in_table", row(b"ab", b"cd", offsets=[4, 2])
    yield "second_twice", row(b"ab", b"cd", offsets=[4, 4])
    yield "falling", row(b"ab", b"cd", b"ef", offsets=[6, 10, 8])
    yield "cut", row(number, document)[:-len(document)]
    yield "one_byte", b"\0"


# ---- e-seals -----------------------------------------------------------------------------------------------------------------------
# What makes DER readers fall: indefinite and overlong lengths, promises, tags of several bytes, nesting.
BAD_DER = {
    "der_indefinite": b"\x30\x80\x00\x00", "der_long_form": b"\x30\x81\x02\x05\x00", "der_4g": b"\x30\x84\xff\xff\xff\xff", "der_beyond": b"\x30\x85\x01\0\0\0\0",
    "der_tag_long": b"\x3f\x81\x00\x00", "der_two": b"\x30\x00\x30\x00", "der_deep": b"\x30\x80" * 3000, "der_empty": b"", "der_tag_only": b"\x30",
}


def rewritten(value, leaf=lambda tag, content: (tag, content), lengths=True):
    """DER with each leaf put through `leaf`; without lengths where BER can do without."""
    out = b""
    while value:
        tag, size, at = value[0], value[1], 2
        if size > 0x80:
            at += size - 0x80
            size = int.from_bytes(value[2:at], "big")
        content, value = value[at:at + size], value[at + size:]
        if tag & 0x20:
            content = rewritten(content, leaf, lengths)
            if not lengths:
                out += bytes([tag, 0x80]) + content + b"\0\0"
                continue
        else:
            tag, content = leaf(tag, content)
        size = len(content)
        big = size.to_bytes((size.bit_length() + 7) // 8, "big")
        out += bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(big)]) + big) + content
    return out


def trimmed(tag, content):
    """A BIT STRING without its trailing zero bits."""
    if tag != 3:
        return tag, content
    kept = content[1:].rstrip(b"\0")
    return tag, (bytes([(kept[-1] & -kept[-1]).bit_length() - 1]) if kept else b"\0") + kept


def as_makers_write(name, value):
    def in_time(change):
        return lambda tag, content: (tag, change(content)) if tag in (0x17, 0x18) else (tag, content)
    yield f"{name}_time_no_zone", rewritten(value, in_time(lambda c: c[:-1]))
    yield f"{name}_time_offset", rewritten(value, in_time(lambda c: c[:-1] + b"+0800"))
    yield f"{name}_time_short_year", rewritten(value, in_time(lambda c: c[2:]))
    yield f"{name}_time_no_seconds", rewritten(value, in_time(lambda c: c[:-3] + c[-1:]))
    yield f"{name}_time_first_year", rewritten(value, in_time(lambda c: b"00010101000000"))
    yield f"{name}_bits", rewritten(value, trimmed)
    yield f"{name}_bits_set", rewritten(value, lambda tag, c: (tag, b"\7" + c[1:-1] + bytes([c[-1] | 127])) if tag == 3 and c[1:] else (tag, c))
    yield f"{name}_padding", rewritten(value, lambda tag, c: (tag, c + b"\r\n\0") if tag in (0x0C, 0x13, 0x16) else (tag, c))
    yield f"{name}_ber", rewritten(value, lengths=False)


def times():
    """Read as text by ses_time_text."""
    texts = ("20210331075023Z", "20200723130907.763Z", "2021-05-19 20:53:44", "2020-01-25T15:31:56.5+0800", "0001-01-01 00:00:00", "9999-12-31T23:59:59-14:00", "200125073156Z")
    for i, text in enumerate(texts):
        yield f"time_{i}", text.encode()


def every(table, *bad):
    found = {}
    for part in (table, *bad):
        for name, value in part.items() if isinstance(part, dict) else part:
            assert name not in found, name
            found[name] = value
    return found


SEALS = ("seal", "head_note", "receipt", "transparent_statement")
VALUES = {k: v for k, v in OBJECT.items() if not k.endswith(("_key", "_hash")) and not k.startswith("head_")}
STORED = {
    "stored_block": cbor([HEADER["header"], HEADER["seal"], HEADER["receipt"][-64:], NOTE.thumb]),
    "stored_first": cbor([HEADER["header_first"], None, None, None]),
}
TARGETS = {
    "cbor": every(BAD, DEEP, {k: STATEMENT[k] for k in ("record_issue", "statement")}, {"licence": OBJECT["licence_full"], "note": HEADER["head_note"]}),
    "statement": every({k: v for k, v in STATEMENT.items() if k.startswith(("record_", "statement"))
                        and not k.endswith(("_id", "_leaf"))}, {"transparent": HEADER["transparent_statement"]},
                       damaged("statement", STATEMENT["statement"]), damaged("record_suspend", STATEMENT["record_suspend"]), some_bad()),
    "object": every(VALUES, damaged("licence", OBJECT["licence_full"]), damaged("finality", OBJECT["finality"]), damaged("seal", OBJECT["seal_full"]), some_bad()),
    "header": every({k: HEADER[k] for k in ("header", "header_first", *SEALS)}, STORED, damaged("header", HEADER["header"]),
                    damaged("receipt", HEADER["receipt"]), damaged("head_note", HEADER["head_note"]), some_bad()),
    "cose": every({k: HEADER[k] for k in SEALS}, {k: STATEMENT[k] for k in ("statement", "statement_suspend", "request", "note")},
                  damaged("receipt", HEADER["receipt"]), damaged("request", STATEMENT["request"]), some_bad()),
    "proof": every(dict(proofs()), some_bad()),
    "archive": dict(archives()),
    "genesis": every({"document": DOCUMENT["document"]}, damaged("document", DOCUMENT["document"]), some_bad()),
    "genesis_json": dict(genesis_json()),
    "verify": dict(verify()),
    "csv": dict(csv()),
    "ident": dict(ident()),
    "config": dict(config()),
    "http_head": dict(http_head()),
    "mark": dict(mark()),
    "slots": dict(slots()),
    "token_uri": dict(token_uri()),
    "ofd": dict(document_seeds.ofd()),
    "pdf": dict(document_seeds.pdf()),
    "pdf_update": dict(document_seeds.pdf_update()),
    "seal": every({k: v for k, v in E_SEAL.items() if k.startswith(("seal_", "signature_")) and not k.endswith("_signed")}, dict(times()), BAD_DER,
                  damaged("seal_v4", E_SEAL["seal_v4"]), damaged("signature_v4", E_SEAL["signature_v4"]), as_makers_write("makers_seal", E_SEAL["seal_v4"]),
                  as_makers_write("makers_signature", E_SEAL["signature_v4"]),
                  ((n, v) for n, v in as_makers_write("makers_v1", E_SEAL["signature_v1"]) if n.endswith(("_no_zone", "_bits", "_ber")))),
    "signed_data": every({k: v for k, v in E_SEAL.items() if k.startswith("data_") and not k.endswith("_signed")}, BAD_DER,
                         damaged("data_attrs", E_SEAL["data_attrs"]), as_makers_write("makers_data", E_SEAL["data_attrs"])),
    "value": every({k: v for k, v in VALUE.items() if k.startswith(("value_", "seal_", "signer", "tsa"))}, BAD_DER, damaged("value_v5", VALUE["value_v5"]),
                   damaged("value_data_attrs", VALUE["value_data_attrs"]), as_makers_write("makers_value", VALUE["value_v5"]),
                   as_makers_write("makers_data", VALUE["value_data_attrs"])),
}


def main():
    check = sys.argv[1:] == ["--check"]
    different = []
    for target, files in TARGETS.items():
        folder = HERE / "corpus" / target
        for name, value in files.items():
            path = folder / name
            if path.exists() and path.read_bytes() == value:
                continue
            if check:
                different.append(str(path))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(value)
        there = list(folder.glob("*"))
        size = sum(f.stat().st_size for f in there)
        if len(there) > FILES_MAX or size > BYTES_MAX:
            sys.exit(f"{folder}: {len(there)} files, {size} bytes: more than {FILES_MAX} or {BYTES_MAX}")
    if different:
        sys.exit("not what make_corpus.py makes: " + ", ".join(different))


main()
