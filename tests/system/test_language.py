"""What people read is in one language: every command's help, usage errors, results and refusals in Chinese hold no English word but names of things, and in
English no Chinese but names that are data; which variable decides; times are Beijing's for people and UTC in JSON."""
import datetime
import os
import re

from node import LICET, Case, run

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Identifiers, file names, names of commands, options and algorithms: the same in both languages.
NAMES = """licet licetd issue seal verify audit operate govern genesis keys lookup private data node trust mine makers demo config git json
 zh en utf gb bom secp256k1 stock kid hex type number holder code name unlimited signer maker root cbor solo larc elic help list show member chmod chown pkcs
 init key import suspend resume revoke annul cancel proof status replay export fsck ofd make stamp check add stop remake transfer history impact test
 EdDSA new none http magic proof README GitHub Debian Excel esID Licet Shandong FILE DIR UTF CSV seed newest""".split()
KNOWN = {name.lower() for name in NAMES}
DATA = ["示例发证部门", "青浦样品食品店", "示例市行政审批局", "电子证照测试章", "测试签发", "测试制章者", "测试机构", "测试根", "营业执照", "伪造材料", "办法", "样品", "示例经营许可证", "电子证照"]


def words(line):
    """English words of a line that are no names: what is quoted, written with signs of a name or a path, an option or in capitals, is a name."""
    line = re.sub(r"`[^`]*`|（(valid|not_active|suspended|lapsed|cancelled|annulled|revoked|superseded|transferred)）", " ", line)  # a state's word as it is typed
    line = re.sub(r"pkcs11:\S*|https?://\S+|urn:\S+", " ", line)
    line = re.sub(r"\$?[A-Za-z0-9_.+~*{}=-]*[0-9_./$={}~*+-][A-Za-z0-9_./$={}~*+,-]*", " ", line)  # options, paths, numbers with letters, k=v
    return [w for w in re.findall(r"[A-Za-z]{2,}", line) if w.lower() not in KNOWN and not w.isupper()]


class Language(Case):
    def problems_zh(self, text):
        found = []
        for line in text.splitlines():
            if re.match(r"\s*licet [a-z-]+", line) and not HAN.search(line):
                continue  # a synopsis, or `licet --version`
            left = words(line)
            if left and (HAN.search(line) or len(left) > 1):
                found.append(f"{left}: {line}")
        return found

    def problems_en(self, text):
        found = []
        for line in text.splitlines():
            for name in self.data:
                line = line.replace(name, "")
            if HAN.search(line):
                found.append(line)
        return found

    def commands(self, node):
        """(arguments, key, expected exit codes): each command's help, a usage error, what it does, and a refusal."""
        f = self.folder
        one, other, empty = f / "one.bin", f / "other.bin", f / "empty"
        one.write_bytes(b"one document")
        other.write_bytes(b"another document")
        empty.write_bytes(b"")
        kind = node.type_code()
        owner = node.licet("member", "list", "--json").json[0]["uscc"]
        seal_key = node.dir / "keys" / "seal.pem"
        issue = ["issue", "--type", kind, "--holder-code", "91310118MA1JL0000N", "--holder-name", "青浦样品食品店"]
        tag = self.tag
        issued = node.licet(*issue, "--number", f"JY-{tag}", "--doc", one, "-o", f / f"{tag}.licet", "--json")
        self.assertEqual(issued.code, 0, issued)
        ident = issued.json["identifier"]
        auth = f / f"auth-{tag}"
        self.assertEqual(node.licet("seal", "make-test", auth, "--owner", owner).code, 0)
        esid = node.licet("seal", "add", auth / "seal.esl", "--key", seal_key, "--json").json["seal"]
        names = [line.split()[0] for line in node.licet("help").out.splitlines() if re.match(r"  [a-z]", line)]
        self.assertGreater(len(names), 20)
        for name in names:
            yield [name, "--help"], 0
            yield [name, "--no-such-option"], 2
        seals = re.findall(r"^  licet seal ([a-z-]+)", node.licet("seal", "--help").out, re.M)
        self.assertGreater(len(seals), 12)
        for name in seals:
            yield ["seal", name, "--help"], 0
        yield [], 2
        yield ["verfy"], 2
        yield ["nothing-like-it"], 2
        yield ["help", "issue"], 0
        yield ["init"], 2
        yield ["init", f / f"made-{tag}", "--listen", "127.0.0.1:0"], 0
        yield ["init", f / f"made-{tag}"], None
        yield ["init", f / "x", "--listen", "8.8.8.8:1"], 2
        yield ["init", f / "x", "--uscc", "91310118MA1JL00000"], 2
        yield ["init", f / "x", "--region", "1"], 2
        yield ["key", "new", f / f"{tag}.pem"], 0
        yield ["key", "new", f / f"{tag}.pem"], 1
        yield ["key", "show", f / f"{tag}.pem"], 0
        yield ["key", "show", f / "absent.pem"], 1
        yield ["key"], 2
        yield ["issue", "--type", kind, "--key", f / "absent.pem"], 1
        yield ["issue", "--type", kind, "--key", one], 1
        yield ["status"], 0
        yield ["status", "--node", "http://127.0.0.1:1"], 1
        yield ["status", "--node", "https://x"], None
        yield ["type", "list"], 0
        yield ["type", "show", kind], 0
        yield ["type", "show", "none"], 1
        yield ["member", "list"], 0
        yield issue, 2
        yield [*issue, "--number", f"N-{tag}"], 0
        yield [*issue, "--number", f"N-{tag}"], None
        yield [*issue, "--number", f"O-{tag}", "--doc", empty], 1
        yield [*issue, "--number", f"P-{tag}", "--holder-code", "91310118MA1JL00000"], 2
        yield [*issue, "--number", f"Q-{tag}", "--issued", "2026-13-01"], 2
        yield [*issue, "--number", f"R-{tag}", "--doc", f / "absent"], 1
        yield [*issue, "--number", f"S-{tag}", "--doc", auth / "licence.ofd", "--trust-dir", auth / "trust"], 0
        yield ["verify"], 2
        yield ["verify", one], 0
        yield ["verify", other], 10
        yield ["verify", one, other], 10
        yield ["verify", f / "absent"], 1
        yield ["verify", "--id", ident], 0
        yield ["verify", "--id", "x"], 2
        yield ["verify", "--fields", f"type={kind}", f"number=JY-{tag}", "holder_name=别人"], None
        yield ["verify", auth / "licence.ofd", "--trust-dir", auth / "trust", "--explain"], 0
        yield ["verify", "--offline", f / f"{tag}.licet", "--trust", node.dir / "genesis.cbor"], 0
        yield ["verify", "--offline", f / f"{tag}.licet", one, "--trust", node.dir / "genesis.cbor"], 0
        yield ["verify", "--offline", f / f"{tag}.licet", other, "--trust", node.dir / "genesis.cbor"], 15
        yield ["verify", "--offline", f / f"{tag}.licet", "--trust", one], 2
        yield ["verify", "--offline", one, "--trust", node.dir / "genesis.cbor"], 20
        yield ["verify", "--offline", f / f"{tag}.licet"], 2
        yield ["proof", ident, "-o", f / f"{tag}-2.licet"], 0
        yield ["proof", ident], 2
        yield ["proof", "--doc", one, "-o", f / f"{tag}-3.licet"], 0
        yield ["proof", "--doc", other, "-o", f / f"{tag}-4.licet"], 10
        yield ["status", "--header", "newest", "-o", f / f"{tag}.header"], 0
        yield ["status", "--header", "99999", "-o", f / f"{tag}.none"], 1
        yield ["status", "--header", "x", "-o", f / f"{tag}.none"], 2
        yield ["status", "--header", "1"], 2
        yield ["status", "--trust", one], 2
        yield ["ofd", auth / "licence.ofd", "--trust", one], 2
        yield ["verify", "/dev/zero"], 1
        yield ["suspend", ident], 2
        yield ["suspend", ident, "--reason", "伪造材料", "--basis", "办法"], 0
        yield ["verify", one], 12
        yield ["suspend", ident, "--reason", "伪造材料", "--basis", "办法"], None
        yield ["resume", ident, "--reason", "伪造材料", "--basis", "办法"], 0
        yield ["revoke", ident, "--reason", "伪造材料", "--basis", "办法", "--yes"] if self.has_yes else ["revoke", ident, "--reason", "伪造材料", "--basis", "办法"], 0
        yield ["verify", one], 11
        yield ["ofd", auth / "licence.ofd", "--trust-dir", auth / "trust", "--explain"], 0
        yield ["ofd", auth / "licence.ofd", "--explain"], 0
        yield ["ofd", one], 1
        yield ["seal"], 2
        yield ["seal", "check", auth / "seal.esl", "--explain"], 0
        yield ["seal", "check", one], None
        yield ["seal", "list"], 0
        yield ["seal", "show", esid], 0
        yield ["seal", "show", "absent"], 10
        yield ["seal", "add", auth / "seal.esl", "--key", seal_key], None
        yield ["seal", "stop", esid, "--reason", "伪造材料", "--basis", "办法", "--key", seal_key], 0
        yield ["seal", "stop", esid, "--reason", "伪造材料", "--basis", "办法", "--key", node.issue_key], None
        yield ["seal", "impact", esid], 0
        yield ["seal", "history", esid], 0
        yield ["verify", auth / "licence.ofd", "--trust-dir", auth / "trust"], None
        yield ["seal", "revoke-test", auth, "signer"], 0
        yield ["seal", "revoke-test", auth, "signer"], 1
        stock = f / f"{tag}.csv"
        yield ["stock-make", "--rows", "40", "--dirty", "40", "--seed", str(len(tag) + ord(tag[0])), "--type", kind, "-o", stock], 0
        yield ["import", "--type", kind, stock], None
        yield ["import", "--type", kind, stock], None
        yield ["import", "--type", kind, empty], 1
        yield ["import", "--type", kind], 2
        yield ["fsck", node.dir], 0
        yield ["fsck", f], None
        yield ["replay", node.dir], 0
        yield ["export", node.dir, "-o", f / f"{tag}.larc"], 0
        yield ["replay", f / f"{tag}.larc", "--trust", node.dir / "genesis.cbor"], 0
        yield ["replay", one], None

    def walk(self, tag, environment, problems):
        self.tag = tag
        node = self.node(tag)
        self.has_yes = "--yes" in node.licet("revoke", "--help").out
        self.data = sorted(set(DATA) | {t["name"] for t in node.licet("type", "list", "--json").json}, key=len, reverse=True)
        elements = [e["label"] for e in node.licet("type", "list", "--json").json[0]["elements"]]
        self.data = sorted({*self.data, *elements}, key=len, reverse=True)
        found, ran = [], 0
        for arguments, code in self.commands(node):
            done = node.licet(*arguments, env=environment)
            if code is not None:
                self.assertEqual(done.code, code, f"{arguments}: {done}")
            found += [f"{' '.join(map(str, arguments))}\n    {p}" for p in problems((done.out + done.err).replace(str(self.folder), "/f"))]
            ran += 1
        self.assertGreater(ran, 120)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_chinese_holds_no_english(self):
        self.walk("zh", {"LANG": "zh_CN.UTF-8"}, self.problems_zh)

    def test_english_holds_no_chinese(self):
        self.walk("en", {"LANG": "en_US.UTF-8"}, self.problems_en)

    def test_the_sieve(self):
        """What the two tests above find, so that they cannot pass by finding nothing."""
        self.data = DATA
        self.assertTrue(self.problems_zh("状态: valid"))
        self.assertTrue(self.problems_zh("licet: this needs a key to sign with"))
        self.assertFalse(self.problems_zh("licet: 缺少 --type；可用 `licet type list` 查看 OFD"))
        self.assertTrue(self.problems_en("status: 有效"))
        self.assertTrue(self.problems_en("valid（"))
        self.assertFalse(self.problems_en("issuer: 示例发证部门 (x)"))

    def test_who_decides(self):
        cases = [({}, False), ({"LANG": "C"}, False), ({"LANG": "en_US.UTF-8"}, False), ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "zh_TW"}, True), ({"LANG": ""}, False),
                 ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False), ({"LANG": "C", "LC_ALL": "zh_CN.UTF-8"}, True), ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, True),
                 ({"LANG": "C", "LC_MESSAGES": "zh_CN.UTF-8"}, True), ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, False),
                 ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, False)]
        for environment, chinese in cases:
            env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE")} | environment
            for more, expect in (([], chinese), (["--lang", "zh"], True), (["--lang=en"], False)):
                arguments = ["env", "-i", *(f"{k}={v}" for k, v in env.items()), LICET, "help", *more]
                self.assertEqual(bool(HAN.search(run(*arguments).out)), expect, f"{environment} {more}")
        self.assertEqual(run(LICET, "help", "--lang", "de").code, 2)
        self.assertIn("--lang de", run(LICET, "help", "--lang", "de").err)

    def test_times(self):
        node = self.node()
        for language in ("zh", "en"):
            shown = node.licet("status", "--lang", language).out
            beijing = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+08:00", shown)
            self.assertTrue(beijing, shown)
            utc = node.get_json("/v1/head")["time"]
            self.assertTrue(utc.endswith("Z"), utc)
            there = datetime.datetime.strptime(beijing.group(), "%Y-%m-%d %H:%M:%S %z")
            here = datetime.datetime.fromisoformat(utc.replace("Z", "+00:00"))
            self.assertEqual(there.utcoffset(), datetime.timedelta(hours=8))
            self.assertLess(abs(here - there), datetime.timedelta(minutes=10))

    def test_json_has_no_language(self):
        node = self.node()
        for arguments in (["status", "--json"], ["type", "list", "--json"], ["member", "list", "--json"]):
            one, other = (node.licet(*arguments, "--lang", language).json for language in ("zh", "en"))
            for answer in (one, other):
                if isinstance(answer, dict):
                    answer.pop("head", None)
            self.assertEqual(one, other)
