#!/usr/bin/env bash
# Compiles and verifies every network that INDEX.tsv marks `core`, on this machine and on an emulated Cortex-M4.
#
#   bench/all_core.sh [THIMBLE [MODELS]]
#
# MODELS is the folder with INDEX.tsv (default: shared/models beside the checkout, or $THIMBLE_SHARED_DATA/models).
# INPUTS (default 2), TARGET (default cortex-m4) and JOBS come from the environment. Prints one line per network
# and the failures again at the end; exit code 1 when there are any.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
thimble=${1:-$root/build/release/bin/thimble}
models=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/models}
inputs=${INPUTS:-2}
target=${TARGET:-cortex-m4}
jobs=${JOBS:-$(nproc)}

if [ ! -f "$models/INDEX.tsv" ]; then
  echo "all_core: no INDEX.tsv in $models: nothing to do"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# verify_one MODEL: a line "good|FAILED <tab> MODEL <tab> arena <tab> instructions <tab> seconds or the error".
verify_one() {
  local path=$1 out start=$SECONDS
  out=$work/$(tr '/' '_' <<<"$path")
  if ! "$thimble" compile "$models/$path" -o "$out.c" --target "$target" >"$out.log" 2>&1; then
    printf 'FAILED\t%s\tcompile: %s\n' "$path" "$(head -n 1 "$out.log")"
  elif ! "$thimble" verify "$models/$path" --target "$target" --inputs "$inputs" --json "$out.json" >"$out.log" 2>&1; then
    printf 'FAILED\t%s\tverify: %s\n' "$path" "$(grep -m1 -e MISMATCH -e error "$out.log" || tail -n 1 "$out.log")"
  else
    printf 'good\t%s\tarena %s\tinstructions %s\t%d s\n' "$path" \
      "$(number arena_bytes "$out.json")" "$(number instructions "$out.json")" $((SECONDS - start))
  fi
  rm -rf "$out.c"
}

# number KEY FILE: the last value of a key in a JSON report.
number() { sed -n "s/.*\"$1\": \([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }

export -f verify_one number
export thimble models inputs target work

# Small files first, so that what fails fails early.
awk -F '\t' '$2 == "core" && $1 ~ /\.tflite$/ { print $3 "\t" $1 }' "$models/INDEX.tsv" | sort -n | cut -f 2 |
  xargs -P "$jobs" -I{} bash -c 'verify_one "$1"' _ {} | tee "$work/results"

good=$(grep -c '^good' "$work/results" || true)
bad=$(grep -c '^FAILED' "$work/results" || true)
echo
grep '^FAILED' "$work/results" || true
echo "all_core: $good of $((good + bad)) networks verified on host and $target with $inputs inputs each, $bad failed"
[ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
