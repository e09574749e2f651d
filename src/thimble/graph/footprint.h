// Footprints: which part of an input one needs to compute a part of the output. This single property of an
// operator drives fusion, streaming, slicing, in-place overlap and pruning.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// How one axis of an input is read.
///
///   follow      output indices [a, b) of `output_axis` read
///               [floor((num*a + offset) / den), floor((num*(b-1) + offset) / den) + extent), clipped to the
///               input. A 3-tap convolution of stride 2 with 1 row of padding: num 2, offset -1, extent 3.
///               `num` < 0 (a reversed slice) reads the same set from the other end.
///   all         every index, whatever the output region
///   accumulate  every index, but in parts if one likes: a reduction. A firing of a part of the reduction
///   reads
///               its range of the *first* accumulate axis of input 0 and everything of the others.
struct AxisMap {
  enum class Kind : std::uint8_t { follow, all, accumulate };
  Kind kind = Kind::all;
  std::int32_t output_axis = kNone;
  std::int32_t num = 1, den = 1, offset = 0, extent = 1;

  static AxisMap same(int output_axis) { return {Kind::follow, output_axis}; }
  static AxisMap whole() { return {Kind::all}; }
  static AxisMap reduced() { return {Kind::accumulate}; }
};

/// One map per axis of the input.
using Footprint = std::vector<AxisMap>;

/// Footprint of `op` on its input number `input` (also of constant inputs: that is how weight slices are
/// known).
Footprint footprint(const Graph &graph, const Op &op, int input);

/// The region of an input of shape `input_shape` that is read for `output_region`. `reduction` limits the
/// first accumulate axis; pass the whole extent for an unbroken reduction. May be empty (a concatenation's
/// other branch).
Region input_region(const Footprint &footprint, const Shape &input_shape, const Region &output_region,
                    const Range &reduction);

/// Length of the reduction that may be done in parts: the first accumulate axis of input 0, or 1.
std::int32_t reduction_extent(const Graph &graph, const Op &op);

}  // namespace thimble
