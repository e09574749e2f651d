#include "thimble/graph/fold.h"

#include <algorithm>
#include <limits>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"
#include "thimble/graph/interpret.h"

namespace thimble {

namespace {

/// The operator alone, as a network without inputs.
Graph alone(const Graph &graph, const Op &op) {
  Graph single;
  single.file = graph.file;
  single.numerics = graph.numerics;
  Op copy = op;
  const auto take = [&](TensorId &id) {
    if (id == kNone) return;
    single.tensors.push_back(graph.tensor(id));
    id = static_cast<TensorId>(single.tensors.size() - 1);
  };
  for (TensorId &id : copy.inputs) take(id);
  take(copy.outputs[0]);
  single.outputs = copy.outputs;
  single.ops.push_back(std::move(copy));
  return single;
}

}  // namespace

std::int64_t input_reads(const Graph &graph, const Op &op) {
  const Shape &shape = graph.tensor(op.output()).shape;
  Region middle = Region::whole(shape);
  for (int a = 0; a < middle.rank; ++a) {
    Range &range = middle.axis[static_cast<std::size_t>(a)];
    range = {range.end / 2, range.end / 2 + 1};
  }
  std::int64_t all = 0;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone) continue;
    const Region region =
        input_region(footprint(graph, op, static_cast<int>(i)), graph.tensor(op.inputs[i]).shape, middle,
                     {0, reduction_extent(graph, op)});
    const auto product = checked_mul(region.elements(), element_count(shape));
    const auto sum = product ? checked_add(all, *product) : std::nullopt;
    if (!sum) return std::numeric_limits<std::int64_t>::max();
    all = *sum;
  }
  return all;
}

Result<bool> fold(Graph &graph, const Op &op, FoldAllowance &allowance) {
  const auto constant = [&graph](TensorId id) { return id == kNone || graph.tensor(id).constant(); };
  if (op.is<Input>() || !std::all_of(op.inputs.begin(), op.inputs.end(), constant)) return false;
  if (is_kept(graph, op.output())) return false;

  const Graph single = alone(graph, op);
  if (Result<void> verified = verify(single); !verified) return tl::unexpected(std::move(verified.error()));
  const std::int64_t bytes = single.tensor(single.outputs[0]).bytes(),
                     work = input_reads(single, single.ops[0]);
  if (bytes > allowance.result_bytes || work > allowance.reads) return false;
  allowance.result_bytes -= bytes;
  allowance.reads -= work;

  Result<std::vector<Bytes>> result = interpret_outputs(single, {});
  if (!result) return tl::unexpected(std::move(result.error()));
  graph.tensors[static_cast<std::size_t>(op.output())].data =
      std::make_shared<const Bytes>(std::move(result->front()));
  return true;
}

}  // namespace thimble
