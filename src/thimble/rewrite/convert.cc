#include "thimble/rewrite/convert.h"

#include <fmt/format.h>

namespace thimble {

namespace {

Result<Bytes> convert(Attributes conversion, const Tensor &from, const Tensor &to,
                      std::span<const std::uint8_t> bytes) {
  Graph graph;
  graph.tensors = {from, to};
  graph.ops = {Op{Input{}, {}, {0}, kNone}, Op{std::move(conversion), {0}, {1}, kNone}};
  graph.inputs = {0};
  graph.outputs = {1};
  Result<std::vector<Bytes>> result = interpret_outputs(graph, {Bytes(bytes.begin(), bytes.end())});
  if (!result) return tl::unexpected(std::move(result.error()));
  return std::move(result->front());
}

Result<void> check_length(const Tensor &tensor, std::span<const std::uint8_t> bytes) {
  if (static_cast<std::int64_t>(bytes.size()) == tensor.bytes()) return {};
  Diagnostic line;
  line.tensor = tensor.name;
  line.reason = fmt::format("{} bytes are given, but the tensor has {}", bytes.size(), tensor.bytes());
  return failure(std::move(line));
}

Result<std::vector<End>> pair_up(const Graph &original, const std::vector<TensorId> &before,
                                 const Graph &rewritten, const std::vector<TensorId> &after) {
  std::vector<End> ends;
  if (before.size() != after.size())
    return failure("the two graphs have another number of inputs or outputs");
  for (std::size_t i = 0; i < before.size(); ++i) {
    End end{original.tensor(before[i]), rewritten.tensor(after[i])};
    if (end.file.shape != end.network.shape)
      return failure("the two graphs have inputs or outputs of other shapes");
    ends.push_back(std::move(end));
  }
  return ends;
}

}  // namespace

Result<Ends> match_ends(const Graph &original, const Graph &rewritten) {
  Result<std::vector<End>> inputs = pair_up(original, original.inputs, rewritten, rewritten.inputs);
  if (!inputs) return tl::unexpected(std::move(inputs.error()));
  Result<std::vector<End>> outputs = pair_up(original, original.outputs, rewritten, rewritten.outputs);
  if (!outputs) return tl::unexpected(std::move(outputs.error()));
  return Ends{std::move(*inputs), std::move(*outputs)};
}

Result<Bytes> to_network(const End &input, std::span<const std::uint8_t> file_bytes) {
  if (Result<void> checked = check_length(input.file, file_bytes); !checked)
    return tl::unexpected(checked.error());
  if (!input.folded()) return Bytes(file_bytes.begin(), file_bytes.end());
  return convert(Quantize{}, input.file, input.network, file_bytes);
}

Result<Bytes> to_file(const End &output, std::span<const std::uint8_t> network_bytes) {
  if (Result<void> checked = check_length(output.network, network_bytes); !checked) {
    return tl::unexpected(checked.error());
  }
  if (!output.folded()) return Bytes(network_bytes.begin(), network_bytes.end());
  return convert(Dequantize{}, output.network, output.file, network_bytes);
}

}  // namespace thimble
