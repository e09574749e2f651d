// When elements of time are there: the calculus of steps and offsets. One frame of the input arrives per
// step; element m of a tensor can be computed in step S*m + o, and no earlier.
//
//                                                                  S    o
//   x        input                                                 1    0
//   a        conv of 3 taps, 2 before the map, stride 2            2    0     in steps 0, 2, 4, ...
//   b        conv of 3 taps, 1 before the map, 1 behind            2    2     waits for a's next element
//   c        b repeated twice (nearest neighbour)                  1    2
//   y        x + c                                                 1    2     the later of both: latency 2
//
// With maps from output to input elements, floor((num*m + offset) / den) .. + extent - 1, the step of the
// output is S*num/den, and its offset o + S*(offset + extent - 1) where den is 1. A shift (PAD before, crop
// behind) has a negative one: its elements are there before they are needed.
#pragma once

#include "thimble/stream/time_axis.h"

namespace thimble::stream {

/// What becomes of strides over time.
enum class StreamMode : std::uint8_t {
  scheduled,  ///< an operator of stride s fires in every s-th step; the output comes at that rate
  dense,      ///< every operator fires in every step: strides become 1, what follows is dilated by them
  soi,        ///< scheduled, of a network that repeats elements: an output with each frame all the same
};
const char *name_of(StreamMode mode);

struct TensorRate {
  std::int64_t step = 1;    ///< S: steps from one element to the next
  std::int64_t offset = 0;  ///< o: element m is there in step S*m + o
  std::int64_t oldest = 0;  ///< element m depends on the frames from S*m + oldest (in the batch) to S*m + o
  std::int32_t spread = 1;  ///< dense: elements from one element of the batch to the next; else 1

  /// Frames that one element depends on.
  std::int64_t receptive_field() const { return offset - oldest + 1; }
};

struct OpRate {
  std::int64_t step = 1;   ///< the operator fires in steps r with r mod step = phase
  std::int64_t phase = 0;  ///< within [0, step)
  /// Steps by which a firing may be put off, with all that waits for it, and no output comes later.
  std::int64_t slack = 0;
  bool before = false;  ///< before the step's frame is there: where times have been chosen (timing.h)
  /// With `before`: it needs nothing of the frame, but fires in the step, ahead of what makes the newest
  /// element of its inputs.
  bool within = false;
  /// By input: TimeAxes::maps as they are carried out, in elements of the tensors of this mode. In dense mode
  /// the dilation of an operator is multiplied by the spread of its input, and its stride is 1.
  std::vector<std::optional<TimeMap>> maps;
};

struct Rates {
  StreamMode mode = StreamMode::scheduled;
  std::int64_t period = 1;          ///< what fires repeats after so many steps
  std::vector<TensorRate> tensors;  ///< by tensor; of no meaning where the tensor is not over time
  std::vector<OpRate> ops;

  const TensorRate &of(TensorId tensor) const { return tensors[static_cast<std::size_t>(tensor)]; }
};

/// Steps from "element m of an operator's output, at its step S*m" to the newest element that `map` has it
/// read of an input that comes every `input_step` steps: the most over all m.
std::int64_t newest_delay(const TimeMap &map, std::int64_t input_step);

/// Rates of all tensors and operators. Fails where a tensor would come at a fraction of a step, where joined
/// tensors come at different rates, and in dense mode where elements are repeated: that depends on where in
/// the window they are.
Result<Rates> stream_rates(const Graph &graph, const TimeAxes &axes, StreamMode mode = StreamMode::scheduled);

}  // namespace thimble::stream
