"""What a document says in its text, compared with what is typed of it: the right one gives no warning, another number or holder does, and what cannot be read says nothing."""
import zipfile
import zlib

from node import Case, uscc

HOLDER, OTHER = uscc("91310118MA1JL0101"), uscc("91310118MA1JL0202")
NUMBER, NAME = "沪〔2026〕JY1310118000777", "青浦样品食品店"
NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd(path, content, custom=""):
    """An OFD without signatures."""
    files = {
        "OFD.xml": f"<ofd:OFD {NS} Version='1.0' DocType='OFD'><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>{custom}</ofd:DocInfo>"
                   "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID></ofd:CommonData><ofd:Pages><ofd:Page ID='1' BaseLoc='P.xml'/></ofd:Pages></ofd:Document>",
        "Doc_0/P.xml": f"<ofd:Page {NS}><ofd:Content><ofd:Layer ID='2'>{content}</ofd:Layer></ofd:Content></ofd:Page>"}
    with zipfile.ZipFile(path, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    return path


def line(*pieces):
    return "<ofd:TextObject ID='3' Font='1' Size='4'>" + "".join(f"<ofd:TextCode X='0' Y='0'>{p}</ofd:TextCode>" for p in pieces) + "</ofd:TextObject>"


PICTURE = "<ofd:ImageObject ID='4' ResourceID='5' Boundary='0 0 200 200'/>"


def pdf(path, content=b"", info=b"", flate=False, more=b""):
    body = zlib.compress(content) if flate else content
    path.write_bytes(b"%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
                     b"3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length %d%s>>\nstream\n" % (len(body), b"/Filter/FlateDecode" if flate else b"")
                     + body + b"\nendstream\nendobj\n5 0 obj\n<<" + info + b">>\nendobj\n" + more + b"trailer\n<</Root 1 0 R/Info 5 0 R>>\n%%EOF\n")
    return path


def utf16(text):
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


class Words(Case):
    def cases(self, tag):
        """(document, its number, warnings for: the right one, another number, another name, another code)."""
        f = self.folder / tag
        f.mkdir()
        none, number, name, code = [], ["ROW_DOCUMENT_NUMBER"], ["ROW_DOCUMENT_NAME"], ["ROW_DOCUMENT_CODE"]
        ns = iter(f"沪〔2026〕JY{tag}{i:04}" for i in range(100))
        made = []

        def o(path, content, wanted, custom="", n=None):
            made.append((ofd(f / path, content, f"<ofd:Creator>{tag}</ofd:Creator>" + custom), n or next(ns), wanted))

        def p(path, wanted, n, *more, **named):
            named["more"] = named.get("more", b"") + b"%" + tag.encode() + b"\n"
            made.append((pdf(f / path, *more, **named), n, wanted))

        def full(n):
            return line(f"编号：{n.replace('〔', '［').replace('〕', '］')}") + line(f"持证主体：{NAME[:2]} {NAME[2:]}") + line(f"统一社会信用代码：{HOLDER}") + line("完")

        def plain(n):
            return b"BT /F1 12 Tf (Licence No. ) Tj [(" + n[:5].encode() + b") -20 (" + n[5:].encode() + b")] TJ (Holder " + HOLDER.encode() + b" \\(a shop\\)) Tj ET"

        n = next(ns)
        o("all.ofd", full(n), (none, number, name, code), n=n)
        n = next(ns)
        o("glyphs.ofd", line(*"证照编号", *n) + line(*NAME) + line("代码：", *HOLDER, "。"), (none, number, name, code), n=n)
        n = next(ns)
        o("background.ofd", PICTURE + full(n), (none, number, name, code), n=n)
        n = next(ns)
        o("metadata.ofd", PICTURE, (none, number, name, none),
          f"<ofd:CustomDatas><ofd:CustomData Name='证照编号'>{n}</ofd:CustomData><ofd:CustomData Name='持证主体'>{NAME}</ofd:CustomData></ofd:CustomDatas>", n=n)
        o("picture.ofd", PICTURE, (none,) * 4)
        o("page-number.ofd", PICTURE + line("第 1 页，共 1 页，扫描件") + line("由某扫描仪生成"), (none,) * 4)
        o("own-codes.ofd", line("\ue123\ue124\ue125\ue126\ue127\ue128\ue129\ue12a\ue12b") + line("编号："), (none,) * 4)
        p("plain.pdf", (none, number, none, code), f"JY{tag}001", plain(f"JY{tag}001"))
        p("flate.pdf", (none, number, none, code), f"JY{tag}002", plain(f"JY{tag}002"), flate=True)
        n = next(ns)
        p("info.pdf", (none, number, name, none), n, b"", b"/Title " + utf16(f"编号{n} 名称{NAME}，电子证照"))
        n = next(ns)
        p("xmp.pdf", (none, number, name, none), n, b"", more=b"6 0 obj\n<</Type/Metadata/Subtype/XML/Length 9>>\nstream\n<x:a><dc:title>"
          + f"编号{n}</dc:title><b>名称{NAME}，电子证照</b></x:a>".encode() + b"\nendstream\nendobj\n")
        p("font-codes.pdf", (none,) * 4, next(ns), b"BT /F1 12 Tf <0123045607890ABC> Tj (No. of the licence) Tj ET", flate=True)
        p("scan.pdf", (none,) * 4, next(ns), b"q 100 0 0 100 0 0 cm /I Do Q", more=b"6 0 obj\n<</Subtype/Image/Filter/DCTDecode/Length 4>>\nstream\nabcd\nendstream\nendobj\n")
        made.append((self.document(f"{tag}/other.bin", b"no format that is known, number " + tag.encode()), next(ns), (none,) * 4))
        return made

    VARIANTS = ("11", "22", "33", "44")  # the right one, another number, another name, another code

    def given(self, variant, at, number):
        """What is typed: number, name, code."""
        return [(number, NAME, HOLDER), (f"ZZ999{at}", NAME, HOLDER), (number, "嘉善别家饭店", HOLDER), (number, NAME, OTHER)][variant]

    def test_issue_warns_and_never_refuses(self):
        node = self.node()
        for variant, tag in enumerate(self.VARIANTS):
            for at, (path, number, wanted) in enumerate(self.cases(tag)):
                typed = self.given(variant, at, number)
                with self.subTest(path.name, typed=typed):
                    done = self.assert_code(node.licet("issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", typed[2], "--holder-name", typed[1], "--number", typed[0],
                                                       "--doc", path, "--json"), 0)
                    self.assertEqual(done.json["warnings"], wanted[variant], done)
                    for code in ("ROW_DOCUMENT_NUMBER", "ROW_DOCUMENT_NAME", "ROW_DOCUMENT_CODE"):
                        self.assertEqual(code in done.err, code in wanted[variant], done)

    def test_several_documents_are_taken_together(self):
        node = self.node()
        cases = {path.name: (path, number) for path, number, _ in self.cases("55")}
        annex = ofd(self.folder / "annex.ofd", line("附件：经营场所平面图，本页与正本一并使用"))
        path, number = cases["all.ofd"]
        done = self.assert_code(node.licet("issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", HOLDER, "--holder-name", NAME, "--number", number, "--doc", annex,
                                           "--doc", path, "--json"), 0)
        self.assertEqual(done.json["warnings"], [], done)

    def test_import_counts_and_lists(self):
        node = self.node()
        rows, expected = [], {}
        for variant, tag in enumerate(self.VARIANTS):
            for at, (path, number, wanted) in enumerate(self.cases(tag)):
                n, name, code = self.given(variant, at, number)
                rows.append(f"{n},{name},{code},001,2024-01-05,2028-01-01,{path.relative_to(self.folder)}")
                for warning in wanted[variant]:
                    expected.setdefault(len(rows), []).append(warning)
        stock = self.folder / "stock.csv"
        stock.write_text("ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,ZZYXQJZRQ,WJ\n" + "\n".join(rows) + "\n", encoding="utf-8")
        done = self.assert_code(node.licet("import", "--type", node.type_code(), stock, "--json"), 0)
        r = done.json
        self.assertEqual((r["accepted"], r["refused"]), (len(rows), 0), r)
        listed = {}
        for one in r["warned"]:
            listed.setdefault(one["row"], []).append(one["warning"])
        self.assertEqual(listed, expected)
        self.assertEqual(sum(r["warnings"].values()), sum(map(len, expected.values())), r)
        self.assertIn("ROW_DOCUMENT_NUMBER", done.err)

    def test_the_sample_of_the_test_authority(self):
        """As README and the demo register it: what its page says."""
        node = self.node()
        self.assert_code(node.licet("seal", "make-test", self.folder / "auth", "--doc-field", f"证照编号={NUMBER}", "--doc-field", f"持证主体={NAME}"), 0)
        sample = self.folder / "auth" / "licence.ofd"

        def issue(number, name, *more):
            done = node.licet("issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", HOLDER, "--holder-name", name, "--number", number, "--doc", sample, "--json", *more)
            return self.assert_code(done, 0).json["warnings"]

        self.assertEqual(issue(NUMBER, NAME), [])
        other = self.folder / "other"
        self.assert_code(node.licet("seal", "make-test", other, "--doc-field", f"证照编号={NUMBER}", "--doc-field", f"持证主体={NAME}"), 0)
        sample = other / "licence.ofd"
        self.assertEqual(issue("JY999", "嘉善别家饭店"), ["ROW_DOCUMENT_NUMBER", "ROW_DOCUMENT_NAME"])
