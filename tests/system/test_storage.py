"""E2-E9, E12, E15, F1, F5: disks that lie, fill up, flip bits or are put back to yesterday."""
import datetime
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import time

from node import BUILD, Case, ENV, LICETD, SLOW, run, uscc


def flip(path, at, mask=0x40):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ mask]))


class Storage(Case):
    def licetd(self, node, timeout=60, wrap=()):
        return run(*wrap, LICETD, node.dir, timeout=timeout)

    def test_f1_yesterdays_data_with_todays_mark_is_refused(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        shutil.copytree(node.data, self.folder / "yesterday")
        node.start()
        self.issue(node, 2)
        self.issue(node, 3)
        node.stop(expect=0)
        shutil.rmtree(node.data)
        shutil.copytree(self.folder / "yesterday", node.data)
        done = self.licetd(node)
        self.assertEqual(done.code, 41, done)
        self.assertIn("nothing may be signed here", done.err)
        self.assertRegex(done.err, r"\b1\b.*\b3\b")

    def test_f1_a_missing_mark_beside_data_is_refused(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        (node.dir / "node" / "mark").unlink()
        self.assertEqual(self.licetd(node).code, 41)

    def test_f1_a_mark_behind_the_data_is_advanced(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        old = (node.dir / "node" / "mark").read_bytes()
        node.start()
        self.issue(node, 2)
        node.stop(expect=0)
        (node.dir / "node" / "mark").write_bytes(old)
        node.start()
        self.issue(node, 3)
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir), 0)

    def test_the_newest_note_is_remembered_beside_the_mark(self):
        node = self.node()
        notes = node.dir / "node" / "mark.notes"

        def leased():
            lines = [line.split() for line in notes.read_text().splitlines()]
            return max((int(line[3]), int(line[5])) for line in lines)[1]

        def given():
            at = datetime.datetime.fromisoformat(node.get_json("/v1/head")["note_time"].replace("Z", "+00:00"))
            return round(at.timestamp() * 1000)

        note = given()
        self.assertLessEqual(note, leased())
        node.kill()
        node.start()
        self.assertLessEqual(note, given())
        self.assertLessEqual(leased(), given() + 2000)  # kills do not carry it away from the clock
        node.kill()
        node.start()
        self.issue(node, 1)  # at most a moment later, never refused
        note = given()
        node.stop(expect=0)
        self.assertEqual(leased(), note)
        whole = notes.read_bytes()
        notes.write_bytes(b"x" + whole[1:4096] + b"x" + whole[4097:])
        done = self.licetd(node)
        self.assertEqual(done.code, 41, done)
        self.assertIn("mark.notes", done.err)
        notes.unlink()  # a folder from before there was one
        node.start()
        self.issue(node, 2)
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir), 0)

    def test_f1_another_history_of_the_same_height_is_refused(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        shutil.copytree(node.data, self.folder / "fork")
        mark = (node.dir / "node" / "mark").read_bytes()
        node.start()
        self.issue(node, 2)
        node.stop(expect=0)
        fork = (node.dir / "node" / "mark").read_bytes()
        shutil.rmtree(node.data)
        shutil.copytree(self.folder / "fork", node.data)
        (node.dir / "node" / "mark").write_bytes(mark)
        node.start()
        self.issue(node, 20)
        node.stop(expect=0)
        (node.dir / "node" / "mark").write_bytes(fork)
        self.assertEqual(self.licetd(node).code, 41)

    def test_f5_init_never_begins_a_second_history(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        before = sorted((p, p.read_bytes()) for p in (node.dir / "keys").rglob("*.pem"))
        self.assertEqual(node.licet("init", node.dir).code, 41)
        shutil.rmtree(node.data)
        node.data.mkdir()
        self.assertEqual(node.licet("init", node.dir).code, 41)
        self.assertEqual(before, sorted((p, p.read_bytes()) for p in (node.dir / "keys").rglob("*.pem")))

    def test_e12_a_second_node_on_one_folder_names_the_first(self):
        node = self.node()
        done = self.licetd(node)
        self.assertEqual(done.code, 1, done)
        self.assertIn(str(node.process.pid), done.err)
        self.issue(node, 1)

    def test_e5_one_failed_sync_stops_writing_and_the_program(self):
        """strace fails the k-th fdatasync once: the statement is not acknowledged, nothing later is, the node ends with 40."""
        if not shutil.which("strace"):
            self.skipTest("strace is not there")
        probe = run("strace", "-e", "trace=none", "true")
        if probe.code != 0:
            self.skipTest("strace may not trace here")
        node = self.node(start=False)
        for when in (6, 9, 13):
            folder = self.folder / f"n{when}"
            from node import Node
            sick = Node(folder)
            self.nodes.append(sick)
            sick.start(wrap=("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync,msync", "-e", f"inject=fdatasync:error=EIO:when={when}"))
            codes = []
            for number in range(12):
                done = sick.licet("issue", "--type", sick_type(sick), "--holder-type", "001", "--holder-code", uscc("11310118000000000"), "--holder-name", "x",
                                  "--number", f"N{number}", "--json")
                codes.append((done.code, done.json["key"] if done.code == 0 else None))
                if sick.process.poll() is not None:
                    break
            good = [key for code, key in codes if code == 0]
            self.assertLess(len(good), 12, codes)
            self.assertNotIn(0, [code for code, _ in codes[len(good):]], "something was acknowledged after a failed sync")
            self.assertEqual(sick.process.wait(60), 40, sick.tail())
            sick.process = None
            sick.start()
            status, answer = sick.verify([{"key": key} for key in good] or [{"key": "00" * 32}])
            self.assertEqual([v["verdict"] for v in answer["verdicts"]], ["valid"] * len(good) or ["unknown"])
            sick.stop(expect=0)
        del node

    def test_e6_a_full_disk_refuses_with_507_reads_go_on_and_writing_resumes(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to mount a small disk")
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(disk)], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("may not mount here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        node = self.node("disk/node", start=False)
        config = node.dir / "licet.conf"
        text = config.read_text()
        self.assertIn("room_min_mib = 64", text)
        config.write_text(text.replace("room_min_mib = 64", "room_min_mib = 8"))
        node.start()
        first = self.issue(node, 1)
        filler = disk / "filler"
        free = shutil.disk_usage(disk).free
        with open(filler, "wb") as file:
            file.write(b"\0" * max(0, free - (4 << 20)))
        done = node.licet("issue", "--type", node.type_code(), "--holder-type", "001", "--holder-code", uscc("11310118000000000"), "--holder-name", "x", "--number", "N9")
        self.assertEqual(done.code, 40, done)
        self.assertIn("disk", done.err)
        self.assertEqual(node.verify([{"key": first["key"]}])[1]["verdicts"][0]["verdict"], "valid")
        self.assertIsNone(node.process.poll())
        filler.unlink()
        self.issue(node, 3)
        node.stop(expect=0)
        self.assert_code(node.licet("replay", node.dir), 0)

    def grown(self):
        node = self.node()
        keys = [self.issue(node, n, self.document(f"d{n}"))["key"] for n in range(12)]
        node.stop(expect=0)
        return node, keys

    def test_e7_a_length_that_leads_out_of_the_file(self):
        """LMDB hands out a value with the length that its page says; what leads out of the file is found before it is followed."""
        node, _ = self.grown()
        path = node.data / "data.mdb"
        whole = bytearray(path.read_bytes())
        genesis = (node.dir / "genesis.cbor").stat().st_size
        entry = struct.pack("<HHHH", genesis & 0xFFFF, genesis >> 16, 1, 8)  # on pages of its own, under a key of 8 bytes
        at, changed = 0, 0
        while (at := whole.find(entry, at)) >= 0:
            struct.pack_into("<H", whole, at + 2, 1 + (len(whole) >> 16))
            changed += 1
            at += 8
        self.assertGreater(changed, 0)
        path.write_bytes(whole)
        all_done = [node.licet("fsck", node.dir), self.licetd(node), node.licet("replay", node.dir)]
        for done in all_done:
            self.assertEqual(done.code, 20, done)
            self.assertIn("damaged", done.err)

    def test_e7_a_file_cut_under_the_node(self):
        """Beyond the end of the file the system's only word is SIGBUS, in a thread that answers: the node says what it means and ends with 20."""
        node, keys = self.grown()
        node.start()
        os.truncate(node.data / "data.mdb", 8192)
        for path in ("/v1/blocks/3", "/v1/entries/5", f"/v1/licences/{keys[0]}"):
            try:
                node.request("GET", path)
            except (OSError, http.client.HTTPException):
                break
        self.assertEqual(node.process.wait(timeout=60), 20, node.tail())
        self.assertIn("outside of their file", node.tail())

    def test_data_or_mark_replaced_under_the_node(self):
        """Nothing is acknowledged that the next start would not find: 40."""
        def away(path):
            path.rename(self.folder / "away")

        def twin(path):
            whole = path.read_bytes()
            path.unlink()
            path.write_bytes(whole)

        def twin_folder(path):
            shutil.copytree(path, self.folder / "twin")
            path.rename(self.folder / "old")
            (self.folder / "twin").rename(path)

        ways = [("data", away), ("data", twin_folder), ("data/data.mdb", pathlib.Path.unlink), ("data/data.mdb", twin), ("node/mark", pathlib.Path.unlink),
                ("node/mark", twin)]
        for i, (name, how) in enumerate(ways):
            with self.subTest(name=name, how=how.__name__):
                node = self.node(f"node{i}")
                self.issue(node, 1)
                type_code = node.type_code()
                for stale in ("away", "old"):
                    shutil.rmtree(self.folder / stale, ignore_errors=True)
                how(node.dir / name)
                with self.assertRaises(AssertionError):
                    self.issue(node, 2, type_code=type_code)
                self.assertEqual(node.process.wait(timeout=60), 40, node.tail())
                self.assertIn("data_replaced" if name.startswith("data") else "mark_failed", node.tail())

    def test_no_file_of_a_node_is_a_link_or_a_pipe(self):
        """What a link leads to is as it was; a pipe hangs nobody; each refusal names the folder or the file."""
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        mine = self.folder / "mine"
        for name in ("data/data.mdb", "data/lock.mdb", "data/lock", "private/data.mdb", "private/lock.mdb", "node/mark", "node/mark.notes", "genesis.cbor", "licet.conf"):
            path, kept = node.dir / name, self.folder / "kept"
            path.rename(kept)
            for what in ("link", "pipe"):
                with self.subTest(name=name, what=what):
                    mine.write_text("mine")
                    path.symlink_to(mine) if what == "link" else os.mkfifo(path)
                    done = self.licetd(node, timeout=20)
                    self.assertEqual(done.code, 1, done)
                    self.assertIn("plain file", done.err)
                    self.assertIn(str(node.dir / name.rsplit("/", 1)[0] if "/" in name else node.dir / name), done.err)
                    if name.startswith("data/") and name != "data/lock":
                        self.assertEqual(node.licet("fsck", node.dir, timeout=20).code, 1)
                    self.assertEqual(mine.read_text(), "mine")
                    path.unlink()
            kept.rename(path)
        node.start()
        node.stop(expect=0)

    def test_no_permission_is_no_fault_of_the_disk(self):
        """Each refusal names the folder or the file, says what to do, and is 30: nothing is wrong with the disk."""
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv, to become another user")
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        other = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        if run(*other, LICETD, "--help").code != 0:
            self.skipTest("another user may not run the programs where they lie")
        for path in (self.folder, node.dir, node.data, node.data / "data.mdb", node.data / "lock.mdb", node.dir / "private", node.dir / "keys", node.dir / "node"):
            path.chmod(0o755)
        for path in node.dir.glob("*.c*"):
            path.chmod(0o644)
        for name, shut in (("data/lock.mdb", 0o600), ("data/data.mdb", 0o600), ("data", 0o700)):
            path = node.dir / name
            path.chmod(shut)
            done = run(*other, BUILD / "licet", "fsck", node.dir)
            self.assertEqual(done.code, 30, done)
            self.assertIn(str(node.data), done.err)
            self.assertIn("no permission", done.err)
            path.chmod(0o755)
        (node.dir / "licet.conf").chmod(0o600)
        done = run(*other, LICETD, "--check", node.dir)
        self.assertEqual(done.code, 30, done)
        self.assertIn("licet.conf", done.err)
        self.assertIn("no permission", done.err)

    def test_e7_a_flipped_byte_is_found_and_never_served(self):
        """Random flips in data.mdb: start refuses, or every answer is right or a fault; fsck and replay find what matters."""
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed}")
        chance = random.Random(seed)
        node, keys = self.grown()
        node.start()
        paths = [path for n in (1, 6, 12) for path in (f"/v1/blocks/{n}", f"/entries/{n}.0/statement?api-version=1")]
        right = {path: node.request("GET", path) for path in paths}
        self.assertEqual({status for status, _, _ in right.values()}, {200})
        node.stop(expect=0)
        whole = (node.data / "data.mdb").read_bytes()
        noticed = 0
        for _ in range(60):
            (node.data / "data.mdb").write_bytes(whole)
            used = [at for at in range(0, len(whole), 4096) if any(whole[at:at + 4096])]
            flip(node.data / "data.mdb", chance.choice(used) + chance.randrange(4096), 1 << chance.randrange(8))
            found = node.licet("fsck", node.dir).code
            self.assertIn(found, (0, 1, 20, 40), "fsck must end with a verdict of its own")  # 1: the format version itself
            node.start(wait=False)
            until = time.monotonic() + 20
            while node.process.poll() is None and not (node.dir / "node" / "address").exists() and time.monotonic() < until:
                time.sleep(0.02)
            if node.process.poll() is not None:
                other_format = "stored by another version" in node.tail()  # the row that says the format version
                self.assertIn(node.process.returncode, (1,) if other_format else (20, 40, 41), node.tail())
                noticed += 1
                node.process = None
                continue
            node.url, node.port = None, int((node.dir / "node" / "address").read_text().split()[0].rsplit(":", 1)[1])
            status, answer = node.verify([{"key": key} for key in keys])
            if status == 200:
                self.assertEqual([v["verdict"] for v in answer["verdicts"]], ["valid"] * len(keys))
            else:
                self.assertEqual(status, 503, answer)
                noticed += 1
            noticed += found == 20
            for path in paths:  # the same bytes or a fault; never others, and never unknown
                try:
                    status, _, body = node.request("GET", path)
                except OSError:  # damage that an earlier request met ends the node
                    self.assertEqual(node.process.wait(timeout=60 * SLOW), 20, node.tail())
                    break
                self.assertIn(status, (200, 503), (path, body))
                if status == 200:
                    self.assertEqual(body, right[path][2], path)
            node.kill()
        self.assertGreater(noticed, 0)

    def test_damage_that_a_request_meets_ends_the_node(self):
        """Bytes that rot under a running node: who asks is told, the log says it, nobody is served any more, and the program ends with 20."""
        node = self.node()
        key = self.issue(node, 1, self.document())["key"]
        self.assertEqual(node.verify([{"key": key}])[1]["verdicts"][0]["verdict"], "valid")
        path = node.data / "data.mdb"
        whole, at, changed = path.read_bytes(), 0, 0
        while (at := whole.find(bytes.fromhex(key), at)) >= 0:  # the licence's record, wherever LMDB has a copy: what stands behind its key
            flip(path, at + 34)
            changed += 1
            at += 32
        self.assertGreater(changed, 0)
        status, answer = node.verify([{"key": key}])
        self.assertEqual((status, answer["name"]), (503, "CORRUPT"))
        self.assertEqual(node.process.wait(timeout=60 * SLOW), 20, node.tail())
        self.assertIn('"damage_met"', node.tail())
        node.process = None

    def test_a_store_of_another_format_is_refused(self):
        """The row that says the format, on all pages where it may be, as an earlier and as a later version would have it."""
        node, _ = self.grown()
        path = node.data / "data.mdb"
        whole = path.read_bytes()
        row = struct.pack("<HHHHQ", 4, 0, 0, 8, 0)
        self.assertIn(row + struct.pack(">I", 2), whole)
        for other in (1, 3):
            path.write_bytes(whole.replace(row + struct.pack(">I", 2), row + struct.pack(">I", other)))
            for done in (self.licetd(node), run(LICETD, "--check", node.dir, timeout=60), node.licet("fsck", node.dir)):
                self.assertEqual(done.code, 1, done)
                self.assertIn("stored by another version of this program", done.err)
                self.assertIn("the version that wrote it", done.err.replace("\n", " "))
            self.assertEqual(node.licet("replay", node.dir).code, 0)  # what is signed has no such format
        path.write_bytes(whole)
        node.start()

    def test_e4_a_torn_meta_page_falls_back_or_is_refused(self):
        """LMDB keeps two meta pages. The newer one torn: the data are a block older than what was signed, 41. Both: a clear end, no loop."""
        node, keys = self.grown()
        whole = (node.data / "data.mdb").read_bytes()
        number = [int.from_bytes(whole[page + 16 + 128:page + 16 + 136], "little") for page in (0, 4096)]  # mm_txnid
        newer = 0 if number[0] > number[1] else 4096
        codes = {}
        for name, pages in (("newer", [newer]), ("older", [4096 - newer]), ("both", [0, 4096])):
            data = bytearray(whole)
            for page in pages:
                data[page + 16:page + 2048] = bytes(2032)
            (node.data / "data.mdb").write_bytes(data)
            done = self.licetd(node) if name != "older" else None
            if done is None:
                node.start(wait=False)
                time.sleep(1.5)
                code = node.process.poll()
                codes[name] = 0 if code is None else code
                node.kill()
                continue
            codes[name] = done.code
            self.assertTrue(done.err.strip())
        self.assertIn(codes["newer"], (20, 41), codes)
        self.assertIn(codes["older"], (0, 20, 41), codes)
        self.assertIn(codes["both"], (20, 40, 41), codes)
        data = bytearray(whole)
        data[0:4096], data[4096:8192] = whole[4096:8192], whole[0:4096]  # sectors swapped
        (node.data / "data.mdb").write_bytes(data)
        done = node.licet("fsck", node.dir)
        self.assertIn(done.code, (0, 20), done)
        (node.data / "data.mdb").write_bytes(whole)
        node.start()
        self.assertEqual([v["verdict"] for v in node.verify([{"key": key} for key in keys])[1]["verdicts"]], ["valid"] * len(keys))

    def test_e9_a_truncated_or_missing_file_is_a_clear_error(self):
        node, _ = self.grown()
        whole = (node.data / "data.mdb").read_bytes()
        for size in {0, 1, 4096, 8192, 12288, len(whole) // 2 // 4096 * 4096, len(whole) - 4096}:
            (node.data / "data.mdb").write_bytes(whole[:size])
            done = self.licetd(node)
            self.assertIn(done.code, (20, 40, 41), (size, done))
            self.assertTrue(done.err.strip(), size)
        (node.data / "data.mdb").write_bytes(whole)
        (node.data / "lock.mdb").unlink(missing_ok=True)
        node.start()
        node.stop(expect=0)
        key = node.dir / "node" / "seal.pem"
        kept = key.read_bytes()
        for damage in (b"", kept[:40]):
            key.write_bytes(damage)
            done = self.licetd(node)
            self.assertNotIn(done.code, (0, -11), done)
            self.assertIn("seal.pem", done.err)
        key.write_bytes(kept)
        os.chmod(key, 0o644)
        done = self.licetd(node)
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("seal.pem", done.err)

    def test_a_wrong_setting_is_named_with_its_line(self):
        node = self.node(start=False)
        config = node.dir / "licet.conf"
        config.write_text(config.read_text() + "\n[rpc]\nlisen = 127.0.0.1:1\n")
        done = self.licetd(node)
        self.assertEqual(done.code, 2, done)
        self.assertIn("lisen", done.err)

    def test_a_stop_during_a_long_start_ends_it_within_a_second(self):
        """The storage takes a minute for each row of objects; the program that is told to stop does not wait for it, and the folder is as it was."""
        if not shutil.which("cc") or "san" in BUILD.name:
            self.skipTest("needs a compiler, and programs that can be preloaded")
        shim = self.folder / "slow.so"
        source = self.folder / "slow.c"
        source.write_text("""#define _GNU_SOURCE
            #include <dlfcn.h>
            #include <string.h>
            #include <unistd.h>
            static volatile unsigned slots = ~0u;
            int mdb_dbi_open(void *txn, const char *name, unsigned flags, unsigned *dbi) {
                int (*real)(void *, const char *, unsigned, unsigned *) = dlsym(RTLD_NEXT, "mdb_dbi_open");
                int done = real(txn, name, flags, dbi);
                if (done == 0 && name && strcmp(name, "slots") == 0) slots = *dbi;
                return done;
            }
            int mdb_cursor_open(void *txn, unsigned dbi, void **cursor) {
                int (*real)(void *, unsigned, void **) = dlsym(RTLD_NEXT, "mdb_cursor_open");
                if (dbi == slots) { (void)!write(2, "slow\\n", 5); sleep(60); }
                return real(txn, dbi, cursor);
            }""")
        self.assert_code(run("cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"), 0)
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        for how, check in ((signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGTERM, True)):
            process = subprocess.Popen([LICETD, *(["--check"] if check else []), str(node.dir)], env={**ENV, "LD_PRELOAD": str(shim)},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                while b"slow" not in process.stderr.readline():
                    self.assertIsNone(process.poll())
                process.send_signal(how)
                self.assertEqual(process.wait(1 * SLOW), 1 if check else 0)
                self.assertIn(b'"event":"stopping"', process.stderr.read())
            finally:
                process.kill()
                process.wait()
                process.stderr.close()
        node.start()
        self.issue(node, 2)
        node.stop(expect=0)

    def test_e1_restart_is_quick_and_clean_after_each_kind_of_stop(self):
        node = self.node()
        self.issue(node, 1)
        node.stop(expect=0)
        self.assertFalse((node.dir / "node" / "address").exists())
        node.start()
        node.kill()
        node.start()
        self.issue(node, 2)
        head = node.get_json("/v1/head")
        self.assertEqual(head["height"], 2, json.dumps(head))


def sick_type(node):
    return json.loads((pathlib.Path(node.dir) / "genesis.json").read_text())["types"][0]["code"]


