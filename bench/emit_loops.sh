#!/bin/sh
# Random networks with random loop nests, emitted, compiled under sanitizers and compared with the interpreter and
# the enumerator: as many as one likes.  bench/emit_loops.sh [FIRST_SEED] [COUNT]; 100 take about half a minute.
set -e
cd "$(dirname "$0")/.."
cmake --preset release > /dev/null
cmake --build build/release --target test_emit
THIMBLE_LOOP_SEEDS="${1:-100000} ${2:-1000}" build/release/tests/test_emit --gtest_filter=EmittedLoops.Sweep
