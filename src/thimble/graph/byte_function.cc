#include "thimble/graph/byte_function.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/interpret.h"
#include "thimble/graph/rules.h"

namespace thimble {
namespace {

bool is_byte(const Tensor &tensor) {
  return size_of(tensor.type) == 1;
}

bool is_one_number(const Tensor &constant) {
  const Bytes &data = *constant.data;
  return !data.empty() && std::all_of(data.begin(), data.end(), [&](std::uint8_t b) { return b == data[0]; });
}

/// Whether output elements come from the elements in their places: every axis is read as it is written, and
/// that bytes may be overwritten one after the other tells such operators from windows of one tap.
bool is_element_wise(const Graph &graph, const Op &op, std::size_t input) {
  const Footprint maps = footprint(graph, op, static_cast<int>(input));
  for (std::size_t a = 0; a < maps.size(); ++a) {
    const AxisMap &map = maps[a];
    if (map.kind != AxisMap::Kind::follow || map.output_axis != static_cast<int>(a) || map.extent != 1)
      return false;
  }
  return in_place(graph, op, static_cast<int>(input)) == InPlace::ascending;
}

}  // namespace

std::optional<std::size_t> byte_operand(const Graph &graph, const Op &op) {
  std::optional<std::size_t> operand;
  if (!is_byte(graph.tensor(op.output()))) return std::nullopt;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone) return std::nullopt;
    const Tensor &input = graph.tensor(op.inputs[i]);
    if (!is_byte(input)) return std::nullopt;
    if (input.constant()) {
      if (!is_one_number(input)) return std::nullopt;
    } else {
      if (operand || input.shape != graph.tensor(op.output()).shape) return std::nullopt;
      operand = i;
    }
  }
  if (!operand || !is_element_wise(graph, op, *operand)) return std::nullopt;
  return operand;
}

std::optional<ByteTable> byte_table(const Graph &graph, const Op &op) {
  const std::optional<std::size_t> operand = byte_operand(graph, op);
  if (!operand) return std::nullopt;
  // The same operator on a row of all bytes.
  Graph row;
  Op own = op;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    Tensor input = graph.tensor(op.inputs[i]);
    input.shape = {i == *operand ? 256 : 1};
    if (input.constant()) input.data = std::make_shared<const Bytes>(1, input.data->front());
    own.inputs[i] = static_cast<TensorId>(i);
    row.tensors.push_back(std::move(input));
  }
  row.tensors.push_back(graph.tensor(op.output()));
  row.tensors.back().shape = {256};
  own.outputs = {static_cast<TensorId>(op.inputs.size())};
  row.ops = {Op{Input{}, {}, {static_cast<TensorId>(*operand)}, kNone}, own};
  row.inputs = row.ops[0].outputs;
  row.outputs = own.outputs;
  if (!verify(row)) return std::nullopt;
  Bytes every(256);
  std::iota(every.begin(), every.end(), std::uint8_t{0});
  const Result<std::vector<Bytes>> results = interpret_outputs(row, {std::move(every)});
  if (!results) return std::nullopt;
  ByteTable table;
  std::copy(results->front().begin(), results->front().end(), table.begin());
  return table;
}

}  // namespace thimble
