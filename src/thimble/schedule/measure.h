// Lifetimes and ring lengths counted by the very enumeration that runs.
#pragma once

#include "thimble/schedule/firing.h"

namespace thimble {

/// Firings between which bytes are needed. Network outputs, and what states are written from, are needed by
/// the last firing of all; network inputs and states that arrive whole at least until the last of them has
/// arrived, since the caller chooses their order.
struct Lifetime {
  std::int64_t first = -1;  ///< first firing that writes it, -1: never
  std::int64_t last = -1;   ///< last firing that reads or writes it
};

/// Per tensor of the graph, over all stages. Constants are never written.
std::vector<Lifetime> measure_lifetimes(const Schedule &schedule);

/// Per buffer of the schedule: what `check` wants Buffer::first and last to be, whatever they are now.
/// Cursors live as long as their stage; a buffer that no firing uses has no lifetime.
std::vector<Lifetime> measure_buffer_lifetimes(const Schedule &schedule);

/// Smallest fold (Layout::fold) of a stage's tensor that loses nothing: along each axis the largest
/// newest - oldest + 1 over all reads, and no less than one firing writes. The whole shape when the tensor
/// leaves the stage or is not made in it. A pixel FIFO, as a ring of rows, keeps whole rows.
Shape measure_fold(const Schedule &schedule, std::int32_t stage, TensorId tensor);

/// What the tensors made in the stages must keep at once, all counted in one walk.
struct TensorFold {
  Shape fold;                    ///< as `measure_fold`
  std::int32_t fifo_pixels = 0;  ///< as `measure_fifo_pixels`; 0 when it does not grow in raster order
};
/// By stage and position in Stage::ops.
std::vector<std::vector<TensorFold>> measure_folds(const Schedule &schedule);

/// Rows (along the axis of `Level::row`) of that fold: the length of a ring. 1 for a tensor without rows.
std::int32_t measure_ring_rows(const Schedule &schedule, std::int32_t stage, TensorId tensor);

/// Pixels (Layout::fifo_pixels) that a stage's tensor, grown in raster order, must keep at once.
std::int32_t measure_fifo_pixels(const Schedule &schedule, std::int32_t stage, TensorId tensor);

}  // namespace thimble
