"""Proof files changed with knowledge of what they are, and what the second verifier says of each.

    attack_licet.py WORLD OUT COUNT SEED NOW

WORLD holds what test_second_verifier.py fetched: proofs, genesis.cbor, leaves of the map, entries of the log, keys of the node. For each changed
proof one line is printed: `PROOF FILE PIN NOW EXIT WORD KIND HARMLESS`; harmless says that `valid` may be said of it.
"""
import json
import pathlib
import random
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

import verify_licet as licet
from verify_licet import Tagged, decode, encode, map_key, sha

VERSION, SUBJECT, HEADER, NOTES, LINKS, RECORDS, OPENINGS, STATEMENT, INCLUSION, SEALS, COMMIT = range(11)
N_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def sign(key, message, algorithm=None):
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(algorithm or hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def note_of(key, kid, header, at, ledger, alg=-7, labels=None, **more):
    """A head note as FORMATS 6 says, with whatever is said otherwise."""
    what = {"term": header.term, "n": header.n, "hash": header.hash, "genesis": ledger, "version": 1, "unprotected": {}, **more}
    protected = encode({1: alg, 4: kid, 16: licet.HEAD_TYP, **(labels or {})})
    payload = encode([what["version"], what["genesis"], what["term"], what["n"], what["hash"], at])
    return encode(Tagged([protected, what["unprotected"], payload, sign(key, encode(["Signature1", protected, b"", payload]))]))


class Map:
    """The state map built again from its leaves, so that any proof can be made: true ones and others."""

    def __init__(self, leaves):
        self.values = leaves
        self.keys = sorted(leaves)

    def node(self, keys):
        if len(keys) == 1:
            return sha(b"\x00", keys[0], sha(self.values[keys[0]]))
        bit, left, right = self.split(keys)
        return sha(b"\x01", bit.to_bytes(2, "big"), self.node(left), self.node(right))

    @staticmethod
    def split(keys):
        first, last = (int.from_bytes(keys[at], "big") for at in (0, -1))
        bit = 256 - (first ^ last).bit_length()
        cut = next(at for at, key in enumerate(keys) if licet.bit_of(key, bit))
        return bit, keys[:cut], keys[cut:]

    def steps(self, key):
        keys, steps = self.keys, b""
        while len(keys) > 1:
            bit, left, right = self.split(keys)
            keys, other = (right, left) if licet.bit_of(key, bit) else (left, right)
            steps += bit.to_bytes(2, "big") + self.node(other)
        return steps, keys[0]


def log_path(leaves, index):
    """RFC 9162: root and inclusion path, next to the leaf first."""
    if len(leaves) == 1:
        return leaves[0], []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        root, path = log_path(left, index)
        other = log_path(right, 0)[0]
        return sha(b"\x01", root, other), path + [other]
    root, path = log_path(right, index - half)
    other = log_path(left, 0)[0]
    return sha(b"\x01", other, root), path + [other]


class World:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.trusted = licet.Trusted((self.folder / "genesis.cbor").read_bytes())
        self.genesis = self.trusted.hash
        told = json.loads((self.folder / "world.json").read_text())
        self.bases = [(name, decode((self.folder / name).read_bytes()), file) for name, file in told["proofs"]]
        self.other = [decode((self.folder / name).read_bytes()) for name in told["others"]]
        self.files = told["files"]
        self.now = {}
        self.maps = {bytes.fromhex(root): Map({bytes.fromhex(k): bytes.fromhex(v) for k, v in leaves.items()}) for root, leaves in told["maps"].items()}
        self.entries = [bytes.fromhex(entry) for entry in told["entries"]]
        self.keys = {name: serialization.load_pem_private_key((self.folder / name).read_bytes(), None) for name in ("note.pem", "seal.pem", "issue.pem")}
        self.kid = next(iter(self.trusted.finality.notes))
        for root, made in self.maps.items():
            if made.node(made.keys) != root:
                raise SystemExit("the map built from its leaves has another root than the header: FORMATS 5 is not what the node does")

    def present(self, header, kind, identity):
        made = self.maps[header.state]
        key = map_key(self.genesis, kind, identity)
        return [kind, made.steps(key)[0], made.values[key]]

    def absent(self, header, kind, identity):
        made = self.maps[header.state]
        steps, other = made.steps(map_key(self.genesis, kind, identity))
        return [kind, steps, None, identity, other, sha(made.values[other])]


# ---- changes: each takes (world, chance, proof, base) and changes the proof; what it returns stands for the whole file ----------------
CHANGES = []


def change(harmless=False):
    def add(function):
        CHANGES.append((function.__name__, function, harmless))
        return function
    return add


def flipped(chance, raw):
    if not raw:
        return b"\x00"
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1:]


@change()
def record_dropped(world, chance, proof):
    """But not the documents of a licence that is the subject: nothing hangs on them until a file is shown."""
    needed = [at for at, record in enumerate(proof[RECORDS]) if record[0] != 8 or proof[SUBJECT][0] == 2]
    del proof[RECORDS][chance.choice(needed)]


@change(True)
def records_shuffled(world, chance, proof):
    chance.shuffle(proof[RECORDS])


@change(True)
def record_twice(world, chance, proof):
    proof[RECORDS].insert(chance.randrange(len(proof[RECORDS]) + 1), chance.choice(proof[RECORDS]))


@change()
def values_swapped(world, chance, proof):
    one, two = chance.choice(proof[RECORDS]), chance.choice(proof[RECORDS])
    if one is two or len(one) != 3 or len(two) != 3:
        one[1] = flipped(chance, one[1])
    else:
        one[2], two[2] = two[2], one[2]


@change()
def record_of_another_ledger(world, chance, proof):
    at = chance.randrange(len(proof[RECORDS]))
    proof[RECORDS][at] = chance.choice(chance.choice(world.other)[RECORDS])


@change()
def record_of_another_header(world, chance, proof):
    others = [base[1] for base in world.bases if base[1][HEADER] != proof[HEADER]]
    at = chance.randrange(len(proof[RECORDS]))
    same = [record for other in others for record in other[RECORDS] if record[0] == proof[RECORDS][at][0] and record[1:] != proof[RECORDS][at][1:]]
    proof[RECORDS][at] = chance.choice(same) if same else [14, b"", b"x"]


@change()
def older_note_newer_header(world, chance, proof):
    others = [base[1] for base in world.bases if base[1][HEADER] != proof[HEADER]]
    proof[NOTES] = chance.choice(others)[NOTES]


@change()
def header_of_another_proof(world, chance, proof):
    proof[HEADER] = chance.choice([base[1] for base in world.bases if base[1][HEADER] != proof[HEADER]] + world.other)[HEADER]


@change()
def header_bytes(world, chance, proof):
    proof[HEADER] = flipped(chance, proof[HEADER])


@change()
def header_field_signed_again_by_another_key(world, chance, proof):
    item = decode(proof[HEADER])
    at = chance.randrange(14)
    item[at] = flipped(chance, item[at]) if isinstance(item[at], bytes) else item[at] + 1 if isinstance(item[at], int) else item[at] + "x"
    proof[HEADER] = encode(item)
    try:
        header = licet.Header(proof[HEADER])
    except licet.Refused:
        return
    proof[NOTES] = [note_of(ec.generate_private_key(ec.SECP256R1()), world.kid, header, header.time + 5, world.genesis)]


@change()
def note_field_signed_by_the_right_key(world, chance, proof):
    header = licet.Header(proof[HEADER])
    proof[NOTES] = [note_of(world.keys["note.pem"], world.kid, header, header.time + 5, world.genesis, **chance.choice([
        {"term": header.term + 1}, {"n": header.n + 1}, {"n": max(header.n, 1) - 1}, {"hash": flipped(chance, header.hash)}, {"version": 2}, {"version": 0},
        {"genesis": flipped(chance, world.genesis)}, {"unprotected": {4: world.kid}}, {"unprotected": {396: {-1: [b""]}}}, {"labels": {2: [16]}},
        {"labels": {3: "application/cbor"}}, {"labels": {15: {6: 1}}}, {"labels": {-70000: world.genesis}}, {"labels": {99: 1}}, {"alg": -47},
        {"alg": -8}, {"alg": -70001}, {"alg": -35}, {"alg": 1}, {"labels": {16: "application/vnd.licet.header+cose"}}, {"labels": {16: 1}},
        {"labels": {"x": 1}}]))]


@change()
def note_before_its_header(world, chance, proof):
    header = licet.Header(proof[HEADER])
    proof[NOTES] = [note_of(world.keys["note.pem"], world.kid, header, max(0, header.time - chance.choice((1, 1000, 86400000))), world.genesis)]


@change(True)
def note_made_again(world, chance, proof):
    header = licet.Header(proof[HEADER])
    proof[NOTES].insert(chance.randrange(len(proof[NOTES]) + 1),
                        note_of(world.keys["note.pem"], world.kid, header, header.time + chance.choice((0, 1, 86400000, 10**12)), world.genesis))


@change(True)
def note_with_the_other_half_of_s(world, chance, proof):
    sign1 = decode(proof[NOTES][0], tag=True).item
    s = N_P256 - int.from_bytes(sign1[3][32:], "big")
    sign1[3] = sign1[3][:32] + s.to_bytes(32, "big")
    proof[NOTES][0] = encode(Tagged(sign1))


@change()
def note_by_a_key_of_another_use(world, chance, proof):
    header = licet.Header(proof[HEADER])
    name = chance.choice(("seal.pem", "issue.pem"))
    numbers = world.keys[name].public_key().public_numbers()
    own = licet.thumbprint([-47, numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")])
    note = note_of(world.keys[name], chance.choice((own, world.kid)), header, header.time + 5, world.genesis, alg=chance.choice((-47, -7)))
    proof[NOTES] = chance.choice(([note], [*proof[NOTES], note], [note, *proof[NOTES]]))


@change()
def note_signature(world, chance, proof):
    sign1 = decode(proof[NOTES][0], tag=True).item
    sign1[3] = chance.choice((bytes(64), flipped(chance, sign1[3]), sign1[3][32:] + sign1[3][:32], sign1[3][:63], sign1[3] + b"\0", b"",
                              sign1[3][:32] + N_P256.to_bytes(32, "big")))
    proof[NOTES][0] = encode(chance.choice((Tagged(sign1), Tagged(sign1), sign1)))


@change()
def notes_none_or_many(world, chance, proof):
    proof[NOTES] = chance.choice(([], proof[NOTES] * 65, [b""], [None]))


@change()
def absence_for_a_present_key(world, chance, proof):
    header = licet.Header(proof[HEADER])
    made = world.maps.get(header.state)
    at = chance.randrange(len(proof[RECORDS]))
    record = proof[RECORDS][at]
    if made is None or len(record) != 3:
        proof[RECORDS][at] = [6, b"", None, bytes(32), None, None]
        return
    identity = licet.object_id(decode(record[2]))
    key = map_key(world.genesis, record[0], identity)
    steps, other = record[1], chance.choice(made.keys)
    if chance.random() < 0.3:
        other = key
    elif chance.random() < 0.5:  # the way of the other leaf, for which all hashes are right
        steps = made.steps(other)[0]
    elif steps:
        cut = 34 * chance.randrange(len(steps) // 34)
        steps = steps[:cut]
    proof[RECORDS][at] = [record[0], steps, None, identity, other, sha(made.values[other])]
    if chance.random() < 0.2:
        proof[RECORDS].append(record)


@change()
def absence_of_an_empty_map(world, chance, proof):
    proof[RECORDS][0] = [proof[RECORDS][0][0], b"", None, licet.object_id(decode(proof[RECORDS][0][2])) if len(proof[RECORDS][0]) == 3 else bytes(32), None, None]


@change(True)
def true_records_more(world, chance, proof):
    header = licet.Header(proof[HEADER])
    made = world.maps.get(header.state)
    if made is None:
        return
    item = decode(made.values[chance.choice(made.keys)])
    proof[RECORDS].append(world.present(header, item[0], licet.object_id(item)))
    if chance.random() < 0.5:
        proof[RECORDS].append(world.absent(header, chance.choice((6, 8, 10, 13)), chance.randbytes(32)))


@change(True)
def subject_by_its_number(world, chance, proof):
    """The same licence asked for by its number, with records that are true: as it is in this header."""
    header = licet.Header(proof[HEADER])
    made = world.maps.get(header.state)
    numbers = [item for item in map(decode, made.values.values()) if item[0] == 7] if made else []
    mine = {decode(record[2])[2] for record in proof[RECORDS] if record[0] == 6 and len(record) == 3}
    numbers = [item for item in numbers if item[4] in mine]
    if not numbers:
        return
    proof[SUBJECT] = [3, numbers[0][1], numbers[0][2]]
    proof[RECORDS].append(world.present(header, 7, licet.object_id(numbers[0])))


@change()
def steps_changed(world, chance, proof):
    record = chance.choice(proof[RECORDS])
    steps = record[1]
    cut = 34 * chance.randrange(len(steps) // 34 + 1)
    record[1] = chance.choice((steps[:cut] if cut < len(steps) else steps + bytes(34), steps[:cut] + bytes([0, chance.randrange(256)]) + chance.randbytes(32) + steps[cut:],
                               steps[34:] + b"\x00", flipped(chance, steps), steps + steps[-34:] if steps else b"\x01", steps[:-1] if steps else b"\x01"))


@change()
def value_changed(world, chance, proof):
    record = chance.choice(proof[RECORDS])
    if len(record) == 3:
        item = decode(record[2])
        at = chance.randrange(len(item))
        item[at] = {int: lambda v: v + chance.choice((1, -1)), bytes: lambda v: flipped(chance, v), str: lambda v: v + "x"}.get(type(item[at]), lambda v: 1)(item[at])
        record[2] = encode(item)
    else:
        record[3] = flipped(chance, record[3])


@change()
def kind_changed(world, chance, proof):
    record = chance.choice(proof[RECORDS])
    record[0] = chance.choice([kind for kind in (*range(-1, 16), None, "6", 2**63) if kind != record[0]])


@change()
def subject_changed(world, chance, proof):
    proof[SUBJECT] = chance.choice(([proof[SUBJECT][0] % 3 + 1, *proof[SUBJECT][1:]], [*proof[SUBJECT][:-1], flipped(chance, proof[SUBJECT][-1])], [3, 7, bytes(16)], [4, bytes(32)],
                                    [0, bytes(32)], [1], [*proof[SUBJECT], None], [1, chance.randbytes(31)], [3, 2**32 - 1, bytes(16)]))


@change(True)
def openings_dropped(world, chance, proof):
    proof[OPENINGS] = proof[OPENINGS][1:]


@change()
def opening_changed(world, chance, proof):
    if not proof[OPENINGS]:
        proof[OPENINGS] = [encode([1, 0, encode([bytes(16), "x", "ZZBS"]), b""])]
        return
    at = chance.randrange(len(proof[OPENINGS]))
    item = decode(proof[OPENINGS][at])
    told = decode(item[2])
    what = chance.randrange(8)
    if what == 0:
        told[1] += "1"
    elif what == 1:
        told[2] = "ZZMC" if told[2] != "ZZMC" else "ZZBS"
    elif what == 2:
        told[0] = flipped(chance, told[0])
    item[2] = encode(told)
    if what == 3:
        item[0] = chance.choice((0, 65, item[0] * 2 + 1))
    elif what == 4:
        item[1] = chance.choice((item[0], item[1] ^ 1, 64))
    elif what == 5:
        item[3] = chance.choice((item[3] + bytes(32), item[3] + b"\0", item[3][:-1] if item[3] else b"\1"))
    elif what == 6:
        item[2] = flipped(chance, item[2])
    elif what == 7:
        item.append(0)
    proof[OPENINGS][at] = encode(item)


@change(True)
def statement_that_is_there(world, chance, proof):
    size = licet.Header(proof[HEADER]).size
    index = chance.randrange(size)
    proof[STATEMENT] = world.entries[index]
    proof[INCLUSION] = [index, b"".join(log_path([sha(b"\x00", entry) for entry in world.entries[:size]], index)[1])]


@change()
def statement_that_is_not_there(world, chance, proof):
    statement_that_is_there(world, chance, proof)
    index, path = proof[INCLUSION]
    what = chance.randrange(9)
    if what == 0:
        proof[STATEMENT] = flipped(chance, proof[STATEMENT])
    elif what == 1:
        proof[STATEMENT] = world.entries[index - 1]
    elif what == 2:
        proof[INCLUSION] = [index + 1, path]
    elif what == 3:
        proof[INCLUSION] = [index, path[:-32] if path else bytes(32)]
    elif what == 4:
        proof[INCLUSION] = [index, path + chance.randbytes(32)]
    elif what == 5:
        proof[INCLUSION] = [index, flipped(chance, path)]
    elif what == 6:
        proof[INCLUSION] = None
    elif what == 7:
        proof[STATEMENT] = None
    else:
        proof[INCLUSION] = [index + 2**40, path]


@change(True)
def link_that_is_true(world, chance, proof):
    header = licet.Header(proof[HEADER])
    olds = [base[1] for base in world.bases if licet.Header(base[1][HEADER]).at <= header.at and licet.Header(base[1][HEADER]).state in world.maps]
    heads = sorted({base[HEADER]: base for base in olds}.values(), key=lambda base: licet.Header(base[HEADER]).at)
    for old in chance.sample(heads, min(len(heads), 2)):
        proof[LINKS].append(encode([old[HEADER], old[NOTES], world.present(licet.Header(old[HEADER]), 2, b"")]))
    proof[LINKS].sort(key=lambda link: licet.Header(decode(link)[0]).at)


@change()
def link_that_is_not_true(world, chance, proof):
    link_that_is_true(world, chance, proof)
    if not proof[LINKS]:
        proof[LINKS] = [b"x"]
        return
    at = chance.randrange(len(proof[LINKS]))
    item = decode(proof[LINKS][at])
    what = chance.randrange(6)
    if what == 0:
        proof[LINKS].append(proof[LINKS][at])
        return
    if what == 1:
        item[0] = flipped(chance, item[0])
    elif what == 2:
        item[1] = []
    elif what == 3:
        item[2][2] = flipped(chance, item[2][2])
    elif what == 4:
        item[2] = chance.choice([record for record in proof[RECORDS] if record[0] != 2])
    else:
        item[1] = chance.choice(world.other)[NOTES]
    proof[LINKS][at] = encode(item)


@change()
def opening_of_another_licence(world, chance, proof):
    header = licet.Header(proof[HEADER])
    made = world.maps.get(header.state)
    mine = {decode(record[2])[1] for record in proof[RECORDS] if record[0] == 6 and len(record) == 3}
    for other in (base[1] for base in world.bases if base[1][OPENINGS]):
        key = next(decode(record[2])[1] for record in other[RECORDS] if record[0] == 6)
        if key not in mine and made and map_key(world.genesis, 6, key) in made.values:
            proof[RECORDS].insert(chance.randrange(len(proof[RECORDS]) + 1), world.present(header, 6, key))
            proof[OPENINGS] = other[OPENINGS]


@change(True)
def seals_and_commit(world, chance, proof):
    proof[SEALS] = [chance.randbytes(chance.choice((1, 100, 256))) for _ in range(chance.choice((0, 1, 64)))]
    proof[COMMIT] = chance.choice((None, b"", b"x", bytes(4000)))


@change()
def element_of_another_type(world, chance, proof):
    at = chance.randrange(11)
    kept = proof[at]
    proof[at] = chance.choice([other for other in (None, True, 0, 2, -1, b"", "x", [], {}, {1: 1}, [[]], Tagged([])) if type(other) is not type(kept)])
    return encode(proof)


@change()
def elements_more_or_fewer(world, chance, proof):
    proof[:] = chance.choice((proof[:-1], [*proof, None], proof[1:], [2, *proof[1:]], [0, *proof[1:]], []))


@change()
def not_deterministic(world, chance, proof):
    raw = encode(proof)
    what = chance.randrange(6)
    if what == 0:
        return b"\x98\x0b" + raw[1:]
    if what == 1:
        return b"\x9f" + raw[1:] + b"\xff"
    if what == 2:
        return raw + chance.choice((b"\x00", b"\xf6", raw))
    if what == 3:
        return raw[:1] + b"\x18\x01" + raw[2:]
    if what == 4:
        return b"\xd2" + raw
    return raw.replace(b"\x58\x20", b"\x59\x00\x20", 1)


@change()
def cut_short(world, chance, proof):
    raw = encode(proof)
    return raw[:chance.randrange(len(raw))]


def bits(world, chance, proof):
    return flipped(chance, encode(proof))


CHANGES.append(("bit", bits, None))  # None: `valid` may be said of it where what was read is the same


def copied(item):
    if isinstance(item, list):
        return [copied(part) for part in item]
    return item


def main():
    folder, out, count, seed, now = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    world, chance = World(folder), random.Random(seed)
    for turn in range(count):
        base, proof, file = chance.choice(world.bases)
        name, function, harmless = CHANGES[turn % len(CHANGES)]
        changed = copied(proof)
        raw = function(world, chance, changed)
        raw = encode(changed) if not isinstance(raw, bytes) else raw
        if raw == encode(proof):
            harmless = True  # nothing was there to be changed
        shown, pin = "-", "-"
        if chance.random() < 0.4:
            shown = chance.choice(world.files)
        if chance.random() < 0.2:
            pin = chance.choice([other[0] + ".pin" for other in world.bases])
        if name == "subject_changed" and shown != "-" and changed[SUBJECT][0] == 2:
            harmless = True  # the file that is shown is what is asked for, FORMATS 9
        at = now + chance.choice((0, 0, 0, -30 * 86400000, 86400000 * 2, 86400000 * 4000))
        path = out / f"{turn}.licet"
        path.write_bytes(raw)
        read = pathlib.Path(shown).read_bytes() if shown != "-" else None
        word, why = licet.verify(raw, world.trusted, read, licet.Header((world.folder / pin).read_bytes()) if pin != "-" else None, None, at)
        before, _ = licet.verify(encode(proof), world.trusted, read, None, None, at)
        print(path, shown, f"{folder}/{pin}" if pin != "-" else "-", at, licet.EXIT[word], word, name, {True: 1, False: 0, None: 2}[harmless], before, base,
              why.replace(" ", "_") or "-")


if __name__ == "__main__":
    main()
