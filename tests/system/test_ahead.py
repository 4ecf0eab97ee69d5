"""Whoever can write to data/ and has no key: what lies ahead of the mark is adopted only where it was sealed here and follows from its statements."""
import pathlib

from node import Case, LICETD, run


class Ahead(Case):
    def behind(self):
        """A node that was stopped, its mark put back by one block; and the hash of the block that it then marks."""
        node = self.node()
        first = self.issue(node, 1)["key"]
        node.stop(expect=0)
        old = (node.dir / "node" / "mark").read_bytes()
        node.start()
        self.issue(node, 2)
        node.stop(expect=0)
        (node.dir / "node" / "mark").write_bytes(old)
        marked = max((line.split() for line in old.decode("ascii", "replace").splitlines() if "height" in line), key=lambda w: int(w[w.index("height") + 1]))
        return node, first, bytes.fromhex(marked[marked.index("hash") + 1])

    def refused(self, node, *words):
        mark = (node.dir / "node" / "mark").read_bytes()
        data = (node.data / "data.mdb").read_bytes()
        for done in (run(LICETD, "--check", node.dir, timeout=60), run(LICETD, node.dir, timeout=60)):
            self.assertEqual(done.code, 20, done)
            for word in words:
                self.assertIn(word, done.err)
        self.assertEqual((node.dir / "node" / "mark").read_bytes(), mark, "the mark was moved")
        self.assertEqual((node.data / "data.mdb").read_bytes(), data, "the data were changed")

    def change(self, node, marked, where):
        """Changes a byte of the newest block wherever it is in data.mdb; where: from the hash of the block before to the byte."""
        path = pathlib.Path(node.data) / "data.mdb"
        whole = bytearray(path.read_bytes())
        at, changed = -1, 0
        while (at := whole.find(marked, at + 1)) >= 0:
            whole[where(whole, at)] ^= 1
            changed += 1
        self.assertGreater(changed, 0)
        path.write_bytes(whole)

    def test_a_sound_block_is_adopted(self):
        node, first, _ = self.behind()
        self.assertEqual(run(LICETD, "--check", node.dir, timeout=60).code, 0)
        node.start()
        self.assertIn("blocks_checked", node.tail())
        _, answer = node.verify([{"key": first}])
        self.assertEqual(answer["verdicts"][0]["verdict"], "valid")
        node.stop(expect=0)
        self.assertIn("licet replay", self.assert_code(node.licet("fsck", node.dir), 0).out)

    def test_a_bit_of_the_newest_header(self):
        for offset in (0, 31, 40, 80, 110):  # the link, then the log root and the state root
            with self.subTest(offset=offset):
                node, _, marked = self.behind() if offset == 0 else self.again
                whole = (node.data / "data.mdb").read_bytes()
                self.again = node, None, marked
                self.change(node, marked, lambda bytes_, at: at + offset)
                self.refused(node, "not adopted")
                self.assert_code(node.licet("fsck", node.dir), 20)
                (node.data / "data.mdb").write_bytes(whole)

    def test_a_bit_of_the_newest_seal(self):
        node, _, marked = self.behind()
        self.change(node, marked, lambda bytes_, at: bytes_.index(b"\x58\x40", at + 100) + 20)  # its signature: a string of 64 bytes
        self.refused(node, "the seal of block", "licet replay")
        done = node.licet("fsck", node.dir)
        self.assertEqual(done.code, 20, done)
        self.assertIn("seal of block", done.err)
