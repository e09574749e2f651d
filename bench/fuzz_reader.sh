#!/bin/sh
# fuzz_reader.sh [SECONDS]: fuzzes the TFLite reader, the passes and the interpreter with AddressSanitizer and
# UndefinedBehaviorSanitizer (default: 300 s), prints executions per second and a verdict. Exit 0 only when nothing
# crashed, hung or took more memory than allowed. Findings are kept in build/fuzz/findings.
set -eu

seconds=${1:-300}
case $seconds in '' | *[!0-9]*) echo "usage: fuzz_reader.sh [SECONDS]" >&2; exit 2 ;; esac
cd "$(dirname "$0")/.."

# Debian names the compilers by version when the package `clang` is not installed.
set --
if ! command -v clang++ > /dev/null; then
  found=$(ls /usr/bin/clang++-[0-9]* 2> /dev/null | sort -V | tail -n 1)
  if [ -z "$found" ]; then
    echo "fuzz_reader: FAILED: no clang++ found (Debian and Ubuntu: apt-get install clang libclang-rt-dev)" >&2
    exit 1
  fi
  set -- "-DCMAKE_CXX_COMPILER=$found" "-DCMAKE_C_COMPILER=$(echo "$found" | sed 's/++//')"
fi

build=build/fuzz
mkdir -p "$build"
log=$build/fuzz_reader.log
if ! { cmake --preset fuzz "$@" && cmake --build "$build" --target fuzzers; } > "$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "fuzz_reader: FAILED: it does not build (whole log: $log)" >&2
  exit 1
fi

findings=$build/findings
rm -rf "$build/seeds" "$findings"
mkdir -p "$build/corpus" "$findings"
"$build/tests/fuzz/make_seeds" "$build/seeds" tests/goldens/*.pack models/fashion_mnist/fashion_mnist.tflite

# A unit that takes longer than `timeout` counts as a hang, an allocation above `malloc_limit_mb` as a crash.
status=0
"$build/tests/fuzz/fuzz_reader" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
  -malloc_limit_mb=512 -print_final_stats=1 -artifact_prefix="$findings/" "$build/corpus" "$build/seeds" \
  > "$log" 2>&1 || status=$?

count() { find "$findings" -name "$1" | wc -l; }
stat() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }
crashes=$(($(count 'crash-*') + $(count 'oom-*') + $(count 'leak-*')))
hangs=$(count 'timeout-*')
echo "fuzz_reader: $(stat number_of_executed_units) executions in $seconds s, $(stat average_exec_per_sec) per second," \
  "$crashes crashes, $hangs hangs"
if [ "$status" -ne 0 ] || [ "$crashes" -ne 0 ] || [ "$hangs" -ne 0 ]; then
  grep -E 'ERROR|SUMMARY|runtime error|fuzz_reader:' "$log" | head -n 10 >&2 || true
  echo "fuzz_reader: FAILED (whole log: $log, inputs: $findings)" >&2
  exit 1
fi
echo "fuzz_reader: passed"
