// Convolutions of channels that are joined, one part for each tensor that is.
//
// Products with repeated elements are made once for each element that is repeated:
//
//   v  --repeat 2-->  u  --concatenated with s-->  --conv, 2 taps-->  y
//
//   p0[m] = w0u v[m]    p1[m] = w1u v[m]                                          in one of 2 calls
//   y[t] = scaled(bias + w0s s[t-1] + w1s s[t] + p0[(t-1) / 2] + p1[t / 2])       in each
//
// And where several taps read what was joined, past elements lie in the rings of the joined tensors, which
// others may read, too, instead of one more ring for all of them.
#pragma once

#include "thimble/stream/lengthen.h"

namespace thimble::stream {

struct ApartJoins {
  Graph graph;
  std::int32_t cut = 0;           ///< convolutions
  std::vector<Diagnostic> whole;  ///< why others that read repeated elements are as they were
};

/// The graph of a recording with CONV_2Ds of joined channels in parts: of those with repeated elements among
/// them if `held`, of those with several taps over time if `rings` and no byte has to be copied for it.
ApartJoins joins_apart(const Recording &recording, bool held, bool rings);

}  // namespace thimble::stream
