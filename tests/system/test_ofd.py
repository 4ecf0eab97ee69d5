"""Sealed documents through `licet ofd` and `licet seal check`: production seals and files of others, each with the step that decides, and forgeries of
a licence that is sealed here. Sample data is read from $LICET_SHARED or ../shared; where it is absent those tests skip."""
import io
import os
import pathlib
import re
import shutil
import subprocess
import unittest
import warnings
import zipfile

from node import LICET, Case, run

SAMPLES = pathlib.Path(os.environ.get("LICET_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared")) / "samples"


class Looking(Case):
    def licet(self, *arguments, env=None):
        return run(LICET, *arguments, env=env)

    def steps(self, steps):
        return {s["step"]: (s["result"], s["reason"]) for s in steps}

    def look(self, path, code, *more, signatures=None):
        """The report and the steps of each signature."""
        done = self.licet("ofd", path, "--json", *more)
        self.assert_code(done, code)
        report = done.json
        if signatures is not None:
            self.assertEqual(len(report["signatures"]), signatures, done)
        return report, [self.steps(s["steps"]) for s in report["signatures"]]

    def failed(self, steps):
        return {name: reason for name, (result, reason) in steps.items() if result == "failed"}

    def skipped(self, steps):
        return {name: reason for name, (result, reason) in steps.items() if result == "not_checked"}


@unittest.skipUnless(SAMPLES.is_dir(), f"no sample data: set LICET_SHARED to the folder that holds samples/ ({SAMPLES})")
class Samples(Looking):
    """Every row of the samples' README."""
    NO_ANCHOR = {"maker_chain": "no_anchor", "maker_revocation": "no_anchor", "signer_chain": "no_anchor", "signer_revocation": "no_anchor", "timestamp": "no_timestamp"}

    def test_every_file_has_its_row_here(self):
        there = [p for p in SAMPLES.rglob("*") if p.suffix in (".ofd", ".esl", ".dat", ".pdf") and p.parent.name != "field"]  # which test_field_documents.py counts
        named = {p: p.parent.name if p.parent.parent.name == "real-seals" else p.name for p in there}
        rows = {name: f'("{name}", ' for name in named.values()}  # the call that looks at it
        text = pathlib.Path(__file__).read_text(encoding="utf-8")
        self.assertGreater(len(there), 10)
        self.assertEqual([str(p) for p, name in named.items() if rows[name] not in text and f'"{name}", "--json"' not in text], [])

    def document(self, name, code, failed, result, signatures=1, at=None):
        report, steps = self.look(SAMPLES / "ofd" / name, code, *(["--at", at] if at else []), signatures=signatures)
        self.assertEqual(report["result"], result)
        self.assertEqual(self.steps(report["steps"]), {"package": ("passed", None)})
        for one in steps:
            self.assertEqual(self.failed(one), failed)
            self.assertEqual(self.skipped(one), self.NO_ANCHOR)
            for name in ("coverage", "seal_signature", "signature_value", "data_hash", "signer_listed"):
                self.assertEqual(one[name], ("passed", None))
        return report

    def test_ofd_V4RideRight(self):
        report = self.document("V4RideRight.ofd", 0, {}, "passed")
        self.assertEqual(report["signatures"][0]["kind"], "seal-v4")
        self.assertEqual(report["signatures"][0]["signed_at"], "2021-05-19T12:53:44Z")

    def test_ofd_v4signed(self):
        self.document("v4signed.ofd", 0, {}, "passed")

    def test_ofd_v4signed_tampered(self):
        report = self.document("v4signed-tampered.ofd", 15, {"references": "file_changed"}, "failed")
        self.assertEqual(report["signatures"][0]["steps"][0]["detail"], "/Doc_0/Document.xml")

    def test_ofd_999(self):
        report = self.document("999.ofd", 0, {}, "passed")
        self.assertEqual(report["signatures"][0]["steps"][1]["detail"], "but OFD.xml")
        self.assertEqual(report["signatures"][0]["seal"]["id"], "50011200000323")

    def test_ofd_SESV4SignDoc(self):
        self.document("SESV4SignDoc.ofd", 13, {"signer_period": "after_period", "seal_period": "after_period"}, "time_failed", at="2026-12-01")
        # judged from before it was signed, its date lies in the future besides
        self.document("SESV4SignDoc.ofd", 13, {"signer_period": "in_future", "seal_period": "after_period"}, "time_failed", at="2021-01-01")

    def test_ofd_zsbk(self):
        report = self.document("zsbk.ofd", 15, {"references": "file_changed"}, "failed", signatures=2)
        for signature in report["signatures"]:
            self.assertRegex(signature["steps"][0]["detail"], r"^/Doc_0/Pages/Page_[01]/Content\.xml$")

    def value(self, folder, code, failed, kind):
        folder = SAMPLES / "real-seals" / folder
        seal = ["--seal", folder / "Seal.esl"] if (folder / "Seal.esl").exists() else []
        done = self.assert_code(self.licet("seal", "check", folder / "SignedValue.dat", "--data", folder / "Signature.xml", *seal, "--json"), code)
        steps = self.steps(done.json["steps"])
        self.assertEqual(done.json["kind"], kind)
        self.assertEqual(self.failed(steps), failed)
        for name in ("signature_format", "signature_value", "data_hash", *(["seal_signature"] if kind != "gbt35275" else []), *(["seal_file"] if seal else [])):
            self.assertEqual(steps[name], ("passed", None), name)
        # the same value over another file, and with one byte changed
        other = self.assert_code(self.licet("seal", "check", folder / "SignedValue.dat", "--data", folder / "SignedValue.dat", "--json"), 15)
        self.assertEqual(self.steps(other.json["steps"])["data_hash"], ("failed", "hash_differs"))
        data = bytearray((folder / "SignedValue.dat").read_bytes())
        data[-1] ^= 1
        changed = self.folder / "changed.dat"
        changed.write_bytes(data)
        other = self.assert_code(self.licet("seal", "check", changed, "--data", folder / "Signature.xml", "--json"), 15)
        self.assertEqual(self.steps(other.json["steps"])["signature_value"], ("failed", "signature_wrong"))
        return done.json

    def test_real_seals_zj_tax_2020(self):
        self.value("zj-tax-2020", 0, {}, "seal-v4")

    def test_real_seals_js_tax_2020(self):
        self.assertEqual(self.value("js-tax-2020", 0, {}, "seal-v4")["seal"]["id"], "32010600000001")

    def test_real_seals_yn_zjt_2020_sign0(self):
        self.assertEqual(self.value("yn-zjt-2020-sign0", 0, {}, "seal-v4")["seal"]["id"], "53011200000556")

    def test_real_seals_zibo_bdc_2020_rawrs(self):
        self.value("zibo-bdc-2020-rawrs", 0, {}, "seal-v4")

    def test_real_seals_kuangye_2022_gbt35275_0(self):
        self.value("kuangye-2022-gbt35275-0", 0, {}, "gbt35275")

    def seal(self, name, code, failed, kind, at):
        done = self.assert_code(self.licet("seal", "check", SAMPLES / "esl" / name, "--at", at, "--json"), code)
        steps = self.steps(done.json["steps"])
        self.assertEqual(self.failed(steps), failed)
        self.assertEqual(done.json["kind"], kind)
        for step in ("seal_format", "seal_signature"):
            self.assertEqual(steps[step], ("passed", None))

    def test_esl_UserV1(self):
        self.seal("UserV1.esl", 0, {}, "seal-v1", "2021-01-01")
        self.seal("UserV1.esl", 13, {"seal_period": "period_ended"}, "seal-v1", "2022-05-01")

    def test_esl_UserV4(self):
        self.seal("UserV4.esl", 0, {}, "seal-v4", "2021-01-01")
        self.seal("UserV4.esl", 13, {"seal_period": "period_ended"}, "seal-v4", "2022-05-01")

    def test_esl_UserV5_ts(self):
        """Its maker's certificate ended before it was made, and its timestamp is three bytes that are none."""
        self.seal("UserV5_ts.esl", 13, {"maker_period": "after_period"}, "seal-v5", "2026-12-01")

    def test_esl_SignedValueV4(self):
        done = self.assert_code(self.licet("seal", "check", SAMPLES / "esl" / "SignedValueV4.dat", "--json"), 0)
        steps = self.steps(done.json["steps"])
        self.assertEqual((steps["data_hash"], steps["signature_value"], steps["seal_signature"]), (("not_checked", "no_data"), ("passed", None), ("passed", None)))

    def test_trust_in_a_certificate_of_another_is_no_trust(self):
        trust = self.folder / "trust"
        trust.mkdir()
        self.assert_code(self.licet("seal", "make-test", self.folder / "other"), 0)
        shutil.copy(self.folder / "other" / "trust" / "root.pem", trust)
        _, (steps,) = self.look(SAMPLES / "ofd" / "V4RideRight.ofd", 15, "--trust-dir", trust, signatures=1)
        self.assertEqual(steps["signer_chain"], ("failed", "untrusted"))
        self.assertEqual(steps["maker_chain"], ("failed", "untrusted"))


class Sealed(Looking):
    """Forgeries of a licence sealed here."""

    def setUp(self):
        super().setUp()
        self.authority = self.folder / "authority"
        self.assert_code(self.licet("seal", "make-test", self.authority), 0)
        self.licence = self.authority / "licence.ofd"
        with zipfile.ZipFile(self.licence) as archive:
            self.files = {i.filename: archive.read(i) for i in archive.infolist()}
        self.signature = next(n for n in self.files if n.endswith("Signature.xml"))
        self.folder_of_signature = self.signature[:-len("Signature.xml")]
        self.list = next(n for n in self.files if n.endswith("Signatures.xml"))
        self.page = next(n for n in self.files if "Page" in n and n.endswith("Content.xml"))

    def write(self, files=None, name="forged.ofd", compression=zipfile.ZIP_DEFLATED, **changes):
        path = self.folder / name
        with zipfile.ZipFile(path, "w", compression) as archive:
            for file, data in (self.files if files is None else files).items():
                archive.writestr(file, data)
        return path

    def forged(self, changes, step, reason, detail=None, signature=0):
        files = {n: d for n, d in {**self.files, **changes}.items() if d is not None}
        report, steps = self.look(self.write(files), 15)
        self.assertEqual(steps[signature][step], ("failed", reason))
        if detail is not None:
            self.assertEqual(next(s["detail"] for s in report["signatures"][signature]["steps"] if s["step"] == step), detail)
        self.assertEqual(report["result"], "failed")

    def refused(self, path, reason):
        report, _ = self.look(path, 15, signatures=0)
        self.assertEqual(self.steps(report["steps"]), {"package": ("failed", reason)})

    def test_honest_with_and_without_trust(self):
        trust = self.authority / "trust"
        for path in (self.licence, self.write(), self.write(compression=zipfile.ZIP_STORED)):
            report, (steps,) = self.look(path, 0, "--trust-dir", trust, signatures=1)
            self.assertEqual((self.failed(steps), self.skipped(steps)), ({}, {"timestamp": "no_timestamp"}))
            self.assertEqual(report["result"], "passed")
        done = self.assert_code(self.licet("ofd", self.licence, "--json", env={"LICET_TRUST_DIR": str(trust)}), 0)
        self.assertEqual(self.skipped(self.steps(done.json["signatures"][0]["steps"])), {"timestamp": "no_timestamp"})
        _, (steps,) = self.look(self.licence, 0, signatures=1)
        self.assertEqual(self.skipped(steps)["signer_chain"], "no_anchor")
        _, (steps,) = self.look(self.licence, 13, "--at", "2020-01-01")
        self.assertEqual(self.failed(steps), {"signer_period": "in_future"})
        _, (steps,) = self.look(self.licence, 0, "--at", "2050-01-01T00:00:00+08:00")
        self.assert_code(self.licet("seal", "check", self.authority / "seal.esl", "--trust-dir", trust), 0)
        done = self.assert_code(self.licet("seal", "check", self.authority / "seal.esl", "--at", "2050-01-01", "--json"), 13)
        self.assertEqual(self.failed(self.steps(done.json["steps"])), {"seal_period": "period_ended"})

    def test_for_people(self):
        english = self.assert_code(self.licet("ofd", self.licence, "--lang", "en"), 0).out
        self.assertEqual(len(english.splitlines()), 5)
        self.assertIn("result: passed", english)
        chinese = self.assert_code(self.licet("ofd", self.licence, "--lang", "zh", "--explain"), 0).out
        self.assertIn("结果: 通过", chinese)
        self.assertIn("通过: 原文摘要一致", chinese)
        self.assertIn("未检查: 签章者证书信任链：未配置信任锚", chinese)
        done = self.assert_code(self.licet("ofd", self.write({**self.files, self.page: b"<x/>"}), "--lang", "en"), 15)
        self.assertIn("a signed file was changed after signing", done.out)

    def test_usage(self):
        self.assert_code(self.licet("ofd", self.folder / "nothing.ofd"), 1)
        self.assert_code(self.licet("ofd", self.folder), 1)
        self.assert_code(self.licet("ofd"), 2)
        self.assert_code(self.licet("ofd", self.licence, self.licence), 2)
        self.assert_code(self.licet("ofd", self.licence, "--at", "yesterday"), 2)
        self.assert_code(self.licet("ofd", self.licence, "--at", "2026-02-30"), 2)
        self.assert_code(self.licet("ofd", self.licence, "--trust-dir", self.folder / "nothing"), 2)
        self.assert_code(self.licet("ofd", self.document("plain.txt", b"text")), 1)
        self.assert_code(self.licet("ofd", self.write({"word/document.xml": b"<x/>"})), 1)
        self.assert_code(self.licet("seal", "check"), 2)
        self.assert_code(self.licet("seal", "check", self.folder / "nothing.esl"), 1)
        self.assert_code(self.licet("seal", "check", self.authority / "seal.esl", "--data", self.licence), 2)
        self.assert_code(self.licet("seal", "check", self.licence), 15)
        self.assert_code(self.licet("seal", "nothing"), 2)
        fifo = self.folder / "pipe"
        os.mkfifo(fifo)
        self.assert_code(self.licet("ofd", fifo), 1)

    def test_unsigned(self):
        files = {n: d for n, d in self.files.items() if not n.startswith(self.list[:-len("Signatures.xml")])}
        files["OFD.xml"] = re.sub(rb"<(ofd:)?Signatures>.*?</(ofd:)?Signatures>", b"", files["OFD.xml"])
        report, _ = self.look(self.write(files), 15, signatures=0)
        self.assertEqual(report["result"], "unsigned")
        self.assertEqual(self.steps(report["steps"])["signature_format"], ("not_checked", "not_signed"))

    def test_content_changed(self):
        for name in self.files:
            if name in (self.list, self.signature) or name.startswith(self.folder_of_signature):
                continue
            self.forged({name: self.files[name] + b" "}, "references", "file_changed", "/" + name)
            if name != "OFD.xml" and not name.endswith("Document.xml"):
                self.forged({name: None}, "references", "file_missing", "/" + name)

    def test_signature_parts_changed(self):
        self.forged({self.signature: self.files[self.signature].replace(b"<ofd:Signature ", b"<ofd:Signature  ", 1)}, "data_hash", "hash_differs")
        self.forged({self.folder_of_signature + "Seal.esl": self.files[self.folder_of_signature + "Seal.esl"] + b"\0"}, "seal_file", "seal_differs")
        self.forged({self.folder_of_signature + "SignedValue.dat": None}, "signature_format", "file_missing")
        self.forged({self.folder_of_signature + "Seal.esl": None}, "seal_file", "file_missing")

    def test_seal_and_signature_of_another_document(self):
        other = self.folder / "other"
        self.assert_code(self.licet("seal", "make-test", other), 0)
        with zipfile.ZipFile(other / "licence.ofd") as archive:
            theirs = {i.filename: archive.read(i) for i in archive.infolist()}
        seal, value = self.folder_of_signature + "Seal.esl", self.folder_of_signature + "SignedValue.dat"
        self.forged({seal: theirs[seal]}, "seal_file", "seal_differs")
        self.forged({seal: theirs[seal], value: theirs[value]}, "data_hash", "hash_differs")
        whole = {n: theirs[n] for n in theirs if n.startswith(self.folder_of_signature)}
        self.forged(whole, "references", "file_changed")

    def test_shown_and_not_signed(self):
        """What a page shows through a file that was put there later: Document.xml is signed here, so a second document is the way."""
        second = b'<ofd:DocBody><ofd:DocInfo><ofd:DocID>2</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_9/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
        changes = {"OFD.xml": self.files["OFD.xml"].replace(b"</ofd:OFD>", second), "Doc_9/Document.xml": self.files["Doc_0/Document.xml"],
                   "Doc_9/" + self.page.split("/", 1)[1]: b'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"/>'}
        self.forged(changes, "coverage", "file_unsigned", "Doc_9/Document.xml")
        self.forged(changes, "references", "file_changed", "/OFD.xml")

    def test_a_file_that_nothing_shows_is_no_harm(self):
        report, _ = self.look(self.write({**self.files, "notes.txt": b"x", "Doc_0/Res/unused.png": b"x"}), 0, signatures=1)
        self.assertEqual(report["result"], "passed")

    def test_the_list_of_signatures(self):
        files = {n: d for n, d in self.files.items() if n != self.list}
        self.refused(self.write(files), "ofd_shape")
        empty = re.sub(rb"<ofd:Signature .*?/>", b"", self.files[self.list])
        report, _ = self.look(self.write({**self.files, self.list: empty}), 15, signatures=0)
        self.assertEqual(report["result"], "unsigned")
        elsewhere = self.files[self.list].replace(self.signature.encode(), b"Doc_0/Signs/nothing.xml")
        _, (steps,) = self.look(self.write({**self.files, self.list: elsewhere}), 15, signatures=1)
        self.assertEqual(steps["signature_format"], ("failed", "file_missing"))

    def test_a_stamped_copy_passes_and_its_first_signature_stays(self):
        copy = self.folder / "copy.ofd"
        self.assert_code(self.licet("seal", "stamp", "--seal", self.authority, "--copy", "--in", self.licence, "--note", "仅限测试", "--out", copy), 0)
        report, _ = self.look(copy, 0, "--trust-dir", self.authority / "trust", signatures=2)
        before, _ = self.look(self.licence, 0, signatures=1)
        self.assertEqual(report["signatures"][0]["digest"], before["signatures"][0]["digest"])

    def test_zip_names(self):
        for twin in (self.page, self.page.upper(), self.page.replace("/", "\\"), self.page.swapcase()):
            path = self.write()
            with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the name that is there already
                info = zipfile.ZipInfo("x")
                info.filename = twin
                archive.writestr(info, b"<x/>")
            self.refused(path, "zip_entry")
        for name in ("../evil", "/evil", "a/../../evil", "C:/evil", "a//b"):
            self.refused(self.write({**self.files, name: b"x"}), "zip_entry")

    def test_zip_link(self):
        path = self.write()
        with zipfile.ZipFile(path, "a") as archive:
            info = zipfile.ZipInfo("Doc_0/link")
            info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
        self.refused(path, "zip_entry")

    def test_zip_prefix_suffix_and_cuts(self):
        data = self.licence.read_bytes()
        forged = self.folder / "forged.ofd"
        for made in (b"#!/bin/sh\nexit\n" + data, data + b"x", data + data, data[:-1], data[:len(data) // 2], data[:30]):
            forged.write_bytes(made)
            self.refused(forged, "not_zip")

    def test_zip_local_header(self):
        data = bytearray(self.licence.read_bytes())
        at = data.find(self.page.encode())
        data[at] ^= 0x20
        path = self.folder / "forged.ofd"
        path.write_bytes(data)
        self.refused(path, "zip_header")

    def test_zip_encrypted(self):
        data = bytearray(self.write().read_bytes())
        for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            at = data.find(magic)
            data[at + offset] |= 1
        path = self.folder / "forged.ofd"
        path.write_bytes(data)
        self.refused(path, "zip_entry")

    def test_zip64_descriptors_and_names_in_gbk(self):
        path = self.folder / "wide.ofd"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files.items():
                with archive.open(name, "w", force_zip64=True) as file:
                    file.write(data)
        self.look(path, 0, signatures=1)

        class Pipe(io.RawIOBase):  # cannot seek, so sizes go behind the data
            def __init__(self):
                self.data = b""

            def writable(self):
                return True

            def write(self, data):
                self.data += bytes(data)
                return len(data)
        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files.items():
                archive.writestr(name, data)
        path.write_bytes(pipe.data)
        self.look(path, 0, signatures=1)
        text = "证照说明.txt"
        data = self.write({**self.files, "placeholder8.x": b"x"}).read_bytes().replace(b"placeholder8.x"[:12], text.encode("gbk"))
        path.write_bytes(data)
        self.look(path, 0, signatures=1)

    def test_zip_bomb(self):
        self.refused(self.write({**self.files, "bomb": bytes(50 << 20)}), "zip_size")

    def test_xml_of_65_megabytes(self):
        page = self.files[self.page]
        self.refused(self.write({**self.files, self.page: page + b" " * (65 << 20)}, compression=zipfile.ZIP_STORED), "zip_size")

    def test_xml_entities(self):
        laughs = b'<?xml version="1.0"?><!DOCTYPE a [' + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha") for n in range(12)) + b"]><a>&l11;</a>"
        outside = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">&e;</ofd:Page>'
        deep = b"<a>" * 100000
        for evil in (laughs, outside, deep):
            self.refused(self.write({**self.files, self.page: evil}), "xml_bad")

    def test_names_for_the_terminal(self):
        evil = self.files["OFD.xml"].replace(b"Doc_0/Document.xml", "Doc_0/\u202e\u0085.xml".encode())
        done = self.assert_code(self.licet("ofd", self.write({**self.files, "OFD.xml": evil}), "--explain"), 15)
        self.assertNotIn("\u202e", done.out)


class Pdf(Looking):
    """A PDF signed with the openssl program."""

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder, check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode("utf-8", "replace"))

    def setUp(self):
        super().setUp()
        (self.folder / "leaf.cnf").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n")
        self.trust = self.folder / "trust"
        self.trust.mkdir()
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.pem", "-out", "trust/ca.pem", "-subj", "/CN=Test CA", "-days", "30",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "leaf.csr", "-subj", "/CN=Signer/O=Office")
        self.openssl("x509", "-req", "-in", "leaf.csr", "-CA", "trust/ca.pem", "-CAkey", "ca.pem", "-CAcreateserial", "-days", "20", "-extfile", "leaf.cnf", "-out", "leaf.pem")

    def sign(self, name="signed.pdf"):
        room = 8000
        head = "%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\n5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange [0 {:010d} {:010d} {:010d}]/Contents "
        tail = b">>\nendobj\n%%EOF\n"
        at = len(head.format(0, 0, 0))
        head = head.format(at, at + room + 2, len(tail)).encode()
        (self.folder / "content").write_bytes(head + tail)
        self.openssl("cms", "-sign", "-binary", "-in", "content", "-signer", "leaf.pem", "-inkey", "key.pem", "-outform", "DER", "-out", "value", "-md", "sha256")
        value = (self.folder / "value").read_bytes().hex().encode()
        path = self.folder / name
        path.write_bytes(head + b"<" + value.ljust(room, b"0") + b">" + tail)
        return path

    def test_signed_and_changed(self):
        path = self.sign()
        report, (steps,) = self.look(path, 0, "--trust-dir", self.trust, signatures=1)
        self.assertEqual(report["file"]["format"], "pdf")
        self.assertEqual(report["signatures"][0]["signer"]["subject"], "Signer")
        self.assertEqual(self.failed(steps), {})
        for step in ("coverage", "signature_value", "signer_chain", "data_hash"):
            self.assertEqual(steps[step], ("passed", None))
        whole = path.read_bytes()
        path.write_bytes(whole + b"9 0 obj <</Type/Page>> endobj\n%%EOF\n")
        _, (steps,) = self.look(path, 15, "--trust-dir", self.trust, signatures=1)
        self.assertEqual(self.failed(steps), {"coverage": "file_unsigned"})
        path.write_bytes(whole.replace(b"/Catalog", b"/Catalof"))
        _, (steps,) = self.look(path, 15, "--trust-dir", self.trust, signatures=1)
        self.assertEqual(self.failed(steps), {"data_hash": "hash_differs"})
        path.write_bytes(whole.replace(b"adbe.pkcs7.detached", b"adbe.x509.rsa_sha1 "))
        _, (steps,) = self.look(path, 15, signatures=1)
        self.assertEqual(steps["signature_value"], ("not_checked", "algorithm"))

    def test_unsigned(self):
        report, _ = self.look(self.document("plain.pdf", b"%PDF-1.4\n%%EOF\n"), 15, signatures=0)
        self.assertEqual(report["result"], "unsigned")


if __name__ == "__main__":
    unittest.main()
