#!/usr/bin/env bash
# The tour: demo.sh [--serve] BUILD DIR. Makes DIR if it is absent (the sample consortium, its licences), shows what each user sees, and ends, or
# serves until Ctrl-C. Everything is made up. Each step prints the command it runs, as it can be pasted into a shell in this folder, and what it shows.
# The files that the commands name stay in DIR/tour.
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
if [[ -t 1 ]]; then bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'; else bold= dim= off=; fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }
say() { printf '   %s\n' "$*"; }
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
  ((code == want)) && { printf '     -> exit %s\n' "$code"; return 0; }
  printf 'demo: expected exit %s, got %s\n' "$want" "$code" >&2
  exit 1
}
quiet() { "$licet" "$@" >"$out/out" 2>"$out/err" || { cat "$out/out" "$out/err" >&2; echo "demo: licet $* failed" >&2; exit 1; }; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" 2>/dev/null || sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
first() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'; } # the first value of this name in a list
begin_node() {
  rm -f "$dir/node/address"
  "$licetd" "$dir" 2>>"$dir/licetd.log" & node_pid=$!
  for _ in $(seq 600); do
    [[ -s $dir/node/address ]] && { export LICET_NODE="http://$(head -n 1 "$dir/node/address")"; return; }
    kill -0 "$node_pid" 2>/dev/null || { tail -n 5 "$dir/licetd.log" >&2; echo "demo: licetd did not start; is $listen taken? LICET_LISTEN=127.0.0.1:PORT make demo takes another port" >&2; exit 1; }
    sleep 0.1
  done
  echo "demo: licetd does not answer" >&2; exit 1
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
  step "A ledger for the pilot consortium (青浦, 吴江, 嘉善; everybody is made up)"
  expect 0 init "$dir" --consortium genesis/consortium.json --listen "$listen"
fi
rm -rf "$work" # of the tour before
mkdir -p "$work"
begin_node
issuer=$dir/keys/issue.pem
step "The node runs; what follows is signed by the department's issuing key"
printf '%s   $ export LICET_NODE=%s%s\n' "$dim" "$LICET_NODE" "$off"
set_key "$issuer"
type=$("$licet" type list --json | grep -o '"code": *"[0-9A-Z]*"' | head -n 1 | grep -o '[0-9A-Z]\{21\}')
if ((fresh)); then
  step "Existing stock: 2,000 rows out of an old database, 5 in 100 of them faulty (GB18030, as Excel saves it)"
  quiet stock-make --type "$type" --rows 2000 --seed 1 --dirty 5 --encoding gb18030 -o "$dir/stock.csv"
  expect 1 import --type "$type" "$dir/stock.csv" --report "$dir/stock.report.json" # 1: some rows were refused
  say "the refused rows stand in $dir/stock.report.refused.csv with their reasons, to be corrected and loaded again"
  step "The same file again adds nothing"
  expect 1 import --type "$type" "$dir/stock.csv" --report "$work/again.json"
fi

number=DEMO-$(date +%s)-$$
printf 'A licence as a file, number %s. Only its hash is ever asked about.\n' "$number" >"$work/licence.pdf"
step "The department issues a licence"
expect 0 issue --type "$type" --holder-type 001 --holder-code 91310118MA1JL0000N --holder-name "青浦样品食品店" --number "$number" --doc "$work/licence.pdf"
quiet verify "$work/licence.pdf" --json
own=$(grep -o '"issuer":{[^}]*' "$out/out" | first id) own_name=$(grep -o '"issuer":{[^}]*' "$out/out" | first name)
key=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["licence"]["key"])' "$out/out" 2>/dev/null || sed -n 's/.*"licence":{"key":"\([0-9a-f]*\)".*/\1/p' "$out/out")
step "A window checks it: by the file, by its number and holder, by its key"
expect 0 verify "$work/licence.pdf"
expect 0 verify --fields "type=$type" "number=$number" holder_code=91310118MA1JL0000N "holder_name=青浦样品食品店"
expect 0 verify --id "$key"
step "Somebody changes one byte of the file: it is not the registered document any more"
sed 's/file/fi1e/' "$work/licence.pdf" >"$work/changed.pdf"
expect 10 verify "$work/changed.pdf"
step "Suspended, resumed, revoked: the window sees each at once"
expect 0 suspend "$key" --reason "现场检查" --basis "食品安全法 第一百二十六条"
expect 12 verify "$work/licence.pdf"
expect 0 resume "$key" --reason "整改完成" --basis "复查记录"
expect 0 verify "$work/licence.pdf"
step "A proof that needs no node"
expect 0 proof "$key" -o "$work/valid.licet"
expect 0 revoke "$key" --reason "伪造材料" --basis "行政许可法 第六十九条" --yes
expect 11 verify "$work/licence.pdf"
expect 0 proof "$key" -o "$work/revoked.licet"
cp "$dir/genesis.cbor" "$work/genesis.cbor"
expect 11 verify --offline "$work/revoked.licet" "$work/licence.pdf" --trust "$work/genesis.cbor"
sleep 2
say "the older proof still says what was true then; whoever wants it fresh says so"
expect 21 verify --offline "$work/valid.licet" --trust "$work/genesis.cbor" --max-age 1s
if [[ ! -e $dir/authority ]]; then
  step "An e-seal: a test authority (CA, maker, signer; the seal says 测试章) and a licence sealed with it, as an OFD file"
  expect 0 seal make-test "$dir/authority" --owner "$own" --name "$own_name"
  step "The seal is registered on the ledger (制作备案)"
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
step "A sealed licence is issued: the file is checked first, then its digest, its signature's and its seal go on the ledger"
seal_sample "$number-S1" "$work/sealed.ofd"
sealed_issue 0 "$number-S1" "$work/sealed.ofd"
step "A window drops the file: page content, seal, certificates and ledger in one verdict"
expect 0 verify "$work/sealed.ofd"
expect 0 ofd "$work/sealed.ofd" --explain
step "A stamped copy (加注件) has other bytes, and still resolves"
quiet seal stamp --seal "$dir/authority" --copy --in "$work/sealed.ofd" --note "仅供本次办理使用" --out "$work/copy.ofd"
expect 0 verify "$work/copy.ofd"
step "One byte of its content is changed"
size=$(stat -c %s "$work/sealed.ofd")
cp "$work/sealed.ofd" "$work/changed.ofd"
printf '\x55' | dd of="$work/changed.ofd" bs=1 seek=$((size / 2)) conv=notrunc status=none
expect 15 verify "$work/changed.ofd"
step "The seal is stopped: what it sealed before stays valid, nothing new can be issued with it"
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

step "An auditor replays everything from genesis, trusting nobody"
expect 0 export "$dir" -o "$work/ledger.larc"
expect 0 replay "$work/ledger.larc" --trust "$work/genesis.cbor"
step "One byte of the archive is changed: found, with the height"
size=$(stat -c %s "$work/ledger.larc")
cp "$work/ledger.larc" "$work/changed.larc"
at=$((size / 2))
byte=$(od -An -tu1 -j "$at" -N 1 "$work/changed.larc" | tr -d ' ')
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$work/changed.larc" bs=1 seek="$at" conv=notrunc status=none
expect 20 replay "$work/changed.larc" --trust "$work/genesis.cbor"
step "The node"
expect 0 status
if ((serve)); then
  step "Serving at $LICET_NODE until Ctrl-C (key: LICET_KEY=$issuer; log: $dir/licetd.log)"
  trap 'exit 0' INT TERM
  wait "$node_pid"
else
  stop
  printf '\ndemo: every step showed what it should. `make run` serves the same ledger.\n'
fi
