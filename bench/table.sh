#!/usr/bin/env bash
# Measures the MLPerf Tiny networks, person detection and the shipped network, and writes docs/results.md.
#
#   bench/table.sh [THIMBLE [MODELS [OUT]]]
#
# MODELS is the folder with the shared models (default: shared/models beside the checkout, or
# $THIMBLE_SHARED_DATA/models); without it only the shipped network is measured. Every figure but the compile time
# repeats exactly. Exit code 1 when any output byte differs anywhere. Ends with a verdict on the compile times:
# each MLPerf Tiny network in less than a second. It is for people to read, as it depends on the machine's load.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
thimble=${1:-$root/build/release/bin/thimble}
models=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/models}
out=${3:-$root/docs/results.md}
inputs=3
targets=(cortex-m0plus cortex-m4 cortex-m55 rv32imc)
peer=$root/bench/tflm.tsv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

list=()
while IFS=$'\t' read -r path _; do
  [[ $path == \#* ]] && continue
  if [ -f "$models/$path" ]; then list+=("$path"); else echo "table: no $models/$path: left out" >&2; fi
done <"$peer"
list+=(models/fashion_mnist/fashion_mnist.tflite)

file_of() { if [[ $1 == models/* ]]; then echo "$root/$1"; else echo "$models/$1"; fi; }
title_of() { basename "$1" .tflite; }
json_of() { echo "$work/$(title_of "$1").$2.json"; }
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
# first|last KEY FILE: a number of a JSON report by its first or last occurrence.
first() { sed -n "s/.*\"$1\": \([0-9][0-9]*\).*/\1/p" "$2" | head -n 1; }
last() { sed -n "s/.*\"$1\": \([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }
# peer_value MODEL COLUMN
peer_value() { awk -F '\t' -v m="$1" -v c="$2" '$1 == m { print $c }' "$peer"; }
shown() { if [ -n "$1" ]; then grouped "$1"; else echo "-"; fi; }

mismatches=0
declare -A seconds
for path in "${list[@]}"; do
  best=
  for _ in 1 2 3; do
    start=$(date +%s%N)
    "$thimble" compile "$(file_of "$path")" -o "$work/c" >/dev/null
    took=$(($(date +%s%N) - start))
    rm -rf "$work/c"
    if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
  done
  seconds[$path]=$(awk -v ns="$best" 'BEGIN { printf "%.2f", ns / 1e9 }')
  for target in "${targets[@]}"; do
    echo "table: $(title_of "$path") on $target" >&2
    status=0
    "$thimble" verify "$(file_of "$path")" --target "$target" --inputs "$inputs" \
      --json "$(json_of "$path" "$target")" >"$work/log" || status=$?
    if [ "$status" -ne 0 ]; then
      tail -n 1 "$work/log" >&2
      mismatches=$((mismatches + 1))
    fi
  done
done

{
  cat <<'END'
# Results

Made by `bench/table.sh`; every figure but the compile time (the best of three, the cross compiler that measures the code
included) repeats exactly. All networks are int8. Each was verified
on every target below with 3 random inputs: interpreter, schedule, emitted C on the host under sanitizers, and
the emulated target give the same bytes, or the table says how many differ.

*Arena* is all RAM of the network: input, output, tensors, scratch, alignment; `.data + .bss` of the emitted objects equals
it. *No plan below* is the lower bound over all plans of the declared space ([planner.md](planner.md)). Flash and stack are those of a Cortex-M4 image
(arm-none-eabi-gcc -O2). TensorFlow Lite Micro's figures were measured on the same emulated cores and compiler: its
`arena_used_bytes` on a Cortex-M4F with CMSIS-NN (its 0.3 to 0.6 KB of .data and .bss come on top), its flash
(model + code + constants) and stack likewise.

## Memory

| network | arena B | no plan below | TFLM arena B | weights B | code B | TFLM flash B | stack B | TFLM stack B | mismatched B | compile s |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
  for path in "${list[@]}"; do
    json=$(json_of "$path" cortex-m4)
    wrong=0
    for target in "${targets[@]}"; do wrong=$((wrong + $(first mismatched_bytes "$(json_of "$path" "$target")"))); done
    model_bytes=$(peer_value "$path" 2)
    text=$(peer_value "$path" 4)
    echo "| $(title_of "$path") | $(grouped "$(first arena_bytes "$json")") |" \
      "$(grouped "$(first lower_bound_bytes "$json")") | $(shown "$(peer_value "$path" 3)") |" \
      "$(grouped "$(first weights_bytes "$json")") | $(grouped "$(first code_bytes "$json")") |" \
      "$(shown "${text:+$((model_bytes + text))}") | $(grouped "$(last stack_bytes "$json")") |" \
      "$(shown "$(peer_value "$path" 5)") | $wrong | ${seconds[$path]} |"
  done
  cat <<'END'

## Executed instructions per inference

Counted from entry to return of `NAME_run`, for the default plan. Where more comes from is in [speed.md](speed.md).
TensorFlow Lite Micro's figures are given with its portable reference kernels and with CMSIS-NN, whose kernels are written
for the DSP and vector instructions of these cores.

| network | MACs | M0+ | M4 | M55 | RV32IMC | TFLM reference M4 | TFLM CMSIS-NN M4 | TFLM CMSIS-NN M0 | TFLM CMSIS-NN M55 |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
  for path in "${list[@]}"; do
    line="| $(title_of "$path") | $(grouped "$(first macs "$(json_of "$path" cortex-m4)")")"
    for target in "${targets[@]}"; do
      line+=" | $(grouped "$(last instructions "$(json_of "$path" "$target")")")"
    done
    for column in 7 6 8 10; do line+=" | $(shown "$(peer_value "$path" "$column")")"; done
    echo "$line |"
  done
} >"$work/results.md"
mkdir -p "$(dirname "$out")"
mv "$work/results.md" "$out"
cat "$out"
# The stated limit: less than a second for each network of MLPerf Tiny.
slow=
slowest=0
networks=0
for path in "${list[@]}"; do
  [[ $path == mlperf_tiny/* ]] || continue
  networks=$((networks + 1))
  slowest=$(awk -v a="$slowest" -v b="${seconds[$path]}" 'BEGIN { print (b > a ? b : a) }')
  if awk -v s="${seconds[$path]}" 'BEGIN { exit !(s >= 1) }'; then slow+=" $(title_of "$path")"; fi
done
if [ "$networks" -eq 0 ]; then
  echo "table: compile time: not judged, as no MLPerf Tiny network is there" >&2
elif [ -z "$slow" ]; then
  echo "table: compile time: GOOD: each of $networks MLPerf Tiny networks in less than 1 s, the slowest in $slowest s" >&2
else
  echo "table: compile time: TOO SLOW: 1 s or more for$slow; the slowest took $slowest s" >&2
fi
if [ "$mismatches" -gt 0 ]; then
  echo "table: FAILED: $mismatches verifications" >&2
  exit 1
fi
echo "table: PASSED: ${#list[@]} networks on ${#targets[@]} targets, written to $out" >&2
