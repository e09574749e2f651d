// What AVERAGE_POOL_2D and MAX_POOL_2D share in the interpreter: taps outside the map are left out.
#pragma once

#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

/// Per run of output channels: `begin(length)`, `tap(const Stored *x, length)` for every tap inside the map,
/// row by row, then `Stored end(i, taps)` for every channel. `summed` limits the rows of a sum that is done
/// in parts; its reducer has `sums`, kept as `Accumulator` between the parts.
template <class Stored, class Accumulator, class Pool, class Reducer>
void pool_windows(const Pool &pool, const OpRun &run, const Range &summed, Reducer &&reducer) {
  const View &x = run.inputs[0];
  std::vector<Accumulator> partial;
  std::vector<Stored> scratch;
  std::vector<Stored> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    // The part of the window that lies inside the map.
    const auto clip = [](std::int32_t o, std::int32_t stride, std::int32_t before, std::int32_t size,
                         std::int32_t limit) {
      const std::int64_t begin = std::int64_t{o} * stride - before;
      return Range{static_cast<std::int32_t>(std::max<std::int64_t>(begin, 0)),
                   static_cast<std::int32_t>(std::min<std::int64_t>(begin + size, limit))};
    };
    const Range window = clip(at[1], pool.stride.rows, pool.padding.top, pool.filter.rows, x.layout.shape[1]);
    const Range rows = intersect(window, summed);
    const Range columns =
        clip(at[2], pool.stride.columns, pool.padding.left, pool.filter.columns, x.layout.shape[2]);
    reducer.begin(length);
    if constexpr (requires { reducer.sums; }) {
      if (!run.first) {
        const Accumulator *earlier = load_run<Accumulator>(run.accumulator, at, length, partial);
        std::transform(earlier, earlier + length, reducer.sums.begin(), [](Accumulator sum) {
          return static_cast<std::decay_t<decltype(reducer.sums[0])>>(sum);
        });
      }
    }
    for (std::int32_t iy = rows.begin; iy < rows.end; ++iy) {
      for (std::int32_t ix = columns.begin; ix < columns.end; ++ix) {
        reducer.tap(load_run(x, {at[0], iy, ix, at[3]}, length, scratch), length);
      }
    }
    if constexpr (requires { reducer.sums; }) {
      if (!run.last) {
        partial.assign(reducer.sums.begin(), reducer.sums.end());
        return store_run(run.accumulator, at, length, partial.data());
      }
    }
    outputs.resize(static_cast<std::size_t>(length));
    for (std::size_t c = 0; c < outputs.size(); ++c)
      outputs[c] = reducer.end(c, window.size() * columns.size());
    store_run(run.output, at, length, outputs.data());
  });
}

}  // namespace thimble::interpreter
