#!/usr/bin/env bash
# make check-source: builds nothing; layers, banned calls, file and line lengths, whitespace, licences of speech. Ends 1 with every finding.
set -u
cd "$(dirname "$0")/../.." || exit 2
status=0
say() { echo "check-source: $*" >&2; status=1; }
mapfile -t source < <(git ls-files -co --exclude-standard '*.c' '*.h' ':!tests')
awk -f tests/tidy/layers.awk tests/tidy/layers.txt "${source[@]}" >&2 || status=1
mapfile -t all < <(git ls-files -co --exclude-standard '*.c' '*.h')
while IFS=$'\t' read -r pattern where except why; do
  [[ $pattern == \#\ * || -z $why ]] && continue
  mapfile -t files < <(printf '%s\n' "${source[@]}" | grep -E -- "$where" | grep -vE -- "${except/#-/^$}")
  ((${#files[@]})) || continue
  # comments may speak of what code may not do
  hits=$(awk -v re="$pattern" '{ line = $0; gsub(/\/\*.*\*\//, "", line); sub(/^ \*.*/, "", line); sub(/\/\*.*/, "", line); sub(/\/\/.*/, "", line) }
    line ~ re { print FILENAME ":" FNR ": " $0 }' "${files[@]}" | head -n 5)
  [[ -n $hits ]] && say "$why: $hits"
done < <(sed 's/ ;; /\t/g' tests/tidy/bans.txt)
while IFS= read -r twice; do say "two static functions of one name: $twice"; done < <(printf '%s\n' "${source[@]}" | tests/tidy/statics.sh crypto ledger genesis rpc node tools)
# A name with a library's prefix could be the library's one day, and would answer its inner calls.
while IFS= read -r name; do say "a name with a library's prefix: $name"; done < <(
  awk '/^#define (cbor|json|mdb|ev|evhttp|evbuffer|event|ini|zip|ZSTD|EVP|secp256k1)_/ { print FILENAME ": " $2 }
    /^[a-z].*\(/ { line = $0; sub(/\(.*/, "", line); sub(/.*[ *]/, "", line)
      if (line ~ /^(cbor|json|mdb|ev|evhttp|evbuffer|event|ini|zip|ZSTD|EVP|secp256k1)_/) print FILENAME ": " line }' "${source[@]}" | sort -u)
for f in "${source[@]}"; do
  lines=$(wc -l <"$f")
  ((lines > 500)) && say "$f: $lines lines; split it by idea (500 at most, 150-450 wanted)"
  [[ $f == *.h ]] && ! head -n 1 "$f" | grep -q '^/\* ' && say "$f: a header begins with a comment that says what it is"
done
grep -nE ' +$' "${all[@]}" | head -n 5 | sed 's/^/check-source: trailing space: /' >&2 && grep -qE ' +$' "${all[@]}" && status=1
grep -nP '\t' "${all[@]}" | head -n 5 | sed 's/^/check-source: tab: /' >&2 && grep -qP '\t' "${all[@]}" && status=1
# what lower folders say in English is said in Chinese too: each format, its conversions filled, fits a row of tools/cli/finding_rows.c
mapfile -t rows < <(grep -oE '\{"[^"]+", "' tools/cli/finding_rows.c | sed -E 's/^\{"(.*)", "$/\1/')
while IFS= read -r found; do
  for row in "${rows[@]}"; do [[ $found == $row ]] && continue 2; done # a row is a pattern: its asterisks are any text
  say "tools/cli/finding_rows.c has no row for: $found"
done < <(sed -nE 's/.*genesis_read_refuse\(.*, "([^"]+)"( ELEMENT_IDENTIFIER| ENGINE_NAMES)?[,)].*/x: \1\2/p' genesis/*.c | sed -E 's/ ELEMENT_IDENTIFIER/ZZBS/; s/ ENGINE_NAMES/solo or cometbft/; s/%(\.\*s|03u|llu|zu|u|s)/1/g'
  sed -nE 's/.*refuse\(making, "([^"]+)".*/\1/p' tools/authority/ofd_stamp.c | sed 's/%s/1/g'
  sed -nE 's/.*(fault\(f|failed\(r, .*), "([^"]+)".*/\2/p' ledger/chain/fsck*.c ledger/chain/replay.c | sed -E 's/%(llu|u|s)/1/g')
# each operation stands in docs/FORMATS.md with its number and name
while read -r number name; do
  grep -qE "\\| $number \\| $name " docs/FORMATS.md || say "docs/FORMATS.md has no row for operation $number, $name"
done < <(sed -nE 's/^ +X\([A-Z_]+, ([0-9]+), "([a-z-]+)", ".*/\1 \2/p' ledger/wire/operation.h)
# every refusal has a test that names it
for name in $(sed -nE 's/^ +X\(([A-Z0-9_]+), [0-9]+, [0-9]{3},.*/\1/p' ledger/base/code.h); do
  grep -rqE --exclude=test_code.c "\b(CODE_)?$name\b" tests || grep -qE "ERR_[A-Z_]+, CODE_$name\}" tests/unit/test_code.c || echo "check-source: warning: refusal $name is named by no test" >&2
done
((status == 0)) && echo "check-source: ${#source[@]} files in order"
exit $status
