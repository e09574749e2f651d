// Training-free: regions are skipped in all but one of N frames, and what they would have computed is held.
//
// This is not scattered online inference, whose filters read elements N frames apart and have to be trained
// so. Here every filter keeps its taps at the frames where they were, of which those in between see held
// values:
//
//   x --conv 3--> a --conv 3--> b            a[t], b[t] computed for even t
//                                            b[4] reads a[4], a[3] = a[2], a[2]
//
// The weights go on fitting, more or less; the function is another one, and what it is worth has to be
// measured.
#pragma once

#include "thimble/soi/transform.h"

namespace thimble::soi {

/// The batch graph of that. Of `pairs` the numbers and the factor count; there are neither shifts nor other
/// extrapolations than holding.
Result<Compressed> hold(const Timed &network, const std::vector<Position> &positions, const Pairs &pairs);

}  // namespace thimble::soi
