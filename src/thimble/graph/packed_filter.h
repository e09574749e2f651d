// Weights of dense layers and convolutions in the order in which the kernels that multiply pairs use them up
// (runtime/thimble_pairs.h has the format and the arithmetic).
#pragma once

#include <vector>

#include "thimble/graph/graph.h"

namespace thimble {

enum class FilterPacking : std::uint8_t {
  octets,       ///< groups of 8 channels; two channels share the halfwords of their weights
  wide_octets,  ///< a halfword for each weight, doubled: twice the flash, fewer instructions
  quads,        ///< groups of 4, shared halfwords
  wide_quads,   ///< groups of 4, a halfword for each weight, doubled
  rows,       ///< as quads, in the order in which rows of inputs stand: two inputs of each filter row in turn
  wide_rows,  ///< a halfword for each weight, doubled
  taps,       ///< depthwise: groups of 4, a halfword for each weight, doubled; two taps in a word
  strips,     ///< depthwise 3x3: likewise, channel by channel; two taps of a filter row in a word
  strips_down,  ///< likewise, two taps of a filter column
};

/// Whether it is for depthwise convolutions only.
bool is_depthwise(FilterPacking packing);
/// Channels of a group.
std::int32_t group_channels(FilterPacking packing);
/// Whether each weight has a halfword of its own.
bool is_wide(FilterPacking packing);

/// How a group scales its sums; the values are those of THIMBLE_SCALE_... .
enum class ScaleKind : std::int32_t { relu = 0, any = 1, common = 2 };

struct PackedFilter {
  std::vector<std::int32_t> words;  ///< all groups, one after the other
  std::int32_t group_words = 0;
  ScaleKind kind = ScaleKind::any;
};

/// Of an operator that can be packed.
ScaleKind scale_kind(const Graph &graph, const Op &op, FilterPacking packing);

/// Inputs of a filter row of CONV_2D, or of a row of features, rounded up to a multiple of 4.
std::int32_t packed_row_depth(const Graph &graph, const Op &op);
/// Of all filter rows.
std::int32_t packed_depth(const Graph &graph, const Op &op);
/// Pairs of inputs of a filter row of CONV_2D where rows have as many as they need, the last one filled up.
std::int32_t packed_row_pairs(const Graph &graph, const Op &op);
/// The inputs of a pixel in the stream of a packing, with those that fill it up.
std::int32_t packed_depth(const Graph &graph, const Op &op, FilterPacking packing);

/// Whether the operator's numbers keep to the limits of a packing, so that its arithmetic is exact: CONV_2D
/// or FULLY_CONNECTED (rows: 4 outputs at least; taps and strips: DEPTHWISE_CONV_2D of as many, strips with a
/// multiplier of 1) of int8 with constant weights and one group, scales of 1/2 at most (after a ReLU more),
/// sums and weights that can be told apart.
bool can_pack(const Graph &graph, const Op &op, FilterPacking packing);

/// The biases with the input's zero point folded in, modulo 2^32: bias[o] + offset * sum of the weights of o.
/// Of an int8 filter with constant weights and no bias of 64 bits.
std::vector<std::int32_t> folded_bias(const Graph &graph, const Op &op);

/// Of an operator that can be packed.
PackedFilter pack_filter(const Graph &graph, const Op &op, FilterPacking packing);

}  // namespace thimble
