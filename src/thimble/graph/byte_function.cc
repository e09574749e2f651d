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

bool combines_bytes(const Graph &graph, const Op &op) {
  const Tensor &output = graph.tensor(op.output());
  bool computes = false;
  if (!is_byte(output)) return false;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] == kNone) return false;
    const Tensor &input = graph.tensor(op.inputs[i]);
    if (!is_byte(input)) return false;
    if (input.constant() ? !is_one_number(input)
                         : input.shape != output.shape || !is_element_wise(graph, op, i))
      return false;
    computes |= !input.constant();
  }
  return computes;
}

std::optional<std::size_t> byte_operand(const Graph &graph, const Op &op) {
  const auto is_computed = [&](TensorId id) { return !graph.tensor(id).constant(); };
  if (!combines_bytes(graph, op) || std::count_if(op.inputs.begin(), op.inputs.end(), is_computed) != 1)
    return std::nullopt;
  return static_cast<std::size_t>(std::find_if(op.inputs.begin(), op.inputs.end(), is_computed) -
                                  op.inputs.begin());
}

std::optional<ByteTable> combined_bytes(const Graph &graph, const Op &op,
                                        const std::vector<ByteTable> &inputs) {
  if (!combines_bytes(graph, op)) return std::nullopt;
  // The same operator on rows.
  Graph rows;
  Op own = op;
  std::vector<Bytes> bytes;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    Tensor input = graph.tensor(op.inputs[i]);
    own.inputs[i] = static_cast<TensorId>(i);
    if (input.constant()) {
      input.shape = {1};
      input.data = std::make_shared<const Bytes>(1, input.data->front());
    } else {
      input.shape = {256};
      bytes.emplace_back(inputs[i].begin(), inputs[i].end());
      rows.inputs.push_back(own.inputs[i]);
      rows.ops.push_back(Op{Input{}, {}, {own.inputs[i]}, kNone});
    }
    rows.tensors.push_back(std::move(input));
  }
  own.outputs = {static_cast<TensorId>(op.inputs.size())};
  rows.tensors.push_back(graph.tensor(op.output()));
  rows.tensors.back().shape = {256};
  rows.ops.push_back(own);
  rows.outputs = own.outputs;
  if (!verify(rows)) return std::nullopt;
  const Result<std::vector<Bytes>> results = interpret_outputs(rows, bytes);
  if (!results) return std::nullopt;
  ByteTable table;
  std::copy(results->front().begin(), results->front().end(), table.begin());
  return table;
}

ByteTable every_byte() {
  ByteTable every;
  std::iota(every.begin(), every.end(), std::uint8_t{0});
  return every;
}

std::optional<ByteTable> byte_table(const Graph &graph, const Op &op) {
  if (!byte_operand(graph, op)) return std::nullopt;
  return combined_bytes(graph, op, std::vector<ByteTable>(op.inputs.size(), every_byte()));
}

}  // namespace thimble
