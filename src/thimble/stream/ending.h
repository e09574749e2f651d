// What is left of a stream when no more frames come.
//
//   x         n frames: x[0] .. x[n-1]
//   y         conv of 3 taps, 1 before the map and 1 behind: y[m] is made with x[m+1], and y[n-1] never is
//
//   flush     one more call: y fires on x[n-2], x[n-1] and padding. Then nothing is left.
//
// In a batch of n frames each tensor has so many elements; those that have not been made when the last frame
// is in fire in further calls, on padding where there are no elements. Everything repeats with the period, so
// that n modulo it tells how many they are.
#pragma once

#include "thimble/schedule/ending.h"
#include "thimble/stream/lengthen.h"

namespace thimble::stream {

/// Fails where something is left and padding behind is not a value that could be put there in place of an
/// element (pools leave it out; of what is cropped elements are there), where elements of time are not one
/// behind the other in memory, where operators fire before their frames, or where there would be very much
/// left.
Result<Ending> stream_ending(const Recording &recording);

}  // namespace thimble::stream
