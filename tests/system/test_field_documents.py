"""Documents as makers really pack them (samples/field): two readings of a header that give the same bytes open and pass, and nothing near to them does
in which two readers could see different files or bytes."""
import struct
import unittest
import zipfile

from field_rows import DOCUMENTS, FIELD, STOCK
from test_ofd import Looking

AT = ("--at", "2026-12-01")
LOCAL = {"flags": (6, "<H"), "crc": (14, "<I"), "packed": (18, "<I"), "unpacked": (22, "<I")}
PASSES = ("21-zip-utf8-flag-local-only.ofd", "23-zip-descriptor-flag-no-descriptor.ofd", "24-zip-descriptor-local-size-kept.ofd", "32-zip-dot-slash-names.ofd")


@unittest.skipUnless(FIELD.is_dir(), f"no sample data: {FIELD}")
class Packages(Looking):
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
