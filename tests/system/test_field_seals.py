"""Seals and signatures as makers really write them (samples/field): read, noted, passed; and nothing near to such a form passes that says something else.
What a value says is decided here by a reader of its own, which shares nothing with the program's."""
import datetime
import re
import unittest
import zipfile
from concurrent.futures import ThreadPoolExecutor

from test_ofd import SAMPLES, Looking

FIELD = SAMPLES / "field"
AT = ("--at", "2026-12-01")
NO_ANCHOR = {"maker_chain": "no_anchor", "maker_revocation": "no_anchor", "signer_chain": "no_anchor", "signer_revocation": "no_anchor", "timestamp": "no_timestamp"}
ROWS = {"01-time-without-zone.ofd": "time", "02-generalizedtime-2digit-year.ofd": "time", "04-time-offset-0800.ofd": "time",
        "05-bitstring-unused-bits.ofd": "bit_string", "07-seal-bitstring-unused-bits.ofd": "bit_string", "08-integer-unpadded-doc.ofd": "integer",
        "10-integer-overpadded-doc.ofd": "integer", "11-propertyinfo-newline.ofd": "padding", "12-propertyinfo-nul-padded.ofd": "padding",
        "16b-gbt35275-ber-same-content.ofd": "ber"}


# ---- what a value says ---------------------------------------------------------------------------------------------------------------
class Odd(Exception):
    """Not readable at all, or in two ways."""


class Reader:
    """BER to what it means: nested tuples without the encoding's freedom. `odd` are the places at which the encoding is not DER."""

    def __init__(self, data):
        self.data, self.odd = data, []
        self.content, end = self.element(0, len(data))
        if end != len(data):
            raise Odd("bytes left over")
        self.content = self.without_labels(self.content)

    @staticmethod
    def without_labels(content):
        """Signed data says nothing by the list of digests that stands in front, nor by the name of its content: no signature covers them, and the same stand
        again where one does."""
        if content[0] == 0x30 and len(content) == 3 and content[1][0] == 6 and content[2][0] == 0xA0:
            _, version, _, inner, *rest = content[2][1]
            return content[1], version, inner[2:], rest
        return content

    def element(self, at, end):
        if end - at < 2:
            raise Odd("cut")
        tag, length, start = self.data[at], self.data[at + 1], at + 2
        if tag == 0 or tag & 31 == 31:
            raise Odd("tag")
        if length == 0x80:
            self.odd.append(at + 1)
            return self.inside(tag, start, None, end)
        if length > 0x80:
            start += length - 0x80
            length = int.from_bytes(self.data[at + 2:start], "big")
        if start + length > end:
            raise Odd("length")
        return self.inside(tag, start, start + length, end)

    def inside(self, tag, start, stop, end):
        if not tag & 0x20:
            if stop is None:
                raise Odd("no length")
            return self.primitive(tag, start, self.data[start:stop]), stop
        parts, at = [], start
        while at != stop if stop is not None else self.data[at:at + 2] != b"\0\0":
            part, at = self.element(at, end if stop is None else stop)
            parts.append(part)
        return (tag, *parts), (at + 2 if stop is None else at)

    def primitive(self, tag, at, value):
        if tag in (0x17, 0x18):
            return "time", self.time(tag, at, value)
        if tag == 3:
            if not value or value[0] > 7 or (value[0] and len(value) < 2):
                raise Odd("bits")
            if value[0]:
                self.odd.append(at)
            bits = value[1:-1] + bytes([value[-1] >> value[0] << value[0]]) if value[1:] else b""
            return self.signature(at + 1, bits, True) or ("bits", bits.rstrip(b"\0"))
        if tag == 4:
            return self.signature(at, value, False) or (4, value)
        if tag in (0x0C, 0x13, 0x16):
            text = value.rstrip(b"\n\r\0")
            if text != value:
                self.odd.append(at + len(text))
            return "text", text
        return tag, value

    def time(self, tag, at, value):
        match = re.fullmatch(rb"(\d{10,14})(\.\d{1,9})?(Z|[+-]\d\d(?::?\d\d)?)?", value)
        if not match or (match[2] and len(match[1]) == 10):
            raise Odd("time")
        if len(match[1]) != (14 if tag == 0x18 else 12) or match[3] != b"Z":
            self.odd.append(at + len(value) - 1)
        found = set()
        for years, form in ((4, "%Y%m%d%H%M%S"), (4, "%Y%m%d%H%M"), (2, "%y%m%d%H%M%S"), (2, "%y%m%d%H%M")):
            if len(match[1]) == years + (10 if form.endswith("%S") else 8):
                try:
                    found.add(datetime.datetime.strptime(match[1].decode(), form))
                except ValueError:
                    pass
        found = {t for t in found if 1950 <= t.year < 2050}
        if len(found) != 1:
            raise Odd("time")
        zone = (match[3] or b"+0800").replace(b":", b"").ljust(5, b"0").decode()
        east = 0 if zone[0] == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[3:5]))
        return found.pop() - datetime.timedelta(minutes=east), (match[2] or b"")[:4].rstrip(b".0")

    def signature(self, at, value, in_bits):
        """(r, s), unsigned; None where the bytes are none."""
        if len(value) < 2 or value[0] != 0x30 or value[1] >= 0x80 or len(value) > value[1] + 2 or (len(value) < value[1] + 2 and not in_bits):
            return None
        if len(value) < value[1] + 2:
            self.odd.append(at + len(value) - 1)
        value, place, numbers = value.ljust(value[1] + 2, b"\0"), 2, []
        while place < len(value):
            number = value[place + 2:place + 2 + value[place + 1]] if place + 2 <= len(value) else b""
            if value[place] != 2 or not number or len(number) != value[place + 1]:
                return None
            if number[0] > 0x7F or (len(number) > 1 and number[0] == 0 and number[1] < 0x80):
                self.odd.append(at + place + 2)
            numbers.append(int.from_bytes(number, "big"))
            place += 2 + len(number)
        return ("signature", *numbers) if len(numbers) == 2 else None


def content_of(value):
    try:
        return Reader(value).content
    except Odd:
        return None


def variants(value, places, count):
    """The `count` variants in one byte that lie nearest to the places: each bit of the byte there turned, then of its neighbours; then one more and one less."""
    near = sorted(range(len(value)), key=lambda at: (min(abs(at - place) for place in places), at))
    made = []
    for at in near:
        made += [(at, value[at] ^ 1 << bit) for bit in range(8)] + [(at, (value[at] + step) % 256) for step in (1, 255)]
        unique = sorted(set(made), key=made.index)
        if len(unique) >= count:
            return unique[:count]


@unittest.skipUnless(FIELD.is_dir(), f"no sample data: set LICET_SHARED to the folder that holds samples/ ({FIELD})")
class Field(Looking):
    def test_written_otherwise_passes_and_is_noted(self):
        for name, note in ROWS.items():
            with self.subTest(name):
                report, steps = self.look(FIELD / name, 0, *AT, signatures=1)
                self.assertEqual(report["result"], "passed")
                self.assertEqual(report["signatures"][0]["notes"], [{"note": "encoding", "detail": note}])
                self.assertEqual(self.failed(steps[0]), {})
                if note != "ber":
                    self.assertEqual(self.skipped(steps[0]), NO_ANCHOR)
                    self.assertEqual(report["signatures"][0]["signed_at"], "2026-11-29T21:15:34Z")
                for step in ("references", "coverage", "signature_value", "data_hash"):
                    self.assertEqual(steps[0][step], ("passed", None))

    def test_a_timestamp_over_sha384(self):
        report, steps = self.look(FIELD / "62-pdf-timestamp-sha384.pdf", 0, *AT, signatures=1)
        self.assertEqual(report["result"], "passed")
        self.assertEqual(self.failed(steps[0]), {})
        self.assertEqual(steps[0]["timestamp"], ("not_checked", "no_anchor"))  # its digests and its signature are right, or it had failed

    def test_what_is_as_the_standard_has_it_has_no_note(self):
        report, _ = self.look(SAMPLES / "ofd" / "V4RideRight.ofd", 0, signatures=1)
        self.assertEqual(report["signatures"][0]["notes"], [])

    def test_the_note_for_people(self):
        done = self.licet("ofd", FIELD / "08-integer-unpadded-doc.ofd", "--lang", "en", *AT)
        self.assertIn("note:   encoding: a number in a signature has too many or too few leading zero bytes", done.out)
        done = self.licet("ofd", FIELD / "08-integer-unpadded-doc.ofd", "--lang", "zh", *AT)
        self.assertIn("提示: 编码：签名值中整数的前导零字节不合规范", done.out)

    def parts(self, name):
        """The value with the files that it goes with, as arguments for `seal check`."""
        with zipfile.ZipFile(FIELD / name) as package:
            inside = {n.rpartition("/")[2]: package.read(n) for n in package.namelist() if "Sign_0/" in n}
        (self.folder / "data").write_bytes(inside["Signature.xml"])
        arguments = ["--data", self.folder / "data"]
        if "Seal.esl" in inside:
            (self.folder / "seal").write_bytes(inside["Seal.esl"])
            arguments += ["--seal", self.folder / "seal"]
        return inside["SignedValue.dat"], arguments

    def passes(self, value, number, arguments):
        path = self.folder / f"value{number}"
        path.write_bytes(value)
        done = self.licet("seal", "check", path, *arguments, *AT)
        path.unlink()
        self.assertIn(done.code, (0, 13, 15), done)
        return done.code == 0

    def test_nothing_near_passes_that_says_something_else(self):
        passed = {}
        for name in ROWS:
            value, arguments = self.parts(name)
            read = Reader(value)
            self.assertTrue(read.odd, name)
            self.assertTrue(self.passes(value, 0, arguments), name)
            near = [value[:at] + bytes([byte]) + value[at + 1:] for at, byte in variants(value, read.odd[-2:], 100)]
            self.assertEqual(len(set(near)), 100)
            with ThreadPoolExecutor(2) as pool:
                good = list(pool.map(lambda one: self.passes(one[1], one[0], arguments), enumerate(near, 1)))
            wrong = [variant.hex() for variant, good_one in zip(near, good) if good_one and content_of(variant) != read.content]
            self.assertEqual(wrong, [], name)
            passed[name] = sum(good)
            self.assertLess(passed[name], 50, name)  # most of them say something else
        # bits that do not count are the one place where a byte may differ and all that is said stays the same: so the test sees what passes
        self.assertGreater(passed["05-bitstring-unused-bits.ofd"], 0, passed)

    def test_the_reader_of_this_test(self):
        """It tells a difference where there is one, and none where there is none."""
        def bits(unused, body):
            return bytes([3, len(body) + 1, unused]) + body
        number = bytes.fromhex("3006020113020110")
        self.assertEqual(content_of(bits(0, number)), content_of(bits(4, number)))
        self.assertEqual(content_of(bits(4, number)), content_of(bits(4, number[:-1] + b"\x1f")))
        self.assertNotEqual(content_of(bits(4, number)), content_of(bits(0, number[:-1] + b"\x1f")))
        self.assertEqual(content_of(bytes.fromhex("30800201010000")), content_of(bytes.fromhex("3003020101")))
        self.assertNotEqual(content_of(b"\x18\x0e20261130051534"), content_of(b"\x18\x0f20261130051534Z"))
        self.assertEqual(content_of(b"\x18\x0e20261130051534"), content_of(b"\x18\x0f20261129211534Z"))
        self.assertIsNone(content_of(b"\x18\x0c201112131415"))
        self.assertIsNone(content_of(b"\x18\x0f20261130051534"))
