"""Forgeries of a sealed licence against everything together: the file, its seal, the ledger, and a proof without a node. A clerk must never be told `valid`
(exit 0) of what is not."""
import hashlib
import re
import subprocess
import unittest
import zipfile

from node import LICET, Case, run, uscc


def der(tag, *parts):
    content = b"".join(parts)
    n = len(content)
    length = bytes([n]) if n < 0x80 else (lambda b: bytes([0x80 | len(b)]) + b)(n.to_bytes((n.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + length + content


def elements(content):
    """The elements in a row, each with tag and length."""
    found, at = [], 0
    while at < len(content):
        begin, n = at, content[at + 1]
        at += 2
        if n & 0x80:
            n, at = int.from_bytes(content[at:at + (n & 0x7F)], "big"), at + (n & 0x7F)
        at += n
        found.append(content[begin:at])
    return found


def inside(element):
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0):]


class Attacks(Case):
    def setUp(self):
        super().setUp()
        self.home = self.node()
        self.owner = self.home.get_json("/v1/members")["members"][0]["uscc"]
        self.authority = self.make("authority")
        self.es_id = run(LICET, "seal", "check", self.authority / "seal.esl", "--json").json["seal"]["id"]
        self.trust = self.authority / "trust"
        done = self.home.licet("seal", "add", self.authority / "seal.esl", "--trust-dir", self.trust, "--json", env={"LICET_KEY": str(self.home.dir / "keys" / "seal.pem")})
        self.assert_code(done, 0)
        self.text = self.folder / "text"
        self.sealed = self.stamp("sealed.ofd")
        self.licence = self.issue(self.home, 1, self.sealed)
        with zipfile.ZipFile(self.sealed) as archive:
            self.files = {i.filename: archive.read(i) for i in archive.infolist()}
        self.signature = next(n for n in self.files if n.endswith("Signature.xml"))
        self.at = self.signature[:-len("Signature.xml")]
        self.list = next(n for n in self.files if n.endswith("Signatures.xml"))

    def make(self, name, *more):
        """An authority: anybody can make one, for any owner and number."""
        self.assert_code(run(LICET, "seal", "make-test", self.folder / name, "--owner", self.owner, "--name", "测试机关", *more), 0)
        return self.folder / name

    def stamp(self, name, text="证照编号：N-1\n持证主体：测试公司\n", authority=None):
        self.text.write_text(text, "utf-8")
        self.assert_code(run(LICET, "seal", "stamp", "--seal", authority or self.authority, "--text", self.text, "--out", self.folder / name), 0)
        return self.folder / name

    def copy(self, authority, name="copy.ofd", of=None, note="仅供本次办理使用"):
        done = run(LICET, "seal", "stamp", "--seal", authority, "--copy", "--in", of or self.sealed, "--note", note, "--out", self.folder / name)
        self.assert_code(done, 0)
        return self.folder / name

    def write(self, changes, name="forged.ofd", first=None):
        path = self.folder / name
        files = {**(first or {}), **{n: d for n, d in {**self.files, **changes}.items() if d is not None}}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for file, data in files.items():
                archive.writestr(file, data)
        return path

    def verify(self, path, code, *more):
        codes = code if isinstance(code, tuple) else (code,)
        done = self.home.licet("verify", path, "--json", *more, key=False)
        self.assertIn(done.code, codes, done)
        return done.json

    def proof(self, *of):
        path = self.folder / "p.licet"
        path.unlink(missing_ok=True)
        self.assert_code(self.home.licet("proof", self.licence["key"], *of, "-o", path), 0)
        return path

    def offline(self, path, code, *of):
        done = run(LICET, "verify", "--offline", self.proof(*of), path, "--trust", self.home.dir / "genesis.cbor", "--json")
        self.assertIn(done.code, code if isinstance(code, tuple) else (code,), done)
        return done.json if done.out else None

    def everywhere(self, path, code, offline=None):
        self.verify(path, code)
        self.verify(path, code, "--trust-dir", self.trust)
        self.offline(path, code if offline is None else offline)

    def sign(self, authority, signature_xml):
        """SignedValue.dat of an authority over a Signature.xml, out of the one that is there."""
        seal = (authority / "seal.esl").read_bytes()
        cert = subprocess.run(["openssl", "x509", "-in", authority / "signer.crt", "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout
        to_sign, _, alg = elements(inside(self.files[self.at + "SignedValue.dat"]))[:3]
        parts = elements(inside(to_sign))
        parts[1], parts[3] = seal, der(0x03, b"\0", hashlib.new("sm3", signature_xml).digest())
        to_sign = der(0x30, *parts)
        (self.folder / "tbs").write_bytes(to_sign)
        done = subprocess.run(["openssl", "dgst", "-sm3", "-sign", authority / "signer.pem", "-sigopt", "distid:1234567812345678", self.folder / "tbs"],
                              check=True, stdout=subprocess.PIPE)
        return der(0x30, to_sign, der(0x04, cert), alg, der(0x03, b"\0", done.stdout))

    def as_production_writes_it(self):
        """A licence whose signature leaves out OFD.xml and names no Seal.esl, as production files do; issued, and made the one that is attacked."""
        xml = self.files[self.signature].decode()
        for name in ("OFD.xml", self.at + "Seal.esl"):
            xml, times = re.subn(rf'<ofd:Reference FileRef="/?{name}">.*?</ofd:Reference>', "", xml, flags=re.S)
            self.assertEqual(times, 1)
        xml, times = re.subn(r"<ofd:Seal>.*?</ofd:Seal>", "", xml, flags=re.S)
        self.assertEqual(times, 1)
        value = self.sign(self.authority, xml.encode())
        del self.files[self.at + "Seal.esl"]
        self.files[self.signature], self.files[self.at + "SignedValue.dat"] = xml.encode(), value
        self.sealed = self.write({}, "loose.ofd")
        self.licence = self.issue(self.home, 7, self.sealed)
        self.everywhere(self.sealed, 0)

    def cms(self):
        """The original Signature.xml, signed by somebody without a seal (GB/T 35275 has the same form as CMS)."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "own.key", "-out", "own.crt", "-subj", "/CN=Office", "-days", "9",
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature")
        (self.folder / "content").write_bytes(self.files[self.signature])
        openssl("cms", "-sign", "-binary", "-in", "content", "-signer", "own.crt", "-inkey", "own.key", "-outform", "DER", "-out", "own.dat", "-md", "sha256")
        return (self.folder / "own.dat").read_bytes()

    # ---- what is good ----

    def test_what_a_signature_signed_is_no_document(self):
        """The bare Signature.xml of a registered file has a digest that the ledger knows; it shows nothing that the licence shows."""
        bare = self.folder / "Signature.xml"
        bare.write_bytes(self.files[self.signature])
        proof = self.folder / "p.licet"
        self.assert_code(self.home.licet("proof", self.licence["key"], "-o", proof), 0)
        done = self.home.licet("verify", bare, "--json", key=False)
        self.assert_code(done, 15)
        self.assertEqual((done.json["verdict"], done.json["document"]), ("mismatch", None))
        self.assertIn("whole file", done.json["note"])
        self.assert_code(run(LICET, "verify", "--offline", proof, bare, "--trust", self.home.dir / "genesis.cbor"), 15)
        # Within the whole file it is what makes a stamped copy resolve.
        copy = self.copy(self.authority)
        self.assert_code(self.home.licet("verify", copy, "--trust-dir", self.trust, key=False), 0)
        self.assert_code(run(LICET, "verify", "--offline", proof, copy, "--trust-dir", self.trust, "--trust", self.home.dir / "genesis.cbor"), 0)
        # And a query that says nothing of where its digest is from is about a file.
        query = {"alg": "sha-256", "digest": hashlib.sha256(self.files[self.signature]).hexdigest()}
        for kind, word in ((None, "mismatch"), ("file", "mismatch"), ("pdf", "mismatch")):
            asked = {**query, **({"kind": kind} if kind else {})}
            status, answer = self.home.verify([{"document": asked}])
            self.assertEqual((status, answer["verdicts"][0]["verdict"]), (200, word))
        status, _ = self.home.verify([{"document": {**query, "kind": "scan"}}])
        self.assertEqual(status, 400)

    def test_a_pin_that_is_none_is_an_error(self):
        proof, pin = self.folder / "p.licet", self.folder / "pin"
        self.assert_code(self.home.licet("proof", self.licence["key"], "-o", proof), 0)
        for content, code in ((b"", 2), (b"x", 2)):
            pin.write_bytes(content)
            self.assert_code(run(LICET, "verify", "--offline", proof, "--trust", self.home.dir / "genesis.cbor", "--pin", pin), code)

    def test_honest(self):
        verdict = self.verify(self.sealed, 0, "--trust-dir", self.trust)
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["seal"]["result"]), ("valid", "match", "passed"))
        self.everywhere(self.sealed, 0)
        copy = self.copy(self.authority)
        verdict = self.verify(copy, 0, "--trust-dir", self.trust)
        self.assertEqual((verdict["verdict"], verdict["document"]), ("valid", "copy"))
        verdict = self.verify(copy, 15)  # a stamp that nobody vouches for may cover anything
        self.assertEqual((verdict["verdict"], verdict["document"], verdict["status"]["state"]), ("incomplete", "copy", "valid"))
        self.assertEqual(self.offline(copy, 15)["verdict"], "incomplete")
        again = self.folder / "packed-again.ofd"  # the same signatures alone, in another package: nothing was stamped over it
        with zipfile.ZipFile(self.sealed) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        for code in (self.verify(again, 0), self.offline(again, 0)):
            self.assertEqual((code["verdict"], code["document"]), ("valid", "copy"))

    def test_a_copy_with_its_identifier(self):
        copy = self.copy(self.authority)
        verdict = self.verify(copy, 0, "--trust-dir", self.trust, "--id", self.licence["identifier"])
        self.assertEqual((verdict["verdict"], verdict["document"]), ("valid", "copy"))
        self.verify(copy, 0, "--trust-dir", self.trust, "--id", self.licence["key"])
        other = self.issue(self.home, 2, self.stamp("other.ofd", "证照编号：N-2\n"))
        self.assertEqual(self.verify(copy, 15, "--id", other["key"])["verdict"], "mismatch")

    def test_a_copy_with_its_fields_is_no_guess(self):
        """Whoever checks copies by their fields must not lock the licence for the day, and whoever guesses must."""
        copy = self.copy(self.authority)
        right = ("--fields", f"type={self.home.type_code()}", "number=N-1", f"holder_code={uscc('91310118MA1JL0000')}")
        for _ in range(7):
            self.assertEqual(self.verify(copy, 0, "--trust-dir", self.trust, *right, "holder_name=测试公司")["document"], "copy")
        for _ in range(5):
            self.verify(copy, 15, *right, "holder_name=别的公司")
        self.assertEqual(self.verify(copy, 15, *right, "holder_name=测试公司")["verdict"], "incomplete")

    def test_many_seals(self):
        copy = self.sealed
        for n in range(10):
            copy = self.copy(self.authority, f"copy{n}.ofd", copy)
        self.verify(copy, 0, "--trust-dir", self.trust)
        self.assertEqual(self.verify(copy, 15)["verdict"], "incomplete")

    # ---- the seal ----

    def test_the_seal_of_another_authority_with_the_same_number(self):
        self.as_production_writes_it()
        for name, more in (("same", ("--es-id", self.es_id)), ("other", ())):
            thief = self.make(name, *more)
            forged = self.write({self.at + "SignedValue.dat": self.sign(thief, self.files[self.signature])}, name + ".ofd")
            report = run(LICET, "ofd", forged, "--json", env={"LICET_NODE": ""})
            self.assertEqual(report.code, 0, report)  # by itself it is a document like any other: only the ledger and --trust-dir know better
            self.everywhere(forged, 15)

    def test_signed_again_without_a_seal(self):
        forged = self.write({self.at + "SignedValue.dat": self.cms()})
        report = self.assert_code(run(LICET, "ofd", forged, "--json", env={"LICET_NODE": ""}), 15).json
        steps = {s["step"]: (s["result"], s["reason"]) for s in report["signatures"][0]["steps"]}
        self.assertEqual((steps["signature_value"], steps["seal_file"]), (("passed", None), ("failed", "no_seal")))
        self.everywhere(forged, (10, 15))
        self.as_production_writes_it()  # names no seal file; then only the ledger knows that there was a seal
        self.everywhere(self.write({self.at + "SignedValue.dat": self.cms()}), 15)

    def test_a_stamped_copy_whose_first_signature_lost_its_seal(self):
        self.as_production_writes_it()
        copy = self.copy(self.authority)
        with zipfile.ZipFile(copy) as archive:
            self.files = {i.filename: archive.read(i) for i in archive.infolist()}
        self.files[self.at + "SignedValue.dat"] = self.cms()
        self.everywhere(self.write({}), 15)

    def test_stamped_over_by_a_seal_that_nobody_vouches_for(self):
        copy = self.copy(self.make("thief", "--es-id", "99011800000042"), "over.ofd")
        verdict = self.verify(copy, 15, "--trust-dir", self.trust)
        self.assertEqual((verdict["verdict"], verdict["code"], verdict["seal"]["result"], verdict["status"]["state"]), ("mismatch", 6, "failed", "valid"))
        self.assertEqual(self.verify(copy, 15)["verdict"], "incomplete")  # nobody said whom to trust
        done = run(LICET, "verify", "--offline", self.proof(), copy, "--trust", self.home.dir / "genesis.cbor", "--trust-dir", self.trust, "--json")
        self.assertEqual(self.assert_code(done, 15).json["verdict"], "mismatch")

    def test_issued_with_a_strange_seal_put_first(self):
        """The list of signatures is not signed. A licence that named no seal for that would never be compared with one again."""
        path = self.copy(self.make("thief"), of=self.stamp("new.ofd", "证照编号：N-9\n"))
        with zipfile.ZipFile(path) as archive:
            self.files = {i.filename: archive.read(i) for i in archive.infolist()}
        entries = re.findall(rb"<ofd:Signature .*?/>", self.files[self.list])
        self.assertEqual(len(entries), 2)
        swapped = self.files[self.list].replace(entries[0], b"\0").replace(entries[1], entries[0]).replace(b"\0", entries[1])
        path = self.write({self.list: swapped})
        arguments = ["issue", "--type", self.home.type_code(), "--serial", "S9", "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"),
                     "--holder-name", "测试公司", "--number", "N-9", "--from", "2026-01-01", "--to", "2036-01-01", "--json", "--doc", path]
        self.assertIn("--seal", self.assert_code(self.home.licet(*arguments), 2).err)
        self.assert_code(self.home.licet(*arguments, "--seal", self.es_id), 0)
        self.assertEqual(self.verify(path, 0)["seal"]["id"], self.es_id)

    # ---- the file ----

    def test_a_pdf_inside(self):
        pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%%EOF\n"
        forged = self.write({}, "licence.pdf", {"a": pdf})
        self.everywhere(forged, (1, 10, 15))

    def test_another_document_format_inside(self):
        self.everywhere(self.write({}, "licence.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}), (1, 10, 15))
        self.everywhere(self.write({}, "licence.epub", {"mimetype": b"application/epub+zip"}), (1, 10, 15))

    def test_names_of_nothing(self):
        """A reader that takes a name in its own way must find nothing that was not looked at."""
        page = b'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"/>'
        self.as_production_writes_it()
        evil = {"Doc_9/Document.xml": self.files["Doc_0/Document.xml"], "Doc_9/Pages/Page_0/Content.xml": page}
        for name in (b"../Doc_9/Document.xml", b"/../Doc_9/Document.xml", b"Doc%5F9/Document.xml", b"file:///Doc_9/Document.xml", b"Doc_8/Document.xml"):
            body = b"<ofd:DocBody><ofd:DocInfo><ofd:DocID>2</ofd:DocID></ofd:DocInfo><ofd:DocRoot>" + name + b"</ofd:DocRoot></ofd:DocBody>"
            root = self.files["OFD.xml"].replace(b"<ofd:DocBody>", body + b"<ofd:DocBody>", 1)
            self.assertNotEqual(root, self.files["OFD.xml"])
            self.verify(self.write({**evil, "OFD.xml": root}), (10, 15))

    def test_names_that_a_file_system_takes_for_others(self):
        page = next(n for n in self.files if n.endswith("Content.xml"))
        for twin in (page + ".", page + " ", page + "::$DATA", page.replace("/Content", "./Content"), page.replace("/Content", " /Content")):
            self.verify(self.write({twin: b"<x/>"}), (1, 10, 15))

    def test_attributes_of_one_name(self):
        text = self.files[self.list].decode()
        evil = re.sub(r'BaseLoc="([^"]*)"', r'xmlns:x="urn:x" x:BaseLoc="\1" BaseLoc="/Doc_0/Signs/other.xml"', text)
        self.assertNotEqual(evil, text)
        self.verify(self.write({self.list: evil.encode(), "Doc_0/Signs/other.xml": self.files[self.signature]}), (10, 15))


if __name__ == "__main__":
    unittest.main()
