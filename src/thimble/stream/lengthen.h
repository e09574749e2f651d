// A stream as a batch: the graph of a recording as long as one likes, of which a stream computes element
// after element. What a window holds all of becomes an operator that moves on with time:
//
//   window    x [1,15,1,128]  --depthwise 15x1-->  [1,1,1,128]   --reshape-->  [1,128]    --dense-->  [1,3]
//   60 frames x [1,60,1,128]  --depthwise 15x1-->  [1,46,1,128]  --reshape-->  [46,128]   --dense-->  [46,3]
//
// In dense mode strides are gone, and what follows is dilated.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

/// When a part of a convolution fires (extras.h): so many calls ahead of the operator that ends the sum.
struct PartTime {
  OpId end = kNone;        ///< kNone: no part
  std::int64_t ahead = 0;  ///< calls
  bool before = false;     ///< before what is made in its call by operators that wait for the frame
  bool within = false;     ///< but in the step, not before the frame
};

struct Recording {
  Graph graph;
  TimeAxes axes;                ///< no map is a window's any more
  Rates rates;                  ///< scheduled: the mode is in the graph
  std::vector<PartTime> parts;  ///< by operator; none: no convolution is in parts
};

/// The graph of a recording of `frames` frames. Elements of its tensors come when those of the stream do.
/// Fails at an operator whose lengthened form computes something else, or that there is none of.
Result<Recording> lengthen(const Graph &graph, const TimeAxes &axes, const Rates &rates, std::int32_t frames);

}  // namespace thimble::stream
