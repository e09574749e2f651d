#include "thimble/rewrite/merge_conversions.h"

#include <optional>

#include "thimble/graph/interpret.h"
#include "thimble/graph/parameters.h"
#include "thimble/graph/rules.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

bool converts(const Op &op) {
  return op.is<Quantize>() || op.is<Dequantize>();
}

Attributes conversion_to(ElementType type) {
  return type == ElementType::float32 ? Attributes(Dequantize{}) : Attributes(Quantize{});
}

/// Every value of an 8- or 16-bit type, in order.
Bytes every_value(ElementType type) {
  const IntegerRange range = range_of(type);
  Bytes bytes;
  for (std::int32_t value = range.min; value <= range.max; ++value) {
    for (int byte = 0; byte < size_of(type); ++byte)
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> (8 * byte)));
  }
  return bytes;
}

/// What conversions through tensors like `tensors`, one after the other, make of every value of the first;
/// nothing where one of them does not exist.
std::optional<Bytes> table(std::vector<Tensor> tensors) {
  Graph graph;
  const IntegerRange range = range_of(tensors[0].type);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].shape = {range.max - range.min + 1};
    const auto id = static_cast<TensorId>(i);
    if (i == 0) {
      graph.ops.push_back(Op{Input{}, {}, {id}, kNone});
    } else {
      graph.ops.push_back(Op{conversion_to(tensors[i].type), {id - 1}, {id}, kNone});
    }
  }
  graph.tensors = std::move(tensors);
  graph.inputs = {0};
  graph.outputs = {static_cast<TensorId>(graph.tensors.size() - 1)};
  if (!verify(graph)) return std::nullopt;
  Result<std::vector<Bytes>> results = interpret_outputs(graph, {every_value(graph.tensors[0].type)});
  if (!results) return std::nullopt;
  return std::move(results->front());
}

/// Rewrites `op` to read what the conversion above it reads, where that gives the same bytes.
void merge_with_above(GraphSweep &sweep, Op &op) {
  const Op *above = converts(op) ? sweep.producer(op.inputs[0]) : nullptr;
  if (above == nullptr || !converts(*above)) return;
  const TensorId source = above->inputs[0];
  const Tensor &x = sweep.tensor(source), &y = sweep.tensor(op.output());
  if (x.type != ElementType::int8 && x.type != ElementType::uint8 && x.type != ElementType::int16) return;
  const std::optional<Bytes> both = table({x, sweep.tensor(op.inputs[0]), y});
  if (!both) return;
  if (same_meaning(x, y) && *both == every_value(x.type)) {
    op.attributes = Reshape{};
  } else if (sweep.uses(op.inputs[0]) == 1 && both == table({x, y})) {
    op.attributes = conversion_to(y.type);
  } else {
    return;
  }
  sweep.reroute(op, 0, source);
}

}  // namespace

Result<Graph> merge_conversions(Graph graph) {
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    merge_with_above(sweep, op);
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
