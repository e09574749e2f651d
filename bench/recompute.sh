#!/bin/sh
# What recomputation buys on the networks of msf-CNN and MCUNetV2: arena and msf bytes by limit on the MAC
# overhead, resident and row-fed input.
#
#   bench/recompute.sh MODELS [BUILD]     MODELS: folder with mcunet/ and tinyengine/
set -eu
models=$1
build=${2:-build/release}
for model in tinyengine/vww mcunet/mcunet-320kb-1mb_imagenet tinyengine/mcunetv2_large; do
  file=$models/$model.tflite
  [ -f "$file" ] || { echo "$model: not there"; continue; }
  for mode in "" --stream-input; do
    echo "$(basename "$file") $mode"
    "$build/bench/bench_recompute" "$file" $mode 1.0 1.1 1.2 1.3 1.5 10
  done
done
