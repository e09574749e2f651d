// Which axis of each tensor is time. A batch graph is computed from T frames at once; streamed, one frame
// arrives per step. Time is followed from the input through the operators' footprints:
//
//   x [1,49,10,1]  --conv 3x3, stride 2-->  a [1,25,5,64]  --reshape-->  b [1,1600]  --dense-->  y [1,12]
//   axis 1, 49 elements                     axis 1, 25                   axis 1, 25 elements     one element
//                                                                        of 64 indices each      per window
#pragma once

#include <optional>
#include <vector>

#include "thimble/graph/graph.h"

namespace thimble::stream {

/// Where time runs in a tensor. Its element m is the indices [m * grain, (m + 1) * grain) of the axis.
struct TimeAxis {
  int axis = kNone;         ///< kNone with length 1: the whole tensor is one element
  std::int32_t grain = 1;   ///< > 1 where time shares its axis with what lies below it
  std::int32_t length = 0;  ///< elements in the batch; 0: a constant, or computed from constants alone

  bool over_time() const { return length > 0; }
  bool operator==(const TimeAxis &) const = default;
};

/// How elements of time of an operator's output read those of an input: element m reads
/// [floor((num*m + offset) / den), floor((num*m + offset) / den) + extent), as in AxisMap, but in elements.
struct TimeMap {
  std::int32_t num = 1, den = 1, offset = 0, extent = 1;
  /// The batch has one output element and reads all of time for it (global pooling, dense layers behind a
  /// flattening), or a fixed element of it. In a stream the window moves on by one element at a time.
  bool window = false;

  std::int64_t first(std::int64_t element) const;
  std::int64_t last(std::int64_t element) const { return first(element) + extent - 1; }
  bool operator==(const TimeMap &) const = default;
};

/// Time through a whole graph.
struct TimeAxes {
  int input_axis = kNone;         ///< of the network input
  std::vector<TimeAxis> tensors;  ///< by tensor
  /// By operator and input; nothing for inputs that are not over time.
  std::vector<std::vector<std::optional<TimeMap>>> maps;

  const TimeAxis &of(TensorId tensor) const { return tensors[static_cast<std::size_t>(tensor)]; }
};

/// Whether the first network input has this axis.
Result<void> expect_axis(const Graph &graph, int input_axis);

/// Follows axis `input_axis` of the only network input, of which `frame` indices arrive together. Fails at
/// the first operator that cannot be computed element by element of time, with the tensor and the reason.
Result<TimeAxes> follow_time(const Graph &graph, int input_axis, std::int32_t frame = 1);

/// Axes of the input that every operator can follow, and along which there is something to gain: an operator
/// with a filter or a sum follows it before a window holds all of it.
std::vector<int> time_candidates(const Graph &graph);

/// Time along `axis`, or along the only candidate. Several candidates are an error that lists them, none is
/// one with the reason for each axis. Single values that the network cuts into frames arrive as frames: an
/// input [1,1960] that is reshaped to [1,49,40,1] has 49 of 40.
Result<TimeAxes> find_time(const Graph &graph, std::optional<int> axis = {});

}  // namespace thimble::stream
