#include <algorithm>

#include "thimble/plan/min_cut.h"
#include "thimble/plan/order_part.h"

namespace thimble {
namespace {

/// Least live bytes of any set D of finished operators after which `op` can run, with the operators
/// `finished` in D. D is the source's side of a cut. A tensor has a node that is on the source's side when it
/// is dead:
///
///     producer --bytes--> tensor --inf--> each reader      live: produced in D, and a reader is not
///     operator --inf--> the producers of its inputs        D has what its members need
///
/// Network inputs and arrivals hang on the source; a tensor that outlives the part hangs on the sink.
std::int64_t least_live(const OrderPart &part, std::size_t op, const std::vector<std::int32_t> &finished) {
  const std::size_t ops = part.ops.size(), tensors = part.tensors.size();
  const std::size_t source = ops + tensors, sink = source + 1;
  FlowNetwork network(sink + 1);
  constexpr std::int64_t infinite = FlowNetwork::kInfinite;
  for (std::size_t t = 0; t < tensors; ++t) {
    const OrderPart::Tensor &tensor = part.tensors[t];
    if (!tensor.persists || tensor.bytes == 0) continue;
    const std::size_t node = ops + t;
    network.add_edge(tensor.arrives ? source : static_cast<std::size_t>(tensor.producer), node, tensor.bytes);
    for (std::int32_t reader : tensor.readers)
      network.add_edge(node, static_cast<std::size_t>(reader), infinite);
    if (!tensor.dies) network.add_edge(node, sink, infinite);
  }
  for (std::size_t i = 0; i < ops; ++i) {
    for (const OrderPart::Read &read : part.ops[i].reads) {
      const std::int32_t producer = part.tensor(read.tensor).producer;
      if (producer < 0) continue;
      network.add_edge(i, static_cast<std::size_t>(producer), infinite);
      if (i == op) network.add_edge(source, static_cast<std::size_t>(producer), infinite);
    }
  }
  for (std::int32_t other : finished) network.add_edge(source, static_cast<std::size_t>(other), infinite);
  network.add_edge(op, sink, infinite);
  return network.min_cut(source, sink);
}

std::int64_t bound_at(const OrderPart &part, std::size_t id) {
  const OrderPart::Op &op = part.ops[id];
  const std::int64_t output = part.tensor(op.output).bytes;
  // Either nothing is overwritten, or one input dies here, and then its other readers have run.
  std::int64_t least = least_live(part, id, {}) + output;
  for (const OrderPart::Read &read : op.reads) {
    const OrderPart::Tensor &input = part.tensor(read.tensor);
    if (!read.in_place || !input.dies) continue;
    std::vector<std::int32_t> others = input.readers;
    others.erase(std::find(others.begin(), others.end(), static_cast<std::int32_t>(id)));
    least = std::min(least, least_live(part, id, others) + output - std::min(input.bytes, output));
  }
  return part.passing + op.workspace + least;
}

}  // namespace

std::int64_t order_bound(const OrderPart &part) {
  std::int64_t bound = part.start_live;
  for (std::size_t id = 0; id < part.ops.size(); ++id) bound = std::max(bound, bound_at(part, id));
  return bound;
}

}  // namespace thimble
