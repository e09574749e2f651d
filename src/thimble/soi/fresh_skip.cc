#include "thimble/soi/fresh_skip.h"

#include "thimble/graph/edit.h"
#include "thimble/soi/time_ops.h"

namespace thimble::soi {

bool can_take_skip(const Graph &graph, const Op &op, TensorId held, TensorId fresh) {
  if (!op.is<Conv2D>() || op.inputs[0] != held) return false;
  Shape a = graph.tensor(held).shape, b = graph.tensor(fresh).shape;
  const Tensor &weights = graph.tensor(op.inputs[1]);
  if (!weights.constant() || weights.quantization.zero_point() != 0 || weights.shape[3] != a[3]) return false;
  if (graph.tensor(held).type != graph.tensor(fresh).type || b.size() != 4) return false;
  a[3] = b[3];
  return a == b;
}

Result<TensorId> join_fresh(Graph &graph, TensorId held, TensorId fresh) {
  const Tensor &like = graph.tensor(held);
  if (is_integer(like.type) && like.quantization != graph.tensor(fresh).quantization) {
    const auto alike = append(graph, Quantize{}, {fresh}, fresh, "/alike");
    if (!alike) return alike;
    graph.tensors[static_cast<std::size_t>(*alike)].quantization = graph.tensor(held).quantization;
    fresh = *alike;
  }
  return append(graph, Concatenation{3, Activation::none}, {held, fresh}, held, "/fresh");
}

void widen_filter(Graph &graph, Op &op, TensorId joined) {
  Tensor weights = graph.tensor(op.inputs[1]);
  const auto row = static_cast<std::size_t>(weights.shape[3] * size_of(weights.type));
  weights.shape[3] = graph.tensor(joined).shape[3];
  const auto wide = static_cast<std::size_t>(weights.shape[3] * size_of(weights.type));
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at < weights.data->size(); at += row) {
    bytes.insert(bytes.end(), weights.data->begin() + static_cast<std::ptrdiff_t>(at),
                 weights.data->begin() + static_cast<std::ptrdiff_t>(at + row));
    bytes.resize(bytes.size() + wide - row);
  }
  weights.name += "/fresh";
  weights.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  op.inputs[0] = joined;
  op.inputs[1] = add_tensor(graph, std::move(weights));
}

}  // namespace thimble::soi
