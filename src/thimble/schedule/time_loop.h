// Elements of time in the calls of a stream, and when their places in memory repeat.
//
//   x, ring of 3  --conv, 3 taps, 2 before the map-->  y, ring of 2
//
//   element of y    0  1  2  3  4  5  6  7  8 ...       from element 2 on nothing is padded; places repeat
//   place in y      0  1  0  1  0  1  0  1  0           after 6: a program that counts 0 .. 7 and goes on
//   newest in x     0  1  2  0  1  2  0  1  2           with 2 reads and writes the same bytes for ever
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// The element of time that a stage's driver makes in a call, or kNone.
std::int32_t element_due(const StageOp &driver, std::int32_t call);

/// The part of an operator's output that is element `element` of time.
Region time_tile(const Schedule &schedule, OpId op, std::int32_t element);

/// Bytes of one element of time of a tensor.
std::int64_t time_tile_bytes(const Schedule &schedule, TensorId tensor);

/// Elements that a program needs to tell apart: those from `begin` on are computed alike, at places that
/// repeat after `count` of them.
struct Repetition {
  std::int32_t begin = 0, count = 1;

  std::int32_t end() const { return begin + count; }
  /// The element that stands for `element`.
  std::int32_t of(std::int32_t element) const {
    return element < end() ? element : begin + (element - begin) % count;
  }
};

/// Of the elements that stage `stage` makes, by the layouts of its buffers. Fails where elements are not all
/// treated alike, or places repeat only after very many.
Result<Repetition> repetition(const Schedule &schedule, std::int32_t stage);

/// Calls of a stage's phase that are enumerated before its first element is due. Its counter begins with
/// them.
std::int32_t calls_before_first(const Schedule &schedule, std::int32_t stage);

/// Calls after which a stream fires the same stages again.
std::int32_t period_of(const Schedule &schedule);
/// Bytes of the counter of calls within that period, and of whether those stages have fired that need no
/// frame: a buffer of kind cursors that is no stage's. 0: every stage fires in every call, with its frame.
std::int32_t phase_counter_bytes(const Schedule &schedule);

/// The part of verify_structure that is about time: one operator per stage, elements within their tensors.
Result<void> verify_time(const Schedule &schedule);

}  // namespace thimble
