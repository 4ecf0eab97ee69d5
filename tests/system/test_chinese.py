"""In Chinese no English word is left but literals: names of options and commands, codes, formats, and what the caller typed. Every command's help, and its usage errors made
from that help: each option without a value, with one that cannot be, with control characters, with a file that is none. With --json each member is wholly in its own language."""
import concurrent.futures
import json
import re
import subprocess

from node import ENV, LICET, LICETD, SLOW, Case, Result, run

HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Literals that no pattern tells. Programs and formats; what is typed as it stands; names of standards and of algorithms.
NAMES = set("""Licet licet licetd Debian Excel SoftHSM GitHub OpenSSL git JSON CSV OFD PDF PEM PIN DER TLS HTTP http CA UTC UTF GB RFC ISO PKCS SHA LMDB esID ID XML ZIP DBF Unicode
 ES256K ES256 EdDSA SM2 SM3 P secp256k1 Ed25519 ECDSA kid SIGINT SIGTERM SIGHUP Ctrl-C chmod chown CKA_ID CKA_SIGN
 UTF-8 UTF-16 SHA-256 GB18030 make run demo trust root import suspend module-path pin-source a x newest
 new show list add stop resume cancel remake transfer history impact check make-test revoke-test alter-test stamp signer maker zh en gb18030 utf-8 utf-8-bom unlimited makers private keys data lookup""".split())
STATES = "valid not_active suspended lapsed cancelled annulled revoked superseded transferred".split()
CONTROL = "a\x1b[31mb"


class Chinese(Case):
    def licet(self, node, *arguments, lang="zh"):
        """In a folder of its own: a name that is no path is one here."""
        env = {**ENV, "LICET_NODE": node.url, "LICET_KEY": str(node.issue_key), "LANG": "zh_CN.UTF-8" if lang == "zh" else "C.UTF-8"}
        return Result(subprocess.run([LICET, *map(str, arguments)], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60 * SLOW))

    def literal(self, line, given):
        """The line without what is the same in every language."""
        line = re.sub(r"1\.2\.156\.3005\.2\.[\w.]+", " ", line)  # identifiers
        for text in sorted((g for g in given if len(g) > 2 and not g.startswith("--")), key=len, reverse=True):
            for shown in (text, text.upper(), text.replace("\x1b", "?")):
                line = line.replace(shown or "\0", " ")
        line = line.replace(str(self.folder), " /")
        line = re.sub(r"`[^`]*`", lambda m: " ".join(w for w in m[0].strip("`").split() if HAN.search(w)), line)  # a command to be typed
        line = re.sub(r"https?://\S+?(?=[）；，。]|\s|$)|pkcs11:[^\s；，）]*|urn:\S+", " ", line)
        line = re.sub(r"\$?\b(LICET_[A-Z0-9_]+|LC_ALL|LC_MESSAGES|LANG|SOFTHSM2_CONF)\b", " ", line)
        line = re.sub(r"\b(type|number|holder_code|holder_name|token|object|serial|id)(=|：)|\b(module-path|pin-source)\b", " ", line)
        line = re.sub(r"^  [a-z-]+  |Ctrl-C|elic-(?=行)|\bA-Z|0-9|\[[a-z_]+\]", " ", line)  # the list of commands; a record's field
        line = re.sub(r"--reaso=yyy|%XX|、m、h 或 d|数字加 s|[a-z]{2}/ca\b|/ca\b", " ", line)
        line = re.sub(r"--?[a-zA-Z][a-z-]*(?![a-z])", " ", line)                               # options
        line = re.sub(r"\bGB/T\b|\belic-[0-9a-z-]+\b", " ", line)
        line = re.sub(r"\blicet [a-z-]+( [a-z-]+)?(?= --| [^a-zA-Z]| ?$|，|：)", " ", line)             # a command
        line = re.sub(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", " ", line)                             # codes of refusals, elements of types
        line = re.sub(r"\b(ZZ|CZZT)[A-Z]+\b|\bCZZT\b|\b[0-9]{4,}[0-9A-Z]{6,}\b", " ", line)       # elements: ZZBH, CZZTDM; numbers with letters
        line = re.sub(r"（(%s)）" % "|".join(STATES), " ", line)
        line = re.sub(r"[\w/*{},.-]*\.(csv|esl|licet|larc|ofd|json|der|cbor|pem|conf|xml|dat|md|gitignore|pass|crt|cer|so|resolver|refused|duplicates)\b", " ", line, flags=re.I)
        line = re.sub(r"\b(keys|genesis|node|private|DIR|trust)/[\w{},./*-]*", " ", line)
        line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?|\b\d+[smhd]\b|\b0-9\b|\b[aA]-[zZ]|[0-9a-f]{16,}", " ", line)
        return line

    def english(self, text, given=()):
        found = []
        for line in text.splitlines():
            if not line.strip():
                continue
            left = [w for w in re.findall(r"[A-Za-z][A-Za-z0-9_-]*", self.literal(line, given)) if w not in NAMES and w.rstrip("-") not in NAMES]
            if left:
                found.append(f"{left}: {line}")
        return found

    def names(self):
        lines = run(LICET, "help").out.splitlines()
        seals = re.findall(r"^  licet seal ([a-z-]+)", run(LICET, "seal", "--help").out, re.M)
        self.assertGreater(len(seals), 13)
        names = [[line.split()[0]] for line in lines if re.match(r"  [a-z]", line)]
        self.assertGreater(len(names), 20)
        return [n for n in names if n != ["seal"]] + [["seal", name] for name in seals]

    def options(self, name):
        """[(option, what it takes)] of its help, in English, where a placeholder tells."""
        help_text = self.assert_code(run(LICET, *name, "--help"), 0).out
        found = re.findall(r"^  (--[a-z-]+)( VALUE| FILE| DIR| URL)?", help_text, re.M)
        self.assertGreaterEqual(len(found), 4)
        return [(option, value.strip()) for option, value in found if option not in ("--json", "--lang", *(() if name in (["issue"], ["verify"]) else ("--node", "--key", "--home")))]

    def lines(self, node):
        f = self.folder
        text, folder = f / "some.txt", f / "a-folder"
        text.write_text("no such thing\n")
        folder.mkdir(exist_ok=True)
        bad = [str(f / "absent"), str(folder), str(text / "below"), str(f / ("n" * 300)), str(text)]
        rest = {"issue": ["--type", node.type_code(), "--holder-code", "91310118MA1JL0000N", "--holder-name", "甲公司", "--number", "1"],
                "import": ["--type", node.type_code(), text], "verify": ["--id", "x"], "proof": ["0" * 64, "-o", f / "p.licet"], "show": ["0" * 64], "history": ["0" * 64],
                "replay": [node.dir], "export": [node.dir, "-o", f / "x.larc"], "ofd": [text], "suspend": ["0" * 64, "--reason", "因", "--basis", "据"], "key": ["show", text],
                "seal stamp": ["--seal", folder, "--text", text, "--out", f / "x.ofd"], "seal add": [text], "seal stop": ["x", "--reason", "因", "--basis", "据"], "seal check": [text],
                "seal revoke-test": [folder, "signer"], "seal alter-test": [text, "-o", f / "y.ofd"], "init": [f / "new"], "stock-make": ["--rows", "1", "-o", f / "s.csv"]}
        yield ["licet"], []
        for word in ("verfy", "zzz", "--zzz", "-z"):
            yield ["licet", word], [word]
        for name in self.names():
            own = [str(a) for a in rest.get(" ".join(name), [])]
            yield [*name, "--help"], []
            if name != ["stock-make"]:  # it needs nothing, and prints rows
                yield [*name], []
            for more in (["--zzz"], ["zzz"], ["zzz", "yyy", "xxx"], [bad[0]], [bad[1]], [bad[4]], ["--reaso=yyy"]):
                yield [*name, *own, *more], [*own, *more]
            for option, value in self.options(name):
                if not value:
                    yield [*name, f"{option}=zzz"], ["zzz"]
                    continue
                yield [*name, option], []
                for given in ("zzz", "", *(bad if value in ("FILE", "DIR") else [CONTROL])):
                    yield [*name, *own, f"{option}={given}"], [*own, given]
        yield ["verify", "--fields", "type=zzz", "number=1"], ["zzz"]
        yield ["verify", "--fields", f"type={node.type_code()}", f"number={CONTROL}"], [CONTROL, node.type_code()]
        yield ["verify", "--fields", f"type={node.type_code()}", "number=1"], [node.type_code()]
        yield ["show", "--fields", f"type={node.type_code()}", "number=1", "holder_code=91310118MA1JL0000N", "holder_name=甲"], [node.type_code(), "91310118MA1JL0000N"]
        yield ["list", "--state", "zzz"], ["zzz"]
        yield ["status", "--node", "http://127.0.0.1:1"], []
        yield ["status", "--node", "http://no.such.name.invalid:1"], ["no.such.name.invalid"]
        yield ["status", "--node", "ftp://x"], ["ftp://x"]
        for types in ('[{"code":1}]', '[{"co', '{}', '[{"code": "11990000LCT0000184001", "name": " x"}]', "[1]"):
            path = f / "types.json"
            path.write_text(types)
            yield ["init", f / "made", "--types", path], ["code", "types", "name", "keyed", "true", "false"]
            yield ["init", f / "made", "--consortium", path], ["code", "types", "name", "members"]
        for url in ("pkcs11:x", "pkcs11:token=a;object=b", "pkcs11:token=a;object=b?pin-value=1", "pkcs11:token=a;object=b?module-path=/absent.so"):
            yield ["key", "show", url], [url]
            yield ["issue", "--type", node.type_code(), "--key", url, "--home", node.dir], [url, node.type_code()]

    def run_all(self, node, lines, *more):
        """Four at a time; with more, in one language and the other by turns."""
        def one(at):
            arguments = lines[at][0][1:] if lines[at][0][:1] == ["licet"] else lines[at][0]
            return self.licet(node, *arguments, *more, lang="en" if more and at % 2 else "zh")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return [(line, given, done) for (line, given), done in zip(lines, pool.map(one, range(len(lines))))]

    def test_help_and_usage_errors(self):
        node = self.node()
        found, ran = [], 0
        for line, given, done in self.run_all(node, list(self.lines(node))):
            self.assertGreaterEqual(done.code, 0, done)
            found += [f"{' '.join(map(str, line))}\n    {p}" for p in self.english(done.out + done.err, [str(g) for g in given])]
            ran += 1
        self.assertGreater(ran, 800)
        self.assertFalse(found, "\n" + "\n".join({f.split("\n")[1]: f for f in found}.values()))

    def test_json_errors_are_in_one_language_each(self):
        node = self.node()
        found, errors = [], 0
        lines = [(line, given) for line, given in self.lines(node) if "--help" not in line]
        for line, given, done in self.run_all(node, lines, "--json"):
            if not done.out.startswith('{"error"'):
                continue
            one = json.loads(done.out)["error"]
            errors += 1
            found += [f"{' '.join(map(str, line))}\n    {p}" for p in self.english(one["zh"], [str(g) for g in given])]
            en = one["en"]
            for text in given:
                en = en.replace(str(text), "")
            en = re.sub(r"\b((ZZ|CZZT)[A-Z]*|KZ_[A-Z]+) [\u4e00-\u9fff]+", " ", en)  # an element and its label, which is data
            if HAN.search(en.replace("示例发证部门", "")):
                found.append(f"{' '.join(map(str, line))}\n    Chinese in: {one['en']}")
        self.assertGreater(errors, 600)
        self.assertFalse(found, "\n" + "\n".join({f.split("\n")[1]: f for f in found}.values()))

    def test_the_node(self):
        for more, code in ((["--help"], 0), ([], 2), (["--zzz"], 2), (["-z"], 2), ([self.folder, "two"], 2), (["--check=1", "x"], 2)):
            done = self.assert_code(run(LICETD, *more, env={"LANG": "zh_CN.UTF-8"}), code)
            self.assertEqual(self.english(done.out + done.err, [str(m) for m in more]), [])
            self.assertTrue(HAN.search(done.out + done.err))
            self.assertFalse(HAN.search(repr(run(LICETD, *more, env={"LANG": "C"}))))
        for option in ("--check", "-c"):
            done = run(LICETD, option, self.folder / "none")
            self.assertEqual(done.code, 1, done)

    def test_the_sieve(self):
        """It finds what it must, so that the tests above cannot pass by finding nothing."""
        for text in ("licet: a.csv 无法读取：No such file or directory", "--doc FILE  证照文件", "licet show ID | --fields type=T number=Z", "状态：valid", "请用 `licet show` 查看 ok", "  --json  one line", "VALUE", "目录 [--name NAME]"):
            self.assertTrue(self.english(text), text)
        for text in ("licet: 缺少 --type；可用 `licet type list` 查看", "证照编号（ZZBH）", "--state 值  只列此状态：有效（valid）", "请用 chmod 600", "ROW_DATE：日期无效", "默认为 http://127.0.0.1:8480）", "licet import --type 类型代码 文件.csv [--report 报告.json]"):
            self.assertFalse(self.english(text), text)
        self.assertFalse(self.english("licet: /x/absent 无法读取", ["/x/absent"]))
