"""E1, D1, D4: kill -9 in the middle of everything. Every acknowledged licence is there, replay agrees, no height has two heads."""
import concurrent.futures
import os
import random
import signal
import subprocess
import threading
import time

from node import Case, ENV, LICET, SLOW, run, uscc

KILLS = int(os.environ.get("LICET_KILLS", "50"))
ROWS = int(os.environ.get("LICET_CRASH_ROWS", "100000"))


class Crash(Case):
    def stock(self, node, rows, name="stock.csv", seed=1, *more):
        path = self.folder / name
        self.assert_code(node.licet("stock-make", "--type", node.type_code(), "--rows", str(rows), "--seed", str(seed), "-o", path, *more), 0)
        return path

    def heads(self, node, seen):
        """Every header hash by height, out of the data as it lies there; a height that had another hash before is a fork."""
        done = self.assert_code(node.licet("replay", node.dir, "--json", timeout=300), 0)
        result = done.json
        self.assertTrue(result["ok"], result)
        known = seen.setdefault(result["height"], result["head"])
        self.assertEqual(known, result["head"], f"two heads at height {result['height']}")
        return result

    def test_kill_9_during_import(self):
        """The importer is told to go on after each kill; at the end nothing is missing and nothing is there twice."""
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed} KILLS={KILLS} ROWS={ROWS}")
        chance = random.Random(seed)
        node = self.node()
        stock = self.stock(node, ROWS)
        report = self.folder / "report.json"
        seen, kills = {}, 0
        while kills < KILLS:
            importer = subprocess.Popen([LICET, "import", "--type", node.type_code(), str(stock), "--report", str(report), "--json"],
                                        env={**ENV, "LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)}, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.02, 0.5) * SLOW)
            node.kill()
            kills += 1
            importer.send_signal(signal.SIGKILL if chance.random() < 0.5 else signal.SIGTERM)
            importer.wait()
            if kills % 10 == 0:
                self.heads(node, seen)
            node.start()
            head = node.get_json("/v1/head")
            self.assertEqual(seen.setdefault(head["height"], head["head"]), head["head"], "two heads at one height")
        done = node.licet("import", "--type", node.type_code(), stock, "--report", report, "--force", "--json", timeout=600)
        self.assertIn(done.code, (0,), done)
        result = done.json
        self.assertEqual(result["accepted"] + result["duplicates"], ROWS, result)
        self.assertEqual(node.licet("status", "--json").json["licences"], ROWS)
        again = self.assert_code(node.licet("import", "--type", node.type_code(), stock, "--json", timeout=600), 0).json
        self.assertEqual((again["accepted"], again["duplicates"]), (0, ROWS))
        node.stop(expect=0)
        self.heads(node, seen)
        self.assert_code(node.licet("fsck", node.dir, timeout=300), 0)

    def test_kill_9_loses_no_acknowledged_licence(self):
        """Single licences by four issuers at once; each answer is remembered; after every kill all of them are valid."""
        node = self.node()
        code = node.type_code()
        for round_number in range(6):
            acknowledged, stop = [], threading.Event()

            def issuer(worker):
                number = 0
                while not stop.is_set():
                    number += 1
                    done = run(LICET, "issue", "--type", code, "--holder-type", "001", "--holder-code", uscc("91310118MA1JL0000"), "--holder-name", "x",
                               "--number", f"{round_number}-{worker}-{number}", "--json",
                               env={"LICET_NODE": node.url, "LICET_KEY": str(node.issue_key)})
                    if done.code == 0:
                        acknowledged.append(done.json["key"])
                    elif "check" in done.err:
                        raise AssertionError(done)

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                futures = [pool.submit(issuer, worker) for worker in range(4)]
                time.sleep(0.7 * SLOW)
                node.kill()
                stop.set()
                for future in futures:
                    future.result()
            node.start()
            self.assertTrue(acknowledged, node.tail())
            status, answer = node.verify([{"key": key} for key in acknowledged])
            self.assertEqual([v["verdict"] for v in answer["verdicts"]], ["valid"] * len(acknowledged))
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir), 0)

    def test_the_same_statement_a_thousand_times(self):
        """D1, D4: one record; the others get the same receipt, in parallel, after a restart and after a revocation."""
        node = self.node()
        capture = self.folder / "statement.cose"
        issued = self.issue(node, 1, self.document())
        entry = issued["entry"]
        status, _, transparent = node.request("GET", f"/entries/{entry}/statement")
        self.assertEqual(status, 200)
        statement = strip_receipts(transparent)
        capture.write_bytes(statement)
        status, headers, receipt = node.request("GET", f"/entries/{entry}")
        self.assertEqual((status, headers["content-type"]), (200, "application/cose"))

        def post(_):
            return node.request("POST", "/entries", statement, {"Content-Type": "application/cose"})

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(post, range(1000)))
        self.assertEqual({(a[0], a[2]) for a in answers}, {(200, receipt)})
        node.kill()
        node.start()
        self.assertEqual(post(0)[::2], (200, receipt))
        self.assert_code(node.licet("revoke", issued["key"], "--reason", "r", "--basis", "b"), 0)
        self.assertEqual(post(0)[::2], (200, receipt))
        self.assertEqual(node.verify([{"key": issued["key"]}])[1]["verdicts"][0]["verdict"], "revoked")
        self.assertEqual(node.get_json("/v1/head")["height"], 2)


def strip_receipts(transparent):
    """The statement as it was posted: its unprotected header is the map {394: [receipt]}; before, it was empty."""
    assert transparent[:2] == b"\xd2\x84" and transparent[2] in (0x58, 0x59), transparent[:8]
    at = 4 + transparent[3] if transparent[2] == 0x58 else 5 + int.from_bytes(transparent[3:5], "big")
    assert transparent[at:at + 4] == b"\xa1\x19\x01\x8a", transparent[at:at + 8].hex()
    rest = at + 4
    assert transparent[rest] == 0x81
    rest += 1
    major = transparent[rest]
    if major == 0x58:
        rest += 2 + transparent[rest + 1]
    else:
        assert major == 0x59, hex(major)
        rest += 3 + int.from_bytes(transparent[rest + 1:rest + 3], "big")
    return transparent[:at] + b"\xa0" + transparent[rest:]


