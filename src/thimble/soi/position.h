// Where a part of a network over time can run at a fraction of its rate: regions with one way in and one out.
//
//   x --enc 1--> a --enc 2--> b --dec 2--> c --join(a)--dec 1--> d --join(x)--> out
//
//   position 1   x -> d   enc 1, enc 2, dec 2, dec 1; joined with x, which stays fresh
//   position 2   a -> c   enc 2, dec 2;               joined with a
//
// The way in is read by operators with a filter alone, so that strides compress; the way out meets something
// that comes from the way in around the region (or from what a PAD or RESHAPE made the way in of), or the
// network's last weights. Of regions with the same weights the one counts whose way out comes last.
// Positions have the numbers 1, 2, ... in the order of their ways in.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::soi {

/// What the way out of a region meets.
enum class Exit : std::uint8_t {
  join,  ///< an operator that also reads what comes from the way in: a fresh skip connection
  head,  ///< the operators that end the network
};
const char *name_of(Exit exit);

struct Position {
  std::int32_t number = 0;  ///< from 1
  TensorId entry = kNone, exit = kNone;
  std::vector<bool> inside;  ///< by operator: it is of the region
  Exit meets = Exit::join;
  OpId met = kNone;       ///< the first operator that reads the way out
  std::int64_t macs = 0;  ///< of the region, for one element of its way out

  bool holds(OpId op) const { return inside[static_cast<std::size_t>(op)]; }
};

/// A network over time.
struct Timed {
  const Graph &graph;
  const stream::TimeAxes &axes;
  const stream::Rates &rates;  ///< scheduled
};

/// Of networks with more operators no positions are looked for: every pair of tensors is.
constexpr std::size_t kMostOperators = 1000;

/// All positions of a network, none where there are none.
Result<std::vector<Position>> positions(const Timed &network);

/// "1|3"
std::string pairs_text(const std::vector<std::int32_t> &numbers);

/// The positions with these numbers, a region before those within it. Fails where there is no such position,
/// where one is there twice, and where two regions overlap and neither lies within the other.
Result<std::vector<Position>> choose(const Timed &network, const std::vector<Position> &positions,
                                     const std::vector<std::int32_t> &numbers);

/// Whether region `inner` lies in `outer`.
bool within(const Position &inner, const Position &outer);
/// Whether both can be compressed: one lies in the other, or they have nothing in common.
bool compatible(const Position &a, const Position &b);

}  // namespace thimble::soi
