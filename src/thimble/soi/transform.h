// A network over time in its form for scattered online inference: the same graph, in which regions run at a
// fraction of the rate.
//
//   x --conv--> a --conv--> b --conv--> c --join(a)--> ...         pair around b .. c, factor 2, shift 1
//
//   x --conv--> a --shift 1--> --conv, stride 2--> b' --conv--> c' --repeat 2--> c --join(a)--> ...
//
// Weights stay as they are, and so do dilations: within a region of factor N, taps that were d frames apart
// are N * d frames apart. The function is another one: the network has to be trained in this form. A shift
// delays what outermost regions see: no output of such a region depends on the newest frame, so that it can
// be computed before that arrives (fully predictive).
#pragma once

#include "thimble/soi/extrapolate.h"
#include "thimble/soi/position.h"

namespace thimble::soi {

/// Partially predictive: regions run when their frame is there. Fully predictive: they are shifted.
enum class Kind : std::uint8_t { pp, fp };
const char *name_of(Kind kind);

constexpr std::int32_t kMostShift = 16, kMostFactor = 8;
constexpr std::size_t kMostPairs = 6;

struct Pairs {
  std::vector<std::int32_t> numbers;  ///< of positions
  std::int32_t shift = 0;             ///< frames; 0: partially predictive
  std::int32_t factor = 2;            ///< each region runs so many times slower than what is around it
  Extrapolation extrapolation = Extrapolation::hold;
  bool fresh_skips = true;  ///< around regions whose way out meets no fresh tensor, where possible

  Kind kind() const { return shift > 0 ? Kind::fp : Kind::pp; }
};

/// A region as it was rewritten.
struct CompressedRegion {
  Position position;
  std::int32_t divisor = 1;  ///< it runs in one of so many frames of what is around the outermost region
  std::int32_t shift = 0;    ///< in front of it
  bool fresh_skip = false;   ///< one was added
  std::int32_t dilated = 0;  ///< operators of it with taps over time: those are further apart now
};

struct Compressed {
  Graph graph;
  std::vector<CompressedRegion> regions;  ///< outer ones before inner ones
};

/// Fails at pairs that do not exist or overlap, and where a region cannot run at a fraction of its rate.
Result<Compressed> compress(const Timed &network, const std::vector<Position> &positions, const Pairs &pairs);

}  // namespace thimble::soi
