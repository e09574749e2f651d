// Products with repeated elements, once for each element that is repeated.
//
//   v  --repeat 2-->  u  --concatenated with s-->  --conv, 2 taps-->  y
//
//   p0[m] = w0u v[m]    p1[m] = w1u v[m]                                          in one of 2 calls
//   y[t] = scaled(bias + w0s s[t-1] + w1s s[t] + p0[(t-1) / 2] + p1[t / 2])       in each
#pragma once

#include "thimble/stream/lengthen.h"

namespace thimble::stream {

struct HeldProducts {
  Graph graph;
  std::int32_t cut = 0;           ///< convolutions
  std::vector<Diagnostic> whole;  ///< why others that read repeated elements are as they were
};

/// The graph of a recording with CONV_2Ds of repeated elements beside others in two parts.
HeldProducts hold_products(const Recording &recording);

}  // namespace thimble::stream
