"""Seeds of the targets ofd, pdf and pdf_update, for make_corpus.py: sealed documents, whole, in parts, and damaged. Nothing here is signed, so nothing may pass.
Files are stored, never deflated: the bytes must not depend on a library's version. Standard library only."""
import base64
import hashlib
import io
import struct
import zipfile
import zlib


def stored(data):
    """A zlib stream of one block that is not compressed."""
    return b"\x78\x01\x01" + struct.pack("<HH", len(data), len(data) ^ 0xffff) + data + struct.pack(">I", zlib.adler32(data))


def sha(data):
    return hashlib.sha256(data).digest()


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + body


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for arc in rest:
        low = [arc & 127]
        while arc := arc >> 7:
            low.append(arc & 127 | 128)
        out += bytes(reversed(low))
    return der(6, out)


def package(files, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, text)
        archive.comment = comment
    return out.getvalue()


OFD_NAMES = ["OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/1.xml", "Doc_0/Res.xml", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/0/Signature.xml",
             "Doc_0/Signs/0/SignedValue.dat", "Doc_0/Signs/0/Seal.esl", "Doc_0/Annots.xml", "Doc_0/Attachs.xml", "Doc_0/Res/a.png", "Doc_1/Document.xml"]


def certificate(curve, point):
    name = der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(12, b"nobody"))))
    key = der(0x30, der(0x30, oid("1.2.840.10045.2.1"), oid(curve)), der(3, b"\0\4" + point))
    alg = der(0x30, oid("1.2.156.10197.1.501" if curve.startswith("1.2.156") else "1.2.840.10045.4.3.2"))
    period = der(0x30, der(0x17, b"250101000000Z"), der(0x17, b"350101000000Z"))
    body = der(0x30, der(0xa0, der(2, b"\2")), der(2, b"\5"), alg, name, period, name, key)
    signature = der(0x30, der(2, b"\1"), der(2, b"\1"))
    return der(0x30, body, alg, der(3, b"\0" + signature)), name, signature


def cms(curve="1.2.840.10045.3.1.7", kind="1.2.840.113549.1.7.2", content="1.2.840.113549.1.7.1", digest="2.16.840.1.101.3.4.2.1", attributes=True, inner=b""):
    point = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")  # the generators: points that are known to be on the curve
    if curve.startswith("1.2.156"):
        point = bytes.fromhex("32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
                              "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")
    cert, name, signature = certificate(curve, point)
    hashing = der(0x30, oid(digest))
    signed = [der(0x30, oid("1.2.840.113549.1.9.3"), der(0x31, oid(content))), der(0x30, oid("1.2.840.113549.1.9.4"), der(0x31, der(4, bytes(32)))),
              der(0x30, oid("1.2.840.113549.1.9.5"), der(0x31, der(0x17, b"260101000000Z")))]
    signer = der(0x30, der(2, b"\1"), der(0x30, name, der(2, b"\5")), hashing, der(0xa0, *signed) if attributes else b"", der(0x30, oid("1.2.840.10045.4.3.2")),
                 der(4, signature))
    return der(0x30, oid(kind), der(0xa0, der(0x30, der(2, b"\1"), der(0x31, hashing), der(0x30, oid(content), inner), der(0xa0, cert), der(0x31, signer))))


def ofd():
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    page = f"{head}<ofd:Page {space}><ofd:Content><ofd:Layer ID='2'/></ofd:Content></ofd:Page>"
    check = base64.b64encode(sha(page.encode())).decode()

    def reference(name, value=check):
        return f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>'
    files = {
        "OFD.xml": f'{head}<ofd:OFD {space} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo>'
                   "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{head}<ofd:Document {space}><ofd:CommonData><ofd:PublicRes>Res.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
                              '<ofd:Page ID="1" BaseLoc="Pages/1.xml"/></ofd:Pages><ofd:Annotations>Annots.xml</ofd:Annotations></ofd:Document>',
        "Doc_0/Pages/1.xml": page,
        "Doc_0/Res.xml": f'{head}<ofd:Res {space} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="3"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>',
        "Doc_0/Signs/Signatures.xml": f'{head}<ofd:Signatures {space}><ofd:MaxSignId>1</ofd:MaxSignId><ofd:Signature ID="1" Type="Seal" BaseLoc="0/Signature.xml"/></ofd:Signatures>',
        "Doc_0/Signs/0/Signature.xml": f'{head}<ofd:Signature {space}><ofd:SignedInfo><ofd:Provider ProviderName="p"/><ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>'
                                       f'<ofd:References CheckMethod="SHA256">{reference("Doc_0/Pages/1.xml")}</ofd:References><ofd:StampAnnot ID="2" PageRef="1"/>'
                                       "<ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>",
        "Doc_0/Signs/0/SignedValue.dat": cms("1.2.156.10197.1.301", "1.2.156.10197.6.1.4.2.2", "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.401"),
        "Doc_0/Signs/0/Seal.esl": b"\x30\0",
        "Doc_0/Annots.xml": f'{head}<ofd:Annotations {space}><ofd:Page PageID="1"><ofd:FileLoc>Attachs.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>',
        "Doc_0/Attachs.xml": f"{head}<ofd:PageAnnot {space}/>",
    }
    yield "package", package(files)
    yield "package_comment", package(files, b"PK\5\6")
    yield "unsigned", package({n: files[n] for n in OFD_NAMES[1:4]} | {"OFD.xml": files["OFD.xml"].replace("ofd:Signatures", "ofd:Other")})
    yield "empty_package", package({})
    yield "not_ofd", package({"a.txt": "a"})
    yield "prefix", b"PK" + package(files)
    yield "cut", package(files)[:-9]

    def parts(**changes):
        out = b""
        for number, name in enumerate(OFD_NAMES):
            text = changes.get(f"p{number}", files.get(name))
            if text is not None:
                data = text if isinstance(text, bytes) else text.encode()
                out += bytes([number]) + len(data).to_bytes(2, "big") + data
        return out
    yield "parts", parts()
    yield "doctype", parts(p2='<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>')
    yield "attributes", parts(p2="<a" + "".join(f" b{n}=''" for n in range(501)) + "/>")
    yield "deep", parts(p2="<a>" * 300)
    yield "utf16", parts(p2=page.replace("UTF-8", "UTF-16").encode("utf-16"))
    yield "gb18030", parts(p2=page.replace("UTF-8", "GB18030").replace("'2'", "'证'").encode("gb18030"))
    yield "root_twice", parts(p0=files["OFD.xml"].replace("</ofd:DocRoot>", "</ofd:DocRoot><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot>"), p11=files["Doc_0/Document.xml"])
    yield "root_circle", parts(p0=files["OFD.xml"].replace("Doc_0/Document.xml", "OFD.xml"))
    yield "list_circle", parts(p8=files["Doc_0/Annots.xml"].replace("Attachs.xml", "Annots.xml"))
    yield "names", parts(p8=files["Doc_0/Annots.xml"].replace("Attachs.xml", "../../../../etc/passwd"), p1=files["Doc_0/Document.xml"].replace("Pages/1.xml", "\\doc_0\\PAGES/./1.XML"))
    yield "references", parts(p5=files["Doc_0/Signs/0/Signature.xml"].replace("</ofd:References>", "".join(map(reference, OFD_NAMES)) + "</ofd:References>"))
    yield "check_value", parts(p5=files["Doc_0/Signs/0/Signature.xml"].replace(check, "AA==AA"))
    yield "itself", parts(p5=files["Doc_0/Signs/0/Signature.xml"].replace("SignedValue.dat", "Signature.xml").replace("Seal.esl", "Signature.xml"))
    yield "no_value", parts(p6=b"")
    yield "no_parts", b""


def pdf():
    yield "cms", cms()
    yield "cms_no_attributes", cms(attributes=False)
    yield "cms_attached", cms(inner=der(0xa0, der(4, b"content")))
    yield "cms_sm2", cms("1.2.156.10197.1.301", digest="1.2.156.10197.1.401")
    yield "gbt35275", cms("1.2.156.10197.1.301", "1.2.156.10197.6.1.4.2.2", "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.401")
    yield "cms_sha1", cms(digest="1.3.14.3.2.26")
    yield "cms_zeros", cms() + bytes(40)
    yield "cms_more", cms() + b"\1"
    yield "cms_cut", cms()[:-5]
    yield "indefinite", b"\x30\x80" + oid("1.2.840.113549.1.7.2") + b"\xa0\x80\x30\x80\0\0\0\0\0\0"
    yield "empty", b""

    def file(value, text="/SubFilter/ETSI.CAdES.detached", shift=0, tail=b""):
        room = value.hex().encode()
        before = f"%PDF-1.4\n7 0 obj <</Type/Sig{text}/ByteRange [0 {{:010d}} {{:010d}} {{:010d}}]/Contents ".replace("{{", "{").replace("}}", "}")
        at = len(before.format(0, 0, 0))
        end = b">> endobj\n%%EOF\n"
        return before.format(at + shift, at + len(room) + 2, len(end)).encode() + b"<" + room + b">" + end + tail
    yield "file", file(cms())
    yield "file_update", file(cms(), tail=b"8 0 obj <<>> endobj\n%%EOF\n")
    yield "file_twice", file(cms(), tail=file(cms()))
    yield "file_shift", file(cms(), shift=1)
    yield "file_other", file(cms(), "/SubFilter/adbe.x509.rsa_sha1")
    yield "file_filters", file(cms(), "/SubFilter/ETSI.CAdES.detached/SubFilter /adbe.pkcs7.detached")
    yield "ranges", b"%PDF-1.4 /ByteRange [0 1 2 3] /ByteRange[0 0 9999999999999999 1]/ByteRange [0 10 20 30]/ByteRange"


def pdf_update():
    """A revision with a signature, and what may be behind it."""
    field = "<</Type/Annot/Subtype/Widget/FT/Sig/Rect[0 0 {0} {0}]/V {1} 0 R>>"
    value = "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"
    base = {1: "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 8 0 R>>", 2: "<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: "<</Type/Page/Parent 2 0 R/Annots[6 0 R]>>",
            5: "<</Fields[6 0 R]/SigFlags 3>>", 6: field.format(0, 7), 7: value, 8: "<</Certs 9 0 R>>", 9: "[]", 10: "<</Title(\\164)>>"}

    def file(*updates, trailer=""):
        out, previous = b"%PDF-1.4\n", ""
        for objects in (base, *updates):
            places = {}
            for number, text in objects.items():
                places[number] = len(out)
                out += f"{number} 0 obj {text} endobj\n".encode()
            start = len(out)
            table = "".join(f"{number} 1\n{at:010d} 00000 n \n" for number, at in places.items())
            out += f"xref\n{table}trailer <</Size 99/Root 1 0 R/Info 10 0 R{previous}>>\nstartxref\n{start}\n%%EOF\n".encode()
            previous = f"/Prev {start}{trailer}"
        return out
    more = {11: field.format(0, 12), 12: value, 3: "<</Type/Page/Parent 2 0 R/Annots[6 0 R 11 0 R]>>", 5: "<</Fields[6 0 R 11 0 R]/SigFlags 3>>"}
    yield "nothing", file() + b"\n\n"
    yield "signature", file(more)
    yield "visible", file({**more, 11: field.format(9, 12)})
    yield "twice", file(more, {13: field.format(0, 14), 14: value, 5: "<</Fields[6 0 R 11 0 R 13 0 R]/SigFlags 3>>"})
    yield "form", file({1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>/DSS 8 0 R>>"})
    yield "dss", file({8: "<</Certs 9 0 R/VRI<</AA<</Cert[11 0 R]>>>>>>", 9: "[11 0 R]", 11: "<</Length 2>>stream\nab\nendstream"})
    yield "info", file({10: "<</Title<74>/ModDate(D:\\(\\)2026)>>"})
    yield "page", file({3: "<</Type/Page/Parent 2 0 R/Rotate +090.0/Annots[6 0 R]>>"})
    yield "encrypted", file(more, trailer="/Encrypt 9 0 R")
    yield "stream_table", file({11: "<</Type/XRef/Length 2>>stream\nab\nendstream"})
    yield "round", file().replace(b"/Info 10 0 R>>", b"/Prev 0000500>>", 1)
    yield "cut", file(more)[:-9]

    def streams(*updates, deflate=False, more=""):
        """The same with sections in streams, and in object streams what can be there."""
        out, previous = b"%PDF-1.5\n", ""

        def stream(number, keys, data):
            keys += "/Filter/FlateDecode" if deflate else ""
            data = stored(data) if deflate else data
            return f"{number} 0 obj<<{keys}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream endobj\n"
        for turn, objects in enumerate((base, *updates)):
            packed = [n for n, text in objects.items() if "stream\n" not in text and "ByteRange" not in text]
            entries = {n: (2, 50 + turn, at) for at, n in enumerate(packed)}
            for number in objects.keys() - entries.keys():
                entries[number] = (1, len(out), 0)
                out += f"{number} 0 obj {objects[number]} endobj\n".encode()
            at = [sum(len(objects[n]) + 1 for n in packed[:i]) for i in range(len(packed))]
            head = "".join(f"{n} {place} " for n, place in zip(packed, at))
            entries[50 + turn] = (1, len(out), 0)
            out += stream(50 + turn, f"/Type/ObjStm/N {len(packed)}/First {len(head)}{more}", (head + "".join(objects[n] + " " for n in packed)).encode())
            entries[60 + turn], start = (1, len(out), 0), len(out)
            index, rows = "".join(f"{n} 1 " for n in sorted(entries)), b"".join(struct.pack(">BHB", *entries[n]) for n in sorted(entries))
            out += stream(60 + turn, f"/Type/XRef/W[1 2 1]/Index[{index}]/Size 99/Root 1 0 R/Info 10 0 R{previous}", rows) + f"startxref\n{start}\n%%EOF\n".encode()
            previous = f"/Prev {start}"
        return out
    yield "streams", streams(more)
    yield "streams_deflated", streams(more, deflate=True)
    yield "streams_twice", streams(more, {8: "<</Certs 9 0 R/VRI<</AA<</Cert[11 0 R]>>>>>>", 10: "<</Title(t)/ModDate(x)>>"})
    yield "streams_page", streams({3: "<</Type/Page/Parent 2 0 R/Rotate 90/Annots[6 0 R]>>"})
    yield "streams_extends", streams(more, more="/Extends 50 0 R")
    yield "stream_of_objects", b"<</Type/ObjStm/N 2/First 8>>stream\n3 0 4 3 [] (x)"
    yield "stream_deflated", b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>>>stream\n" + stored(b"\0003 0 \2\0\0\0\0\0nul ")
    yield "value", b"<</A[1 -2.50 +0 .5(a\\)(b)\\053)<4 1>true null/N 7 0 R]/B<</C<</D[[[[]]]]>>>>>>"
    yield "deep", b"[" * 40
