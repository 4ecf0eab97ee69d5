#!/usr/bin/env python3
"""The golden genesis document: genesis.json beside this file, turned into bytes by a program that shares no code with the ledger.

    make_genesis.py            writes genesis.txt, and the lines `genesis/name: hex` of docs/FORMATS.md
    make_genesis.py --check    writes nothing; fails where any differs (a change needs a line in CHANGELOG.md)

Standard library only. The keys are small multiples of the curves' base points and of RFC 8032 7.1: everybody has their secrets.
"""
import datetime
import hashlib
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
USES = ["", "govern", "issue", "seal", "verify", "audit", "operate", "node-seal", "node-note", "node-checkpoint"]
ALGS = {"ES256K": (-47, 8), "ES256": (-7, 1), "EdDSA": (-8, 6), "SM2": (-70001, -70002)}  # COSE algorithm, curve
NODE = [("seal", "ES256K"), ("note", "ES256"), ("checkpoint", "EdDSA")]


def head(major, n):
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 1 << (8 * size):
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def cbor(x):
    if x is None or x is True or x is False:
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[x]
    if isinstance(x, int):
        return head(0, x) if x >= 0 else head(1, -1 - x)
    if isinstance(x, bytes):
        return head(2, len(x)) + x
    if isinstance(x, str):
        return head(3, len(x.encode())) + x.encode()
    if isinstance(x, list):
        return head(4, len(x)) + b"".join(map(cbor, x))
    return head(5, len(x)) + b"".join(k + cbor(v) for k, v in sorted((cbor(k), v) for k, v in x.items()))


def public(key, alg=None):
    """The key as it stands inside objects, and its thumbprint (RFC 9679)."""
    alg, crv = ALGS[key.get("alg", alg)]
    x, y = bytes.fromhex(key["x"]), bytes.fromhex(key["y"]) if "y" in key else None
    cose = {1: 2 if y else 1, -1: crv, -2: x}
    if y:
        cose[-3] = y
    return [alg, x, y], hashlib.sha256(cbor(cose)).digest()


def document(d):
    members, types, policy = d["members"], d["types"], d["policy"]
    time = int(datetime.datetime.fromisoformat(d["time"].replace("Z", "+00:00")).timestamp()) * 1000
    member_no = {m["uscc"]: 2 + i for i, m in enumerate(members)}
    type_no = {t["code"]: 2 + len(members) + i for i, t in enumerate(types)}
    governs = next(m["uscc"] for m in members if "govern" in m["roles"])
    objects = [[1, policy.get("iat_back_s", 86400), policy.get("iat_ahead_s", 300), policy.get("approvals", 2), policy.get("objects_per_day", 2000000),
                policy.get("proposals_open", 16), policy.get("stale_after_s", 86400), 0b11110]]
    nodes = [[m["uscc"]] + [public(m["node"][part], alg)[0] for part, alg in NODE] for m in members if "node" in m]
    objects.append([2, {"solo": 1, "cometbft": 2}[d["engine"]], d["threshold"], nodes])
    for m in members:
        may = list(type_no) if m.get("types") == "all" else m.get("types", [])
        roles = sum(1 << USES.index(r) for r in m["roles"])
        objects.append([3, m["uscc"], member_no[m["uscc"]], m["name"], int(m.get("region", d["region"])), roles, 1, sorted(type_no[c] for c in may), 0, 0, 0])
    for t in types:
        elements = {e["code"]: [e["code"], e["label"], e.get("mandatory", False), e.get("sensitivity", 1)] for e in t["elements"]}
        elements.setdefault("ZZBS", ["ZZBS", "证照标识", True, 1])
        objects.append([5, t["code"], type_no[t["code"]], t["name"], 1, t.get("keyed", True), sorted(map(int, t["holder_kinds"])),
                        [elements[c] for c in sorted(elements)], t.get("days_max", 0), t.get("unlimited", False),
                        member_no[t.get("definer") or governs], member_no[t["supervisor"]] if t.get("supervisor") else None,
                        sorted(member_no[u] for u in t.get("scope", []))])
    for m in members:
        keys = [(public(k), USES.index(k["use"])) for k in m["keys"]]
        keys += [(public(m["node"][part], alg), 7 + i) for i, (part, alg) in enumerate(NODE) if "node" in m]
        for (part, thumb), use in keys:
            objects.append([4, thumb, len(objects), part, member_no[m["uscc"]], use, time, None, None])
    return cbor([1, "licet-genesis", d["chain_id"], int(d["region"]), time, objects])


def settle(path, text, check):
    """Writes the file, or says whether it is as it should be."""
    if check:
        return os.path.exists(path) and open(path, encoding="utf-8").read() == text
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return True


def main():
    check = sys.argv[1:] == ["--check"]
    with open(os.path.join(HERE, "genesis.json"), encoding="utf-8") as f:
        made = document(json.load(f))
    known = {"document": made.hex(), "hash": hashlib.sha256(made).hexdigest()}
    text = "# Made by make_genesis.py from genesis.json. name: hex\n" + "".join("%s: %s\n" % line for line in known.items())
    different = [] if settle(os.path.join(HERE, "genesis.txt"), text, check) else ["genesis.txt"]
    formats = os.path.join(HERE, "..", "..", "docs", "FORMATS.md")
    with open(formats, encoding="utf-8") as f:
        text = f.read()
    if not settle(formats, re.sub(r"^genesis/(\w+):.*$", lambda m: "genesis/%s: %s" % (m[1], known[m[1]]), text, flags=re.M), check):
        different.append("docs/FORMATS.md")
    if different:
        sys.exit("not what make_genesis.py makes: " + ", ".join(different))


main()
