"""Sentences that were misleading: what was met, and what to do about it."""
import os

from node import LICET, Case, run, uscc

HOLDER = uscc("91310118MA1JL0000")


class Sentences(Case):
    def setUp(self):
        super().setUp()
        self.one = self.node("one")

    def say(self, code, *arguments, key=None, words=(), not_words=()):
        done = self.assert_code(self.one.licet(*arguments, *(["--key", key] if key else [])), code)
        for word in words:
            self.assertIn(str(word), done.err + done.out, done)
        for word in not_words:
            self.assertNotIn(str(word), done.err + done.out, done)
        return done

    def issue_words(self, *more, **named):
        given = {"--type": self.one.type_code(), "--holder-code": HOLDER, "--holder-name": "甲", "--number": "1", **named}
        return ["issue", *[part for pair in given.items() for part in pair], *more]

    def test_replay_of_what_is_no_ledger(self):
        for name, content in (("licence.pdf", b"%PDF-1.7\n"), ("empty.larc", b""), ("short", b"LA"), ("random", os.urandom(4000)), ("text.txt", "文本".encode())):
            path = self.folder / name
            path.write_bytes(content)
            self.say(2, "replay", path, words=[path, "neither a node's folder nor an archive"], not_words=["block 0", "genesis"])
        archive = self.folder / "a.larc"
        self.assert_code(self.one.licet("export", self.one.dir, "-o", archive), 0)
        self.say(0, "replay", archive)
        cut = self.folder / "cut.larc"
        cut.write_bytes(archive.read_bytes()[:-10])  # an archive, and a damaged one
        self.say(20, "replay", cut)

    def test_a_key_of_the_node(self):
        for name in ("seal.pem",):
            key = self.one.dir / "node" / name
            self.say(2, *self.issue_words(), key=key, words=[key, "the node's own key", self.one.dir / "keys" / "issue.pem"], not_words=["look-up", "lookup"])
            self.say(2, "seal", "stop", "31011800000001", "--reason", "r", "--basis", "b", key=key, words=["the node's own key", self.one.dir / "keys" / "seal.pem"])
        self.say(0, *self.issue_words())

    def test_the_check_character_of_a_holder(self):
        wrong = HOLDER[:-1] + ("A" if HOLDER[-1] != "A" else "B")
        self.say(2, *self.issue_words(**{"--holder-code": wrong}), words=["--holder-code", "last character", f"it would be {HOLDER[-1]}"], not_words=["is missing"])
        self.say(2, *self.issue_words(**{"--holder-code": "110101199003070012"}), words=["--holder-code", "last character", "identity number"], not_words=["is missing"])
        self.say(2, *self.issue_words(**{"--holder-code": "E12345678"}), words=["--holder-type is missing"])

    def test_a_type_by_its_name(self):
        types = self.one.licet("type", "list", "--json").json
        names = [t["name"] for t in types]
        unique = next(t for t in types if names.count(t["name"]) == 1 and t["code"] == self.one.type_code())
        issued = self.say(0, *self.issue_words("--json", **{"--type": unique["name"]})).json
        self.assertIn(unique["code"], issued["identifier"])
        self.assertEqual(self.say(0, "type", "show", unique["name"], "--json").json["code"], unique["code"])
        rows = self.folder / "rows.csv"
        self.assert_code(self.one.licet("stock-make", "--type", unique["code"], "--rows", "3", "-o", rows), 0)
        report = self.say(0, "import", "--type", unique["name"], rows, "--json").json
        self.assertEqual((report["accepted"], report["type"]), (3, unique["code"]))
        self.say(1, *self.issue_words(**{"--type": unique["name"] + "x"}), words=["is not a licence type", "licet type list"])

    def test_the_name_of_a_seal_stays_as_it_is(self):
        """Normal forms are for comparing: on the ledger a seal is called what it is called in itself."""
        name = "青浦（示例）局"
        owner = self.one.licet("member", "list", "--json").json[0]["uscc"]
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "seal", "--name", name, "--owner", owner), 0)
        key = self.one.dir / "keys" / "seal.pem"
        self.say(0, "seal", "add", self.folder / "seal" / "seal.esl", key=key)
        seal = self.say(0, "seal", "list", "--json").json[0]
        self.assertTrue(seal["name"].startswith(name), seal)
        self.say(0, "replay", self.one.dir)
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "other", "--owner", owner), 0)
        self.say(0, "seal", "add", self.folder / "other" / "seal.esl", "--name", "　证照（二）章 ", key=key)
        self.assertIn("证照（二）章", [s["name"] for s in self.say(0, "seal", "list", "--json").json])

    def test_one_word_for_one_thing(self):
        """The seal in the document, and what the ledger has of it."""
        owner = self.one.licet("member", "list", "--json").json[0]["uscc"]
        self.assert_code(run(LICET, "seal", "make-test", self.folder / "seal", "--owner", owner), 0)
        self.say(0, "seal", "add", self.folder / "seal" / "seal.esl", key=self.one.dir / "keys" / "seal.pem")
        sealed = self.folder / "seal" / "licence.ofd"
        self.say(0, *self.issue_words("--doc", sealed))
        for language, document, ledger in (("en", "seal:", "on ledger:"), ("zh", "印章:", "备案印章:")):
            told = self.say(0, "verify", sealed, "--lang", language).out.splitlines()
            self.assertEqual([sum(line.startswith(word) for line in told) for word in (document, ledger)], [1, 1], told)

    def test_a_mistyped_identifier(self):
        identifier = self.say(0, *self.issue_words("--json")).json["identifier"]
        others = [identifier[:-1] + c for c in "ABCD" if c != identifier[-1]][:3]
        doubted = [other for other in others if "mistyped?" in self.say(10, "verify", "--id", other).err]
        self.assertGreaterEqual(len(doubted), 2)  # there are two rules: one other character may fit the one that was not used
        for command in (["verify", "--id", doubted[0]], ["revoke", doubted[0], "--reason", "r", "--basis", "b"]):
            done = self.say(10, *command, words=[doubted[0], "mistyped?"])
            self.assertEqual(done.err.count("mistyped?"), 1, done)
        self.assertNotIn("mistyped", self.say(0, "verify", "--id", identifier).err)

    def test_a_mistyped_word(self):
        for line, meant in ((["issue", "--feild", "A=B"], "--field"), (["issue", "--holder-nmae", "x"], "--holder-name"), (["verify", "--turst=x"], "--trust"), (["status", "--jsno"], "--json"),
                            (["veriyf"], "`verify`"), (["stats"], "`status`"), (["help", "isseu"], "`issue`"), (["seal", "lits"], "`licet seal list`"), (["seal", "list", "--jsn"], "--json")):
            for language, words in (("en", "did you mean"), ("zh", "是否指")):
                self.say(2, *line, "--lang", language, words=[words, meant])
        for line in (["issue", "--frobnicate", "x"], ["frobnicate"], ["seal", "frobnicate"]):
            self.say(2, *line, words=["--help" if line != ["frobnicate"] else "licet help"], not_words=["did you mean"])
