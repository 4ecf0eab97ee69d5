#!/usr/bin/env python3
"""Golden vectors of e-seals, e-seal signatures and signed data, made by a program that shares no code with the reader: DER written out here from the
ASN.1 of GM/T 0031-2014 (v1), GB/T 38540-2020 (v4), GM/T 0031-2025 (v5), GB/T 35275-2017 and RFC 5652. Certificates, pictures and signatures are
made-up bytes: the readers judge none of them.

    make_seal.py            writes seal.txt
    make_seal.py --check    writes nothing; fails where it differs (a change needs a line in CHANGELOG.md)
"""
import hashlib
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent / "seal.txt"
SM2_SM3, SM2_SIGN, SM3, ECDSA = "1.2.156.10197.1.501", "1.2.156.10197.1.301.1", "1.2.156.10197.1.401", "1.2.840.10045.4.3.2"
SHA256 = "2.16.840.1.101.3.4.2.1"


def tlv(tag, *parts):
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes([tag, 128 + size]) + len(content).to_bytes(size, "big") + content


def seq(*parts):
    return tlv(0x30, *parts)


def setof(*parts):
    return tlv(0x31, *parts)


def tagged(n, *parts):
    return tlv(0xA0 + n, *parts)


def integer(n):
    return tlv(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def octets(value):
    return tlv(0x04, value)


def bits(value):
    return tlv(0x03, b"\0" + value)


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\0")


def utf8(text):
    return tlv(0x0C, text.encode())


def printable(text):
    return tlv(0x13, text.encode())


def ia5(text):
    return tlv(0x16, text.encode())


def utc(text):
    return tlv(0x17, text.encode())


def generalized(text):
    return tlv(0x18, text.encode())


def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    content = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        groups = [arc & 127]
        while arc > 127:
            arc >>= 7
            groups.append(arc & 127 | 128)
        content += bytes(reversed(groups))
    return tlv(0x06, content)


def fill(first, count=32):
    return bytes((first + i) % 256 for i in range(count))


def algorithm(dotted, null=True):
    return seq(oid(dotted), tlv(0x05)) if null else seq(oid(dotted))


def name(common):
    return seq(setof(seq(oid("2.5.4.3"), utf8(common))))


def certificate(issuer, serial, key_id=None):
    """The shape of X.509, with a key and a signature that are none."""
    parts = [tagged(0, integer(2)), integer(serial), algorithm(SM2_SM3), name(issuer), seq(utc("200101000000Z"), utc("300101000000Z")), name("试用"),
             seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301")), bits(b"\x04" + fill(1, 64)))]
    if key_id is not None:
        usage = seq(oid("2.5.29.15"), boolean(True), octets(tlv(0x03, b"\x06\xc0")))
        parts.append(tagged(3, seq(usage, seq(oid("2.5.29.14"), octets(octets(key_id))))))
    return seq(seq(*parts), algorithm(SM2_SM3), bits(seq(integer(1), integer(2))))


MAKER, SIGNER, OTHER = certificate("制章CA", 7), certificate("签章CA", 0x81, fill(0x70, 20)), certificate("签章CA", 8)
RS = seq(integer(int.from_bytes(fill(0x11), "big")), integer(int.from_bytes(fill(0x91), "big")))  # r needs no leading zero, s does
RAW = fill(0x21, 64)
TOKEN = seq(oid("1.2.840.113549.1.7.2"), tagged(0, seq(integer(3))))  # stands for one
DIGEST = fill(0x40)
PROPERTY = "/Doc_0/Signs/Sign_0/Signature.xml"
PICTURE = b"\x89PNG\r\n\x1a\n" + fill(0, 200)
TAX = seq(oid("1.2.156.10197.6.7.2.2.1"), boolean(False), octets(b"2.1"))


def header(version, vendor):
    return seq(ia5("ES"), integer(version), ia5(vendor))


def picture(kind="png", width=40, height=300):
    return seq(ia5(kind), octets(PICTURE), integer(width), integer(height))


def dates(form, *texts):
    return b"".join(form(t) for t in texts)


# ---- v1 ----------------------------------------------------------------------------------------------------------------------------
INFO_1 = seq(header(11, "LICET"), ia5("SEAL-1"), seq(integer(1), utf8("某某市市场监督管理局"), seq(octets(SIGNER), octets(OTHER)),
             dates(utc, "200102030405Z", "200101000000Z", "991231235959Z")), picture())
SEAL_1 = seq(INFO_1, seq(octets(MAKER), oid(SM2_SM3), bits(RS)))
SEAL_1_SIGNED = seq(INFO_1, octets(MAKER), oid(SM2_SM3))


def signature_1(time_info):
    to_sign = seq(integer(1), SEAL_1, bits(time_info), bits(DIGEST), ia5(PROPERTY), octets(SIGNER), oid(SM2_SM3))
    return seq(to_sign, bits(RS))


# ---- v4 and v5 ---------------------------------------------------------------------------------------------------------------------
def info(version, kind, certs, ext=b"", when=("20200102030405Z", "20200101000000Z", "20500101000000Z"), **more):
    strings = {"vendor": ia5("LICET"), "id": ia5("50011200000399"), **more}
    return seq(seq(ia5("ES"), integer(version), strings["vendor"]), strings["id"],
               seq(integer(3), utf8("某某市市场监督管理局"), integer(kind), seq(*certs), dates(generalized, *when)), picture(), ext)


def seal(inner, signature=RS, token=b""):
    return seq(inner, octets(MAKER), oid(SM2_SM3), bits(signature), token)


EXT = seq(oid("1.2.156.10197.6.7.2.2.1"), octets(b"2.1")), seq(oid("2.999.1"), boolean(True), octets(b""))
INFO_4 = info(4, 1, [octets(SIGNER), octets(OTHER)], tagged(0, seq(*EXT)))
SEAL_4 = seal(INFO_4)
INFO_4_DIGESTS = info(4, 2, [seq(printable("SM3"), octets(fill(0x50))), seq(printable("2.16.840.1.101.3.4.2.1"), octets(fill(0x51)))])
INFO_4_BARE = info(4, 1, [octets(SIGNER)], seq(TAX), ("20200102030405.25Z", "20200101000000.000Z", "20500101000000.123456789Z"),
                   vendor=utf8("某厂"), id=printable("50011200000399"))
TO_SIGN_4 = seq(integer(4), SEAL_4, generalized("20211231235959Z"), bits(DIGEST), ia5(PROPERTY))
TO_SIGN_4_EXT = seq(integer(4), seal(INFO_4_BARE, RAW), generalized("20211231235959.5Z"), bits(DIGEST), utf8("签名"), tagged(0, seq(TAX)))
INFO_5 = info(5, 1, [octets(SIGNER)])
SEAL_5 = seal(INFO_5, token=tagged(0, bits(TOKEN)))


# ---- signed data -------------------------------------------------------------------------------------------------------------------
def attr(dotted, *values):
    return seq(oid(dotted), setof(*values))


def attrs(content_type, digest, *more):
    """In the order of DER's SET OF."""
    return sorted([attr("1.2.840.113549.1.9.3", oid(content_type)), attr("1.2.840.113549.1.9.4", octets(digest)), *more])


def signed(kind, version, digest, content, certs, signer):
    return seq(oid(kind), tagged(0, seq(integer(version), setof(algorithm(digest)), content, tagged(0, *certs) if certs else b"", setof(signer))))


BY_SERIAL = seq(name("签章CA"), integer(0x81))
GB_DATA = "1.2.156.10197.6.1.4.2.1"
ATTRS = attrs(GB_DATA, hashlib.sha256(b"content").digest(), attr("1.2.840.113549.1.9.5", utc("211231235959Z")))
DATA_ATTRS = signed("1.2.156.10197.6.1.4.2.2", 1, SM3, seq(oid(GB_DATA)), [OTHER, SIGNER],
                    seq(integer(1), BY_SERIAL, algorithm(SM3), tagged(0, *ATTRS), algorithm(SM2_SIGN), octets(RS)))
DATA_PLAIN = signed("1.2.156.10197.6.1.4.2.2", 1, SM3, seq(oid(GB_DATA), tagged(0, octets(DIGEST))), [SIGNER],
                    seq(integer(1), BY_SERIAL, algorithm(SM3, False), algorithm(SM2_SIGN, False), octets(RAW)))
TST = "1.2.840.113549.1.9.16.1.4"
DATA_KEY_ID = signed("1.2.840.113549.1.7.2", 3, SHA256, seq(oid(TST), tagged(0, octets(TOKEN))), [MAKER, OTHER, SIGNER],
                     seq(integer(3), tlv(0x80, fill(0x70, 20)), algorithm(SHA256), tagged(0, *attrs(TST, DIGEST)), algorithm(ECDSA, False), octets(RS),
                         tagged(1, attr("1.2.840.113549.1.9.16.2.14", TOKEN), attr("2.999.2", integer(1), integer(2)))))


def lines():
    yield "# What the vectors are made of"
    yield from (("maker", MAKER), ("signer", SIGNER), ("other", OTHER), ("rs", RS), ("raw", RAW), ("token", TOKEN), ("picture", PICTURE))
    yield "# GM/T 0031-2014: a seal, what its maker signed, signatures whose timeInfo is a time in DER, as text, a token, and none of these"
    yield "seal_v1", SEAL_1
    yield "seal_v1_signed", SEAL_1_SIGNED
    yield "signature_v1", signature_1(utc("211231235959Z"))
    yield "signature_v1_general", signature_1(generalized("20211231235959Z"))
    yield "signature_v1_text", signature_1(b"2021-12-31 23:59:59")
    yield "signature_v1_token", signature_1(TOKEN)
    yield "signature_v1_other", signature_1("下午".encode())
    yield "# GB/T 38540-2020: as the standard has it (our writer makes the same bytes)"
    yield "info_v4", INFO_4
    yield "seal_v4", SEAL_4
    yield "seal_v4_digests", seal(INFO_4_DIGESTS)
    yield "to_sign_v4", TO_SIGN_4
    yield "signature_v4", seq(TO_SIGN_4, octets(SIGNER), oid(SM2_SM3), bits(RS))
    yield "# ... and as production files have it: extDatas bare, FALSE written out, fractions, other string types, raw r|s; with a timestamp"
    yield "seal_v4_bare", seal(INFO_4_BARE, RAW)
    yield "signature_v4_bare", seq(TO_SIGN_4_EXT, octets(SIGNER), oid(SM2_SM3), bits(RAW), tagged(0, bits(TOKEN)))
    yield "# GM/T 0031-2025: with and without a timestamp in the seal"
    yield "seal_v5", SEAL_5
    yield "seal_v5_plain", seal(INFO_5)
    yield "signature_v5", seq(seq(integer(5), SEAL_5, generalized("20211231235959Z"), bits(DIGEST), ia5(PROPERTY)), octets(SIGNER), oid(SM2_SM3), bits(RS))
    yield "# GB/T 35275-2017 with attributes and without, RFC 5652 with a key id and a timestamp"
    yield "data_attrs", DATA_ATTRS
    yield "data_attrs_signed", setof(*ATTRS)
    yield "data_plain", DATA_PLAIN
    yield "data_key_id", DATA_KEY_ID


def main():
    text = "# Made by make_seal.py. name: hex\n" + "".join(f"{line}\n" if isinstance(line, str) else f"{line[0]}: {line[1].hex()}\n" for line in lines())
    if sys.argv[1:] != ["--check"]:
        OUT.write_text(text, encoding="utf-8")
    elif not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
        sys.exit("not what make_seal.py makes: seal.txt")


main()
