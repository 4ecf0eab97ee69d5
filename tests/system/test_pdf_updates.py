"""PDFs that were added to after they were signed, made here and signed with openssl: what a further signature may show depends on who made it, validation data are
harmless, and whatever else is changed fails, whether somebody signed the change or not."""
import re
import struct
import subprocess
import unittest
import zlib
from concurrent.futures import ThreadPoolExecutor

from test_ofd import Looking

ROOM = 8192
VISIBLE, NOWHERE = "[ 10 10 90 40 ]", "[ 0 0 0 0 ]"


class Document:
    """Objects with their tables, one revision after another; form: "stream" has sections in streams, "packed" objects too, "deflated" both so."""

    def __init__(self, form="table"):
        self.form = form
        self.data, self.start, self.sizes = b"%PDF-1.7\n", None, []
        self.fields, self.sub_filter = [], "adbe.pkcs7.detached"
        self.objects = {1: "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>", 2: "<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>", 4: self.stream(b"0 0 m"),
                        9: "<< /Producer (x) >>"}
        self.objects.update(self.lists())

    @staticmethod
    def stream(data, more=""):
        return f"<< {more}/Length {len(data)} >>\nstream\n{data.decode('latin-1')}\nendstream"

    def lists(self):
        fields = " ".join(f"{number} 0 R" for number in self.fields)
        return {3: f"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 200 ] /Contents 4 0 R /Annots [ {fields} ] >>",
                6: f"<< /Fields [ {fields} ] /SigFlags 3 >>"}

    def put_stream(self, number, keys, data, columns):
        if self.form == "deflated":
            rows = [data[at:at + columns] for at in range(0, len(data), columns)]
            data = zlib.compress(b"".join(b"\2" + bytes((a - b) & 255 for a, b in zip(row, above)) for row, above in zip(rows, [bytes(columns), *rows])))
            keys += f" /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns {columns} >>"
        self.data += f"{number} 0 obj\n<< {keys} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream\nendobj\n"

    def streams(self, objects):
        entries, packed = {} if self.start else {0: (0, 0, 255)}, {}
        pack, section = 200 + 2 * len(self.sizes), 201 + 2 * len(self.sizes)
        for number, text in objects.items():
            if self.form != "stream" and "stream\n" not in text and "/ByteRange" not in text:
                entries[number] = (2, pack, len(packed))
                packed[number] = text
                continue
            entries[number] = (1, len(self.data), 0)
            self.data += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
        if packed:
            texts, head, at = list(packed.values()), "", 0
            for number, text in packed.items():
                head, at = f"{head}{number} {at} ", at + len(text) + 1
            entries[pack] = (1, len(self.data), 0)
            self.put_stream(pack, f"/Type /ObjStm /N {len(packed)} /First {len(head)}", (head + " ".join(texts)).encode("latin-1"), 1)
        start = len(self.data)
        entries[section] = (1, start, 0)
        index = " ".join(f"{number} 1" for number in sorted(entries))
        previous = f" /Prev {self.start}" if self.start else ""
        self.put_stream(section, f"/Type /XRef /W [ 1 4 1 ] /Index [ {index} ] /Size 300 /Root 1 0 R /Info 9 0 R{previous}",
                        b"".join(struct.pack(">BIB", *entries[number]) for number in sorted(entries)), 6)
        self.data += f"startxref\n{start}\n%%EOF\n".encode()
        self.start = start
        self.sizes.append(len(self.data))
        return self

    def revision(self, objects):
        if self.form != "table":
            return self.streams(objects)
        places = {}
        for number, text in objects.items():
            places[number] = len(self.data)
            self.data += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
        start = len(self.data)
        table = "" if self.start else "0 1\n0000000000 65535 f \n"
        table += "".join(f"{number} 1\n{at:010} 00000 n \n" for number, at in sorted(places.items()))
        previous = f" /Prev {self.start}" if self.start else ""
        self.data += f"xref\n{table}trailer\n<< /Size 300 /Root 1 0 R /Info 9 0 R{previous} >>\nstartxref\n{start}\n%%EOF\n".encode()
        self.start = start
        self.sizes.append(len(self.data))
        return self

    def sign(self, signer, rect=NOWHERE, **more):
        """One more signature, over all that is there by then; more: other objects, by p4="..."."""
        number = 20 + 2 * len(self.fields)
        self.fields.append(number)
        first = self.objects if self.start is None else {}
        look = f" /AP << /N {number + 50} 0 R >>" if rect != NOWHERE else ""
        objects = {**first, **self.lists(), number: f"<< /Type /Annot /Subtype /Widget /FT /Sig /T (s{number}) /F 132 /Rect {rect} /P 3 0 R /V {number + 1} 0 R{look} >>",
                   number + 1: f"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{self.sub_filter} /ByteRange [0 ########## ########## ##########] /Contents <{'0' * ROOM}> >>"}
        if look:
            objects[number + 50] = self.stream(b"1 1 m", "/Type /XObject /Subtype /Form /BBox [ 0 0 9 9 ] ")
        objects.update({int(name[1:]): text for name, text in more.items()})
        self.revision(objects)
        gap = self.data.rindex(b"<" + b"0" * ROOM)
        end = gap + ROOM + 2
        for value in (gap, end, len(self.data) - end):
            self.data = self.data.replace(b"##########", b"%010d" % value, 1)
        value = signer(self.data[:gap] + self.data[end:]).hex().encode()
        self.data = self.data[:gap + 1] + value.ljust(ROOM, b"0") + self.data[end - 1:]
        return self


class Updates(Looking):
    @classmethod
    def setUpClass(cls):
        if subprocess.run(["sh", "-c", "command -v openssl"], capture_output=True, check=False).returncode:
            raise unittest.SkipTest("openssl is not here")

    def setUp(self):
        super().setUp()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3000", "-subj", "/CN=Test CA",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.one, self.other = self.signer("one"), self.signer("other")
        self.trust = self.folder / "trust"
        self.trust.mkdir()
        (self.trust / "ca.pem").write_bytes((self.folder / "ca.pem").read_bytes())

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def signer(self, name):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self.folder / "ext").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2000", "-extfile", "ext", "-out", f"{name}.pem")

        def sign(data):
            (self.folder / "data").write_bytes(data)
            return self.openssl("cms", "-sign", "-binary", "-in", "data", "-signer", f"{name}.pem", "-inkey", f"{name}.key", "-md", "sha256", "-outform", "DER")
        return sign

    def expect(self, document, code, results, coverage=None, *more):
        path = self.folder / "document.pdf"
        path.write_bytes(document if isinstance(document, bytes) else document.data)
        report, steps = self.look(path, code, *more, signatures=len(results))
        self.assertEqual([s["result"] for s in report["signatures"]], results, report)
        if coverage:
            self.assertEqual([s["coverage"][1] for s in steps], coverage, report)
        return report

    FORMS = ("stream", "packed", "deflated")

    def test_every_form_of_a_section(self):
        """The same verdicts where sections are streams, and where objects lie in object streams; and where forms follow each other."""
        dss = {1: "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS 60 0 R >>", 60: "<< /Certs [ 61 0 R ] >>", 61: Document.stream(b"der")}
        for form in self.FORMS:
            with self.subTest(form):
                self.expect(Document(form).sign(self.one).sign(self.other), 0, ["passed", "passed"], ["added_later", None])
                self.expect(Document(form).sign(self.one, VISIBLE).sign(self.other, VISIBLE), 15, ["failed", "passed"], ["changed_later", None])
                self.expect(Document(form).sign(self.one).sign(self.one, VISIBLE), 0, ["partial", "passed"], ["added_later", None])
                self.expect(Document(form).sign(self.one).revision(dss), 0, ["passed"], ["added_later"])
                self.expect(Document(form).sign(self.one).revision(dss).sign(self.other), 0, ["passed", "passed"], ["added_later", None])
                self.expect(Document(form).sign(self.one).revision({4: Document.stream(b"9 9 m")}), 15, ["failed"], ["changed_later"])
                page = "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] /Contents 4 0 R /Annots [ 20 0 R ] >>"
                self.expect(Document(form).sign(self.one).revision({3: page}), 15, ["failed"], ["changed_later"])
                for other in ("table", *self.FORMS):
                    document = Document(other).sign(self.one)
                    document.form = form
                    self.expect(document.revision(dss), 0, ["passed"], ["added_later"])
                    document.form = other
                    self.expect(document.revision({3: page}), 15, ["failed"], ["changed_later"])

    def test_a_further_signature_that_shows_nothing(self):
        report = self.expect(Document().sign(self.one).sign(self.other), 0, ["passed", "passed"], ["added_later", None])
        self.assertEqual(report["signatures"][0]["notes"], [{"note": "added_later", "detail": "2"}])
        self.expect(Document().sign(self.one).sign(self.other).sign(self.one), 0, ["passed"] * 3, ["added_later", "added_later", None])

    def test_a_further_signature_that_shows_something(self):
        """It can show anything there: so it has to be of the same signer or of one who is trusted."""
        by_other = Document().sign(self.one, VISIBLE).sign(self.other, VISIBLE)
        report = self.expect(by_other, 15, ["failed", "passed"], ["changed_later", None])
        self.assertEqual(report["signatures"][0]["notes"], [])
        report = self.expect(by_other, 0, ["partial", "passed"], ["added_later", None], "--trust-dir", self.trust)
        self.assertEqual(report["signatures"][0]["notes"], [{"note": "partial", "detail": "2"}, {"note": "added_later", "detail": "2"}])
        self.expect(Document().sign(self.one).sign(self.one, VISIBLE), 0, ["partial", "passed"], ["added_later", None])
        self.expect(Document().sign(self.one).sign(self.one, VISIBLE).sign(self.one, VISIBLE), 0, ["partial", "partial", "passed"])
        self.expect(Document().sign(self.one).sign(self.one, VISIBLE).sign(self.other, VISIBLE), 15, ["failed", "failed", "passed"])

    def test_a_further_signature_that_does_not_hold(self):
        document = Document().sign(self.one).sign(self.one, VISIBLE)
        data = bytearray(document.data)
        data[data.index(b"/F 132", document.sizes[0]) + 3] ^= 1
        self.expect(bytes(data), 15, ["failed", "failed"], ["changed_later", None])
        # one byte of the update after another: whatever passes says the same
        for at in range(document.sizes[0], document.sizes[0] + 100):
            data = bytearray(document.data)
            data[at] ^= 1
            self.expect(bytes(data), 15, ["failed", "failed"])

    def test_validation_data(self):
        document = Document().sign(self.one)
        document.revision({1: "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS 60 0 R >>", 60: "<< /Certs [ 61 0 R ] /VRI << /AB << /Cert [ 61 0 R ] >> >> >>",
                           61: document.stream(b"der")})
        report = self.expect(document, 0, ["passed"], ["added_later"])
        self.assertEqual(report["signatures"][0]["notes"], [{"note": "added_later", "detail": "/DSS"}])
        document.revision({4: document.stream(b"1 1 m")})
        self.expect(document, 15, ["failed"], ["changed_later"])

    @staticmethod
    def shown(data):
        """What a reader that looks at no table makes of a file: the last object of each number, whether it stands in the file or in an object stream; and where the
        catalog leads, but for validation data."""
        objects = {}
        for found in re.finditer(rb"(?<!\d)(\d+)\s+\d+\s+obj\b(.*?)endobj", data, re.S):
            objects[int(found[1])] = b" ".join(found[2].split())
            body = re.search(rb"stream\r?\n(.*)\nendstream", found[2], re.S)
            if not re.search(rb"/Type\s*/ObjStm", found[2]) or not body:
                continue
            held = body[1]
            if b"/FlateDecode" in found[2]:
                held = zlib.decompressobj().decompress(held)
                above, out, columns = 0, bytearray(), int(re.search(rb"/Columns\s+(\d+)", found[2])[1])
                assert columns == 1
                for at in range(0, len(held), 2):
                    above = (held[at + 1] + (above if held[at] == 2 else 0)) & 255
                    out.append(above)
                held = bytes(out)
            first = int(re.search(rb"/First\s+(\d+)", found[2])[1])
            words = [int(word) for word in held[:first].split()]
            places = [*words[1::2], len(held) - first]
            for number, begin, end in zip(words[::2], places, places[1:]):
                objects[number] = b" ".join(held[first + begin:first + end].split())
        catalog = re.sub(rb" /DSS \d+ 0 R", b"", objects.get(1, b""))
        return catalog, {number: text for number, text in objects.items() if number in (2, 3, 4, 6, 9, 20, 21)}, data.count(b"/Root 1 0 R") == data.count(b"/Root"), data.count(b"/Root")

    def passing_variants(self, document, changes):
        """Every byte behind the signature put otherwise, one after another: those of which the program says passed; and how many there were."""
        data, start = document.data, document.sizes[0]
        near = {(at, byte): data[:at] + bytes([byte]) + data[at + 1:] for at in range(start, len(data)) for byte in changes(data[at]) - {data[at]}}

        def passes(one):
            (at, byte), variant = one
            path = self.folder / f"{at}-{byte}.pdf"
            path.write_bytes(variant)
            done = self.licet("ofd", path, "--json")
            path.unlink()
            self.assertIn(done.code, (0, 15), done)
            return done.code == 0
        with ThreadPoolExecutor(2) as pool:
            good = list(pool.map(passes, near.items()))
        return {place: variant for (place, variant), one in zip(near.items(), good) if one}, len(near)

    DSS = {1: "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS 60 0 R >>", 60: "<< /Certs [ 61 0 R ] >>"}

    def test_no_byte_of_what_nobody_signed_changes_what_is_shown(self):
        """Validation data are under no signature: every byte of that update turned in one bit, one after another, and another one put in its place."""
        document = Document().sign(self.one).revision({**self.DSS, 61: Document.stream(b"der")})
        self.expect(document, 0, ["passed"])
        good, count = self.passing_variants(document, lambda byte: {byte ^ 1, byte ^ 4, 0x20, 0x34})
        wrong = [place for place, variant in good.items() if self.shown(variant) != self.shown(document.data)]
        self.assertEqual(wrong, [])
        self.assertGreater(len(good), 0)  # bytes of the certificate and the like
        self.assertLess(len(good), count // 4)

    def test_no_byte_of_a_stream_changes_what_is_shown(self):
        """The same where the update's section and its objects are streams, plain and deflated."""
        for form, others in (("packed", {0x33}), ("deflated", set())):
            document = Document(form).sign(self.one).revision({**self.DSS, 61: Document.stream(b"der")})
            self.expect(document, 0, ["passed"])
            good, count = self.passing_variants(document, lambda byte, more=others: {byte ^ 1} | more)
            wrong = [place for place, variant in good.items() if self.shown(variant) != self.shown(document.data)]
            self.assertEqual(wrong, [], form)
            self.assertGreater(len(good), 0)
            self.assertLess(len(good), count // 4)

    def tsa(self):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA")
        (self.folder / "ext").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2000", "-extfile", "ext", "-out", "tsa.pem")
        (self.folder / "tsa.cnf").write_text("[tsa]\ndefault_tsa=one\n[one]\nserial=./serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256,sha384\ness_cert_id_alg=sha256\n")

        def stamp(data, digest="sha256"):
            (self.folder / "data").write_bytes(data)
            self.openssl("ts", "-query", "-data", "data", f"-{digest}", "-cert", "-out", "query")
            self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key", "-token_out", "-out", "token")
            return (self.folder / "token").read_bytes()
        return stamp

    def test_a_document_timestamp(self):
        """Harmless behind a signature, and no signature itself."""
        tsa, one = self.tsa(), self.one

        def stamped(document, stamp, rect=NOWHERE):
            document.sub_filter = "ETSI.RFC3161"
            return document.sign(stamp, rect)
        for digest in ("sha256", "sha384"):
            document = stamped(Document().sign(one), lambda data, name=digest: tsa(data, name))
            report = self.expect(document, 0, ["passed", "passed"], None)
            self.assertEqual([s["kind"] for s in report["signatures"]], ["cms", "timestamp"])
            self.assertEqual(report["signatures"][0]["notes"], [{"note": "added_later", "detail": "2"}])
        report = self.expect(document, 0, ["passed", "passed"], None, "--trust-dir", self.trust)
        self.assertIsNotNone(report["signatures"][1]["timestamp"])
        report = self.expect(stamped(Document(), tsa), 15, ["passed"])
        self.assertEqual(report["result"], "unsigned")
        self.assertIn("not signed", self.licet("ofd", self.folder / "document.pdf", "--lang", "en").out)
        self.expect(stamped(Document().sign(one), lambda data: tsa(data + b"x")), 15, ["passed", "failed"])
        self.expect(stamped(Document().sign(one), lambda data: b""), 15, ["passed", "failed"])
        self.expect(stamped(Document().sign(one), lambda data: b"0" * 30), 15, ["passed", "failed"])
        self.expect(stamped(Document().sign(one), one), 15, ["passed", "failed"])
        self.expect(stamped(Document().sign(one), tsa, VISIBLE), 15, ["failed", "passed"], None)  # it vouches for a time, not for what is shown
        self.expect(stamped(Document().sign(one), tsa).revision({4: Document.stream(b"9 9 m")}), 15, ["failed", "failed"])

    def test_what_changes_the_document(self):
        for what, objects in {"content": {4: Document.stream(b"9 9 m")}, "page": {3: "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] /Contents 4 0 R /Annots [ 20 0 R ] >>"},
                              "pages": {2: "<< /Type /Pages /Count 0 /Kids [ ] >>"}, "form": {6: "<< /Fields [ ] /SigFlags 3 >>"}}.items():
            with self.subTest(what):
                self.expect(Document().sign(self.one).revision(objects), 15, ["failed"], ["changed_later"])
                signed = Document().sign(self.one)
                signed.sign(self.one, **{f"p{number}": text for number, text in objects.items()})
                self.expect(signed, 15, ["failed", "passed"], ["changed_later", None])  # whoever signs it, the first was over something else

    def test_what_cannot_be_read(self):
        document = Document().sign(self.one)
        document.data += b"50 0 obj\n<< /Type /XRef /Size 51 /Root 1 0 R /W [ 1 2 1 ] /Length 4 >>\nstream\nabcd\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % document.sizes[-1]
        report = self.expect(document, 15, ["failed"], ["update_unread"])
        self.assertEqual([step["detail"] for step in report["signatures"][0]["steps"] if step["step"] == "coverage"], ["50 0 obj: /XRef"])
        path = self.folder / "document.pdf"
        self.assertIn("nobody can say here that it is harmless", self.licet("ofd", path, "--lang", "en").out)
        self.assertIn("无法确认其无害", self.licet("ofd", path, "--lang", "zh").out)
        path.write_bytes(Document().sign(self.one).revision({4: Document.stream(b"9 9 m")}).data)
        self.assertIn("签名之后除验证数据和签名外又增加或更改了内容，请向出具方核实：4 0 obj（检查项“所显示的内容均在签名保护之内”）", self.licet("ofd", path, "--lang", "zh").out)
        for more in (b"4 0 obj\n<< >>\nendobj\n%%EOF\n", b"%%EOF\n", b"x", b"xref\n0 0\ntrailer\n<< >>\nstartxref\n0\n%%EOF\n"):
            self.expect(Document().sign(self.one).data + more, 15, ["failed"], ["update_unread"])
        for named, change in {"/Encrypt": (b"/Info 9 0 R /Prev", b"/Encrypt 9 0 R /Info 9 0 R /Prev"), "/Filter": (b"/FlateDecode", b"/LZWDecode"), "/Extends": (b"/ObjStm", b"/ObjStm /Extends 200 0 R")}.items():
            document = Document("deflated").sign(self.one)
            signed = document.data
            update = document.revision({**self.DSS, 61: Document.stream(b"der")}).data[len(signed):].replace(*change)
            update = re.sub(rb"startxref\n\d+", b"startxref\n%d" % (len(signed) + update.index(b"203 0 obj")), update)
            report = self.expect(signed + update, 15, ["failed"], ["update_unread"])
            detail = [step["detail"] for step in report["signatures"][0]["steps"] if step["step"] == "coverage"][0]
            self.assertTrue(detail.endswith(named), (named, detail))
            self.assertIn(named, self.licet("ofd", self.folder / "document.pdf", "--lang", "zh").out)
