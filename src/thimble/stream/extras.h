// Exact extras: convolutions of a stream in parts, so that less is done at once, less is done in all, or less
// is kept. Sums are int32, and their addition is associative: not a bit changes.
//
//   x  --conv, 3 taps-->  y       past taps        p[t] = w0 x[t-2] + w1 x[t-1]           before frame t is
//   there
//                                                  y[t] = scaled(bias + p[t] + w2 x[t])
//
//   x  --conv, 3 taps, stride 2-->  y   spread     p[m] = w0 x[2m-2] + w1 x[2m-1]         in call 2m - 1
//                                                  y[m] = scaled(bias + p[m] + w2 x[2m])  in call 2m
//
//   v  --repeat 2-->  u, concatenated with s, --conv-->  y     held products
//                                                  p[m] = wu v[m]                         in one of 2 calls
//                                                  y[t] = scaled(bias + ws s[t] + p[t/2])
//
// A part that needs nothing of the newest element of its input fires before that element is made: its ring
// needs (k - 1) * d elements, no place for the newest beside them.
#pragma once

#include <array>

#include "thimble/stream/lengthen.h"

namespace thimble::stream {

struct Extras {
  bool past_taps = false;  ///< all taps but the newest before the frame: sums live from NAME_pre to the step
  bool short_rings = false;    ///< the same within the step: sums live there only
  bool held_products = false;  ///< products of repeated elements once for each element that is repeated
  bool spread = false;         ///< taps of strided convolutions in the calls between two of their outputs

  bool any() const { return past_taps || short_rings || held_products || spread; }
};

/// What each is called.
struct ExtraName {
  const char *name;
  bool Extras::*extra;
};
constexpr std::array<ExtraName, 4> kExtras{{{"past-taps", &Extras::past_taps},
                                            {"short-rings", &Extras::short_rings},
                                            {"held-products", &Extras::held_products},
                                            {"spread", &Extras::spread}}};

struct InParts {
  Recording recording;
  std::int32_t cut = 0;           ///< operators of the recording that was given
  std::vector<Diagnostic> whole;  ///< why others that were to be cut were not
};

/// The recording with operators in parts, which computes the same bytes. Float sums cannot be cut without
/// rounding otherwise, and are left whole. Fails with both past_taps and short_rings.
Result<InParts> in_parts(const Recording &recording, const Extras &extras);

}  // namespace thimble::stream
