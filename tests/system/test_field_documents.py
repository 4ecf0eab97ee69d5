"""Documents as makers really pack them (samples/field): two readings of a header that give the same bytes open and pass, and nothing near to them does
in which two readers could see different files or bytes."""
import struct
import unittest
import zipfile

from test_ofd import SAMPLES, Looking

FIELD = SAMPLES / "field"
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

    def test_what_nobody_covers_fails(self):
        self.look(FIELD / "17b-nobody-covers-annotations.ofd", 15, *AT)
