#!/usr/bin/env bash
# Measures networks over time as streams, and writes docs/streams.md.
#
#   bench/streams.sh [THIMBLE [MODELS [OUT]]]
#
# MODELS is the folder with the shared models (default: shared/models beside the checkout, or
# $THIMBLE_SHARED_DATA/models). 10,000 random frames go through each network on an emulated Cortex-M4, and every
# output byte is compared with the batch's. Every figure repeats exactly. Exit code 1 when a byte differs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
thimble=${1:-$root/build/release/bin/thimble}
models=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/models}
out=${3:-$root/docs/streams.md}
frames=10000
peer=$root/bench/tflm.tsv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Model, frames of a step, options of time.
list=(
  "mlperf_tiny/str_ww_ref_model.tflite 1"
  "mlperf_tiny/kws_ref_model.tflite 1 --axis 1"
  "mlperf_tiny/kws_ref_model.tflite 1 --axis 1 --causal"
  "tflite_micro/micro_speech_quantized.tflite 1"
  "esphome_mww/hey_jarvis.tflite 1"
  "esphome_mww/okay_nabu.tflite 1"
  "esphome_mww/vad.tflite 3"
  "esphome_mww/v2__hey_jarvis.tflite 3"
  "esphome_mww/choo_choo_homie.tflite 3"
  "pymicro/computer.tflite 2"
)

# The same in parts: model, options of time, extra.
parts=(
  "mlperf_tiny/str_ww_ref_model.tflite short-rings"
  "mlperf_tiny/str_ww_ref_model.tflite past-taps"
  "mlperf_tiny/kws_ref_model.tflite short-rings --axis 1"
  "mlperf_tiny/kws_ref_model.tflite past-taps --axis 1"
  "mlperf_tiny/kws_ref_model.tflite spread --axis 1"
  "esphome_mww/hey_jarvis.tflite short-rings"
  "esphome_mww/hey_jarvis.tflite past-taps"
)

# random_bytes COUNT: of the generator that --verify takes its frames from.
random_bytes() {
  LC_ALL=C awk -v n="$1" 'BEGIN {
    for (s = 12345; n > 0; --n) {
      s = (s * 1664525 + 1013904223) % 4294967296
      printf "%c", int(s / 16777216)
    }
  }'
}
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
# number FILTER FILE: of a JSON report, rounded, in groups; "-" where it is null.
number() {
  local value
  value=$(jq -r "$1 | if . == null then \"-\" else round end" "$2")
  grouped "$value"
}
peer_value() { awk -F '\t' -v m="$1" -v c="$2" '$1 == m { print $c }' "$peer"; }

rows=""
different=0
for entry in "${list[@]}"; do
  read -r path hop options <<<"$entry"
  if [ ! -f "$models/$path" ]; then
    echo "streams: no $models/$path: left out" >&2
    continue
  fi
  # shellcheck disable=SC2086
  for target in cortex-m4 cortex-m55; do
    "$thimble" stream "$models/$path" $options --hop "$hop" --target $target --verify --json "$work/$target.json" >"$work/text" || different=1
  done
  plan=$work/cortex-m4.json
  values=$(jq -r '.inputs_of_network[0].shape | .[1:] | reduce .[] as $n (1; . * $n)' "$plan")
  window=$(jq -r '.time.window_frames' "$plan")
  random_bytes $((frames * values / window)) >"$work/frames.bin"
  # Whole steps only.
  step=$((values / window * hop))
  truncate -s $(($(stat -c %s "$work/frames.bin") / step * step)) "$work/frames.bin"
  # shellcheck disable=SC2086
  "$thimble" run "$models/$path" --stream $options --hop "$hop" --input "$work/frames.bin" --ends network --on cortex-m4 --compare \
    --json "$work/run.json" >"$work/text" || different=1
  name="$(basename "$path" .tflite)${options:+ \`$options\`}"
  before=$(number '.compute.macs_of_window' "$plan")
  if [ "$(jq -r '.states_of_file' "$plan")" != null ]; then before="-"; fi
  m4=$(peer_value "$path" 6)
  m55=$(peer_value "$path" 10)
  rows+="| $name | $hop | $before | $(number .compute.macs_per_step.average "$plan") | $(number .memory.state_bytes "$plan") | $(number .memory.least_state_bytes "$plan") | $(number .memory.arena_bytes "$plan") | $(number '.verification.runs[-1].instructions_per_step.average' "$plan") | ${m4:+$(grouped "$m4")} | $(number '.verification.runs[-1].instructions_per_step.average' "$work/cortex-m55.json") | ${m55:+$(grouped "$m55")} | $(number .outputs "$work/run.json") | $(number .mismatched_bytes "$work/run.json") |"$'\n'
done

in_parts=""
for entry in "${parts[@]}"; do
  read -r path extra options <<<"$entry"
  if [ ! -f "$models/$path" ]; then continue; fi
  plan=$work/parts.json
  # shellcheck disable=SC2086
  "$thimble" stream "$models/$path" $options --extra "$extra" --target cortex-m4 --verify --json "$plan" >"$work/text" || different=1
  run=.verification.runs[-1]
  in_parts+="| $(basename "$path" .tflite)${options:+ \`$options\`} | \`$extra\` | $(number .compute.macs_per_step.peak "$plan") | $(number .compute.macs_per_step.critical "$plan") | $(number .extras.without.macs_per_step.critical "$plan") | $(number .memory.state_bytes "$plan") | $(number .memory.counter_bytes "$plan") | $(number .extras.sum_bytes "$plan") | $(number .extras.without.state_bytes "$plan") | $(number .memory.least_state_bytes "$plan") | $(number .memory.arena_bytes "$plan") | $(number $run.instructions_per_step.average "$plan") | $(number $run.instructions_with_frame.peak "$plan") | $(number .verification.mismatched_bytes "$plan") |"$'\n'
done

cat >"$out" <<EOF
# Streams, measured

By \`bench/streams.sh\`. A step takes one frame, or as many as the second column says. *MACs before*: of the network on one
window, which is what a sliding window costs with each frame; networks that keep states have none. *State* lives from step
to step, rings and counters; *least*: the elements that any stream of the network has to remember; *RAM*: state and all
that a step needs besides. Instructions are executed ones per step, on average; *TFLM* is TensorFlow Lite Micro with
CMSIS-NN on the whole window, on the same emulated core ([results.md](results.md)). The last columns: $(grouped $frames) random frames
through the program on the emulated Cortex-M4, outputs that came, and bytes of them that are not the batch's.

| network | frames | MACs before | MACs per step | state B | least B | RAM B | M4 | M4, TFLM | M55 | M55, TFLM | outputs | different B |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
$rows
With convolutions in parts ([streaming.md](streaming.md#convolutions-in-parts)): multiply-accumulates of a step at most, those
between a frame and its output, and what these are without parts; bytes of state, of it counters and sums that wait, and the
state without parts; instructions on the Cortex-M4 per step on average, and with the frame at most.

| network | extra | MACs at most | with frame | without | state B | counters | sums | without | least B | RAM B | M4 | M4 with frame | different B |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
$in_parts
EOF
cat "$out"
exit $different
