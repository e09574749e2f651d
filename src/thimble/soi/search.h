// The search for pairs: all sets of positions that can be compressed together, all shifts, each with its cost
// as a stream and a guess of what it does to the output.
//
// The guess climbs a ladder. One pair: the network's own output with the way out of the region held (and
// delayed), everything else as it was; measured. Several pairs: the sum over them; what that leaves on the
// front is measured jointly, and the front is taken again. It ranks; what the trained network will do only
// training tells.
#pragma once

#include <optional>

#include "thimble/soi/cost.h"
#include "thimble/soi/deviation.h"

namespace thimble::soi {

/// What a plan may take at most; nothing: as much as it likes. Multiply-accumulates are of a step.
struct Limits {
  std::optional<double> average, peak, critical;
  std::optional<std::int64_t> state_bytes, latency;
  std::optional<double> least_decibels;
};

struct SearchRequest {
  Limits limits;
  std::size_t most_pairs = 3;
  std::vector<std::int32_t> shifts = {0, 1, 2};  ///< 0: partially predictive
  std::vector<std::int32_t> factors = {2};
  Extrapolation extrapolation = Extrapolation::hold;
  bool fresh_skips = true;
  bool training_free = false;  ///< regions are skipped, see hold.h; shifts do not count
};

struct Candidate {
  Pairs pairs;
  Cost cost;
  double error = 0;       ///< energy of the output's error in that of the output
  double held_error = 0;  ///< of the ways out by themselves, the largest
  bool measured = false;  ///< jointly; else the sum over its pairs
};

/// Of a limit: how many candidates keep it, and the one that comes nearest.
struct LimitCheck {
  std::string name;  ///< "average"
  double limit = 0;
  std::size_t kept = 0;
  double best = 0;  ///< the least of all candidates
  Pairs nearest;
};

struct SearchResult {
  std::size_t candidates = 0, feasible = 0, refused = 0;  ///< refused: cannot be streamed or rewritten
  std::vector<Candidate> front;    ///< by error, the least first; none is as good as another in everything
  std::vector<LimitCheck> limits;  ///< of the limits that there are
};

/// More plans than these are not looked at: each is rewritten and costed.
constexpr std::size_t kMostPlans = 50'000;

/// Sets of up to `most` positions that can be compressed together, in the order of their numbers; the first
/// `limit` of them.
std::vector<std::vector<std::int32_t>> pair_sets(const std::vector<Position> &positions, std::size_t most,
                                                 std::size_t limit = kMostPlans + 1);

/// Whether a is nowhere worse than b: in average, peak, critical work, state bytes, latency and error.
bool at_least_as_good(const Candidate &a, const Candidate &b);

bool keeps(const Limits &limits, const Candidate &candidate);

/// Fails where there is no position, and where there would be more than kMostPlans plans.
Result<SearchResult> search(const Timed &network, const std::vector<Position> &positions,
                            const SearchRequest &request, const Windows &windows);

}  // namespace thimble::soi
