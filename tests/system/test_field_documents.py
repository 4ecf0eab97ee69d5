"""Documents as makers really pack them (samples/field): two readings of a header that give the same bytes open and pass, and nothing near to them does
in which two readers could see different files or bytes."""
import io
import struct
import unittest
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

from field_rows import DOCUMENTS, FIELD, STOCK
from test_field_seals import variants
from test_ofd import Looking

AT = ("--at", "2026-12-01")
LOCAL = {"flags": (6, "<H"), "crc": (14, "<I"), "packed": (18, "<I"), "unpacked": (22, "<I")}
PASSES = ("21-zip-utf8-flag-local-only.ofd", "23-zip-descriptor-flag-no-descriptor.ofd", "24-zip-descriptor-local-size-kept.ofd", "32-zip-dot-slash-names.ofd")


# ---- what a package holds, read in two ways that share nothing with the program ---------------------------------------------------------
class Odd(Exception):
    """Not readable at all."""


def plain(name):
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def by_directory(data):
    try:
        zipfile.MAX_EXTRACT_VERSION = 255  # what a header says of its maker changes no content
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(plain(i.filename), archive.read(i)) for i in archive.infolist() if not i.is_dir()]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, UnicodeDecodeError, struct.error, OSError, ValueError, OverflowError) as error:
        raise Odd(error) from error


def by_headers(data):
    """From one local header to the next, as a reader of streams goes."""
    found, at = [], 0
    while data[at:at + 4] == b"PK\3\4":
        flags, method, _, _, crc, packed, unpacked, name_len, extra_len = struct.unpack_from("<HHHHIIIHH", data, at + 6)
        name = plain(data[at + 30:at + 30 + name_len].decode("utf-8", "surrogateescape"))
        start = at + 30 + name_len + extra_len
        left = data[start:start + packed] if packed or not flags & 8 else data[start:]
        if method == 8:
            inflate = zlib.decompressobj(-15)
            try:
                content = inflate.decompress(left)
            except zlib.error as error:
                raise Odd(error) from error
            at = start + len(left) - len(inflate.unused_data)
        elif method == 0 and (packed or not flags & 8):
            content, at = left, start + packed
        else:
            raise Odd(f"method {method}")
        if flags & 8 and data[at:at + 4] not in (b"PK\3\4", b"PK\1\2"):
            at += 4 if data[at:at + 4] == b"PK\7\x08" else 0
            if len(data) < at + 12:
                raise Odd("cut")
            crc, packed, unpacked = struct.unpack_from("<III", data, at)
            at += 12
        if zlib.crc32(content) != crc or len(content) != unpacked:
            raise Odd("sum")
        if not name.endswith("/"):
            found.append((name, content))
    if data[at:at + 4] != b"PK\1\2":
        raise Odd("no directory")
    return found


def held(data):
    """Name and bytes of every file, where both ways see the same; None where they differ or one of them sees nothing."""
    try:
        one, other = by_directory(data), by_headers(data)
    except Odd:
        return None
    return one if one == other and len(dict(one)) == len(one) else None


@unittest.skipUnless(FIELD.is_dir(), f"no sample data: {FIELD}")
class Packages(Looking):
    def places(self, name, data):
        """Where the form is, in the headers of the first file and of the page, and in their entries of the directory."""
        fields = {"21": (6, 7, 22), "23": (6, 14, 18), "24": (6, 18, 22), "32": (30, 31)}[name[:2]]
        entries = {"21": (8, 9), "23": (8, 16), "24": (8, 24), "32": (46, 47)}[name[:2]]
        at, made = data.index(b"PK\1\2"), []
        while data[at:at + 4] == b"PK\1\2":
            lengths, header = struct.unpack_from("<HHH", data, at + 28), struct.unpack_from("<I", data, at + 42)[0]
            if data[at + 46:at + 46 + lengths[0]].endswith((b"OFD.xml", b"Page_0/Content.xml")):
                made += [[header + field for field in fields], [at + field for field in entries]]
            at += 46 + sum(lengths)
        self.assertEqual(len(made), 4)
        return made

    def passes(self, number, data):
        path = self.folder / f"variant{number}.ofd"
        path.write_bytes(data)
        done = self.licet("ofd", path, *AT)
        path.unlink()
        self.assertIn(done.code, (0, 1, 13, 15), done)  # 1: it is no OFD any more
        return done.code == 0

    def test_nothing_near_passes_that_holds_something_else(self):
        passed = 0
        for name in PASSES:
            data = (FIELD / name).read_bytes()
            self.assertIsNotNone(held(data), name)
            near = {}
            for places in self.places(name, data):
                for at, byte in variants(data, places, 100):
                    near[at, byte] = data[:at] + bytes([byte]) + data[at + 1:]
            self.assertGreaterEqual(len(near), 300, name)
            with ThreadPoolExecutor(2) as pool:
                good = list(pool.map(self.passes, range(len(near)), near.values()))
            wrong = [place for (place, variant), one in zip(near.items(), good) if one and held(variant) != held(data)]
            self.assertEqual(wrong, [], name)
            passed += sum(good)
            self.assertLess(sum(good), len(near) * 3 // 4, name)
        self.assertGreater(passed, 0)  # dates and the like say nothing of the content: so the test sees what passes

    def test_the_readers_of_this_test(self):
        for name in PASSES:
            data = bytearray((FIELD / name).read_bytes())
            content = dict(held(bytes(data)))
            self.assertIn("Doc_0/Document.xml", content)
            at = data.index(b"PK\3\4", 4)
            data[at + 30 + len("Doc_0")] ^= 1
            self.assertIsNone(held(bytes(data)))

    def changed(self, name, field, value):
        """The sample with one field of its first local header changed."""
        data = bytearray((FIELD / name).read_bytes())
        at, form = LOCAL[field]
        struct.pack_into(form, data, at, value(struct.unpack_from(form, data, at)[0]))
        path = self.folder / "changed.ofd"
        path.write_bytes(data)
        return path

    def refused(self, path, reason):
        report, _ = self.look(path, 15, *AT)
        self.assertEqual(self.steps(report["steps"])["package"], ("failed", reason))

    def test_both_readings_give_the_same_bytes(self):
        for name in PASSES:
            with self.subTest(name):
                report, _ = self.look(FIELD / name, 0, *AT)
                self.assertEqual(report["result"], "passed")

    def test_readings_that_differ_are_refused(self):
        for name in PASSES[1:3]:  # a size or sum that is neither left out nor right
            for field in ("crc", "packed", "unpacked"):
                self.refused(self.changed(name, field, lambda old: old + 1), "zip_header")
        self.refused(self.changed(PASSES[1], "crc", lambda old: 0), "zip_header")  # left to a descriptor that is not there
        self.refused(self.changed(PASSES[1], "flags", lambda old: old & ~8), "zip_header")
        self.refused(self.changed(PASSES[0], "flags", lambda old: old | 1), "zip_header")

    def test_own_folder_is_no_second_name(self):
        source = FIELD / PASSES[3]
        for extra in ("OFD.xml", "ofd.xml", ".\\OFD.xml", "././x", "./../x", "./"):
            path = self.folder / "twice.ofd"
            path.write_bytes(source.read_bytes())
            with zipfile.ZipFile(path, "a") as archive:
                info = zipfile.ZipInfo("x")
                info.filename = extra
                archive.writestr(info, b"<x/>")
            self.refused(path, "zip_entry")


@unittest.skipUnless(FIELD.is_dir(), f"no sample data: {FIELD}")
class Rows(Looking):
    def test_every_file_has_its_row(self):
        there = {p.name for p in FIELD.rglob("*") if p.is_file() and p.name != "README.md"}
        self.assertEqual(there, {*DOCUMENTS, *STOCK})
        self.assertEqual(set(DOCUMENTS) & set(STOCK), set())

    def test_every_document_gives_what_its_row_says(self):
        for name, (code, result, signatures) in DOCUMENTS.items():
            with self.subTest(name):
                report, _ = self.look(FIELD / name, code, *AT)
                self.assertEqual(report["result"], result)
                self.assertEqual([(s["result"], s["notes"]) for s in report["signatures"]], signatures)

    def step(self, name, code, signature, step):
        report, _ = self.look(FIELD / name, code, *AT)
        return next({k: v for k, v in s.items() if k != "step"} for s in report["signatures"][signature]["steps"] if s["step"] == step)

    def test_coverage_says_what_and_why(self):
        left = {"detail": "Doc_0/Annots/Annotations.xml", "part": "annotation"}
        self.assertEqual(self.step("17a-second-signature-covers-all.ofd", 0, 0, "coverage"), {"result": "passed", "reason": "covered_later", **left})
        self.assertEqual(self.step("17b-nobody-covers-annotations.ofd", 15, 0, "coverage"), {"result": "failed", "reason": "file_unsigned", **left})
        self.assertEqual(self.step("63-pdf-two-signatures.pdf", 0, 0, "coverage"), {"result": "passed", "reason": "added_later", "detail": "2", "part": None})

    def test_the_words_for_people(self):
        for name, code, lang, words in (
                ("17a-second-signature-covers-all.ofd", 0, "zh", "提示: 本签名未覆盖此项，由其后有效的签名覆盖：注释 Doc_0/Annots/Annotations.xml（签名 s003）"),
                ("17a-second-signature-covers-all.ofd", 0, "en", "an annotation, Doc_0/Annots/Annotations.xml (signature s003)"),
                ("17b-nobody-covers-annotations.ofd", 15, "zh", "可能是盖章后添加的，请向出具方核实：注释 Doc_0/Annots/Annotations.xml"),
                ("17b-nobody-covers-annotations.ofd", 15, "en", "may have been added after sealing: ask who issued it: an annotation, Doc_0/Annots/Annotations.xml"),
                ("63-pdf-two-signatures.pdf", 0, "zh", "提示: 签名之后仅增加了验证数据或其他签名：2"),
                ("63-pdf-two-signatures.pdf", 0, "en", "note:   only validation data or further signatures were added after this signature: 2")):
            self.assertIn(words, self.assert_code(self.licet("ofd", FIELD / name, "--lang", lang, *AT), code).out)
