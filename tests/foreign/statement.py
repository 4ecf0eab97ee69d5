"""Signed statements by programs of others (PyPI cwt, cbor2, cryptography).

    statement.py check STATEMENT X Y          our ES256K statement verified by cwt; X, Y: the issuer's key in hex; exit 1 where it is refused
    statement.py make KEY.pem GENESIS.cbor USCC TYPE OUT [high]
                                              a statement that issues one licence, as docs/FORMATS.md says; high: with the upper half of s
"""
import hashlib
import os
import pathlib
import sys
import time

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def check(path, x, y):
    from cwt import COSE, COSEKey
    data = pathlib.Path(path).read_bytes()
    kid = cbor2.loads(cbor2.loads(data).value[0])[4]
    key = COSEKey.new({1: 2, 2: kid, 3: -47, -1: 8, -2: bytes.fromhex(x), -3: bytes.fromhex(y)})
    try:
        payload = COSE.new().decode(data, key)
    except Exception as refused:  # each kind of fault has its own class there
        sys.exit(f"refused: {refused!r}")
    record = payload if isinstance(payload, bytes) else cbor2.dumps(payload, canonical=True)
    print(cbor2.loads(record)[1])


def make(key_path, genesis_path, uscc, type_code, out, half="low"):
    key = serialization.load_pem_private_key(pathlib.Path(key_path).read_bytes(), None)
    numbers = key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    kid = hashlib.sha256(cbor2.dumps({1: 2, -1: 8, -2: x, -3: y}, canonical=True)).digest()
    genesis = hashlib.sha256(pathlib.Path(genesis_path).read_bytes()).digest()
    licence = os.urandom(32)
    item = [licence, 1, os.urandom(16), 1, os.urandom(16), os.urandom(16), 20454, 24106, [[1, os.urandom(32)]], os.urandom(32), None, []]
    payload = cbor2.dumps([1, 1, [type_code, ["ZZBS"], [item]]], canonical=True)
    header = {1: -47, 3: "application/vnd.licet.record+cbor", 4: kid,
              15: {1: "urn:licet:member:" + uscc, 2: licence.hex(), 6: int(time.time())}, 16: "application/vnd.licet.record+cose", -70000: genesis}
    protected = cbor2.dumps(header, canonical=True)
    signed = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    if (s > ORDER // 2) != (half == "high"):
        s = ORDER - s
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    pathlib.Path(out).write_bytes(cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True))
    print(licence.hex())


{"check": check, "make": make}[sys.argv[1]](*sys.argv[2:])
