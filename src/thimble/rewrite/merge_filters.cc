#include "thimble/rewrite/merge_filters.h"

#include <algorithm>

#include "thimble/graph/edit.h"
#include "thimble/graph/parameters.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

bool sums_over_all_channels(const Graph &graph, const Op &op) {
  if (op.is<FullyConnected>()) return graph.tensor(op.inputs[1]).constant();
  return op.is<Conv2D>() && graph.tensor(op.inputs[0]).shape[3] == graph.tensor(op.inputs[1]).shape[3];
}

/// Both absent, or of one type: the type decides how wide a sum is.
bool alike_biases(const Graph &graph, const Op &a, const Op &b) {
  const TensorId of_a = bias_of(a), of_b = bias_of(b);
  if (of_a == kNone || of_b == kNone) return of_a == of_b;
  return graph.tensor(of_a).type == graph.tensor(of_b).type;
}

bool can_be_one(const Graph &graph, const Op &a, const Op &b) {
  const Tensor &of_a = graph.tensor(a.inputs[1]), &of_b = graph.tensor(b.inputs[1]);
  return a.attributes == b.attributes && a.inputs[0] == b.inputs[0] && of_a.type == of_b.type &&
         std::equal(of_a.shape.begin() + 1, of_a.shape.end(), of_b.shape.begin() + 1, of_b.shape.end()) &&
         alike_biases(graph, a, b) && same_meaning(graph.tensor(a.output()), graph.tensor(b.output()));
}

/// Scales of all of them: one where all are the same, else one per channel.
Quantization joined_quantization(const std::vector<Tensor> &parts) {
  Quantization joined;
  bool one = true;
  for (const Tensor &part : parts) {
    const Quantization &own = part.quantization;
    if (!own.present()) return {};
    one = one && !own.per_channel() && own == parts[0].quantization;
    for (std::int32_t c = 0; c < part.shape[0]; ++c) {
      const std::size_t index = own.per_channel() ? static_cast<std::size_t>(c) : 0;
      joined.scales.push_back(own.scales[index]);
      joined.zero_points.push_back(own.zero_points[index]);
    }
  }
  return one ? parts[0].quantization : joined;
}

/// Constants one behind the other along their first axis.
Tensor joined(const std::vector<Tensor> &parts) {
  Tensor result = parts[0];
  std::vector<std::uint8_t> bytes;
  result.shape[0] = 0;
  for (const Tensor &part : parts) {
    result.shape[0] += part.shape[0];
    bytes.insert(bytes.end(), part.data->begin(), part.data->end());
  }
  result.quantization = joined_quantization(parts);
  result.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return result;
}

class Merging {
 public:
  explicit Merging(Graph graph)
      : graph_(std::move(graph)),
        producers_(producers(graph_)),
        consumers_(consumers(graph_)),
        removed_(graph_.ops.size()) {}

  Graph run() {
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      if (!graph_.ops[i].is<Concatenation>()) continue;
      if (joins_channels(graph_.ops[i])) merge_neighbours(i);
    }
    remove_ops(graph_, removed_);
    remove_unused_tensors(graph_);
    return std::move(graph_);
  }

 private:
  bool joins_channels(const Op &op) const {
    return op.as<Concatenation>().axis + 1 == graph_.tensor(op.output()).rank();
  }

  /// The filter that makes input `index` of a concatenation and could be part of a larger one, or kNone.
  OpId filter_of(const Op &op, std::size_t index) const {
    const auto id = static_cast<std::size_t>(op.inputs[index]);
    const bool read_once = consumers_[id].size() == 1 && !is_kept(graph_, op.inputs[index]) &&
                           std::count(op.inputs.begin(), op.inputs.end(), op.inputs[index]) == 1;
    const OpId maker = producers_[id];
    if (!read_once || maker == kNone || !sums_over_all_channels(graph_, graph_.op(maker))) return kNone;
    return same_meaning(graph_.tensor(op.inputs[index]), graph_.tensor(op.output())) ? maker : kNone;
  }

  void merge_neighbours(std::size_t at) {
    const Op op = graph_.ops[at];
    std::vector<TensorId> inputs;
    for (std::size_t i = 0; i < op.inputs.size();) {
      std::vector<OpId> alike;
      for (std::size_t k = i; k < op.inputs.size(); ++k) {
        const OpId next = filter_of(op, k);
        if (next == kNone || (!alike.empty() && !can_be_one(graph_, graph_.op(alike[0]), graph_.op(next))))
          break;
        alike.push_back(next);
      }
      if (alike.size() < 2) {
        inputs.push_back(op.inputs[i++]);
        continue;
      }
      const bool all = alike.size() == op.inputs.size();
      inputs.push_back(merge(alike, all ? op.output() : kNone));
      removed_[at] = all;
      i += alike.size();
    }
    graph_.ops[at].inputs = std::move(inputs);
  }

  /// One filter in place of the last of them, which gives `output`, or a tensor of its own.
  TensorId merge(const std::vector<OpId> &filters, TensorId output) {
    std::vector<Tensor> weights, biases;
    for (const OpId id : filters) {
      const Op &filter = graph_.op(id);
      weights.push_back(graph_.tensor(filter.inputs[1]));
      if (bias_of(filter) != kNone) biases.push_back(graph_.tensor(bias_of(filter)));
      removed_[static_cast<std::size_t>(id)] = true;
    }
    for (Tensor &bias : biases) bias.shape = {static_cast<std::int32_t>(bias.elements())};
    Op merged = graph_.op(filters[0]);
    merged.inputs[1] = add_tensor(graph_, joined(weights));
    if (!biases.empty()) merged.inputs[2] = add_tensor(graph_, joined(biases));
    if (output == kNone) {
      Tensor whole = graph_.tensor(merged.output());
      whole.shape.back() = graph_.tensor(merged.inputs[1]).shape[0];
      output = add_tensor(graph_, std::move(whole));
    }
    merged.outputs = {output};
    const auto last = static_cast<std::size_t>(*std::max_element(filters.begin(), filters.end()));
    graph_.ops[last] = std::move(merged);
    removed_[last] = false;
    return output;
  }

  Graph graph_;
  std::vector<OpId> producers_;               ///< per tensor of the graph as it came
  std::vector<std::vector<OpId>> consumers_;  ///< per tensor of the graph as it came
  std::vector<bool> removed_;                 ///< per operator
};

}  // namespace

Result<Graph> merge_filters(Graph graph) {
  return Merging(std::move(graph)).run();
}

}  // namespace thimble
