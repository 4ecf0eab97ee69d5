#!/usr/bin/env bash
# make fuzz: builds every target with clang's libFuzzer, address and undefined sanitizers into build/fuzz and runs each for the given seconds.
#   tests/fuzz/fuzz.sh [SECONDS [NAME...]]
# What it finds that is new goes to build/fuzz/corpus/NAME, what breaks a law to build/fuzz/artefacts/NAME-*; ends 1 where anything did.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
names=("$@")
if ((${#names[@]} == 0)); then
  for source in tests/fuzz/fuzz_*.c; do name=${source##*/fuzz_}; names+=("${name%.c}"); done
fi
tools/deps.sh ci
build=build/fuzz
make --no-print-directory -s -j"$(nproc)" CC=clang SAN=1 B=$build CFLAGS='-g -DLICET_LIBFUZZER' \
  SANFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' LDFLAGS=-fsanitize=fuzzer \
  "${names[@]/#/$build/tests/fuzz/fuzz_}"
mkdir -p $build/artefacts
status=0
for name in "${names[@]}"; do
  mkdir -p "$build/corpus/$name"
  options=(-max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=128 -timeout=10 -max_len=32768 -print_final_stats=1
    -artifact_prefix="$build/artefacts/$name-")
  [[ -f tests/fuzz/dictionary/$name ]] && options+=(-dict="tests/fuzz/dictionary/$name")
  echo "== $name: $seconds s"
  log=$build/$name.log
  if "$build/tests/fuzz/fuzz_$name" "${options[@]}" "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    grep -E '^#[0-9]+.DONE|stat::number_of_executed_units' "$log" || true
  else
    status=1
    echo "fuzz: $name ended in a fault: $log" >&2
    grep -vE '^#[0-9]+' "$log" | tail -n 40 >&2
  fi
done
exit $status
