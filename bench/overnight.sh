#!/usr/bin/env bash
# Random networks under random plans, as many as one likes:
#
#   bench/overnight.sh [FIRST_SEED [COUNT]]        default: 1000000 100000
#
# For every seed one network under random loop nests (any levels, any folds) and one under a plan: what the planner
# finds under random options (space, kind of input, overhead, alignment, objective, fronts), or random stages of a
# random order as it may choose them, windows included. Each plan passes `check`; `execute` and the emitted C, under
# sanitizers, give the interpreter's bytes; what fires is what for_each_firing tells. 100 seeds take about a minute
# of one core. JOBS (default: all cores) parts run side by side. Ends with a verdict; failures are listed with their
# seeds when they come, whole logs are kept in build/overnight.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
first=${1:-1000000}
count=${2:-100000}
jobs=${JOBS:-$(nproc)}
part=100
logs=build/overnight

cmake --preset release >/dev/null
cmake --build build/release --target test_emit
rm -rf "$logs"
mkdir -p "$logs"

# run_part FIRST COUNT: both sweeps; the log stays where something fails.
run_part() {
  local log=$logs/$1.log
  if THIMBLE_LOOP_SEEDS="$1 $2" THIMBLE_PLAN_SEEDS="$1 $2" build/release/tests/test_emit \
    --gtest_filter='EmittedLoops.Sweep:EmittedPlansLong.Sweep' >"$log" 2>&1; then
    echo "overnight: seeds $1 to $(($1 + $2 - 1)) good: $(grep -oE '^[0-9]+ (cases|plans emitted)' "$log" | paste -sd, | sed 's/,/, /g')"
    rm "$log"
  else
    echo "overnight: seeds $1 to $(($1 + $2 - 1)) FAILED, log $log"
    grep -aE 'seed [0-9]+|net[0-9]+|random [0-9]+|refus|Sanitizer|runtime error' "$log" | head -n 10 || tail -n 10 "$log"
  fi
}
export -f run_part
export logs

for ((seed = first; seed < first + count; seed += part)); do
  left=$((first + count - seed))
  echo "$seed $((left < part ? left : part))"
done | xargs -P "$jobs" -L 1 bash -c 'run_part "$@"' _

failed=$(find "$logs" -name '*.log' | wc -l)
if [ "$failed" -gt 0 ]; then
  echo "overnight: FAILED: $failed parts of $part seeds"
  exit 1
fi
echo "overnight: PASSED: $count seeds from $first on"
