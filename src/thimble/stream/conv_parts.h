// Convolutions as CONV_PARTs, and pieces of those: along their taps over time, along their input channels.
#pragma once

#include <optional>
#include <string>

#include "thimble/graph/graph.h"

namespace thimble::stream {

/// CONV_2D, DEPTHWISE_CONV_2D, or a part of one whose output is scaled.
bool is_filter(const Op &op);

/// Why such an operator cannot be cut into parts that give the same bytes; nothing: it can.
std::optional<std::string> why_whole(const Graph &graph, const Op &op);

/// The operator as a part that is the whole.
Op as_part(Graph &graph, const Op &op);

/// Taps [begin, end) along the axis (1: rows, 2: columns) of a part: all else is the whole's.
Op taps_of(Graph &graph, const Op &part, int axis, std::int32_t begin, std::int32_t end);

/// A part's products with some of its input channels; not of a depthwise one.
Op channels_of(Graph &graph, const Op &part, const Range &channels);

/// A tensor for sums of a part's output, named after it.
TensorId add_sums_tensor(Graph &graph, const Op &part, const std::string &ending);

/// Adds sums to those that a part begins with.
void add_sums(Op &part, TensorId sums, const SumMap &map);

}  // namespace thimble::stream
