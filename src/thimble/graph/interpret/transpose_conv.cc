#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

/// Inputs that reach an output along one axis; `at` is the output's index with the padding before it.
Range sources(std::int64_t at, std::int32_t filter, std::int32_t stride, std::int32_t length) {
  const std::int64_t first = at < filter ? 0 : (at - filter) / stride + 1;
  const std::int64_t end = std::min<std::int64_t>(at / stride + 1, length);
  return {static_cast<std::int32_t>(std::min(first, end)), static_cast<std::int32_t>(end)};
}

/// The reference lets each input add to the outputs around it. Here each output gathers its inputs, in the
/// order in which those would have added.
template <class A>
void convolve(const TransposeConv &conv, const OpRun &run) {
  const View &x = run.inputs[0];
  const Shape &x_shape = x.layout.shape, &w_shape = run.inputs[1].layout.shape;
  const std::size_t depth = static_cast<std::size_t>(w_shape[3]);
  const std::size_t stride = static_cast<std::size_t>(w_shape[1]) * w_shape[2] * depth;
  const auto *weights = run.inputs[1].at<typename A::Weight>({});
  Sums<A> sums(run);
  std::vector<Segment> segments;
  std::vector<typename A::Centred> patch;
  std::vector<typename A::Stored> scratch;

  const auto gather = [&](const Coordinates &at) {
    segments.clear();
    patch.clear();
    const std::int64_t row = std::int64_t{at[1]} + conv.padding.top,
                       column = std::int64_t{at[2]} + conv.padding.left;
    const Range rows = sources(row, w_shape[1], conv.stride.rows, x_shape[1]);
    const Range columns = sources(column, w_shape[2], conv.stride.columns, x_shape[2]);
    for (std::int32_t iy = rows.begin; iy < rows.end; ++iy) {
      for (std::int32_t ix = columns.begin; ix < columns.end; ++ix) {
        const std::int64_t tap = (row - std::int64_t{iy} * conv.stride.rows) * w_shape[2] + column -
                                 std::int64_t{ix} * conv.stride.columns;
        const auto *stored = load_run(x, {at[0], iy, ix, 0}, w_shape[3], scratch);
        const std::size_t begin = patch.size();
        patch.resize(begin + depth);
        centre<A>(stored, w_shape[3], sums.input_offset(), patch.data() + begin);
        append(segments, {begin, static_cast<std::size_t>(tap) * depth, depth});
      }
    }
  };

  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    typename A::Sum *sum = sums.begin(at, length);
    gather(at);
    add_dot_products<A>(segments, patch.data(), weights + at[3] * stride, stride, sum, length);
    sums.end(at, length);
  });
}

}  // namespace

void run(const TransposeConv &conv, const OpRun &firing) {
  with_arithmetic(firing.output.type, [&](auto arithmetic) { convolve<decltype(arithmetic)>(conv, firing); });
}

}  // namespace thimble::interpreter
