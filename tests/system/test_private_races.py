"""All writers of private/ against one another: whatever the order, and whoever is stopped half way, what is kept opens what the ledger has."""
import hashlib
import json
import random
import signal
import subprocess
import time

from node import ENV, LICET, Case, uscc

HOLDER = uscc("91310118MA1JL0000")


class Races(Case):
    def begin(self, node, *arguments):
        env = {**ENV, "LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)}
        return subprocess.Popen([LICET, *map(str, arguments)], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def issue_arguments(self, node, number, name="测试公司", serial=None):
        return ["issue", "--type", node.type_code(), "--serial", serial or f"R{number}", "--holder-type", "001", "--holder-code", HOLDER, "--holder-name", name,
                "--number", f"N-{number}", "--from", "2026-01-01", "--to", "2036-01-01", "--json"]

    def import_arguments(self, node, stock, name):
        return ["import", "--type", node.type_code(), stock, "--report", self.folder / f"{name}.json", "--json"]

    def all_open(self, node, expected):
        """Every licence of the ledger: a proof of it opens all its elements, offline; and fsck says the same of all of them."""
        done = self.assert_code(node.licet("fsck", node.dir, "--json"), 0)
        self.assertEqual((done.json["private"]["opened"], done.json["private"]["unopened"]), (expected, 0), done)

    def opens(self, node, identifier, elements):
        proof = self.folder / "p.licet"
        proof.unlink(missing_ok=True)
        arguments = [part for element in elements for part in ("--field", element)]
        self.assert_code(node.licet("proof", identifier, "-o", proof, *arguments), 0)
        self.assert_code(node.licet("verify", "--offline", proof, "--trust", node.dir / "genesis.cbor", key=False), 0)

    def stock(self, node, rows, seed=5):
        path = self.folder / f"stock{seed}.csv"
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", rows, "--seed", seed, "-o", path), 0)
        return path

    def test_imports_of_one_file_at_once(self):
        node = self.node()
        stock = self.stock(node, 3000)
        running = [self.begin(node, *self.import_arguments(node, stock, f"r{n}")) for n in range(3)]
        results = [json.loads(process.communicate(timeout=300)[0]) for process in running]
        self.assertEqual(sum(r["accepted"] for r in results), 3000, results)
        for r in results:
            self.assertEqual(r["rows"], r["accepted"] + r["refused"] + r["duplicates"], r)
        self.all_open(node, 3000)

    def test_one_serial_issued_several_times_at_once(self):
        node = self.node()
        made = {}
        for number in range(12):
            # the same content, and another one: either may win, and what won is opened
            names = ["甲公司", "甲公司", "乙公司"] if number % 2 else ["甲公司"] * 3
            running = [self.begin(node, *self.issue_arguments(node, number, name)) for name in names]
            done = [(process.communicate(timeout=60)[0], process.returncode) for process in running]
            won = [json.loads(out) for out, code in done if code == 0]
            # the same bytes are entered once, and whoever sent them hears of that one entry
            self.assertEqual(len({json.dumps(w) for w in won}), 1, done)
            made[number] = won[0]["identifier"]
        self.all_open(node, len(made))
        for identifier in made.values():
            self.opens(node, identifier, ["ZZBS"])

    def test_an_issue_cut_short_and_repeated(self):
        node = self.node()
        chance = random.Random(11)
        for number in range(20):
            process = self.begin(node, *self.issue_arguments(node, number))
            time.sleep(chance.random() * 0.06)
            process.send_signal(chance.choice([signal.SIGINT, signal.SIGKILL, signal.SIGTERM]))
            process.communicate(timeout=60)
            again = node.licet(*self.issue_arguments(node, number, chance.choice(["测试公司", "改正后的公司"])))
            self.assertIn(again.code, (0, 1, 30), again)
            if again.code != 0:
                self.assertIn("already on the ledger", again.err)
        self.all_open(node, 20)

    def test_import_beside_issue_and_a_killed_import_repeated(self):
        node = self.node()
        stock = self.stock(node, 4000, 9)
        chance = random.Random(3)
        issued = 0
        for attempt in range(4):
            process = self.begin(node, *self.import_arguments(node, stock, "k"))
            other = self.begin(node, *self.import_arguments(node, stock, "o"))
            issued += node.licet(*self.issue_arguments(node, f"x{attempt}", serial=f"X{attempt}")).code == 0
            time.sleep(chance.random() * 0.2)
            process.send_signal(signal.SIGKILL if attempt % 2 else signal.SIGINT)
            other.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            other.communicate(timeout=60)
        last = self.assert_code(node.licet(*self.import_arguments(node, stock, "last"), timeout=300), 0)
        self.assertEqual(last.json["refused"], 0, last)
        self.assertEqual(issued, 4)
        self.all_open(node, 4004)

    def test_imports_cut_at_random_and_repeated_add_up(self):
        """Dirty stock, several cuts one after another by every signal, two loads at once at the end: each report that was written adds up, and so do all together."""
        node = self.node()
        path = self.folder / "dirty.csv"
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", 6000, "--seed", 13, "--dirty", "15", "-o", path), 0)
        chance = random.Random(17)
        height = node.get_json("/v1/head")["height"]
        cut = 0
        for attempt in range(8):
            process = self.begin(node, *self.import_arguments(node, path, f"c{attempt}"))
            wanted = node.get_json("/v1/head")["height"] + chance.randrange(3)
            while process.poll() is None and node.get_json("/v1/head")["height"] < wanted:
                pass
            time.sleep(chance.random() * 0.05)
            process.send_signal([signal.SIGINT, signal.SIGKILL, signal.SIGTERM][attempt % 3])
            out, _ = process.communicate(timeout=60)
            cut += process.returncode < 0
            report = self.folder / f"c{attempt}.json"
            for text in ([out] if out.strip() else []) + ([report.read_bytes()] if report.exists() else []):
                r = json.loads(text)  # whole, or not there
                self.assertEqual(r["rows"], r["accepted"] + r["refused"] + r["duplicates"] + r["unsent"], r)
        self.assertGreater(cut, 0)
        self.assertGreater(node.get_json("/v1/head")["height"], height)
        running = [self.begin(node, *self.import_arguments(node, path, f"l{n}")) for n in range(2)]
        results = [json.loads(process.communicate(timeout=300)[0]) for process in running]
        for r in results:
            self.assertEqual((r["rows"], r["unsent"], r["complete"]), (6000, 0, True), r)
            self.assertEqual(r["rows"], r["accepted"] + r["refused"] + r["duplicates"], r)
            self.assertEqual(sum(r["reasons"].values()), r["refused"] + r["duplicates"], r)
        self.assertEqual(results[0]["refused"], results[1]["refused"], results)
        held = results[0]["rows"] - results[0]["refused"] - results[0]["reasons"].get("ROW_DUPLICATE_FILE", 0)
        self.assert_code(node.licet(*self.import_arguments(node, path, "again")), 1)
        again = json.loads((self.folder / "again.json").read_text())
        self.assertEqual((again["accepted"], again["refused"]), (0, results[0]["refused"]), again)
        self.all_open(node, held)

    def test_import_and_issue_of_the_same_licence(self):
        """A row with an identifier of its own, and an issue that makes the very same one."""
        node = self.node()
        first = self.issue(node, "first")
        prefix = first["identifier"].rsplit(".", 3)[0]  # ...<issuer>
        self.assertEqual(self.identifier(prefix, "SFIRST"), first["identifier"])
        wanted = 0
        for number in range(8):
            made = self.identifier(prefix, f"B{number}")
            path = self.folder / f"one{number}.csv"
            path.write_text("ZZBS,ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,ZZYXQJZRQ\n" f"{made},N-b{number},丙公司,{HOLDER},001,2026-01-01,2036-01-01\n", encoding="utf-8")
            running = [self.begin(node, *self.import_arguments(node, path, f"b{number}")),
                       self.begin(node, *self.issue_arguments(node, f"b{number}", "丙公司", f"B{number}"))]
            for process in running:
                process.communicate(timeout=60)
            wanted += 1
        self.all_open(node, wanted + 1)

    @staticmethod
    def identifier(prefix, serial):
        """With the check character of ISO 7064 MOD 37,36 over what stands behind the root, without dots."""
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        body = f"{prefix}.{serial}.001"
        p = 36
        for c in body.removeprefix("1.2.156.3005.2").replace(".", ""):
            p = (p + digits.index(c)) % 36 or 36
            p = p * 2 % 37
        return f"{body}.{digits[(37 - p) % 36]}"

    def test_fsck_names_what_cannot_be_opened(self):
        node = self.node()
        lost, kept = self.issue(node, 1), self.issue(node, 2)
        self.all_open(node, 2)
        node.stop()
        self.other_seed(node.dir / "private" / "data.mdb", bytes.fromhex(lost["key"]), lost["identifier"].encode())
        done = self.assert_code(node.licet("fsck", node.dir, "--json"), 20)
        self.assertEqual(done.json["private"], {"held": 2, "opened": 1, "unopened": 1})
        self.assertIn(lost["key"], done.err)
        self.assertNotIn(kept["key"], done.err)

    def other_seed(self, path, key, identifier):
        """Another seed in a record that is right in itself: what two writers used to leave behind."""
        data, changed, at = bytearray(path.read_bytes()), 0, -1
        while (at := data.find(identifier, at + 1)) >= 0:
            start = data.rfind(b"\x85\x01", max(0, at - 40), at)
            if start < 16 or data[at + len(identifier):at + len(identifier) + 2] != b"\x58\x20":
                continue
            check = bytes(data[start - 16:start])
            length = next((n for n in range(40, 4000) if hashlib.sha256(key + data[start:start + n]).digest()[:16] == check), None)
            if length is None:
                continue
            data[at + len(identifier) + 2] ^= 1
            data[start - 16:start] = hashlib.sha256(key + data[start:start + length]).digest()[:16]
            changed += 1
        self.assertGreater(changed, 0)
        path.write_bytes(data)
