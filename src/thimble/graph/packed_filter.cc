#include "thimble/graph/packed_filter.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "thimble/graph/parameters.h"

namespace thimble {
namespace {

constexpr std::int32_t kMostShift = 22;
constexpr std::int64_t kMostPairSum = std::int64_t{1} << 23;
constexpr std::int64_t kMostSum = std::int64_t{1} << 29;

bool shares_halfwords(FilterPacking packing) {
  return packing != FilterPacking::wide;
}

/// Weights [outputs, inputs of an output] and the bias, with the input's zero point in it.
struct Filter {
  std::int32_t outputs, depth;
  std::span<const std::int8_t> weights;
  std::vector<std::int64_t> bias;
  FilterParameters parameters;

  std::int32_t weight(std::int32_t output, std::int32_t k) const {
    if (output >= outputs || k >= depth) return 0;
    return weights[static_cast<std::size_t>(output) * static_cast<std::size_t>(depth) +
                   static_cast<std::size_t>(k)];
  }
  std::int64_t start(std::int32_t output) const {
    return output < outputs ? bias[static_cast<std::size_t>(output)] : 0;
  }
  /// Largest absolute value of a sum, or of one that lacks some products.
  std::int64_t most(std::int32_t output) const {
    std::int64_t most = std::abs(start(output));
    for (std::int32_t k = 0; k < depth; ++k) most += std::abs(weight(output, k)) * std::int64_t{128};
    return most;
  }
};

Filter filter_of(const Graph &graph, const Op &op) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  Filter filter;
  filter.outputs = weights.shape[0];
  filter.depth = static_cast<std::int32_t>(weights.elements() / filter.outputs);
  filter.weights = {reinterpret_cast<const std::int8_t *>(weights.data->data()),
                    static_cast<std::size_t>(weights.elements())};
  filter.parameters = filter_parameters(graph, op);
  const bool biased = op.inputs.size() > 2 && op.inputs[2] != kNone;
  for (std::int32_t o = 0; o < filter.outputs; ++o) {
    std::int32_t own = 0;
    if (biased) std::memcpy(&own, graph.tensor(op.inputs[2]).data->data() + std::size_t{4} * o, sizeof own);
    std::int64_t sum = own;
    for (std::int32_t k = 0; k < filter.depth; ++k)
      sum += std::int64_t{filter.parameters.input_offset} * filter.weight(o, k);
    filter.bias.push_back(sum);
  }
  return filter;
}

bool is_int8(const Graph &graph, TensorId id) {
  return graph.tensor(id).type == ElementType::int8;
}

bool has_constant_filter(const Graph &graph, const Op &op) {
  if (!op.is<Conv2D>() && !op.is<FullyConnected>()) return false;
  const Tensor &weights = graph.tensor(op.inputs[1]);
  if (!is_int8(graph, op.inputs[0]) || !is_int8(graph, op.output()) || !is_int8(graph, op.inputs[1]) ||
      !weights.constant() || weights.elements() == 0)
    return false;
  if (op.inputs.size() > 2 && op.inputs[2] != kNone) {
    const Tensor &bias = graph.tensor(op.inputs[2]);
    if (!bias.constant() || bias.type != ElementType::int32) return false;
  }
  if (!op.is<Conv2D>()) return true;
  const Conv2D &conv = op.as<Conv2D>();
  return weights.shape[3] == graph.tensor(op.inputs[0]).shape[3] &&
         (conv.dilation.columns == 1 || weights.shape[2] == 1);
}

bool scales_fit(const FilterParameters &parameters) {
  if (parameters.activation != IntegerRange{-128, 127}) return false;
  for (std::size_t i = 0; i < parameters.multipliers.size(); ++i) {
    if (parameters.multipliers[i] == 0) continue;  // every shift will do
    if (parameters.shifts[i] > -1 || parameters.shifts[i] < -kMostShift) return false;
  }
  return true;
}

/// Two channels' weights as one signed halfword.
bool is_halfword(std::int32_t low, std::int32_t high) {
  const std::int32_t both = 256 * high + low;
  return both >= -32768 && both <= 32767;
}

bool sums_fit(const Filter &filter, FilterPacking packing) {
  for (std::int32_t o = 0; o < filter.outputs; ++o) {
    const bool shifted = shares_halfwords(packing) && o % 2 == 1;
    if (filter.most(o) >= (shifted ? kMostPairSum : kMostSum)) return false;
    if (!shifted) continue;
    for (std::int32_t k = 0; k < filter.depth; ++k) {
      if (!is_halfword(filter.weight(o - 1, k), filter.weight(o, k))) return false;
    }
  }
  return true;
}

std::int32_t word_of(std::int32_t low, std::int32_t high) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(high) << 16) |
                                   (static_cast<std::uint32_t>(low) & 0xFFFFu));
}

std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint64_t>(value));
}

/// Multiplier, addend and shift of a channel.
void add_scale(std::vector<std::int32_t> &words, const FilterParameters &parameters, std::int32_t output) {
  const QuantizedMultiplier scale = parameters.multiplier(output);
  const std::int32_t right = scale.multiplier == 0 ? 1 : -scale.shift;
  words.push_back(scale.multiplier);
  words.push_back((1 << (right - 1)) + parameters.output_offset * (1 << right));
  words.push_back(right);
}

}  // namespace

std::int32_t group_channels(FilterPacking packing) {
  return packing == FilterPacking::octets ? 8 : 4;
}

std::int32_t packed_depth(const Graph &graph, const Op &op) {
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const std::int64_t depth = weights.elements() / weights.shape[0];
  return static_cast<std::int32_t>((depth + 3) / 4 * 4);
}

bool can_pack(const Graph &graph, const Op &op, FilterPacking packing) {
  return has_constant_filter(graph, op) && scales_fit(filter_parameters(graph, op)) &&
         sums_fit(filter_of(graph, op), packing);
}

PackedFilter pack_filter(const Graph &graph, const Op &op, FilterPacking packing) {
  const Filter filter = filter_of(graph, op);
  const std::int32_t channels = group_channels(packing);
  const std::int32_t depth = packed_depth(graph, op);
  const bool share = shares_halfwords(packing);
  PackedFilter packed;
  packed.kind = filter.parameters.multipliers.size() == 1 ? ScaleKind::common
                : filter.parameters.output_offset == -128 ? ScaleKind::relu
                                                          : ScaleKind::any;
  std::vector<std::int32_t> &words = packed.words;
  for (std::int32_t first = 0; first < filter.outputs; first += channels) {
    for (std::int32_t c = first; c < first + channels; ++c) {
      const std::int64_t own = filter.start(c);
      if (!share) {
        words.push_back(wrapped(2 * own));
      } else {
        words.push_back(wrapped(c % 2 == 0 ? 256 * filter.start(c + 1) + own : filter.start(c - 1)));
      }
    }
    for (std::int32_t four = 0; four < depth; four += 4) {
      for (std::int32_t k = four; k < four + 2; ++k) {
        for (std::int32_t c = first; c < first + channels; c += share ? 2 : 1) {
          const auto halfword = [&](std::int32_t at) {
            return share ? 256 * filter.weight(c + 1, at) + filter.weight(c, at) : 2 * filter.weight(c, at);
          };
          words.push_back(word_of(halfword(k), halfword(k + 2)));
        }
      }
    }
    const std::int32_t scales = packed.kind == ScaleKind::common ? 1 : channels;
    for (std::int32_t c = first; c < first + scales; ++c)
      add_scale(words, filter.parameters, std::min(c, filter.outputs - 1));
    if (packed.group_words == 0) packed.group_words = static_cast<std::int32_t>(words.size());
  }
  return packed;
}

}  // namespace thimble
