// Operators that need not run in a stream: they only say where elements are.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

/// By operator: whether its output is an index map over what its inputs keep, and has no memory of its own.
/// Operators that move elements are (shifts, joins, repetitions, other axes), where that does not keep more:
/// of a slice of a few channels it is cheaper to keep the slice.
std::vector<bool> views(const Graph &graph, const TimeAxes &axes, const Rates &rates);

/// Bytes of one element of time of a tensor that is over time.
std::int64_t element_bytes(const Graph &graph, const TimeAxes &axes, TensorId tensor);

}  // namespace thimble::stream
