#!/usr/bin/env bash
# Plans the networks of which figures are known (figures.tsv), verifies every plan and writes docs/figures.md.
#
#   bench/figures.sh [THIMBLE [MODELS [OUT]]]
#
# MODELS is the folder with the shared models (default: shared/models beside the checkout, or
# $THIMBLE_SHARED_DATA/models). Networks that are not there are left out, with a line that says so. One of them is
# made here, in out/figures: MobileNetV2-0.35 at 144 x 144 with random weights, from the zoo's definition. INPUTS
# (default 2) and JOBS come from the environment. Exit code 1 when a byte differs anywhere. A figure that is not
# reached is no failure: the page shows it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
thimble=${1:-$root/build/release/bin/thimble}
models=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/models}
out=${3:-$root/docs/figures.md}
inputs=${INPUTS:-2}
jobs=${JOBS:-$(nproc)}
target=cortex-m4
figures=$root/bench/figures.tsv
made=$root/out/figures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "figures: $*" >&2; }
file_of() { if [[ $1 == */* ]]; then echo "$models/$1"; else echo "$made/$1"; fi; }
title_of() { basename "$1" .tflite; }
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
# first|last KEY FILE: a number of a JSON report by its first or last occurrence.
first() { sed -n "s/.*\"$1\": \([0-9][0-9.]*\).*/\1/p" "$2" | head -n 1; }
last() { sed -n "s/.*\"$1\": \([0-9][0-9.]*\).*/\1/p" "$2" | tail -n 1; }
# percent A B [DIGITS]
percent() { awk -v a="$1" -v b="$2" -v d="${3:-1}" 'BEGIN { printf "%.*f", d, 100 * a / b }'; }
# key MODEL INPUT SPACE F: the name of a plan's report. INPUT is resident, kept or row-fed.
key() { echo "$(title_of "$1").$2.$3.$4"; }

# run_one "VERB MODEL INPUT SPACE F": the report of `thimble VERB` in $work/VERB.KEY.json; none when it fails.
run_one() {
  local verb model input space limit options=() json
  read -r verb model input space limit <<<"$1"
  json=$work/$verb.$(key "$model" "$input" "$space" "$limit").json
  [ -f "$json" ] && return
  [ "$input" = row-fed ] && options+=(--stream-input)
  [ "$input" = kept ] && options+=(--keep-input)
  if [ "$verb" = verify ]; then options+=(--inputs "$inputs"); else options+=(-o "$json.c"); fi
  say "$verb $(title_of "$model"), $input, space $space, F <= $limit"
  "$thimble" "$verb" "$(file_of "$model")" --target "$target" --kernels portable --space "$space" --max-overhead "$limit" \
    "${options[@]}" --json "$json" >"$json.log" 2>&1 || say "$verb $(title_of "$model"), $input: $(tail -n 1 "$json.log")"
  rm -rf "$json.c"
}
export -f run_one say file_of title_of key
export thimble models made work inputs target
in_parallel() { sort -u | xargs -P "$jobs" -d '\n' -I{} bash -c 'run_one "$1"' _ {}; }

# The network that has to be made.
definition=$models/mcunet/configs/mbv2-w0.35-r144_imagenet.json
maker=$root/build/release/bench/bench_zoo_model
mkdir -p "$made"
if [ -f "$definition" ]; then
  cmake --build "$root/build/release" --target bench_zoo_model >/dev/null
  "$maker" "$definition" "$made/mbv2-w0.35-r144_imagenet.tflite"
fi

# all_in: lines "MODEL INPUT MODE BYTES"; msf: lines "MODEL LIMIT BYTES". Of networks that are there.
all_in=()
msf=()
missing=
while IFS=$'\t' read -r model mode bytes; do
  [[ $model == \#* ]] && continue
  if [ ! -f "$(file_of "$model")" ]; then
    [[ $missing == *" $model "* ]] || say "no $(file_of "$model"): left out"
    missing+=" $model "
  elif [[ $mode == r* ]]; then
    all_in+=("$model"$'\t'"${mode%%,*}"$'\t'"$mode"$'\t'"$bytes")
  else
    msf+=("$model"$'\t'"$mode"$'\t'"$bytes")
  fi
done <"$figures"
if [ "${#all_in[@]}" -eq 0 ]; then
  say "no networks: nothing to do"
  exit 0
fi

limit_of() { if [ "$1" = least ]; then echo 4; elif [ "$1" = 1.0 ]; then echo 1; else echo "$1"; fi; }

latency=()
for model in mlperf_tiny/{ad01_int8,pretrainedResnet_quant,kws_ref_model,vww_96_int8,str_ww_ref_model}.tflite \
  tflite_micro/person_detect.tflite tinyengine/vww.tflite; do
  if [ -f "$(file_of "$model")" ]; then latency+=("$model"); fi
done

{
  for line in "${all_in[@]}"; do
    IFS=$'\t' read -r model input _ <<<"$line"
    echo "verify $model $input all 1"
  done
  for model in "${latency[@]}"; do
    for space in whole lines all; do echo "verify $model resident $space 1"; done
  done
} | in_parallel

# Who hands the input in does not matter to msf-CNN's accounting: of all ways the smallest one, which is verified.
for line in "${msf[@]}"; do
  IFS=$'\t' read -r model limit _ <<<"$line"
  for input in kept row-fed; do echo "compile $model $input all $(limit_of "$limit")"; done
done | in_parallel
smaller_input() {
  local input best='' bytes least=''
  for input in kept row-fed; do
    [ -f "$work/compile.$(key "$1" $input all "$2").json" ] || continue
    bytes=$(first msf_bytes "$work/compile.$(key "$1" $input all "$2").json")
    if [ -z "$least" ] || [ "$bytes" -lt "$least" ]; then least=$bytes best=$input; fi
  done
  echo "$best"
}
for line in "${msf[@]}"; do
  IFS=$'\t' read -r model limit _ <<<"$line"
  limit=$(limit_of "$limit")
  echo "verify $model $(smaller_input "$model" "$limit") all $limit"
done | grep -E '(kept|row-fed)' | in_parallel

# Squeeze-and-excite: what a second pass buys.
squeezing=tinyengine/mcunetv2_large.tflite
twice=()
if [ -f "$(file_of "$squeezing")" ]; then
  for limit in 1 1.1 1.2 1.3; do
    for input in resident row-fed; do twice+=("$input $limit"); done
  done
  for case in "${twice[@]}"; do
    read -r input limit <<<"$case"
    echo "verify $squeezing $input all $limit"
  done | in_parallel
fi

# row JSON BYTES FIGURE: the columns from the figure on.
row() {
  local json=$1 bytes=$2 figure=$3 ratio=-
  if [ "$figure" != - ]; then ratio=$(percent "$bytes" "$figure") figure=$(grouped "$figure"); fi
  awk -v r="$ratio" 'BEGIN { exit !(r != "-" && r > 100) }' && ratio="**$ratio**"
  echo -n "$figure | $(grouped "$bytes") | $ratio"
}
measured() { # JSON: overhead, mismatched bytes, instructions
  echo "$(percent "$(first overhead "$1")" 100 3) | $(first mismatched_bytes "$1") | $(grouped "$(last instructions "$1")")"
}
gap() {
  local arena bound
  arena=$(first arena_bytes "$1") bound=$(first lower_bound_bytes "$1")
  awk -v a="$arena" -v b="$bound" 'BEGIN { printf "%.2f", (b > 0) ? 100 * (a - b) / b : 0 }'
}

{
  cat <<'END'
# Figures

Made by `bench/figures.sh`; all of it repeats exactly. What the planner needs on networks of which figures are known:
those of prototypes of its ideas and of the literature, kept in `bench/figures.tsv`. Every plan was verified: the schedule, the emitted C on the
host under sanitizers, and the firmware on an emulated Cortex-M4 give the interpreter's bytes, or the table says how many
differ. *Ours / figure* in bold is above 100 %: the figure is not reached. The plans are those of the least arena, to the byte:
with `--kernels portable`, which have no working memory.

Networks that take and give float32 at their ends are compiled with integer ends, as by default. `mbv2-w0.35-r144_imagenet`
is MobileNetV2-0.35 at 144 x 144 as the MCUNet zoo defines it, with random weights (`bench_zoo_model`).

## All in, nothing computed twice

*Ours* is the whole arena: input, output, tensors, rings, sums, scratch, cursors, alignment. *Resident*: the caller puts the
whole input in place, and its dead bytes are used again. *Row-fed* (`--stream-input`): it hands in row by row, and the rows
kept count. *Bound* is the least over all plans of the declared space ([planner.md](planner.md)), *gap* what the arena is above
it. *MAC overhead*: executed multiply-accumulates against the network's; below 1 where rows that nobody reads are not made.
`-`: no figure, or no plan, as the network's input has no rows. Figures may leave out what ours count: cursors, scratch,
alignment.

| network | input | figure B | ours B | ours / figure % | bound B | gap % | MAC overhead | mismatched B | M4 instructions |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
  for line in "${all_in[@]}"; do
    IFS=$'\t' read -r model input mode figure <<<"$line"
    json=$work/verify.$(key "$model" "$input" all 1).json
    if [ ! -f "$json" ]; then
      echo "| $(title_of "$model") | $mode | $(grouped "$figure") | - | - | - | - | - | - | - |"
      continue
    fi
    echo "| $(title_of "$model") | $mode | $(row "$json" "$(first arena_bytes "$json")" "$figure") |" \
      "$(grouped "$(first lower_bound_bytes "$json")") | $(gap "$json") | $(measured "$json") |"
  done
  cat <<'END'

## Computing again, in msf-CNN's accounting

`memory.msf_bytes`: the largest sum of bytes that live at once, without the network's input and its final map, as msf-CNN
counts. F limits the multiply-accumulates of the plan as a multiple of the network's (`--max-overhead`); *least* is F <= 4. The
input is kept for the caller (`--keep-input`), so that all else is what the planner makes small, or row-fed, whichever gives
less. Residual additions and the head are in, which msf-CNN leaves out.

| network | F <= | figure B | ours B | ours / figure % | input | arena B | bound of arena B | gap % | MAC overhead | mismatched B | M4 instructions |
| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
END
  for line in "${msf[@]}"; do
    IFS=$'\t' read -r model limit figure <<<"$line"
    input=$(smaller_input "$model" "$(limit_of "$limit")")
    json=$work/verify.$(key "$model" "$input" all "$(limit_of "$limit")").json
    if [ ! -f "$json" ]; then
      echo "| $(title_of "$model") | $limit | $(grouped "$figure") | - | - | - | - | - | - | - | - | - |"
      continue
    fi
    echo "| $(title_of "$model") | $limit | $(row "$json" "$(first msf_bytes "$json")" "$figure") | $input |" \
      "$(grouped "$(first arena_bytes "$json")") | $(grouped "$(first lower_bound_bytes "$json")") |" \
      "$(gap "$json") | $(measured "$json") |"
  done
  if [ "${#twice[@]}" -gt 0 ]; then
    cat <<END

## Squeeze-and-excite: a map computed twice

$(title_of "$squeezing") scales wide maps by values that all of the map decides. They are kept, or, within the limit on F,
computed a second time. Layer by layer it needs 1,505,280 bytes.

| input | F <= | arena B | bound B | gap % | MAC overhead | mismatched B | M4 instructions |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
    for case in "${twice[@]}"; do
      read -r input limit <<<"$case"
      json=$work/verify.$(key "$squeezing" "$input" all "$limit").json
      [ -f "$json" ] || continue
      echo "| $input | $limit | $(grouped "$(first arena_bytes "$json")") |" \
        "$(grouped "$(first lower_bound_bytes "$json")") | $(gap "$json") | $(measured "$json") |"
    done
  fi
  cat <<'END'

## What small stages cost in time

Executed instructions of one inference on the Cortex-M4, by what the planner may choose from (`--space`): whole tensors, rings
of lines, too, or all. Input resident, nothing computed twice.

| network | arena B: whole | lines | all | M4 instructions: whole | lines | all | lines / whole % | all / whole % | mismatched B |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
  for model in "${latency[@]}"; do
    arenas= counts= wrong=0
    for space in whole lines all; do
      json=$work/verify.$(key "$model" resident $space 1).json
      [ -f "$json" ] || continue 2
      arenas+=" | $(grouped "$(first arena_bytes "$json")")"
      counts+=" | $(grouped "$(last instructions "$json")")"
      declare "count_$space=$(last instructions "$json")"
      wrong=$((wrong + $(first mismatched_bytes "$json")))
    done
    echo "| $(title_of "$model")$arenas$counts | $(percent "$count_lines" "$count_whole") |" \
      "$(percent "$count_all" "$count_whole") | $wrong |"
  done
  cat <<'END'

## Elsewhere

`bench/offsets.sh`: offsets on published allocation problems. `bench_order`: the order search on cell networks and
random-wired networks. `bench/table.sh`: [other targets, flash, stack](results.md).
END
} >"$work/figures.md"
mkdir -p "$(dirname "$out")"
mv "$work/figures.md" "$out"
cat "$out"

failed=$(grep -L '^  "mismatched_bytes": 0,' "$work"/verify.*.json | wc -l)
above=$(grep -c '\*\*[0-9.]*\*\*' "$out" || true)
if [ "$failed" -gt 0 ]; then
  say "FAILED: $failed plans give other bytes"
  exit 1
fi
say "PASSED: $(ls "$work"/verify.*.json | wc -l) plans verified, $above above their figure, written to $out"
