"""A receipt and a transparent statement checked by PyPI scitt-cose.

    scitt.py STATEMENT RECEIPT TRANSPARENT KEYS     exit 1 with a message where it is refused
"""
import pathlib
import sys

import cbor2
import scitt_cose
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def main():
    statement, receipt, transparent, keys = (pathlib.Path(p).read_bytes() for p in sys.argv[1:])
    kid = cbor2.loads(cbor2.loads(receipt).value[0])[4]
    key = next(k for k in cbor2.loads(keys) if k[2] == kid)
    public = ec.EllipticCurvePublicNumbers(int.from_bytes(key[-2], "big"), int.from_bytes(key[-3], "big"), ec.SECP256R1()).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    inside = scitt_cose.extract_receipts(transparent)
    if inside != [receipt]:
        sys.exit(f"refused: {len(inside)} receipts in the transparent statement, or another one")
    for one in (receipt, *inside):
        result = scitt_cose.verify_receipt(one, leaf_entry_hex=statement.hex(), log_public_key_pem=pem)
        if not result.ok:
            sys.exit(f"refused: {result.failed_at}: {result.errors}")
    print("ok")


main()
