#include <type_traits>

#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/element_wise.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

/// Adds up the elements behind each output in the input's row-major order: float sums keep one order whatever
/// the tile, and a part of the first reduced axis is a contiguous part of that order.
template <class T>
void mean_of(const OpRun &run) {
  constexpr bool is_float = std::is_same_v<T, float>;
  using Sum = std::conditional_t<is_float, float, std::uint64_t>;  // integers wrap like the reference's int32
  using Accumulator =
      std::conditional_t<is_float, float, std::conditional_t<sizeof(T) == 1, std::int32_t, std::int64_t>>;
  const View &x = run.inputs[0];
  const Footprint maps = footprint(run.graph, run.op, 0);
  const MeanParameters parameters = [&] {
    if constexpr (is_float) {
      MeanParameters plain;
      plain.count = mean_count(run.graph, run.op);
      return plain;
    } else {
      return mean_parameters(run.graph, run.op);
    }
  }();
  const bool last_is_kept = !maps.empty() && maps.back().kind == AxisMap::Kind::follow;
  std::vector<T> scratch;
  std::vector<Sum> sums;
  std::vector<Accumulator> partial;
  std::vector<T> outputs;

  const auto finish = [&](Sum sum) -> T {
    if constexpr (is_float) {
      return sum / static_cast<float>(parameters.count);
    } else {
      const std::int32_t total =
          wrap_add(static_cast<std::int32_t>(static_cast<std::uint32_t>(sum)), parameters.input_sum_offset);
      const std::int32_t value =
          wrap_add(multiply_by_quantized_multiplier(total, parameters.output), parameters.output_offset);
      const IntegerRange range = range_of(run.output.type);
      return static_cast<T>(std::clamp(value, range.min, range.max));
    }
  };

  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    sums.assign(static_cast<std::size_t>(length), Sum{});
    if (!run.first) {
      const Accumulator *earlier = load_run<Accumulator>(run.accumulator, at, length, partial);
      std::transform(earlier, earlier + length, sums.begin(),
                     [](Accumulator a) { return static_cast<Sum>(a); });
    }
    // The run's own box of inputs: where the last axis is reduced, a run of outputs is a column of boxes.
    Region outputs_of_run = Region::whole(run.output.layout.shape);
    for (int a = 0; a < outputs_of_run.rank; ++a) outputs_of_run.axis[a] = {at[a], at[a] + 1};
    const int last = outputs_of_run.rank - 1;
    if (last_is_kept) {
      outputs_of_run.axis[last].end = at[last] + length;
      for_each_run(input_region(maps, x.layout.shape, outputs_of_run, run.reduction),
                   [&](const Coordinates &from, std::int32_t part) {
                     const T *values = load_run(x, from, part, scratch);
                     for (std::int32_t i = 0; i < part; ++i)
                       sums[static_cast<std::size_t>(i)] += static_cast<Sum>(values[i]);
                   });
    } else {
      for (std::int32_t o = 0; o < length; ++o) {
        if (last >= 0) outputs_of_run.axis[last] = {at[last] + o, at[last] + o + 1};
        Sum &sum = sums[static_cast<std::size_t>(o)];
        for_each_run(input_region(maps, x.layout.shape, outputs_of_run, run.reduction),
                     [&](const Coordinates &from, std::int32_t part) {
                       const T *values = load_run(x, from, part, scratch);
                       for (std::int32_t i = 0; i < part; ++i) sum += static_cast<Sum>(values[i]);
                     });
      }
    }
    if (!run.last) {
      partial.resize(sums.size());
      std::transform(sums.begin(), sums.end(), partial.begin(),
                     [](Sum sum) { return static_cast<Accumulator>(sum); });
      store_run(run.accumulator, at, length, partial.data());
      return;
    }
    outputs.resize(sums.size());
    std::transform(sums.begin(), sums.end(), outputs.begin(), finish);
    store_run(run.output, at, length, outputs.data());
  });
}

}  // namespace

void run(const Mean &, const OpRun &firing) {
  with_stored(firing.output.type, [&](auto element) { mean_of<decltype(element)>(firing); });
}

}  // namespace thimble::interpreter
