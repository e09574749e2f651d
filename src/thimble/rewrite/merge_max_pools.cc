#include "thimble/rewrite/merge_max_pools.h"

#include <algorithm>
#include <optional>

#include "thimble/graph/fold.h"
#include "thimble/rewrite/float_values.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

/// A window that slides along one axis, and the padding on both sides.
struct Window {
  std::int64_t size = 1, stride = 1, before = 0, after = 0;
};

Window rows_of(const MaxPool2D &pool) {
  return {pool.filter.rows, pool.stride.rows, pool.padding.top, pool.padding.bottom};
}
Window columns_of(const MaxPool2D &pool) {
  return {pool.filter.columns, pool.stride.columns, pool.padding.left, pool.padding.right};
}

/// One window that sees what `second` sees of what `first` has seen. Where the first moves in steps of one,
/// it drops nothing at the end of the map, and what lies in the padding of the second is covered by its
/// neighbour; where the second looks at one element, there is nothing between. In all other cases the window
/// would be longer than both together.
std::optional<Window> composed(const Window &first, const Window &second) {
  if (first.stride > 1 && second.size > 1) return std::nullopt;
  constexpr std::int64_t kMostSize = 1 << 12, kMostStride = 1 << 30;  // a window has at most 2^24 taps
  const Window both{first.stride * (second.size - 1) + first.size, first.stride * second.stride,
                    first.stride * second.before + first.before, first.stride * second.after + first.after};
  if (both.size > kMostSize || both.stride > kMostStride) return std::nullopt;
  return both;
}

/// Whether the clamp of the first is none or that of the second.
bool clamp_alike(const MaxPool2D &first, const Tensor &middle, const MaxPool2D &second,
                 const Tensor &output) {
  return first.activation == Activation::none ||
         (first.activation == second.activation && same_meaning(middle, output));
}

/// From the first to the last pixel of a window, row by row: what a stage keeps of the map at least.
std::int64_t pixels(std::int64_t rows, std::int64_t columns, const Tensor &map) {
  return (rows - 1) * map.shape[2] + columns;
}

/// The pool that does what `first`, from x to middle, and `second` do.
std::optional<MaxPool2D> merged(const Graph &graph, const Op &first, const Op &second) {
  const Tensor &x = graph.tensor(first.inputs[0]), &middle = graph.tensor(first.output()),
               &y = graph.tensor(second.output());
  const MaxPool2D &one = first.as<MaxPool2D>(), &two = second.as<MaxPool2D>();
  if (!clamp_alike(one, middle, two, y)) return std::nullopt;
  const auto rows = composed(rows_of(one), rows_of(two));
  const auto columns = composed(columns_of(one), columns_of(two));
  if (!rows || !columns) return std::nullopt;
  const std::int64_t kept =
      pixels(one.filter.rows, one.filter.columns, x) + pixels(two.filter.rows, two.filter.columns, middle);
  if (pixels(rows->size, columns->size, x) >= kept) return std::nullopt;
  const auto step = [](std::int64_t of_rows, std::int64_t of_columns) {
    return Step2D{static_cast<std::int32_t>(of_rows), static_cast<std::int32_t>(of_columns)};
  };
  const Step2D before = step(rows->before, columns->before), after = step(rows->after, columns->after);
  return MaxPool2D{step(rows->size, columns->size), step(rows->stride, columns->stride),
                   Padding2D{before.rows, after.rows, before.columns, after.columns}, two.activation};
}

void merge_with_above(GraphSweep &sweep, const std::vector<FloatValues> &floats, Op &op) {
  const Op *above = sweep.producer<MaxPool2D>(op.inputs[0]);
  if (above == nullptr || sweep.uses(op.inputs[0]) != 1) return;
  const TensorId source = above->inputs[0];
  if (sweep.tensor(source).type == ElementType::float32 &&
      floats[static_cast<std::size_t>(source)].minus_zero)
    return;
  const std::optional<MaxPool2D> pool = merged(sweep.graph(), *above, op);
  if (!pool) return;
  Op whole = op;
  whole.attributes = *pool;
  whole.inputs = {source};
  const Graph &graph = sweep.graph();
  if (input_reads(graph, whole) > input_reads(graph, *above) + input_reads(graph, op)) return;
  op.attributes = *pool;
  sweep.reroute(op, 0, source);
}

}  // namespace

Result<Graph> merge_max_pools(Graph graph) {
  const auto pools = [](const Op &op) { return op.is<MaxPool2D>(); };
  if (std::count_if(graph.ops.begin(), graph.ops.end(), pools) < 2) return graph;
  const std::vector<FloatValues> floats = float_values(graph);
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    if (op.is<MaxPool2D>()) merge_with_above(sweep, floats, op);
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
