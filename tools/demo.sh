#!/usr/bin/env bash
# The tour: demo.sh [--serve] BUILD DIR. Makes DIR if it is absent (the sample consortium, its licences), shows what each user sees, and ends, or
# serves until Ctrl-C. Everything is made up. Each step prints the command it runs, as it can be pasted into a shell in this folder, and what it shows.
# The files that the commands name stay in DIR/tour. What a person reads is in Chinese or English, as licet decides it: LC_ALL, LC_MESSAGES, LANG.
set -euo pipefail
serve=0
[[ ${1:-} == --serve ]] && serve=1 && shift
build=$1 dir=$2
licet=$build/licet licetd=$build/licetd
listen=${LICET_LISTEN:-127.0.0.1:8480}
out=$(mktemp -d)
work=$dir/tour
node_pid=
stop() { [[ -n $node_pid ]] && kill "$node_pid" 2>/dev/null && wait "$node_pid" 2>/dev/null; node_pid=; return 0; }
trap 'stop; rm -rf "$out"' EXIT
reader=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
# t EN ZH: the one that the reader reads
t() { if [[ $reader == zh* ]]; then printf '%s' "$2"; else printf '%s' "$1"; fi; }
if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'; else bold= dim= off=; fi
step() { printf '\n%s== %s%s\n' "$bold" "$(t "$1" "$2")" "$off"; }
say() { printf '   %s\n' "$(t "$1" "$2")"; }
fail() { printf 'demo: %s\n' "$(t "$1" "$2")" >&2; exit 1; }
# A word as a shell reads it again; Chinese stays as it is.
word() { if [[ $1 =~ [[:space:]\'\"\$\`\\\&\|\;\<\>\(\)\*\?] || -z $1 ]]; then printf " '%s'" "${1//\'/\'\\\'\'}"; else printf ' %s' "$1"; fi; }
show() { local one; for one; do word "$one"; done; }
# set_key FILE: signs what follows, and says so
set_key() { export LICET_KEY=$1; printf '%s   $ export LICET_KEY=%s%s\n' "$dim" "$1" "$off"; }
# expect CODE COMMAND...: shows it, runs it, and stops the tour when it ends otherwise
expect() {
  local want=$1 code=0; shift
  printf '%s   $ %s%s%s\n' "$dim" "$licet" "$(show "$@")" "$off"
  "$licet" "$@" >"$out/out" 2>"$out/err" || code=$?
  sed 's/^/     /' "$out/out" "$out/err"
  ((code == want)) || fail "expected exit $want, got $code" "退出码应为 $want，实为 $code"
  printf '     -> %s %s\n' "$(t exit 退出码)" "$code"
}
quiet() { "$licet" "$@" >"$out/out" 2>"$out/err" || { cat "$out/out" "$out/err" >&2; fail "licet $* failed" "licet $* 未成功"; }; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" 2>/dev/null || sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
first() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'; } # the first value of this name in a list
begin_node() {
  rm -f "$dir/node/address"
  "$licetd" "$dir" 2>>"$dir/licetd.log" & node_pid=$!
  for _ in $(seq 600); do
    [[ -s $dir/node/address ]] && { export LICET_NODE="http://$(head -n 1 "$dir/node/address")"; return; }
    kill -0 "$node_pid" 2>/dev/null || {
      tail -n 5 "$dir/licetd.log" >&2
      fail "licetd did not start; is $listen taken? LICET_LISTEN=127.0.0.1:PORT make demo takes another port" "licetd 未能启动；$listen 是否被占用？可用 LICET_LISTEN=127.0.0.1:端口 make demo 换一个端口"
    }
    sleep 0.1
  done
  fail "licetd does not answer" "licetd 没有应答"
}

fresh=0
if [[ -e $dir/genesis.cbor && -n ${LICET_LISTEN:-} ]]; then # another port than the one it was made with
  port=${listen##*:}
  ops=$((port ? port + 1 : 0))
  awk -v rpc="$listen" -v ops="${listen%:*}:$ops" '/^\[/ { at = $0 } /^listen *=/ { print "listen = " (at == "[ops]" ? ops : rpc); next } { print }' "$dir/licet.conf" >"$out/conf"
  cat "$out/conf" >"$dir/licet.conf"
fi
if [[ ! -e $dir/genesis.cbor ]]; then
  fresh=1
  step "A ledger for the pilot consortium (青浦, 吴江, 嘉善; everybody is made up)" "示范区联盟的账本（青浦、吴江、嘉善；均为虚构）"
  expect 0 init "$dir" --consortium genesis/consortium.json --listen "$listen"
fi
rm -rf "$work" # of the tour before
mkdir -p "$work"
begin_node
issuer=$dir/keys/issue.pem
step "The node runs; what follows is signed by the department's issuing key" "节点已运行；以下由部门的签发密钥签名"
printf '%s   $ export LICET_NODE=%s%s\n' "$dim" "$LICET_NODE" "$off"
set_key "$issuer"
type=$("$licet" type list --json | grep -o '"code": *"[0-9A-Z]*"' | head -n 1 | grep -o '[0-9A-Z]\{21\}')
if ((fresh)); then
  step "Existing stock: 2,000 rows out of an old database, 5 in 100 of them faulty (GB18030, as Excel saves it)" "存量数据：旧库导出的 2,000 行，其中百分之五有错误（GB18030，Excel 默认编码）"
  quiet stock-make --type "$type" --rows 2000 --seed 1 --dirty 5 --encoding gb18030 -o "$dir/stock.csv"
  expect 1 import --type "$type" "$dir/stock.csv" --report "$dir/stock.report.json" # 1: some rows were refused
  say "the refused rows stand in $dir/stock.report.refused.csv with their reasons, to be corrected and loaded again" "被拒收的行及原因写在 $dir/stock.report.refused.csv，更正后可再次导入"
  step "The same file again adds nothing" "再次导入同一文件，不会增加记录"
  expect 1 import --type "$type" "$dir/stock.csv" --report "$work/again.json"
fi

number=DEMO-$(date +%s)-$$
printf 'A licence as a file, number %s. Only its hash is ever asked about.\n' "$number" >"$work/licence.pdf"
step "The department issues a licence" "部门签发一份证照"
expect 0 issue --type "$type" --holder-type 001 --holder-code 91310118MA1JL0000N --holder-name "青浦样品食品店" --number "$number" --doc "$work/licence.pdf"
quiet verify "$work/licence.pdf" --json
own=$(grep -o '"issuer":{[^}]*' "$out/out" | first id) own_name=$(grep -o '"issuer":{[^}]*' "$out/out" | first name)
key=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["licence"]["key"])' "$out/out" 2>/dev/null || sed -n 's/.*"licence":{"key":"\([0-9a-f]*\)".*/\1/p' "$out/out")
step "A window checks it: by the file, by its number and holder, by its key" "窗口核验：凭文件，凭编号与持证主体，凭证照键"
expect 0 verify "$work/licence.pdf"
expect 0 verify --fields "type=$type" "number=$number" holder_code=91310118MA1JL0000N "holder_name=青浦样品食品店"
expect 0 verify --id "$key"
step "Somebody changes one byte of the file: it is not the registered document any more" "有人改动了文件的一个字节：它不再是登记的那份文件"
sed 's/file/fi1e/' "$work/licence.pdf" >"$work/changed.pdf"
expect 10 verify "$work/changed.pdf"
step "Suspended, resumed, revoked: the window sees each at once" "暂扣、恢复、吊销：窗口随即可见"
expect 0 suspend "$key" --reason "现场检查" --basis "食品安全法 第一百二十六条"
expect 12 verify "$work/licence.pdf"
expect 0 resume "$key" --reason "整改完成" --basis "复查记录"
expect 0 verify "$work/licence.pdf"
step "A proof that needs no node" "不依赖节点的证明"
expect 0 proof "$key" -o "$work/valid.licet"
expect 0 revoke "$key" --reason "伪造材料" --basis "行政许可法 第六十九条" --yes
expect 11 verify "$work/licence.pdf"
expect 0 proof "$key" -o "$work/revoked.licet"
cp "$dir/genesis.cbor" "$work/genesis.cbor"
expect 11 verify --offline "$work/revoked.licet" "$work/licence.pdf" --trust "$work/genesis.cbor"
sleep 2
say "the older proof still says what was true then; whoever wants it fresh says so" "较早的证明说明的是当时的情况；要求较新的，可以指明"
expect 21 verify --offline "$work/valid.licet" --trust "$work/genesis.cbor" --max-age 1s
if [[ ! -e $dir/authority ]]; then
  step "An e-seal: a test authority (CA, maker, signer; the seal says 测试章) and a licence sealed with it, as an OFD file" "电子印章：测试机构（CA、制章者、签章者，印章注明“测试章”）及加盖该印章的 OFD 证照"
  expect 0 seal make-test "$dir/authority" --owner "$own" --name "$own_name"
  step "The seal is registered on the ledger (制作备案)" "印章在账本上制作备案"
  set_key "$dir/keys/seal.pem"
  expect 0 seal add "$dir/authority/seal.esl" --trust-dir "$dir/authority/trust"
  set_key "$issuer"
fi
export LICET_TRUST_DIR=$dir/authority/trust
printf '%s   $ export LICET_TRUST_DIR=%s%s\n' "$dim" "$LICET_TRUST_DIR" "$off"
es_id=$("$licet" seal list --json | first id)
seal_sample() { # NUMBER FILE
  printf '证照编号：%s\n持证主体：青浦样品食品店\n' "$1" >"$work/page.txt"
  quiet seal stamp --seal "$dir/authority" --text "$work/page.txt" --out "$2"
}
sealed_issue() { # CODE NUMBER FILE
  expect "$1" issue --type "$type" --holder-type 001 --holder-code 91310118MA1JL0000N --holder-name "青浦样品食品店" --number "$2" --doc "$3"
}
step "A sealed licence is issued: the file is checked first, then its digest, its signature's and its seal go on the ledger" "签发已签章的证照：先检查文件，再将文件与签章的杂凑值及印章登记上账"
seal_sample "$number-S1" "$work/sealed.ofd"
sealed_issue 0 "$number-S1" "$work/sealed.ofd"
step "A window drops the file: page content, seal, certificates and ledger in one verdict" "窗口出示文件：页面内容、印章、证书、账本，一次得出结论"
expect 0 verify "$work/sealed.ofd"
expect 0 ofd "$work/sealed.ofd" --explain
step "A stamped copy (加注件) has other bytes, and still resolves" "加注件的字节不同，仍可核验"
quiet seal stamp --seal "$dir/authority" --copy --in "$work/sealed.ofd" --note "仅供本次办理使用" --out "$work/copy.ofd"
expect 0 verify "$work/copy.ofd"
step "One digit that its page shows is changed: the page no longer has the digest that was signed" "页面上的一个数字被改动：页面与签名时的杂凑值不符"
expect 0 seal alter-test "$work/sealed.ofd" -o "$work/changed.ofd"
expect 15 verify "$work/changed.ofd"
grep -q "Content.xml" "$out/out" || fail "the changed page was not named" "没有指出被改动的页面"
step "The seal is stopped: what it sealed before stays valid, nothing new can be issued with it" "停用印章：此前加盖的仍有效，不能再用它签发新证照"
set_key "$dir/keys/seal.pem"
expect 0 seal stop "$es_id" --reason "保管人变更" --basis "电子印章管理办法"
set_key "$issuer"
expect 0 verify "$work/sealed.ofd"
seal_sample "$number-S2" "$work/later.ofd"
sealed_issue 1 "$number-S2" "$work/later.ofd"
expect 0 seal impact "$es_id" --suspect
set_key "$dir/keys/seal.pem"
expect 0 seal resume "$es_id" --reason "核查完毕" --basis "电子印章管理办法"
set_key "$issuer"

step "An auditor replays everything from genesis, trusting nobody" "审计人员自创世起重放全部记录，不信任任何人"
expect 0 export "$dir" -o "$work/ledger.larc"
expect 0 replay "$work/ledger.larc" --trust "$work/genesis.cbor"
step "One byte of the archive is changed: found, with the height" "归档改动一个字节：能够发现，并指出区块高度"
size=$(stat -c %s "$work/ledger.larc")
cp "$work/ledger.larc" "$work/changed.larc"
at=$((size / 2))
byte=$(od -An -tu1 -j "$at" -N 1 "$work/changed.larc" | tr -d ' ')
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$work/changed.larc" bs=1 seek="$at" conv=notrunc status=none
expect 20 replay "$work/changed.larc" --trust "$work/genesis.cbor"
step "The node" "节点状态"
expect 0 status
if ((serve)); then
  step "Serving at $LICET_NODE until Ctrl-C (key: LICET_KEY=$issuer; log: $dir/licetd.log)" "节点运行于 $LICET_NODE，按 Ctrl-C 结束（密钥：LICET_KEY=$issuer；日志：$dir/licetd.log）"
  trap 'exit 0' INT TERM
  wait "$node_pid"
else
  stop
  printf '\n%s\n' "$(t 'demo: every step showed what it should. `make run` serves the same ledger.' 'demo: 每一步均如所述。用 `make run` 可继续运行同一账本。')"
fi
