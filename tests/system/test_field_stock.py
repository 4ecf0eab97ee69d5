"""Stock as departments hand it over: numbers that a spreadsheet ruined, repeats with another content, names and dates in every spelling."""
import csv
import io
import os
import pathlib
import unittest

from node import Case, uscc

SHARED = pathlib.Path(os.environ.get("LICET_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
FIELD = SHARED / "samples" / "field"
HOLDER, OTHER = uscc("91310118MA1JL0101"), uscc("91310118MA1JL0202")
HEADING = "ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZBFRQ,ZZYXQQSRQ,ZZYXQJZRQ\n"


def read_csv(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


class FieldStock(Case):
    def load(self, node, text, code=0, name="stock.csv", type_code=None):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
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
            self.assertIn("are not on the ledger", done.err)
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
        path.write_text("sep=;\n" + HEADING.replace(",", ";"), encoding="utf-8")
        done = self.assert_code(node.licet("import", "--type", node.type_code(), path), 1)
        self.assertIn("semicolons", done.err)

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

    @unittest.skipUnless(FIELD.is_dir(), f"no samples in {FIELD}")
    def test_the_samples(self):
        node = self.node()
        wanted = {"80": (0, 3, 0, {"ROW_NUMBER_RUINED": 3}), "82": (1, 1, 0, {"ROW_CONFLICT_FILE": 1}), "83": (1, 0, 0, {}), "85": (1, 0, 0, {}),
                  "86": (1, 0, 0, {}), "87": (None, 0, 0, {}), "89": (None, 0, 0, {})}
        types = {t["code"]: {e["code"] for e in node.licet("type", "show", t["code"], "--json").json["elements"]} for t in node.licet("type", "list", "--json").json}
        for path in sorted(FIELD.glob("8*.csv")):
            with self.subTest(path.name):
                text = path.read_text("utf-8-sig")
                columns = {c for c in text.splitlines()[0].split(",") if c.startswith("KZ_")}
                type_code = next(code for code, elements in types.items() if columns <= elements)
                accepted, refused, duplicates, reasons = wanted[path.name[:2]]
                rows = len(text.splitlines()) - 1
                r = self.load(node, text, 1 if refused else 0, path.name, type_code)
                self.assertEqual((r["accepted"], r["refused"], r["duplicates"], r["reasons"]), (rows if accepted is None else accepted, refused, duplicates, reasons), r)
