#!/usr/bin/env bash
# Counts what inferences take on three emulated cores, by network and by operator, beside TensorFlow Lite Micro with
# CMSIS-NN and the limits of speed.tsv, and writes docs/speed.md.
#
#   bench/speed.sh [THIMBLE [MODELS [OUT]]]
#
# MODELS is the folder with the shared models and their INDEX.tsv (default: shared/models beside the checkout, or
# $THIMBLE_SHARED_DATA/models). Networks that are not there are left out, with a line that says so. JOBS comes from the
# environment. Every plan is verified: exit code 1 when a byte differs or a verification fails. A limit that is missed is no
# failure: the page shows it in bold, and the last line tells how many.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
thimble=${1:-$root/build/release/bin/thimble}
models=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/models}
out=${3:-$root/docs/speed.md}
jobs=${JOBS:-$(nproc)}
peers=$root/bench/tflm.tsv
limits=$root/bench/speed.tsv
targets=(cortex-m4 cortex-m55 cortex-m0plus)
plans=(ram latency)
least_macs=1000000 # networks of the second part have more
most_per_mac=1.7   # instructions, of those
most_ratio=1.10    # instructions of the plan in least RAM against the fastest
most_code=16384
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "speed: $*" >&2; }
title_of() { echo "${1%.tflite}"; }
json_of() { echo "$work/$(tr / . <<<"$1").$2.$3.json"; }
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
shown() { if [ -n "$1" ]; then grouped "$1"; else echo -; fi; }
# number KEY FILE: the first number of that key that is no estimate of the compiler. Of the executors in runs[] only the emulated one has counts, and the
# operators come behind it.
number() { sed -n "/\"estimate\": {/,/}/d; s/.*\"$1\": \([0-9][0-9]*\).*/\1/p" "$2" | head -n 1; }
# column FILE MODEL NAME: of a table whose last comment names its columns.
column() {
  awk -F '\t' -v model="$2" -v name="$3" '
    /^# model/ { for (i = 1; i <= NF; i++) if ($i == name) at = i }
    $1 == model && at { print $at }' "$1"
}
divided() { awk -v a="$1" -v b="$2" -v d="${3:-2}" 'BEGIN { printf "%.*f", d, a / b }'; }

# run_one MODEL TARGET PLAN: its report, with operators on the core of the tables by operator.
run_one() {
  local json options=()
  json=$(json_of "$@")
  [ "$2" = cortex-m4 ] && options+=(--operators)
  say "$(title_of "$1") on $2, plan of least $3"
  if ! "$thimble" verify "$models/$1" --target "$2" --minimize "$3" --inputs 1 "${options[@]}" --json "$json" \
    >"$json.log" 2>&1; then
    say "$(title_of "$1") on $2: $(tail -n 1 "$json.log")"
    echo "$1 $2 $3" >>"$work/failed"
  fi
}
# The multiply-accumulates of a model file with int8 convolutions, 0 for others.
macs_of() {
  "$thimble" inspect "$models/$1" --json - 2>/dev/null >"$work/inspect.$$" || true
  if grep -qE '"kind": "(DEPTHWISE_)?CONV_2D"' "$work/inspect.$$"; then
    awk '/"compute"/ { on = 1 } on && /"macs"/ { gsub(/[^0-9]/, ""); print; exit }' "$work/inspect.$$"
  else
    echo 0
  fi
}
export -f say title_of json_of run_one
export thimble models work
: >"$work/failed"

networks=()
while IFS=$'\t' read -r model _; do
  [[ $model == \#* ]] && continue
  if [ -f "$models/$model" ]; then networks+=("$model"); else say "no $models/$model: left out"; fi
done <"$limits"
zoo=()
if [ -f "$models/INDEX.tsv" ]; then
  while read -r model; do
    if [ ! -f "$models/$model" ]; then say "no $models/$model: left out"
    elif [ "$(macs_of "$model")" -gt "$least_macs" ]; then zoo+=("$model"); fi
  done < <(awk -F '\t' '$2 == "core" && $11 == "i8xi8" && $1 ~ /\.tflite$/ { print $1 }' "$models/INDEX.tsv" | sort)
else
  say "no INDEX.tsv in $models: the second part is left out"
fi
if [ "${#networks[@]}" -eq 0 ] && [ "${#zoo[@]}" -eq 0 ]; then
  say "no networks: nothing to do"
  exit 0
fi

# What takes longest comes first; what both parts need runs once.
{
  for model in "${zoo[@]}"; do echo "$(stat -c %s "$models/$model") $model cortex-m4 ram"; done
  for model in "${networks[@]}"; do
    for target in "${targets[@]}"; do
      for plan in "${plans[@]}"; do echo "$(stat -c %s "$models/$model") $model $target $plan"; done
    done
  done
} | sort -u | sort -rn -k 1,1 | cut -d ' ' -f 2- | xargs -P "$jobs" -d '\n' -I{} bash -c 'run_one $1' _ {}

# judged VALUE LIMIT TEXT: the text, in bold where the value is above the limit; counts both.
kept=0
missed=0
judged() {
  if awk -v v="$1" -v l="$2" 'BEGIN { exit !(v > l) }'; then
    missed=$((missed + 1))
    text="**$3**"
  else
    kept=$((kept + 1))
    text=$3
  fi
}

# share COUNT PEER LIMIT: "0.41 (0.42)", judged; "-" where nothing is known.
share() {
  if [ -z "$2" ] || [ -z "$3" ]; then
    text=-
  else
    judged "$(divided "$1" "$2" 6)" "$3" "$(divided "$1" "$2" 3) ($3)"
  fi
}

# The rows of one core's table.
core_rows() {
  local target=$1 short=$2 model plan json line instructions cycles flash code peer text peer_text
  for model in "${networks[@]}"; do
    for plan in "${plans[@]}"; do
      json=$(json_of "$model" "$target" "$plan")
      [ -f "$json" ] || continue
      instructions=$(number instructions "$json")
      cycles=$(number cycles_estimate "$json")
      code=$(number code_bytes "$json")
      flash=$((code + $(number weights_bytes "$json")))
      line="| $(title_of "$model") | $plan | $(grouped "$instructions")"
      peer=$(column "$peers" "$model" "${short}_cmsis_instructions")
      share "$instructions" "$peer" "$(column "$limits" "$model" "${short}_instructions")"
      line+=" | $(shown "$peer") | $text | $(divided "$instructions" "$(number macs_unplanned "$json")") | $(grouped "$cycles")"
      peer=$(column "$peers" "$model" "${short}_cmsis_cycles")
      share "$cycles" "$peer" "$(column "$limits" "$model" "${short}_cycles")"
      line+=" | $(shown "$peer") | $text | $(grouped "$(number arena_bytes "$json")")"
      line+=" | $(shown "$(column "$peers" "$model" "${short}_cmsis_arena")")"
      judged "$code" "$most_code" "$(grouped "$code")"
      line+=" | $text | $(grouped "$(number weights_bytes "$json")")"
      peer_text=$(column "$peers" "$model" "${short}_cmsis_text")
      if [ -n "$peer_text" ]; then
        peer=$(($(column "$peers" "$model" model_bytes) + peer_text))
        judged "$flash" $((peer - 1)) "$(divided "$flash" "$peer" 3)"
      else
        text=-
      fi
      line+=" | $text | $(grouped "$(number stack_bytes "$json")") | $(number mismatched_bytes "$json") |"
      echo "$line"
    done
  done
}

core_table() {
  local title=$1
  cat <<END

### $title

| network | plan | instructions | TFLM's | share (limit) | per MAC | cycles est. | TFLM's | share (limit) | arena B | TFLM's B | code B | weights B | flash of TFLM | stack B | mismatched B |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
END
  core_rows "$2" "$3"
}

# operator_rows RAM_JSON LATENCY_JSON: one row for each operator, both plans side by side.
operator_rows() {
  awk '
    function value(line) { sub(/^[^:]*: /, "", line); sub(/,$/, "", line); gsub(/"/, "", line); return line }
    function per(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "-" }
    function cells(f, k) {
      return variant[f, k] " | " per(count[f, k], macs[f, k]) " | " per(cycles[f, k], macs[f, k]) " | " \
             sprintf("%.1f", 100 * count[f, k] / total[f])
    }
    FNR == 1 { file++; on = 0 }
    /^  "operators": \[/ { on = 1 }
    !on { next }
    /"op":/ { op = value($0) == "null" ? -1 : value($0); if (op > last) last = op }
    /"kind":/ { kind[op] = value($0) }
    /"variant":/ { variant[file, op] = value($0) }
    /"macs":/ { macs[file, op] = value($0) }
    /"instructions":/ { count[file, op] = value($0); total[file] += value($0) }
    /"cycles_estimate":/ { cycles[file, op] = value($0) }
    END {
      for (op = 0; op <= last; op++)
        if (op in kind) print "| " op ":" kind[op] " | " macs[1, op] + 0 " | " cells(1, op) " | " cells(2, op) " |"
    }' "$1" "$2" | while IFS='|' read -r _ operator macs rest; do
    echo "|$operator| $(grouped "$(tr -d ' ' <<<"$macs")") |$rest"
  done
}

page() {
  cat <<'END'
# Speed

Made by `bench/speed.sh`; all of it repeats exactly. What one inference takes: executed instructions, counted by emulators
from the entry to the return of `NAME_run`, and cycles estimated from them. The networks are int8, the input is random, and
what both count hardly depends on it. Every plan was verified on one input: interpreter, schedule, emitted C on the host under
sanitizers, and the firmware on the emulated core give the same bytes, or the table says how many differ.

*TFLM* is TensorFlow Lite Micro with CMSIS-NN, measured on the same emulated cores with the same compiler (`bench/tflm.tsv`). In
parentheses stands the limit (`bench/speed.tsv`); **bold** is what misses one. Flash is weights and code, TFLM's the model
file and its code. All code of a program, runtime and generated, is to stay within 16,384 B. *Plan* is what
`--minimize` was told: `ram`, the default, or `latency`. Both compute nothing twice. *per MAC* is against the
multiply-accumulates that the rewrite passes leave ([passes.md](passes.md)), not against those of the model file.

## What the counts do not tell

An instruction is not a cycle, and instruction counts favour some code over other:

- **Wide accesses.** LDM, LDRD and their like count once and take a cycle or more for each register. Code that loads in
  blocks looks better by its instructions than by its cycles.
- **Dual issue.** A Cortex-M7 issues two instructions in one cycle where it can, a Cortex-M55 some pairs of 16-bit
  ones. How often depends on the order of the instructions, which no count shows.
- **Helium.** A vector instruction has four beats of 32 bits, of which a Cortex-M55 does two in a cycle: it takes two
  cycles, part of which overlap with a neighbour that uses another unit, and counts once. Vector code is slower than its
  count suggests. The M55's columns compare programs that both use vectors more fairly than one that does with one that
  does not.
- **Memory.** Flash of a fast part has wait states, hidden by caches and prefetching as far as they go. Weights that are
  read once have nothing to gain from a cache. Counts know nothing of it; `flash_wait_states` of a device profile adds them to
  every load from flash ([devices.md](devices.md)), 0 here.
- **Branches.** A taken branch costs two cycles more on a Cortex-M4, one more on a Cortex-M0+.

So there is an estimate beside the counts, simple and the same for every program (`src/thimble/target/cycles.h`), of zero
wait states:

| core | cycles |
| --- | --- |
| Cortex-M4 | Arm's instruction timings: load 2, or 1 right after another access; store 1; LDRD, STRD 3; LDM, STM, PUSH, POP 1 and 1 for each register; branch taken 3, not taken 1; MLA 2; division 7; all else 1, SMLAD included |
| Cortex-M0+ | Arm's instruction timings with the single-cycle multiplier: load and store 2; LDM, STM, PUSH, POP 1 and 1 for each register; branch 2, BL 3, not taken 1; all else 1 |
| Cortex-M55 | Arm publishes no timings: 1 for each instruction, which is too few for Helium's and too many for pairs that issue together. The column repeats the instructions |

## Networks on three cores
END
  core_table Cortex-M4 cortex-m4 m4
  core_table "Cortex-M55" cortex-m55 m55
  core_table "Cortex-M0+" cortex-m0plus m0
  cat <<END

## The plan of least RAM against the fastest

Instructions of the default plan as a multiple of those of \`--minimize latency\`, and its arena as a share; instructions are to stay within $most_ratio.

| network | M4 | M55 | M0+ | arena on M4 |
| --- | ---: | ---: | ---: | ---: |
END
  local model target line ratio text ram fast
  for model in "${networks[@]}"; do
    line="| $(title_of "$model")"
    for target in "${targets[@]}"; do
      ram=$(json_of "$model" "$target" ram) fast=$(json_of "$model" "$target" latency) text=-
      if [ -f "$ram" ] && [ -f "$fast" ]; then
        ratio=$(divided "$(number instructions "$ram")" "$(number instructions "$fast")" 3)
        judged "$ratio" "$most_ratio" "$ratio"
      fi
      line+=" | $text"
    done
    ram=$(json_of "$model" cortex-m4 ram) fast=$(json_of "$model" cortex-m4 latency) text=-
    if [ -f "$ram" ] && [ -f "$fast" ]; then
      text=$(divided "$(number arena_bytes "$ram")" "$(number arena_bytes "$fast")" 3)
    fi
    echo "$line | $text |"
  done
  if [ "${#zoo[@]}" -gt 0 ]; then
    cat <<END

## Instructions per multiply-accumulate

Every int8 convolutional network of the collection with more than $(grouped "$least_macs") multiply-accumulates after the passes, on a
Cortex-M4, the default plan. Instructions are to stay within $most_per_mac per multiply-accumulate.

| network | MACs | instructions | per MAC | cycles est. per MAC | arena B | mismatched B |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
END
    local json macs
    for model in "${zoo[@]}"; do
      json=$(json_of "$model" cortex-m4 ram)
      [ -f "$json" ] || continue
      macs=$(number macs_unplanned "$json")
      [ "$macs" -gt "$least_macs" ] || continue
      ratio=$(divided "$(number instructions "$json")" "$macs" 3)
      judged "$ratio" "$most_per_mac" "$ratio"
      echo "| $(title_of "$model") | $(grouped "$macs") | $(grouped "$(number instructions "$json")") | $text |" \
        "$(divided "$(number cycles_estimate "$json")" "$macs" 3) | $(grouped "$(number arena_bytes "$json")") |" \
        "$(number mismatched_bytes "$json") |"
    done
  fi
  cat <<'END'

## By operator, on a Cortex-M4

Instructions and estimated cycles per multiply-accumulate, and each operator's share of the network's instructions: where
the next gain is. `thimble verify MODEL --operators` counts them ([cli.md](cli.md#what-each-operator-takes)); in a stage of
several operators the loops and cursors between two kernels count for the first of them.
END
  for model in "${networks[@]}"; do
    ram=$(json_of "$model" cortex-m4 ram) fast=$(json_of "$model" cortex-m4 latency)
    if [ ! -f "$ram" ] || [ ! -f "$fast" ]; then continue; fi
    cat <<END

### $(title_of "$model")

| operator | MACs | ram: kernel | per MAC | cycles | share % | latency: kernel | per MAC | cycles | share % |
| --- | ---: | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |
END
    operator_rows "$ram" "$fast"
  done
}

page >"$work/speed.md"
mkdir -p "$(dirname "$out")"
mv "$work/speed.md" "$out"
say "$kept of $((kept + missed)) limits kept, $missed missed; written to $out"
if [ -s "$work/failed" ]; then
  say "FAILED: $(wc -l <"$work/failed") verifications"
  exit 1
fi
