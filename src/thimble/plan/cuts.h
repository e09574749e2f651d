// Cutting an order of operators into stages: the least peak, and then the fewest kernel calls below it.
#pragma once

#include <limits>

#include "thimble/plan/chain.h"

namespace thimble {

struct CutLimits {
  bool lines = true;   ///< stages of lines, sweeping over rows or columns
  bool pixels = true;  ///< stages of pixels, and of slices
  bool steps = false;  ///< stages of lines with several lines in a firing: fewer kernel calls, more bytes
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();  ///< that a stage may need
  std::int64_t extra_macs = 0;  ///< multiply-accumulates that may be recomputed: above 0, windows
};

struct Cuts {
  std::vector<StageChoice> stages;
  std::int64_t peak_bytes = 0;  ///< the largest StageCost::bytes
  std::int64_t firings = 0;
  std::int64_t extra_macs = 0;  ///< recomputed
};

/// All that the search knows about the stages of one order: the cheapest forms of every run of operators.
/// What stages of pixels cost is estimated first, and counted when a path goes through them.
class CutSearch {
 public:
  CutSearch(StageCosts &costs, const CutLimits &limits);

  /// The stages of least peak: a bottleneck shortest path over the cut points.
  Cuts least_peak();
  /// The least peak by what is known of the stages: no cuts need less, since an estimate is rarely too much.
  std::int64_t least_estimate() const;
  /// The stages that need the least arena, as far as the tensors handed from one to the next decide it.
  Cuts least_arena();
  /// The stages of fewest firings that fit into an arena of so many bytes; no stages when none do.
  Cuts fewest_firings(std::int64_t bytes);
  /// Allows less recomputation than at first.
  void limit_macs(std::int64_t extra_macs) { extra_macs_ = extra_macs; }

 private:
  struct Edge {
    StageChoice choice;
    StageCost cost;
    bool exact = false;
  };
  bool usable(const Edge &edge, std::int64_t bytes) const {
    return edge.cost.bytes <= bytes && edge.cost.extra_macs <= extra_macs_;
  }
  std::vector<Edge *> bottleneck_path();
  std::vector<Edge *> cheapest_path(std::int64_t bytes);
  std::int64_t least_chain() const;
  bool fits(std::int64_t bytes) const;
  void add_windows(std::int32_t last, std::int64_t bytes);
  void add_strips(std::int32_t last, std::int64_t bytes);
  void add_slices(std::int32_t last, std::int64_t bytes);
  bool add_slices(StageChoice choice, std::int64_t bytes);
  std::vector<ChainStep> steps(std::int64_t bytes) const;
  bool refine(const std::vector<Edge *> &path);
  static Cuts to_cuts(const std::vector<Edge *> &path);

  StageCosts &costs_;
  std::int32_t first_ = 0, end_ = 0;
  std::int64_t extra_macs_ = 0, most_bytes_ = 0;
  std::vector<std::vector<Edge>> edges_;  ///< by last position; several forms per run, none dominated
};

}  // namespace thimble
