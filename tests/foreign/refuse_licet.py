"""Statements made from docs/FORMATS.md alone, each of which is to meet one refusal: prints a JSON list of [code, what, statement in hex].

    refuse_licet.py DIR MEMBER TYPE-CODE                     what a ledger of one member can meet
    refuse_licet.py DIR MEMBER TYPE-CODE OTHER OTHERS-TYPE   what takes a second member, OTHER, whose keys lie in DIR/members, and whose type MEMBER may not
                                                             issue; and a quota of QUOTA objects a day

Code OK: is to be accepted. Each list item is posted in order, so that later ones meet what earlier ones left.
"""
import json
import pathlib
import sys
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from verify_licet import Tagged, encode, sha, thumbprint

N_K1 = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
QUOTA = 40
folder, member, type_code, *second = pathlib.Path(sys.argv[1]), *sys.argv[2:]
genesis = sha((folder / "genesis.cbor").read_bytes())


def key_at(path):
    return serialization.load_pem_private_key((folder / path).read_bytes(), None)


keys = {use: key_at(f"keys/{use}.pem") for use in ("issue", "seal", "verify")}
if second:
    keys.update({f"other {use}": key_at(f"members/{second[0]}/{use}.pem") for use in ("issue", "seal")})
keys["stranger"] = ec.generate_private_key(ec.SECP256K1())
RECORD, TYP = "application/vnd.licet.record+cbor", "application/vnd.licet.record+cose"
now = int(time.time())


def kid_of(key):
    point = key.public_key().public_numbers()
    return thumbprint([-47, point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")])


def sign(payload, use="issue", drop=(), unprotected=None, spoil=False, **labels):
    """labels: alg, content, kid, iss, sub, iat, typ, ledger, more (a map), reversed."""
    key = keys[use]
    claims = {1: labels.get("iss", f"urn:licet:member:{second[0] if use.startswith('other ') else member}"), 2: labels.get("sub", "job-1"), 6: labels.get("iat", now)}
    header = {1: labels.get("alg", -47), 3: labels.get("content", RECORD), 4: labels.get("kid", kid_of(key)), 15: claims, 16: labels.get("typ", TYP),
              -70000: labels.get("ledger", genesis), **labels.get("more", {})}
    for label in drop:
        del header[label]
    protected = encode(header)
    if labels.get("reversed"):
        rows = [encode(label) + encode(value) for label, value in header.items()]
        protected = protected[:1] + b"".join(reversed(rows))
    r, s = utils.decode_dss_signature(key.sign(encode(["Signature1", protected, b"", payload or b""]), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + ((s + 1) % N_K1 if spoil else s).to_bytes(32, "big")
    return encode(Tagged([protected, unprotected or {}, payload, signature]))


def licence(n, **more):
    item = {"key": sha(b"key%d" % n), "version": 1, "number": sha(b"number%d" % n)[:16], "kind": 1, "holder": sha(b"h")[:16], "name": sha(b"n")[:16], "from": 20000,
            "to": 23000, "documents": [[1, sha(b"document%d" % n)]], "root": sha(b"root%d" % n), "seal": None, "components": [], **more}
    return list(item.values())


def issue(*items, elements=("ZZBS",), of=None, version=1, op=1):
    return encode([version, op, [of or type_code, list(elements), list(items)]])


def act(op, n, count, reason="reason", basis="basis", until=None):
    return encode([1, op, [[[sha(b"key%d" % n), count, reason, basis, until]]]])


def made(n, start=0, end=4102444800000):
    return [sha(b"seal%d" % n), sha(b"maker"), [sha(b"certificate")], start, end]


def register(name, n, owner=None, **period):
    return encode([1, 20, [[[name, owner or member, 2, "章", *made(n, **period)]]]])


def seal_act(op, name, count, *more, reason="reason", basis="basis"):
    return encode([1, op, [[[name, count, reason, basis, *more]]]])


first = sign(issue(licence(1)))
good = issue(licence(99))
rows = [
    ("OK", first), ("ALREADY_ENTERED", first), ("RESIGNED", None),
    ("OK", sign(issue(licence(2)))),
    # bytes
    ("CBOR_TRUNCATED", sign(good)[:-1]), ("CBOR_TRAILING", sign(good) + b"\x00"), ("CBOR_NOT_SHORTEST", b"\xd2\x98\x04" + sign(good)[2:]),
    ("CBOR_INDEFINITE", b"\xd2\x9f" + sign(good)[2:] + b"\xff"), ("CBOR_KEY_ORDER", sign(good, reversed=True)),
    ("CBOR_TYPE", sign(encode([1, 1, "x"]))), ("CBOR_RANGE", sign(issue(licence(99, version=0)))),
    ("CBOR_FLOAT", sign(good[:-1] + b"\xf7")), ("CBOR_TAG", sign(good)[1:]),
    ("TEXT_INVALID", sign(act(3, 1, 1, reason="a\u202eb"))),
    ("VERSION_UNKNOWN", sign(issue(licence(99), version=2))), ("STATEMENT_TOO_LARGE", sign(bytes(66000))),
    ("FIELD_MISSING", sign(good, drop=(4,))),
    # the statement and its signer
    ("ALG_NOT_ALLOWED", sign(good, alg=-35)), ("ALG_KEY_MISMATCH", sign(good, alg=-7)), ("UNPROTECTED_HEADER", sign(good, unprotected={4: b"x"})),
    ("PAYLOAD_MISSING", sign(None)), ("TYP_WRONG", sign(good, typ="application/vnd.licet.request+cose")), ("OTHER_LEDGER", sign(good, ledger=bytes(32))),
    ("KEY_UNKNOWN", sign(good, use="stranger")), ("KEY_USE", sign(good, use="verify")), ("SIGNATURE_INVALID", sign(good, spoil=True)),
    ("ISSUER_MISMATCH", sign(good, iss="urn:licet:member:91310118MA1JL00000")), ("IAT_TOO_OLD", sign(good, iat=now - 86400 * 3)),
    ("IAT_IN_FUTURE", sign(good, iat=now + 86400)), ("SUB_INVALID", sign(good, sub="1.2.156")),
    # the rules
    ("OP_UNKNOWN", sign(encode([1, 2, [[]]]))), ("TYPE_UNKNOWN", sign(issue(licence(99), of="11990000LCT0000184999"))),
    ("HOLDER_KIND", sign(issue(licence(99, kind=999)))), ("ELEMENT_MISSING", sign(issue(licence(99), elements=("ZZMC",)))),
    ("ELEMENT_UNKNOWN", sign(issue(licence(99), elements=("NOT_ITS", "ZZBS")))), ("VALIDITY_ORDER", sign(issue(licence(99, to=19999)))),
    ("LICENCE_EXISTS", sign(issue(licence(1, number=bytes(16), documents=[])))), ("NUMBER_TAKEN", sign(issue(licence(98, number=sha(b"number1")[:16])))),
    ("DOCUMENT_TAKEN", sign(issue(licence(98, documents=[[1, sha(b"document1")]])))), ("LICENCE_UNKNOWN", sign(act(3, 77, 1))),
    ("COUNT_STALE", sign(act(3, 1, 9))), ("REASON_MISSING", sign(act(3, 1, 1, reason=""))),
    ("ITEM_REPEATED", sign(issue(licence(98), licence(98)))), ("COMPONENT_UNKNOWN", sign(issue(licence(98, components=[bytes(32)])))),
    ("OK", sign(act(3, 2, 1, reason="e\u0301 is not in NFC"))), ("ALREADY_SO", sign(act(3, 2, 2))), ("OK", sign(act(12, 2, 2))), ("STATE_FORBIDS", sign(act(6, 2, 3))),
    ("VALIDITY_RULE", sign(issue(licence(98, to=None), of="11990000LCT0000184002", elements=("KZ_FDDBR", "KZ_JYCS", "KZ_JYXM", "KZ_JYZMC", "KZ_ZTYT", "ZZBS")))),
    # seals
    ("SEAL_UNKNOWN", sign(issue(licence(98, seal=["none", bytes(32)])))), ("SEAL_ID_INVALID", sign(register("a b", 5), use="seal")),
    ("MEMBER_UNKNOWN", sign(register("x", 5, owner="91310118MA1JL00000"), use="seal")),
    ("OK", sign(register("S1", 1), use="seal")), ("SEAL_EXISTS", sign(register("S1", 2), use="seal")), ("MAKING_KNOWN", None),
    ("SEAL_DIGEST", sign(issue(licence(98, seal=["S1", bytes(32)])))), ("OK", sign(register("S2", 3, end=1000), use="seal")),
    ("SEAL_PERIOD", sign(issue(licence(98, seal=["S2", sha(b"seal3")])))), ("ENTRY_AHEAD", sign(seal_act(21, "S1", 1, 10**9), use="seal")),
    ("OK", sign(seal_act(21, "S1", 1, None), use="seal")), ("SEAL_STOPPED", sign(issue(licence(98, seal=["S1", sha(b"seal1")])))),
]
if second:
    rows = [
        ("OK", first), ("NOT_THE_ISSUER", sign(act(3, 1, 1), use="other issue")), ("TYPE_NOT_ALLOWED", sign(issue(licence(2), of=second[1]))),
        ("OK", sign(register("S1", 0), use="seal")), ("SEAL_NOT_OWNED", sign(issue(licence(3, seal=["S1", sha(b"seal0")])), use="other issue")),
        ("NOT_THE_REGISTRAR", sign(seal_act(21, "S1", 1, None), use="other seal")),
        *(("OK", sign(encode([1, 24, [[["S1", n, "reason", "basis", None, *made(n)]]]]), use="seal")) for n in range(1, 16)),
        ("MAKINGS_FULL", sign(encode([1, 24, [[["S1", 16, "reason", "basis", None, *made(16)]]]]), use="seal")),
        ("QUOTA", sign(issue(*(licence(n) for n in range(10, 10 + QUOTA // 3))))), ("OK", sign(issue(licence(10)))),
    ]
out = []
for name, statement in rows:
    if name == "RESIGNED":  # the very record and header again, under the other half of s
        item = bytearray(first)
        s = N_K1 - int.from_bytes(item[-32:], "big")
        statement = bytes(item[:-32]) + s.to_bytes(32, "big")
    elif name == "MAKING_KNOWN":
        statement = sign(encode([1, 24, [[["S1", 1, "reason", "basis", None, *made(1)]]]]), use="seal")
    out.append([name, statement.hex()])
print(json.dumps(out))
