// Operators that move elements of time, appended to a graph under construction. `axis` is that of time, of
// which each index is an element.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble::soi {

/// Any operator; its output has the type and quantisation of `like`, and `suffix` behind the name of it. The
/// shape follows from the rules, unless `declared` gives it.
Result<TensorId> append(Graph &graph, Attributes attributes, std::vector<TensorId> inputs, TensorId like,
                        const char *suffix, Shape declared = {});

/// x delayed: `elements` of padding before, as many of x cropped behind.
Result<TensorId> shifted(Graph &graph, TensorId x, int axis, std::int32_t elements);
/// Elements 0, factor, 2 * factor, ...
Result<TensorId> thinned(Graph &graph, TensorId x, int axis, std::int32_t factor);
/// Each element `factor` times.
Result<TensorId> repeated(Graph &graph, TensorId x, int axis, std::int32_t factor);
/// The first `length` elements; x itself where that is all.
Result<TensorId> cropped(Graph &graph, TensorId x, int axis, std::int32_t length);
/// Averages of each element and the `length` - 1 behind it; zeros stand behind the last one.
Result<TensorId> averaged(Graph &graph, TensorId x, int axis, std::int32_t length);

/// The same as repeated, by a transposed convolution whose weights can be trained to do better: of as many
/// taps as its stride, each of which hands an element on.
Result<TensorId> transposed(Graph &graph, TensorId x, int axis, std::int32_t factor);

}  // namespace thimble::soi
