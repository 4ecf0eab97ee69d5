#!/usr/bin/env python3
"""Golden vectors of the judgement: a small SM2 authority, its certificates and revocation lists, seals of every version, signatures under them, signed
data and a timestamp token, all with right signatures, made by a program that shares no code with who checks them: SM3 (GB/T 32905), SM2 (GB/T 32918.2) and
X.509 written out here, DER by make_seal.py. The keys are public, so good for nothing else.

    make_value.py            writes value.txt
    make_value.py --check    writes nothing; fails where it differs (a change needs a line in CHANGELOG.md)
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "value.txt"
source = (HERE / "make_seal.py").read_text(encoding="utf-8")
made = {"__name__": "make_seal", "__file__": str(HERE / "make_seal.py")}
exec(compile(source[:source.rindex("\nmain()")], "make_seal.py", "exec"), made)
tlv, seq, setof, tagged, integer, octets, bits, boolean, utf8, ia5, utc, generalized, oid, printable, algorithm, attr, attrs, signed = (made[n] for n in (
    "tlv", "seq", "setof", "tagged", "integer", "octets", "bits", "boolean", "utf8", "ia5", "utc", "generalized", "oid", "printable", "algorithm", "attr",
    "attrs", "signed"))
SM2_SM3, SM3, GB_DATA, TST = (made[n] for n in ("SM2_SM3", "SM3", "GB_DATA", "TST"))
GB_SIGNED = "1.2.156.10197.6.1.4.2.2"


# ---- SM3 ---------------------------------------------------------------------------------------------------------------------------
def rol(x, n):
    n %= 32
    return (x << n | x >> 32 - n) & 0xffffffff


def sm3(message):
    v = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
    padded = message + b"\x80" + bytes((55 - len(message)) % 64) + (8 * len(message)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        w = [int.from_bytes(padded[at + 4 * i:at + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            ss1 = rol(rol(a, 12) + e + rol(0x79cc4519 if j < 16 else 0x7a879d8a, j) & 0xffffffff, 7)
            ss2 = ss1 ^ rol(a, 12)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            tt1 = ff + d + ss2 + (w[j] ^ w[j + 4]) & 0xffffffff
            tt2 = gg + h + ss1 + w[j] & 0xffffffff
            a, b, c, d, e, f, g, h = tt1, a, rol(b, 9), c, tt2 ^ rol(tt2, 9) ^ rol(tt2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905 A.1

# ---- SM2 ---------------------------------------------------------------------------------------------------------------------------
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7, 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) if p == q else (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, point):
    total = None
    while k:
        total = add(total, point) if k & 1 else total
        point, k = add(point, point), k >> 1
    return total


def b32(n):
    return n.to_bytes(32, "big")


class Key:
    def __init__(self, label):
        self.d = int.from_bytes(sm3(label.encode()), "big") % (N - 2) + 1
        self.q = times(self.d, G)
        self.point = b"\x04" + b32(self.q[0]) + b32(self.q[1])

    def sign(self, message, raw=False, user=b"1234567812345678"):
        za = sm3((8 * len(user)).to_bytes(2, "big") + user + b32(A) + b32(B) + b32(G[0]) + b32(G[1]) + self.point[1:])
        e = int.from_bytes(sm3(za + message), "big")
        k = int.from_bytes(sm3(b"k" + b32(self.d) + b32(e)), "big") % (N - 1) + 1
        r = (e + times(k, G)[0]) % N
        s = pow(1 + self.d, -1, N) * (k - r * self.d) % N
        return b32(r) + b32(s) if raw else seq(integer(r), integer(s))


# ---- X.509 -------------------------------------------------------------------------------------------------------------------------
def name(common):
    return seq(setof(seq(oid("2.5.4.6"), printable("CN"))), setof(seq(oid("2.5.4.3"), utf8(common))))


def extension(dotted, critical, value):
    return seq(oid(dotted), boolean(True) if critical else b"", octets(value))


class Party:
    def __init__(self, common, issuer, serial, ca=False, extended=None):
        self.key, self.name, self.serial = Key(common), name(common), serial
        issuer = issuer or self
        usage = b"\x01\x06" if ca else b"\x06\xc0"  # keyCertSign and cRLSign; digitalSignature and nonRepudiation
        extensions = [extension("2.5.29.19", True, seq(boolean(True)) if ca else seq()), extension("2.5.29.15", True, tlv(0x03, usage)),
                      extension("2.5.29.14", False, octets(sm3(self.key.point)[:20])),
                      extension("2.5.29.35", False, seq(tlv(0x80, sm3(issuer.key.point)[:20])))]
        if extended:
            extensions.append(extension("2.5.29.37", True, seq(oid(extended))))
        key = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301")), bits(self.key.point))
        tbs = seq(tagged(0, integer(2)), integer(serial), algorithm(SM2_SM3, False), issuer.name, seq(utc("200101000000Z"), utc("300101000000Z")), self.name,
                  key, tagged(3, seq(*extensions)))
        self.issuer, self.cert = issuer, seq(tbs, algorithm(SM2_SM3, False), bits(issuer.key.sign(tbs)))

    def crl(self, *revoked):
        tbs = seq(integer(1), algorithm(SM2_SM3, False), self.name, utc("200901000000Z"), utc("201001000000Z"),
                  seq(*(seq(integer(serial), utc(when)) for serial, when in revoked)) if revoked else b"")
        return seq(tbs, algorithm(SM2_SM3, False), bits(self.key.sign(tbs)))


ROOT = Party("试验根 CA", None, 1, ca=True)
SUB = Party("试验签章 CA", ROOT, 2, ca=True)
MAKER, SIGNER, TSA = Party("制章者", SUB, 3), Party("签章者", SUB, 4), Party("时间戳", SUB, 5, extended="1.3.6.1.5.5.7.3.8")
XML = b"<ofd:Signature/>"
PICTURE = seq(ia5("png"), octets(b"no picture"), integer(40), integer(40))


# ---- values ------------------------------------------------------------------------------------------------------------------------
def token(stamped, when="20200910080000Z"):
    info = seq(integer(1), oid("1.2.3.4.1"), seq(algorithm(SM3), octets(sm3(stamped))), integer(7), generalized(when))
    inner = attrs(TST, sm3(info))
    signer = seq(integer(1), seq(TSA.issuer.name, integer(TSA.serial)), algorithm(SM3), tagged(0, *inner), algorithm(SM2_SM3),
                 octets(TSA.key.sign(setof(*inner))))
    return signed("1.2.840.113549.1.7.2", 3, SM3, seq(oid(TST), tagged(0, octets(info))), [TSA.cert], signer)


def seal_info(version, certs, form, when, kind=None):
    return seq(seq(ia5("ES"), integer(version), ia5("LICET.TEST")), ia5("32010600000001"),
               seq(integer(1), utf8("试验专用章"), integer(kind) if kind else b"", seq(*certs), *(form(t) for t in when)), PICTURE)


V1_DATES, V4_DATES = ("200601000000Z", "200601000000Z", "210601000000Z"), ("20200601000000Z", "20200601000000Z", "20210601000000Z")
INFO_1 = seal_info(1, [octets(SIGNER.cert)], utc, V1_DATES)
INFO_4 = seal_info(4, [octets(SIGNER.cert)], generalized, V4_DATES, 1)
INFO_5 = seal_info(5, [seq(printable("SM3"), octets(sm3(SIGNER.cert)))], generalized, V4_DATES, 2)
SEAL_1 = seq(INFO_1, seq(octets(MAKER.cert), oid(SM2_SM3), bits(MAKER.key.sign(seq(INFO_1, octets(MAKER.cert), oid(SM2_SM3))))))
SEAL_4 = seq(INFO_4, octets(MAKER.cert), oid(SM2_SM3), bits(MAKER.key.sign(INFO_4)))
MADE_5 = MAKER.key.sign(INFO_5)
SEAL_5 = seq(INFO_5, octets(MAKER.cert), oid(SM2_SM3), bits(MADE_5), tagged(0, bits(token(MADE_5, "20200601080000Z"))))
WHEN, PROPERTY = "20200910075900Z", ia5("/Doc_0/Signs/Sign_0/Signature.xml")


def signature_1(seal):
    to_sign = seq(integer(1), seal, bits(utc(WHEN[2:])), bits(sm3(XML)), PROPERTY, octets(SIGNER.cert), oid(SM2_SM3))
    return seq(to_sign, bits(SIGNER.key.sign(to_sign)))


def signature_4(version, seal, raw=False, stamped=False, user=b"1234567812345678"):
    to_sign = seq(integer(version), seal, generalized(WHEN), bits(sm3(XML)), PROPERTY)
    value = SIGNER.key.sign(to_sign, raw, user)
    return seq(to_sign, octets(SIGNER.cert), oid(SM2_SM3), bits(value), tagged(0, bits(token(value))) if stamped else b"")


def gb35275(with_attrs):
    sid = seq(SIGNER.issuer.name, integer(SIGNER.serial))
    if not with_attrs:
        return signed(GB_SIGNED, 1, SM3, seq(oid(GB_DATA), tagged(0, octets(sm3(XML)))), [SIGNER.cert],
                      seq(integer(1), sid, algorithm(SM3), algorithm("1.2.156.10197.1.301.1"), octets(SIGNER.key.sign(sm3(XML)))))
    inner = attrs(GB_DATA, sm3(XML), attr("1.2.840.113549.1.9.5", utc(WHEN[2:])))
    value = SIGNER.key.sign(setof(*inner))
    return signed(GB_SIGNED, 1, SM3, seq(oid(GB_DATA)), [SIGNER.cert],
                  seq(integer(1), sid, algorithm(SM3), tagged(0, *inner), algorithm("1.2.156.10197.1.301.1"), octets(value),
                      tagged(1, attr("1.2.840.113549.1.9.16.2.14", token(value)))))


def lines():
    yield "# The authority: trust anchor, CA below it, certificates, a list of each CA, and one on which the signer is (revoked the day after it signed)"
    yield from (("root", ROOT.cert), ("sub", SUB.cert), ("maker", MAKER.cert), ("signer", SIGNER.cert), ("tsa", TSA.cert))
    yield from (("root_crl", ROOT.crl()), ("sub_crl", SUB.crl()), ("sub_crl_signer", SUB.crl((SIGNER.serial, "200911000000Z"))))
    yield "# What was signed, and seals of each version; v5 lists a digest and has a timestamp"
    yield from (("data", XML), ("seal_v1", SEAL_1), ("seal_v4", SEAL_4), ("seal_v5", SEAL_5))
    yield "# Signature values, all made at 2020-09-10 07:59:00 and, where there is a timestamp, stamped a minute later"
    yield "value_v1", signature_1(SEAL_1)
    yield "value_v4", signature_4(4, SEAL_4)
    yield "value_v4_raw", signature_4(4, SEAL_4, raw=True)
    yield "value_v4_stamped", signature_4(4, SEAL_4, stamped=True)
    yield "value_v4_empty_id", signature_4(4, SEAL_4, user=b"")
    yield "value_v5", signature_4(5, SEAL_5, stamped=True)
    yield "value_data_attrs", gb35275(True)
    yield "value_data_plain", gb35275(False)
    yield "value_bare", SIGNER.key.sign(XML)
    yield "value_bare_raw", SIGNER.key.sign(XML, raw=True)


def main():
    text = "# Made by make_value.py. name: hex\n" + "".join(f"{line}\n" if isinstance(line, str) else f"{line[0]}: {line[1].hex()}\n" for line in lines())
    if sys.argv[1:] != ["--check"]:
        OUT.write_text(text, encoding="utf-8")
    elif not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
        sys.exit("not what make_value.py makes: value.txt")


main()
