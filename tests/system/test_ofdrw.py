"""Seals and sealed OFD files cross-checked with ofdrw, which never saw our code: what we make verifies there, what is made there passes here.

ofdrw and what it needs come from Maven Central, pinned in tests/foreign/ofdrw/pom.xml, into build/foreign/ofdrw; without Maven, Java or a registry the
tests are skipped with a sentence that says why. ofdrw checks digests, dataHash and the document's signature, no more: its pass is a lower bound.
"""
import functools
import pathlib
import shutil
import unittest
import zipfile

from node import Case, LICET, run
from test_foreign import PLACE, attempt, stale

HERE = pathlib.Path(__file__).resolve().parent.parent / "foreign" / "ofdrw"


@functools.lru_cache(maxsize=None)
def classes():
    for program in ("mvn", "java", "javac"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"{program} is not installed")
    place = PLACE / "ofdrw"
    pom, source, mark = HERE / "pom.xml", HERE / "Ofdrw.java", place / "installed"
    if stale(mark, pom.read_text()):
        place.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place / "jars", ignore_errors=True)
        attempt(["mvn", "-q", "-B", "-f", pom, f"-Dmaven.repo.local={place / 'repository'}", f"-DoutputDirectory={place / 'jars'}",
                 "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"])
        mark.write_text(pom.read_text())
    compiled = place / "classes" / "Ofdrw.class"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        run_well("javac", "-encoding", "UTF-8", "-d", place / "classes", "-cp", f"{place / 'jars'}/*", source)
    return f"{place / 'classes'}:{place / 'jars'}/*"


def run_well(*command):
    done = run(*command, timeout=300)
    if done.code != 0:
        raise AssertionError(done)
    return done


def ofdrw(*arguments):
    return run("java", "-cp", classes(), "Ofdrw", *arguments, timeout=300)


def changed(path, out, name, old, new):
    """The package with one text in one file replaced."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
        for entry in package.namelist():
            data = package.read(entry)
            if entry == name:
                assert old in data
                data = data.replace(old, new, 1)
            other.writestr(entry, data)
    return out


class Ofdrw(Case):
    def setUp(self):
        super().setUp()
        classes()
        self.seals = self.folder / "seal"
        self.assert_code(run(LICET, "seal", "make-test", self.seals), 0)

    def stamp(self, name, *arguments):
        out = self.folder / name
        self.assert_code(run(LICET, "seal", "stamp", "--seal", self.seals, *arguments, "--out", out), 0)
        return out

    def passes_there(self, path, pages, signatures):
        done = self.assert_code(ofdrw("verify", path), 0)
        self.assertEqual(done.out.split(), ["pages", str(pages), "stamps", str(signatures), "signatures", str(signatures)])

    def judge(self, path, trust, code=0):
        return self.assert_code(run(LICET, "ofd", path, "--trust-dir", trust, "--json"), code).json["signatures"]

    def steps(self, signature):
        return {s["step"]: s["result"] for s in signature["steps"]}

    def test_what_we_make_verifies_there(self):
        text = self.folder / "text"
        text.write_text("示例许可证\n持证主体：青禾示例餐饮有限公司\n备注：<&>\n", "utf-8")
        sealed = self.stamp("sealed.ofd", "--text", text)
        copy = self.stamp("copy.ofd", "--copy", "--in", sealed, "--note", "仅用于办理示例事项")
        self.passes_there(self.seals / "licence.ofd", 1, 1)
        self.passes_there(sealed, 1, 1)
        self.passes_there(copy, 1, 2)
        text.write_text("长文\n" + "行\n" * 40, "utf-8")
        self.passes_there(self.stamp("long.ofd", "--text", text), 3, 1)

    def test_it_refuses_what_was_changed(self):
        licence = self.seals / "licence.ofd"
        for name, old, new in (("Doc_0/Pages/Page_0/Content.xml", "测试".encode(), "正式".encode()), ("OFD.xml", b"Licet", b"licet"),
                               ("Doc_0/Signs/Sign_0/Signature.xml", b"Licet", b"licet"), ("Doc_0/Signs/Sign_0/SignedValue.dat", b"LICET-TEST", b"LICET-REAL")):
            other = changed(licence, self.folder / "changed.ofd", name, old, new)
            self.assertIn("refused", self.assert_code(ofdrw("verify", other), 1).out)
            self.judge(other, self.seals / "trust", 15)

    def test_what_is_made_there_passes_here(self):
        made, both = self.folder / "made", self.folder / "both.ofd"
        made.mkdir()
        self.assert_code(ofdrw("make", made, self.seals / "licence.ofd", both), 0)
        for name in ("sealed.ofd", "whole.ofd"):
            (signature,) = self.judge(made / name, made / "trust")
            self.assertEqual(signature["result"], "passed")
            self.assertEqual(signature["seal"]["id"], "31011800000001")
            steps = self.steps(signature)
            self.assertEqual(steps.pop("timestamp"), "not_checked")
            self.assertEqual(set(steps.values()), {"passed"}, steps)
            self.assertGreaterEqual(len(steps), 18)
        self.assert_code(run(LICET, "seal", "check", made / "seal.esl", "--trust-dir", made / "trust"), 0)

        # theirs beside ours: each passes by its own authority, and fails by the other's in the chain alone
        first, second = self.judge(both, self.seals / "trust", 15)
        self.assertEqual((first["result"], second["result"]), ("passed", "failed"))
        self.assertEqual({s for s, result in self.steps(second).items() if result == "failed"}, {"maker_chain", "signer_chain"})
        first, second = self.judge(both, made / "trust", 15)
        self.assertEqual((first["result"], second["result"]), ("failed", "passed"))

    def test_our_seal_beside_theirs(self):
        made = self.folder / "made"
        made.mkdir()
        self.assert_code(ofdrw("make", made), 0)
        both = self.stamp("both.ofd", "--in", made / "sealed.ofd")
        self.passes_there(both, 1, 2)
        first, second = self.judge(both, self.seals / "trust", 15)
        self.assertEqual((first["result"], second["result"]), ("failed", "passed"))
        refused = run(LICET, "seal", "stamp", "--seal", self.seals, "--in", made / "whole.ofd", "--out", self.folder / "none.ofd")
        self.assertIn("covers the list of signatures", self.assert_code(refused, 1).err)

    def test_a_note_read_there(self):
        """The picture of a note's seal is itself an OFD, which it reads."""
        copy = self.stamp("copy.ofd", "--copy", "--in", self.seals / "licence.ofd", "--note", "仅用于办理示例事项")
        with zipfile.ZipFile(copy) as package:
            seal = package.read("Doc_0/Signs/Sign_1/Seal.esl")
        picture = self.folder / "picture.ofd"
        picture.write_bytes(seal[seal.index(b"PK\x03\x04"):])
        self.assertIn("DocNotSign", self.assert_code(ofdrw("verify", picture), 1).out)


if __name__ == "__main__":
    unittest.main()
