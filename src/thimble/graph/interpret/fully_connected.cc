#include "thimble/graph/ops/fully_connected.h"

#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

template <class A>
void multiply(const OpRun &run) {
  const View &x = run.inputs[0];
  const Shape &w_shape = run.inputs[1].layout.shape;
  const Shape &y_shape = run.output.layout.shape;
  const std::int32_t features = w_shape[1];
  const FeatureRange summed = summed_features(run.graph, run.op, run.reduction);
  const std::int64_t begin = summed.begin, count = summed.count;
  const auto *weights = run.inputs[1].at<typename A::Weight>({});

  Sums<A> sums(run);
  std::vector<typename A::Stored> scratch;
  std::vector<typename A::Centred> row(static_cast<std::size_t>(count));
  const std::size_t channel_axis = y_shape.size() - 1;

  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    std::int64_t row_index = 0;
    for (std::size_t a = 0; a < channel_axis; ++a) row_index = row_index * y_shape[a] + at[a];
    std::size_t filled = 0;
    for_each_flat_run(
        x.layout.shape, row_index * features + begin, count, [&](const Coordinates &from, std::int32_t part) {
          centre<A>(load_run(x, from, part, scratch), part, sums.input_offset(), row.data() + filled);
          filled += static_cast<std::size_t>(part);
        });
    typename A::Sum *sum = sums.begin(at, length);
    const Segment whole{0, static_cast<std::size_t>(begin), row.size()};
    const std::size_t stride = static_cast<std::size_t>(features);
    add_dot_products<A>({&whole, 1}, row.data(), weights + at[channel_axis] * stride, stride, sum, length);
    sums.end(at, length);
  });
}

}  // namespace

void run(const FullyConnected &, const OpRun &firing) {
  with_arithmetic(firing.output.type, [&](auto arithmetic) { multiply<decltype(arithmetic)>(firing); });
}

}  // namespace thimble::interpreter
