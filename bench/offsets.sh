#!/usr/bin/env bash
# Offset allocation on the published problems: a table of bound, size found, proof, states and seconds.
#
#   bench/offsets.sh [BENCH_OFFSETS [ALLOCATION]]
#
# ALLOCATION is the folder with the problems (default: shared/allocation beside the checkout, or
# $THIMBLE_SHARED_DATA/allocation). The challenging ones are asked for their published capacity of 1 MiB, the
# others for the least size.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench=${1:-$root/build/release/bench/bench_offsets}
problems=${2:-${THIMBLE_SHARED_DATA:-$root/../shared}/allocation}

if [ ! -d "$problems" ]; then
  echo "offsets: no folder $problems: nothing to do"
  exit 0
fi
"$bench" --enough 1048576 "$problems"/challenging/*.csv
"$bench" "$problems"/{vela,examples,iopddl,somas}/*.csv
