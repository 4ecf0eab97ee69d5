"""Stock as departments hand it over: numbers that a spreadsheet ruined, repeats with another content, names and dates in every spelling."""
import csv
import io
import pathlib
import unittest

from field_rows import FIELD, STOCK
from node import Case, uscc

HOLDER, OTHER = uscc("91310118MA1JL0101"), uscc("91310118MA1JL0202")
HEADING = "ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZBFRQ,ZZYXQQSRQ,ZZYXQJZRQ\n"


def read_csv(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


class FieldStock(Case):
    def load(self, node, text, code=0, name="stock.csv", type_code=None):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        report = self.folder / f"{name}.json"
        done = self.assert_code(node.licet("import", "--type", type_code or node.type_code(), path, "--report", report, "--force", "--json"), code)
        r = done.json
        self.assertEqual(r["rows"], r["accepted"] + r["refused"] + r["duplicates"] + r["unsent"], r)
        self.assertEqual(sum(r["reasons"].values()), r["refused"] + r["duplicates"], r)
        self.listed = {}
        for kind in ("refused", "duplicates"):
            file = self.folder / f"{name}.{kind}.csv"
            rows = read_csv(file)[1:] if file.exists() else []
            self.assertEqual(len(rows), r[kind], r)
            self.listed[kind] = {int(row[-2]): row[-1] for row in rows}
        if r["refused"]:
            self.assertIn("refused, not on the ledger", done.err)
        return r

    def row(self, number, name="甲公司", holder=HOLDER, issued="2024-01-05", begin="2024-01-05", end="2028-12-31"):
        return f"{number},{name},{holder},001,{issued},{begin},{end}\n"

    def verdict(self, node, number, name="甲公司", holder=HOLDER):
        fields = {"type": node.type_code(), "number": number, "holder_code": holder, "holder_name": name}
        return node.verify([{"fields": fields}])[1]["verdicts"][0]["verdict"]

    def test_numbers_that_a_spreadsheet_ruined(self):
        node = self.node()
        ruined = ["1.31012E+13", "1.3e+5", "3.1E-02", "1E+20"]
        r = self.load(node, HEADING + "".join(self.row(n) for n in ruined) + self.row("E-1.3") + self.row("131E12"), 1)
        self.assertEqual((r["accepted"], r["reasons"]), (2, {"ROW_NUMBER_RUINED": 4}))

    def test_a_repeat_is_a_duplicate_only_with_the_same_content(self):
        node = self.node()
        text = HEADING + self.row("N1") + self.row("N1") + self.row("N1", "乙公司", OTHER) + self.row("N1", end="2027-01-01") + self.row("N2")
        r = self.load(node, text, 1)
        self.assertEqual((r["accepted"], r["duplicates"], r["refused"]), (2, 1, 2), r)
        self.assertIn("rows 1 and 2", self.listed["duplicates"][2])
        for row in (3, 4):
            self.assertIn("ROW_CONFLICT_FILE", self.listed["refused"][row])
            self.assertIn(f"rows 1 and {row}", self.listed["refused"][row])
        # and against the ledger: the licence is named
        r = self.load(node, HEADING + self.row("N1") + self.row("N2", "乙公司", OTHER), 1, "again.csv")
        self.assertEqual((r["accepted"], r["duplicates"], r["refused"]), (0, 1, 1), r)
        self.assertIn("ROW_DUPLICATE_LEDGER", self.listed["duplicates"][1])
        self.assertEqual(r["reasons"], {"ROW_CONFLICT_LEDGER": 1, "ROW_DUPLICATE_LEDGER": 1})
        self.assertIn("1.2.156.3005.2.", self.listed["refused"][2])
        self.assertEqual(self.verdict(node, "N2"), "valid")

    def test_dates_and_words_for_no_end(self):
        node = self.node()
        dates = ["2024年1月5日", "2024年01月05号", "2024.01.05", "2024/1/5", "20240105", "2024-01-05 00:00:00", "2024/1/5 0:00", "2024-01-05T00:00:00", "２０２４．１．５"]
        r = self.load(node, HEADING + "".join(self.row(f"D{i}", issued=d, begin=d) for i, d in enumerate(dates)))
        self.assertEqual(r["accepted"], len(dates), r)
        bad = ["2024年13月5日", "2024-01-05 08:30", "2024.01/05", "5.1.2024", "2024年1月", "24-01-05", "2024-1-"]
        r = self.load(node, HEADING + "".join(self.row(f"B{i}", begin=d) for i, d in enumerate(bad)), 1)
        self.assertEqual(r["reasons"], {"ROW_DATE": len(bad)})
        far = HEADING + self.row("F1", issued="2098-01-05") + self.row("F2", begin="2098-01-05", end="2099-01-01") + self.row("F3", issued="1930-01-05", begin="1930-01-05")
        self.assertEqual(self.load(node, far, 1)["reasons"], {"ROW_DATE_FAR": 3})

    def test_headings_as_forms_write_them(self):
        node = self.node()
        starred = "*ZZBH,CZZT（必填）,★CZZTDM,*CZZTDMLXDM(必填),ZZBFRQ,ZZYXQQSRQ,ZZYXQJZRQ\n"
        r = self.load(node, "sep=,\n某某局食品经营许可证台账,,,,,,\n" + starred + self.row("H1"))
        self.assertEqual((r["accepted"], r["unknown_columns"]), (1, []), r)
        path = self.folder / "semicolon.csv"
        path.write_text("sep=,\n" + HEADING.replace(",", ";"), encoding="utf-8")
        done = self.assert_code(node.licet("import", "--type", node.type_code(), path), 1)
        self.assertIn("semicolons", done.err)
        done = self.assert_code(node.licet("--lang", "zh", "import", "--type", node.type_code(), path), 1)
        self.assertIn("分号", done.err)

    def test_other_signs_between_cells_and_utf16(self):
        """As spreadsheets write "Unicode text", and as they write CSV where the comma is the decimal sign. What was refused of it comes back as plain CSV."""
        node = self.node()
        files = {"tabs": ("\t", "utf-8", "\t"), "semicolons": (";", "gb18030", ";"), "unicode text": ("\t", "utf-16", "\t"), "big-endian": (",", "utf-16-be", ",")}
        for at, (name, (sign, encoding, said)) in enumerate(files.items()):
            text = (HEADING + self.row(f"S{at}", "甲，乙\U00020000公司") + self.row(f"S{at}B", "", begin="2024-01-05")).replace(",", sign)
            data = text.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + text.encode(encoding)
            r = self.load(node, data, 1, f"sign{at}.csv")
            self.assertEqual((r["accepted"], r["refused"], r["separator"]), (1, 1, said), (name, r))
            self.assertEqual(r["encoding"], {"utf-16": "utf-16le", "utf-16-be": "utf-16be"}.get(encoding, encoding), name)
            self.assertEqual(self.verdict(node, f"S{at}", "甲，乙\U00020000公司"), "valid", name)
            again = pathlib.Path(r["refused_file"]).read_text(encoding="utf-8-sig")
            self.assertEqual(again.count("\n"), 2)
            self.assertIn(f"S{at}B,,{HOLDER}", again)
        mixed = HEADING.replace(",", ";").strip() + ";备注,说明\n"
        for text, told in ((mixed, "alone"), (HEADING + self.row("M1").replace(",", "\t"), "ROW_COLUMNS"), (HEADING.replace(",", ";") + self.row("M2"), "ROW_COLUMNS")):
            path = self.folder / f"mixed{len(text)}.csv"
            path.write_text(text, encoding="utf-8")
            done = self.assert_code(node.licet("import", "--type", node.type_code(), path), 1)
            self.assertIn(told, done.out + done.err)
        path.write_bytes(HEADING.encode("utf-16"))
        self.assertIn("leave --encoding out", self.assert_code(node.licet("import", "--type", node.type_code(), "--encoding", "utf-8", path), 1).err)

    def test_numbers_that_a_spreadsheet_rounded(self):
        """Fifteen digits are kept, and zeros stand for the rest. A number that is truly so is written as text, and issued with a reason."""
        node = self.node()
        numbers = ["440301202100001000", "440301202100002000", "4403012021000030000"]
        r = self.load(node, HEADING + "".join(map(self.row, numbers)) + self.row("44030120210000100") + self.row("440301202100001001") + self.row("44030120210000200"), 1)
        self.assertEqual((r["accepted"], r["reasons"]), (2, {"ROW_NUMBER_ROUNDED": 4}), r)
        self.assertIn("ROW_NUMBER_ROUNDED [ZZBH]", self.listed["refused"][1])
        r = self.load(node, HEADING + self.row("'" + numbers[0]) + self.row(f'="{numbers[1]}"'), 0, "said.csv")
        self.assertEqual(r["accepted"], 2, r)
        self.assertEqual(self.verdict(node, numbers[0]), "valid")
        options = ("issue", "--type", node.type_code(), "--number", numbers[2], "--holder-name=甲公司", f"--holder-code={HOLDER}", "--from=2024-01-05", "--to=2028-12-31")
        self.assertIn("ROW_NUMBER_ROUNDED", self.assert_code(node.licet(*options), 2).err)
        done = self.assert_code(node.licet(*options, "--force", "as the paper says"), 0)
        self.assertIn("issued by force", done.err)

    def test_an_end_of_validity_is_never_passed_over(self):
        """Taken as no end at all, licences that lapsed years ago would read valid for ever."""
        node = self.node()
        others = ["有效期至", "有效期截止日期", "有效期止", "证照有效期截至日期", "有效期届满日", "截止日期", "*有效期至（必填）"]
        for i, name in enumerate(others):
            r = self.load(node, HEADING.replace("ZZYXQJZRQ", name) + self.row(f"E{i}", issued="2015-01-05", begin="2015-01-05", end="2018-12-31"))
            self.assertEqual((r["accepted"], r["unknown_columns"], self.verdict(node, f"E{i}")), (1, [], "lapsed"), name)
        for name in ("有效期限", "许可期限", "失效日", "终止时间", "证照有效期（到）"):
            path = self.folder / "hidden.csv"
            path.write_text(HEADING.replace("ZZYXQJZRQ", name) + self.row("E99"), encoding="utf-8")
            done = self.assert_code(node.licet("import", "--type", node.type_code(), path), 1)
            self.assertIn("ZZYXQJZRQ", done.err)
            self.assertIn(name, done.err)
        # beside a column for the end the same heading is a column of its own
        r = self.load(node, HEADING.strip() + ",有效期限\n" + self.row("E100").strip() + ",五年\n")
        self.assertEqual((r["accepted"], r["unknown_columns"]), (1, ["有效期限"]), r)

    def test_names_and_numbers_in_every_spelling(self):
        node = self.node()
        spelled = {"M1": ("张\u3000三", "张三"), "M2": ("\ue863记食品店", "䶮记食品店"), "M3": ("青浦\u200b食品店", "青浦食品店"), "M4": ("买买提•艾力", "买买提·艾力"),
                   "M5": ("⻓宁⾦店", "长宁金店"), "M6": ("青\u00ad浦\ufe00店", "青浦店"), "沪〔2024〕7号": ("甲公司", "甲公司")}
        r = self.load(node, HEADING + "".join(self.row(number, written) for number, (written, _) in spelled.items()))
        self.assertEqual(r["accepted"], len(spelled), r)
        for number, names in spelled.items():
            for name in names:
                self.assertEqual(self.verdict(node, number, name), "valid", (number, name))
        for number in ("沪(2024)7号", "沪【2024】7号", "沪［2024］ 7号"):
            self.assertEqual(self.verdict(node, number), "valid", number)
        self.assertEqual(self.verdict(node, "M1", "张四"), "mismatch")
        # issued by hand: the same form
        self.assert_code(node.licet(*self.issue_arguments(node, "M9", "李 四")), 0)
        self.assertEqual(self.verdict(node, "M9", "李四"), "valid")
        self.assertEqual(self.verdict(node, "M9", "李　四"), "valid")

    def issue_arguments(self, node, number, name="甲公司", holder=HOLDER, begin="2026-01-01", *more):
        return ["issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", holder, "--holder-name", name, "--number", number, "--from", begin,
                "--issued", begin, *more]

    def test_issue_refuses_what_import_refuses(self):
        node = self.node()
        wrong = HOLDER[:-1] + ("A" if HOLDER[-1] != "A" else "B")
        for case, told in ((self.issue_arguments(node, "I1", holder=wrong), "credit code"), (self.issue_arguments(node, "I1", begin="2098-01-01"), "not believable"),
                           (self.issue_arguments(node, "I1", begin="1930-01-01"), "not believable"), (self.issue_arguments(node, "1.3E+10"), "spreadsheet")):
            self.assertIn(told, self.assert_code(node.licet(*case), 2).err)
        self.assert_code(node.licet(*self.issue_arguments(node, "1.3E+10"), "--force", "old"), 2)
        done = self.assert_code(node.licet(*self.issue_arguments(node, "I1", holder=wrong), "--force", "from the books of 1998"), 0)
        self.assertIn("from the books of 1998", done.err)
        self.assert_code(node.licet(*self.issue_arguments(node, "I2", begin="2024年1月5日"), "--to", "2028.1.5"), 0)

    def test_a_file_of_no_bytes_is_no_document(self):
        node = self.node()
        empty = self.document("empty.pdf", b"")
        self.assertIn("0 bytes", self.assert_code(node.licet(*self.issue_arguments(node, "Z1"), "--doc", empty), 1).err)
        r = self.load(node, HEADING.replace("\n", ",WJ\n") + self.row("Z2").replace("\n", ",empty.pdf\n"), 1)
        self.assertEqual(r["reasons"], {"ROW_DOCUMENT_EMPTY": 1})
        self.assertIn("0 bytes", self.assert_code(node.licet("verify", empty, key=False), 1).err)

    # ---- files as field offices have them ----

    ZH = "证照编号,持证主体,持证主体代码,持证主体代码类型代码,证照颁发日期,证照有效期起始日期,证照有效期截止日期\n"

    def test_shapes_of_files(self):
        """Taken as a whole: (rows accepted, rows above the heading, rows passed over as blank)."""
        node, row = self.node(), self.row
        wide = "," * 5000 + "\n"
        taken = {
            "gbk": ((self.ZH + row("A1")).encode("gbk"), (1, 0, 0)),
            "gb18030, four bytes": ((self.ZH + row("A2", "㐀䶮\U00020000公司")).encode("gb18030"), (1, 0, 0)),
            "mark": (b"\xef\xbb\xbf" + (HEADING + row("A3")).encode(), (1, 0, 0)),
            "old Mac": ((HEADING + row("A4")).replace("\n", "\r"), (1, 0, 0)),
            "sep=": ('"sep=,"\r\n' + HEADING + row("A5"), (1, 1, 0)),
            "title and a form's head": ("某某台账,,,,,,\n填报单位：某局,,,,制表日期：2024,,\n" + HEADING + row("A6"), (1, 2, 0)),
            "merged heading above": ("证照,持证主体,,,日期,,\n" + HEADING + row("A7"), (1, 1, 0)),
            "empty columns behind": (HEADING.replace("\n", ",,,\n") + row("A8").replace("\n", ",,,\n"), (1, 0, 0)),
            "empty cells behind rows alone": (HEADING + row("A9").replace("\n", ",,,\n"), (1, 0, 0)),
            "5,000 empty columns": (HEADING.replace("\n", wide) + row("A10").replace("\n", wide), (1, 0, 0)),
            "blank rows": (HEADING + "\n,,,,,,\n" + row("A11") + " , , , , , ,\n\u3000,\u00a0,,,,,\n\n\x1a", (1, 0, 6)),
            "marks in headings": ("*证照编号,★持证主体,※持证主体代码,持证主体代码类型代码*,证照颁发日期（必填）,证照有效期起始日期(必填),证照有效期截止日期【选填】\n" + row("A12"), (1, 0, 0)),
            "line breaks in headings": ('"证照编号\n（必填）","持证\n主体",' + self.ZH.split(",", 2)[2] + row("A13"), (1, 0, 0)),
            "spaces in headings": ("\u200b证照编号\u00a0,持证主体\u3000,持 证主体代码," + self.ZH.split(",", 3)[3] + row("A14"), (1, 0, 0)),
            "line breaks in cells": (HEADING + row("A15", '"甲公司\n"') + row('"A16\n"'), (2, 0, 0)),
            "header only": (HEADING, (0, 0, 0)), "header only, no line end": (HEADING.strip(), (0, 0, 0)),
        }
        for number, (name, (text, wanted)) in enumerate(taken.items()):
            with self.subTest(name):
                r = self.load(node, text, 0, f"t{number}.csv")
                self.assertEqual((r["accepted"], r["title_rows"], r["blank"], r["unknown_columns"]), (*wanted, []), r)
        for number, (told, text) in enumerate({
            "in UTF-16 without a mark": (HEADING + row("B1")).encode("utf-16-le"), "separated by |": (HEADING + row("B1")).replace(",", "|"),
            "full-width commas": (HEADING + row("B1")).replace(",", "，"), "is empty": "", "name the columns": b"\xef\xbb\xbf", "columns are missing: CZZTDM ": "ZZBH,CZZT\nA,B\n",
            "columns 1 and 8 are both ZZBH": HEADING.replace("\n", ",ZZBH\n"), "more columns than": HEADING.strip() + "".join(f",c{n}" for n in range(5000)) + "\n",
            "not text in the file's encoding": b"\0" * 5000, "is a workbook": b"PK\x03\x04aaaa", "columns are missing": row("B1") * 9}.items()):
            with self.subTest(told):
                path = self.folder / f"b{number}.csv"
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
                self.assertIn(told, self.assert_code(node.licet("import", "--type", node.type_code(), path), 1).err)

    def values(self, node, rows, name):
        """{row text: reason or None}: each is taken, or refused for that reason with the row's number and the column's name."""
        r = self.load(node, HEADING.encode() + b"".join(t if isinstance(t, bytes) else t.encode() for t, _, _ in rows), 1, name)
        for number, (text, reason, column) in enumerate(rows, 1):
            told = self.listed["refused"].get(number)
            self.assertEqual(told is None, reason is None, (text[:80], told))
            if reason:
                self.assertTrue(told.startswith(f"{reason} [{column}]" if column else reason), (text[:80], told))
        return r

    def test_values_one_by_one(self):
        node, row, rows = self.node(), self.row, []
        n = iter(range(10000))
        for day in ("2021年3月5日", "2021年 3月 5日", "2021.3.5", "20210305", "2021-03-05 00:00:00", "2021-03-05T00:00:00.000Z", "2021-03-05T00:00:00+08:00", "２０２１年３月５日", "'20210305", '="20210305"'.replace('"', '""').join('""')):
            rows.append((row(f"D{next(n)}", begin=day, issued=day), None, None))
        for day in ("44260", "44260.5", "5/3/2021", "2021年三月五日", "2021-02-30", "2021-03", "0000-00-00", "2021-03-05 08:30:00"):
            rows.append((row(f"D{next(n)}", begin=day, issued=""), "ROW_DATE", "ZZYXQQSRQ"))
        for word in ("长期", "永久", "无固定期限", "至今", "--", "-", "——", "/", "无", "终身", "不限", "null", "N/A", "9999-12-31", ""):
            rows.append((row(f"E{next(n)}", end=word), None, None))
        for word in ("0", "三年", "1900-01-00", "44260"):
            rows.append((row(f"E{next(n)}", end=word), "ROW_DATE", "ZZYXQJZRQ"))
        for number in ("4.40301E+17", "4.40301e17"):
            rows.append((row(number), "ROW_NUMBER_RUINED", "ZZBH"))
        for number in ("########", "#REF!", "#N/A", "??????"):
            rows.append((row(number), "ROW_VALUE_LOST", "ZZBH"))
        for number in ("", "-", "无", "待补", "\u3000"):
            rows.append((row(number), "ROW_FIELD_EMPTY", "ZZBH"))
        for name in ("#NAME?", "????"):
            rows.append((row(f"N{next(n)}", name), "ROW_VALUE_LOST", "CZZT"))
        rows += [(row(f"N{next(n)}", "甲\ufffd公司"), "ROW_ENCODING", "CZZT"), (row("A\0B"), "ROW_ENCODING", None), (row("A\x01B"), "TEXT_INVALID", "ZZBH"), (row('"A\nB"'), "ROW_LINE_END", "ZZBH"),
                 (row(f"N{next(n)}", "甲\u202e公司"), "TEXT_INVALID", "CZZT"), (row(f"N{next(n)}", "甲" * 200), "ROW_TOO_LONG", "CZZT"), (row(f"N{next(n)}", "甲" * 22000), "ROW_TOO_LONG", None),
                 (row(f"N{next(n)}", "A" * 65536), "ROW_TOO_LONG", None), (row(f"N{next(n)}", holder=HOLDER[:8] + " " + HOLDER[8:]), "USCC_INVALID", "CZZTDM"), (row(f"N{next(n)}", holder="无"), "ROW_FIELD_EMPTY", "CZZTDM"),
                 (row(f"N{next(n)}", holder="3.10118E+17"), "ROW_NUMBER_RUINED", "CZZTDM"), (row(f"N{next(n)}").replace("\n", ",x\n"), "ROW_COLUMNS", None), (f"N{next(n)},甲公司\n", "ROW_COLUMNS", None),
                 (row(f"N{next(n)}", "合计").replace(HOLDER, ""), "ROW_FIELD_EMPTY", "CZZTDM"), (row(f"N{next(n)}", '"甲公司'), "ROW_QUOTES", None), (row(f"N{next(n)}"), None, None)]
        self.values(node, rows, "values.csv")
        for path in self.folder.glob("*.csv"):
            if path.name != "values.csv":
                path.read_bytes().decode("utf-8-sig")  # whatever was cut, what is written is text

    def test_numbers_written_as_text_for_a_spreadsheet(self):
        node = self.node()
        written = {'="00123"': "00123", '"=""00124"""': "00124", "'00125": "00125", "\u00a0A126\u00a0": "A126", "\u3000A127\u3000": "a127", "A\u3000128": "A128", "沪﹝2021﹞5": "沪(2021)5"}
        r = self.load(node, HEADING + "".join(self.row(w) for w in written) + self.row("X1", holder="'" + HOLDER) + self.row("X2", holder=f'="{HOLDER}"'))
        self.assertEqual(r["accepted"], len(written) + 2, r)
        for number in [*written.values(), "X1", "X2"]:
            self.assertEqual(self.verdict(node, number), "valid", number)
        self.assertEqual(self.load(node, HEADING + self.row("00123"), 0, "again.csv")["duplicates"], 1)

    def test_issue_and_import_give_the_same_reasons(self):
        node, row = self.node(), self.row
        wrong = HOLDER[:-1] + ("A" if HOLDER[-1] != "A" else "B")
        table = [("number", "4.40301E+17", "ROW_NUMBER_RUINED"), ("number", "4.40301E17", "ROW_NUMBER_RUINED"), ("number", "440301202100001000", "ROW_NUMBER_ROUNDED"), ("number", "#REF!", "ROW_VALUE_LOST"), ("number", "--", "ROW_FIELD_EMPTY"),
                 ("number", "无", "ROW_FIELD_EMPTY"), ("number", "A\x01B", "TEXT_INVALID"), ("number", "A" * 200, "ROW_TOO_LONG"), ("name", "????", "ROW_VALUE_LOST"), ("name", "甲\ufffd", "ROW_ENCODING"),
                 ("name", "/", "ROW_FIELD_EMPTY"), ("name", "甲\u202e公司", "TEXT_INVALID"), ("name", "甲" * 200, "ROW_TOO_LONG"), ("holder", wrong, "USCC_INVALID"), ("holder", "3.1E+17", "ROW_NUMBER_RUINED"),
                 ("holder", "#N/A", "ROW_VALUE_LOST"), ("begin", "44260", "ROW_DATE"), ("begin", "2021-02-30", "ROW_DATE"), ("begin", "2098-01-01", "ROW_DATE_FAR"), ("begin", "1930-01-01", "ROW_DATE_FAR"),
                 ("end", "三年", "ROW_DATE"), ("end", "2000-01-01", "VALIDITY_ORDER"), ("kind", "999", "HOLDER_KIND")]
        option = {"number": "--number", "name": "--holder-name", "holder": "--holder-code", "begin": "--from", "end": "--to", "kind": "--holder-type"}
        good = {"number": "G{}", "name": "甲公司", "holder": HOLDER, "begin": "2024-01-05", "end": "2028-12-31", "kind": "001"}
        lines = []
        for at, (which, value, _) in enumerate(table):
            v = {**good, "number": f"G{at}", which: value}
            lines.append(f"{v['number']},{v['name']},{v['holder']},{v['kind']},,{v['begin']},{v['end']}\n")
        self.load(node, HEADING + "".join(lines), 1)
        for at, (which, value, reason) in enumerate(table):
            self.assertTrue(self.listed["refused"][at + 1].startswith(reason), (which, value, self.listed["refused"][at + 1]))
            v = {**good, "number": f"G{at}", which: value}
            done = node.licet("issue", "--type", node.type_code(), *[part for name, given in v.items() for part in (f"{option[name]}={given}",)])
            self.assertNotEqual(done.code, 0, (which, value))
            self.assertIn(reason, done.err, (which, value))

    @unittest.skipUnless(FIELD.is_dir(), f"no samples in {FIELD}")
    def test_the_samples(self):
        node = self.node()
        types = {t["code"]: {e["code"] for e in node.licet("type", "show", t["code"], "--json").json["elements"]} for t in node.licet("type", "list", "--json").json}
        for name, (code, counts, reasons) in STOCK.items():
            with self.subTest(name):
                path = FIELD / name
                text = path.read_text("utf-8-sig")
                columns = {c for c in text.splitlines()[0].split(",") if c.startswith("KZ_")}
                type_code = next(code for code, elements in types.items() if columns <= elements)
                r = self.load(node, text, code, name, type_code)
                self.assertEqual(((r["accepted"], r["refused"], r["duplicates"]), r["reasons"]), (counts, reasons), r)
