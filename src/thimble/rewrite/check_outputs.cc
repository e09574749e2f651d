#include "thimble/rewrite/check_outputs.h"

#include <fmt/format.h>

#include <cstring>

#include "thimble/graph/fold.h"
#include "thimble/rewrite/convert.h"

namespace thimble {

namespace {

/// Integers over their whole range, floats in [-1, 1).
Bytes sample_input(const Tensor &tensor, std::uint32_t &state) {
  const auto next = [&state] {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
  };
  Bytes bytes(static_cast<std::size_t>(tensor.bytes()));
  if (tensor.type != ElementType::float32) {
    for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(next() >> 16);
    return bytes;
  }
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const float value = static_cast<float>(next()) / 8388608.0f - 1.0f;
    std::memcpy(bytes.data() + i, &value, 4);
  }
  return bytes;
}

/// Inferences of a sample: what a state keeps is seen by the next one, and by the one behind it.
int sample_length(const Graph &graph) {
  return graph.states.empty() ? 1 : 4;
}

Result<void> compare(const Sample &sample, const Ends &ends, const Graph &rewritten, std::size_t inference,
                     StateBytes &states) {
  std::vector<Bytes> inputs;
  for (std::size_t i = 0; i < ends.inputs.size(); ++i) {
    Result<Bytes> input = to_network(ends.inputs[i], sample.inputs[inference][i]);
    if (!input) return tl::unexpected(input.error());
    inputs.push_back(std::move(*input));
  }
  const Result<std::vector<Bytes>> outputs = interpret_outputs(rewritten, inputs, states);
  if (!outputs) return tl::unexpected(outputs.error());
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const Result<Bytes> output = to_file(ends.outputs[i], (*outputs)[i]);
    if (!output) return tl::unexpected(output.error());
    if (*output == sample.outputs[inference][i]) continue;
    Diagnostic line;
    line.file = rewritten.file;
    line.tensor = rewritten.tensor(rewritten.outputs[i]).name;
    line.reason = fmt::format("output {} differs from that of the network as it was read", i);
    return failure(std::move(line));
  }
  return {};
}

}  // namespace

std::optional<Sample> take_sample(const Graph &graph, std::int64_t most_reads) {
  most_reads /= sample_length(graph);
  for (const Op &op : graph.ops) {
    if (!op.is<Input>()) most_reads -= std::min(input_reads(graph, op), most_reads + 1);
    if (most_reads < 0) return std::nullopt;
  }
  Sample sample;
  sample.graph = graph;
  std::uint32_t seed = 12345;
  StateBytes states;
  for (int t = 0; t < sample_length(graph); ++t) {
    std::vector<Bytes> &inputs = sample.inputs.emplace_back();
    for (const TensorId input : graph.inputs) inputs.push_back(sample_input(graph.tensor(input), seed));
    Result<std::vector<Bytes>> outputs = interpret_outputs(graph, inputs, states);
    if (!outputs) return std::nullopt;
    sample.outputs.push_back(std::move(*outputs));
  }
  return sample;
}

Result<void> check_outputs(const Sample &sample, const Graph &rewritten) {
  const Result<Ends> ends = match_ends(sample.graph, rewritten);
  if (!ends) return tl::unexpected(ends.error());
  StateBytes states;
  for (std::size_t t = 0; t < sample.inputs.size(); ++t) {
    if (Result<void> same = compare(sample, *ends, rewritten, t, states); !same) return same;
  }
  return {};
}

}  // namespace thimble
