"""`licet seal make-test` and `licet seal stamp`: what they leave on disk, read with Python alone, and judged by `licet ofd`."""
import base64
import hashlib
import stat
import struct
import unittest
import xml.etree.ElementTree as xml
import zipfile
import zlib

from node import Case, LICET, run

OFD = "{http://www.ofdspec.org/2016}"
OWNER, NAME, ES_ID = "11310118WYEQPPGM2U", "示例市民政局", "31011800000042"
NOTE = "仅用于办理示例事项，有效期至2026年12月31日"
PNG = b"\x89PNG\r\n\x1a\n"


def files(path):
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def sm3(data):
    return hashlib.new("sm3", data).digest()


def png_chunks(data):
    """Type and content of each chunk; the CRC of each is checked."""
    assert data.startswith(PNG)
    at, found = len(PNG), []
    while not found or found[-1][0] != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8:at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + content)
        found.append((kind, content))
        at += 12 + length
    return found


class Seals(Case):
    def setUp(self):
        super().setUp()
        self.seals = self.folder / "seal"

    def make(self, *more):
        done = run(LICET, "seal", "make-test", self.seals, "--owner", OWNER, "--name", NAME, "--es-id", ES_ID, "--json", *more)
        return self.assert_code(done, 0).json

    def stamp(self, *arguments, code=0):
        return self.assert_code(run(LICET, "seal", "stamp", "--force", "--seal", self.seals, "--json", *arguments), code)

    def text(self, content="示例许可证\n持证主体：青禾示例餐饮有限公司\n"):
        path = self.folder / "text"
        path.write_text(content, "utf-8")
        return path

    def sealed(self):
        out = self.folder / "sealed.ofd"
        self.stamp("--text", self.text(), "--out", out)
        return out

    def judge(self, path, code=0):
        return self.assert_code(run(LICET, "ofd", path, "--trust-dir", self.seals / "trust", "--json"), code).json

    def assert_sealed_well(self, path, count):
        """Every signature's references are the SM3 of what is there; together with the list of signatures and itself they are all files."""
        content = files(path)
        signed = xml.fromstring(content["OFD.xml"]).find(f".//{OFD}Signatures").text.lstrip("/")
        entries = xml.fromstring(content[signed]).findall(f"{OFD}Signature")
        self.assertEqual(len(entries), count)
        later = set()
        for entry in reversed(entries):
            own = entry.get("BaseLoc").lstrip("/")
            signature = xml.fromstring(content[own])
            value = signature.find(f"{OFD}SignedValue").text.lstrip("/")
            seal = signature.find(f".//{OFD}Seal/{OFD}BaseLoc").text.lstrip("/")
            references = {r.get("FileRef").lstrip("/"): base64.b64decode(r.find(f"{OFD}CheckValue").text) for r in signature.iter(f"{OFD}Reference")}
            self.assertEqual(set(references), set(content) - {signed, own, value} - later)
            for name, digest in references.items():
                self.assertEqual(digest, sm3(content[name]), name)
            self.assertIn(content[seal], content[value])
            self.assertIn(sm3(content[own]), content[value])
            later |= {own, value, seal}
        return content

    def test_what_make_test_leaves(self):
        told = self.make()
        self.assertEqual((told["owner"], told["name"], told["es_id"]), (OWNER, NAME, ES_ID))
        here = {str(p.relative_to(self.seals)): p for p in self.seals.rglob("*") if p.is_file()}
        keys = {"ca/root.pem", "ca/sub.pem", "maker.pem", "signer.pem"}
        trust = {"trust/root.pem", "trust/sub.pem", "trust/root.crl", "trust/sub.crl", "trust/makers/maker.crt"}
        self.assertEqual(set(here), keys | trust | {"maker.crt", "signer.crt", "seal.esl", "licence.ofd"})
        for name in keys:
            self.assertEqual(stat.S_IMODE(here[name].stat().st_mode), 0o600, name)
            self.assertEqual(run("openssl", "pkey", "-in", here[name], "-noout").code, 0)
        self.assertEqual({"".join(p.read_text().split("-----")[1]) for n, p in here.items() if n in keys}, {"BEGIN PRIVATE KEY"})
        subject = run("openssl", "x509", "-in", here["signer.crt"], "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus").out.strip()
        self.assertEqual(subject, f"subject=C=CN,O={OWNER}{NAME},CN={ES_ID}")
        seal = here["seal.esl"].read_bytes()
        self.assertEqual(hashlib.sha256(seal).hexdigest(), told["seal_sha256"])
        for mark in (b"LICET-TEST", "测试章".encode(), ES_ID.encode()):
            self.assertIn(mark, seal)
        self.assertEqual(hashlib.sha256(here["licence.ofd"].read_bytes()).hexdigest(), told["licence_sha256"])
        pages = b"".join(data for name, data in files(here["licence.ofd"]).items() if name.endswith("Content.xml"))
        self.assertIn("本证照为测试样例", pages.decode())  # it says on its page what it is
        self.assert_sealed_well(here["licence.ofd"], 1)
        report = self.judge(here["licence.ofd"])
        self.assertEqual(report["result"], "passed")
        self.assertEqual(report["signatures"][0]["seal"]["sha256"], told["seal_sha256"])
        self.assert_code(run(LICET, "seal", "check", here["seal.esl"], "--trust-dir", self.seals / "trust"), 0)
        alone = run(LICET, "ofd", here["licence.ofd"], "--json").json  # without anything to trust no chain can pass
        chains = [s for s in alone["signatures"][0]["steps"] if s["step"].endswith("_chain")]
        self.assertEqual([(s["result"], s["reason"]) for s in chains], [("not_checked", "no_anchor")] * 2)

    def test_only_named_makers_make_seals(self):
        """The holder's certificate comes from the same CA: it signs documents, and makes no seals where the trust folder names the makers."""
        self.make()
        licence, makers = self.seals / "licence.ofd", self.seals / "trust" / "makers"
        (makers / "maker.crt").rename(self.seals / "away.crt")
        (makers / "signer.crt").write_bytes((self.seals / "signer.crt").read_bytes())
        failed = [(s["step"], s["reason"]) for s in self.judge(licence, 15)["signatures"][0]["steps"] if s["result"] == "failed"]
        self.assertEqual(failed, [("maker_chain", "no_maker")])
        (makers / "signer.crt").unlink()
        told = self.assert_code(run(LICET, "ofd", licence, "--trust-dir", self.seals / "trust"), 2)
        self.assertIn("names nobody", told.err)
        (makers / "ca.pem").write_bytes((self.seals / "trust" / "sub.pem").read_bytes())  # a CA that certifies makers
        self.judge(licence)
        (makers / "ca.pem").unlink()
        makers.rmdir()
        self.judge(licence)  # nobody is named: whoever the anchors lead to

    def test_the_picture_is_a_png_of_a_ring(self):
        self.make()
        seal = (self.seals / "seal.esl").read_bytes()
        chunks = png_chunks(seal[seal.index(PNG):])
        self.assertEqual([kind for kind, _ in chunks], [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
        width, height, depth, colours = struct.unpack_from(">IIBB", chunks[0][1])
        self.assertEqual((width, height, depth, colours), (240, 240, 1, 3))
        raster = zlib.decompress(chunks[3][1])
        rows = [raster[y * 31:(y + 1) * 31] for y in range(240)]
        self.assertEqual(len(raster), 31 * 240)
        self.assertTrue(all(row[0] == 0 for row in rows))

        def red(x, y):
            return rows[y][1 + x // 8] >> (7 - x % 8) & 1
        self.assertEqual([red(0, 0), red(120, 2), red(120, 20), red(6, 120), red(233, 119)], [0, 1, 0, 1, 1])

    def test_nothing_is_overwritten(self):
        self.make()
        before = {p: p.read_bytes() for p in self.seals.rglob("*") if p.is_file()}
        self.assert_code(run(LICET, "seal", "make-test", self.seals), 1)
        self.assertEqual({p: p.read_bytes() for p in self.seals.rglob("*") if p.is_file()}, before)

    def test_no_two_are_alike(self):
        self.make()
        other = self.folder / "other"
        told = self.assert_code(run(LICET, "seal", "make-test", other, "--json"), 0).json
        self.assertEqual(told["owner"][2:8], told["es_id"][:6])
        for name in ("signer.pem", "signer.crt", "seal.esl", "licence.ofd", "trust/root.pem"):
            self.assertNotEqual((self.seals / name).read_bytes(), (other / name).read_bytes())
        self.assert_code(run(LICET, "ofd", other / "licence.ofd", "--trust-dir", self.seals / "trust"), 15)

    def test_usage(self):
        for bad in (["--owner", OWNER[:-1] + "X"], ["--es-id", "123"], ["--es-id", "3101181234567x"], ["--name", "名" * 47], ["--name", ""], ["--doc-field", "x"],
                    ["--doc-field", "=x"], ["--title", "a\tb"]):
            self.assert_code(run(LICET, "seal", "make-test", self.seals, *bad), 2)
            self.assertFalse(self.seals.exists(), bad)
        self.make("--title", "示例证", "--doc-field", "甲=乙=丙")
        self.assertIn("甲：乙=丙", files(self.seals / "licence.ofd")["Doc_0/Pages/Page_0/Content.xml"].decode())
        text, out = self.text(), self.folder / "out.ofd"
        for bad in ([], ["--text", text], ["--out", out], ["--text", text, "--in", text, "--out", out], ["--text", text, "--out", out, "--note", "n"],
                    ["--text", text, "--out", out, "--copy", "--note", "n"], ["--in", text, "--out", out, "--copy"],
                    ["--in", text, "--out", out, "--copy", "--note", "x" * 221], ["--in", text, "--out", out, "--copy", "--note", "a\nb"]):
            self.stamp(*bad, code=2)
        self.stamp("--in", text, "--out", out, code=1)
        self.stamp("--in", self.folder / "none.ofd", "--out", out, code=1)
        self.stamp("--text", self.text("a\x01\n"), "--out", out, code=1)
        self.stamp("--text", self.text(""), "--out", out, code=1)
        self.stamp("--text", self.text("行\n" * 2000), "--out", out, code=1)
        self.assertFalse(out.exists())

    def test_text_is_sealed(self):
        self.make()
        content = self.assert_sealed_well(self.sealed(), 1)
        page = xml.fromstring(content["Doc_0/Pages/Page_0/Content.xml"])
        self.assertEqual([t.text for t in page.iter(f"{OFD}TextCode")], ["示例许可证", "持证主体：青禾示例餐饮有限公司"])
        identifiers = [e.get("ID") for e in page.iter() if e.get("ID")]
        self.assertEqual(len(identifiers), len(set(identifiers)))
        report = self.judge(self.folder / "sealed.ofd")
        self.assertEqual({s["result"] for s in report["signatures"][0]["steps"]} - {"not_checked"}, {"passed"})
        self.assertEqual([s["step"] for s in report["signatures"][0]["steps"] if s["result"] == "not_checked"], ["timestamp"])

    def test_a_stamped_copy(self):
        self.make()
        sealed, copy = self.sealed(), self.folder / "copy.ofd"
        told = self.stamp("--copy", "--in", sealed, "--note", NOTE, "--out", copy).json
        self.assertEqual(told["signatures"], 2)
        self.assertEqual(told["sha256"], hashlib.sha256(copy.read_bytes()).hexdigest())
        self.assertNotEqual(copy.read_bytes(), sealed.read_bytes())
        before, after = files(sealed), self.assert_sealed_well(copy, 2)
        for name, data in before.items():  # not a byte of what the first seal covers, nor of the seal
            self.assertEqual(after[name] == data, name != "Doc_0/Signs/Signatures.xml", name)
        first, second = self.judge(copy)["signatures"]
        self.assertEqual((first["result"], second["result"]), ("passed", "passed"))
        self.assertEqual(first["digest"], self.judge(sealed)["signatures"][0]["digest"])
        self.assertTrue(second["seal"]["name"].startswith(NOTE))
        self.assertNotEqual(second["seal"]["id"], first["seal"]["id"])
        self.assertEqual(second["signer"], first["signer"])
        seal = after["Doc_0/Signs/Sign_1/Seal.esl"]
        picture = self.folder / "picture"
        picture.write_bytes(seal[seal.index(b"PK\x03\x04"):])
        shown = xml.fromstring(files(picture)["Doc_0/Pages/Page_0/Content.xml"])
        self.assertEqual("".join(t.text for t in shown.iter(f"{OFD}TextCode")), NOTE)

        # a copy of the copy, and one more seal: each leaves all before it whole
        again, third = self.folder / "again.ofd", self.folder / "third.ofd"
        self.stamp("--copy", "--in", copy, "--note", "另一用途", "--out", again)
        self.stamp("--in", again, "--out", third)
        self.assert_sealed_well(third, 4)
        self.assertEqual([s["result"] for s in self.judge(third)["signatures"]], ["passed"] * 4)

    def test_a_copy_of_nothing_sealed(self):
        self.make()
        plain = self.folder / "plain.ofd"
        content = files(self.sealed())
        root = content["OFD.xml"].decode()
        content["OFD.xml"] = (root[:root.index("<ofd:Signatures>")] + root[root.index("</ofd:DocBody>"):]).encode()
        with zipfile.ZipFile(plain, "w") as package:
            for name, data in content.items():
                if "/Signs/" not in name:
                    package.writestr(name, data)
        out = self.folder / "out.ofd"
        self.assertIn("not sealed", self.stamp("--copy", "--in", plain, "--note", "n", "--out", out, code=1).err)
        self.stamp("--in", plain, "--out", out)
        self.assert_sealed_well(out, 1)
        self.assertEqual(self.judge(out)["result"], "passed")

    def test_a_certificate_is_revoked(self):
        self.make()
        sealed = self.sealed()
        revoke = [LICET, "seal", "revoke-test", self.seals]
        for bad in ([], ["root"], ["signer", "--at", "yesterday"], ["signer", "--at", "2999-01-01"], ["signer", "maker"]):
            self.assert_code(run(*revoke, *bad), 2)
        self.assertEqual(self.judge(sealed)["result"], "passed")
        self.assertEqual(self.assert_code(run(*revoke, "maker", "--at", "2020-01-01T00:00:00Z", "--json"), 0).json,
                         {"revoked": "maker", "since": "2020-01-01T00:00:00Z", "list": 2})
        self.assertEqual(self.failed(sealed), {"maker_revocation": "revoked"})
        self.assert_code(run(*revoke, "maker"), 1)
        self.assertEqual(self.assert_code(run(*revoke, "signer", "--at", "2020-01-01T00:00:00Z", "--json"), 0).json["list"], 3)
        self.assertEqual(self.failed(sealed), {"maker_revocation": "revoked", "signer_revocation": "revoked"})  # the earlier one stays on the list

    def failed(self, path):
        return {s["step"]: s["reason"] for s in self.judge(path, 15)["signatures"][0]["steps"] if s["result"] == "failed"}

    def test_keys_that_do_not_go_together(self):
        self.make()
        other = self.folder / "other"
        self.assert_code(run(LICET, "seal", "make-test", other), 0)
        out, key = self.folder / "out.ofd", self.seals / "signer.pem"
        own = key.read_bytes()
        key.write_bytes((other / "signer.pem").read_bytes())
        self.assertIn("certificate", self.stamp("--text", self.text(), "--out", out, code=1).err)
        key.write_bytes(own)
        (self.seals / "signer.crt").write_bytes((other / "signer.crt").read_bytes())
        self.assertIn("not among those", self.stamp("--text", self.text(), "--out", out, code=1).err)
        self.assertFalse(out.exists())

    def test_the_key_may_rest_elsewhere(self):
        self.make()
        out, key, elsewhere = self.folder / "out.ofd", self.seals / "signer.pem", self.folder / "key.pem"
        wrong = self.folder / "wrong.pem"
        self.assert_code(run(LICET, "key", "new", wrong), 0)
        self.stamp("--text", self.text(), "--out", out, "--key", wrong)  # $LICET_KEY is often that of a department: the folder's own goes first
        key.rename(elsewhere)
        self.assertIn("signer.pem", self.stamp("--text", self.text(), "--out", out, code=1).err)
        self.assertIn("SM2", self.stamp("--text", self.text(), "--out", out, "--key", wrong, code=1).err)
        out.unlink()
        self.stamp("--text", self.text(), "--out", out, "--key", elsewhere)
        self.assertEqual(self.judge(out)["result"], "passed")

    def test_a_key_that_others_can_read(self):
        self.make()
        out, key = self.folder / "out.ofd", self.seals / "signer.pem"
        key.chmod(0o644)
        self.assertIn("chmod 600", self.stamp("--text", self.text(), "--out", out, code=1).err)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
