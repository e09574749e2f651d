// What a stage keeps and when, counted once for all stages with the same last operator.
//
// A stage pulls: what happens in it is driven by its last operator, so that the firings of an operator do not
// depend on where the stage begins. One walk over the stage that begins at the very first operator tells the
// ring lengths of all stages that end with the same one.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "thimble/plan/accesses.h"
#include "thimble/plan/nest.h"

namespace thimble {

struct TensorProfile {
  std::int32_t lines = 0;   ///< lines that a ring must keep: newest - oldest + 1
  std::int64_t kept = 0;    ///< elements of the smallest box of such lines; 0: unknown
  std::int32_t spread = 0;  ///< pixels of a line that one pixel of any reader spans at least once; 0: unread
  std::int64_t pixels = 0;  ///< that a FIFO or a window must keep, counted in a stage of pixels; else 0
  std::int64_t first = -1;  ///< first firing that writes it, -1: never
  std::int64_t last = -1;   ///< last firing that reads or writes it
  std::vector<TensorAccess> reads;   ///< in order of firings, as far as they matter to `overlap_distance`
  std::vector<TensorAccess> writes;  ///< likewise
};

struct StageProfile {
  std::vector<TensorProfile> tensors;  ///< by tensor of the graph
  std::vector<std::int64_t> firings;   ///< by position in the order
  std::vector<std::int64_t> macs;      ///< of these firings, likewise
  std::int32_t channels = 1;           ///< of the slices that were walked
};

/// Profile of one stage of `order`, counted from its firings. In a stage of pixels only tensors that enter or
/// leave it have their accesses listed: the others' are many, and nobody asks.
StageProfile profile_stage(const Graph &graph, std::span<const OpId> order, const StageChoice &choice);

/// Profile of the stages of this form of lines that end with position `driver` of `order`; nothing where the
/// operator cannot drive such a stage. `first` is the earliest position at which a stage may begin.
std::optional<StageProfile> profile_driver(const Graph &graph, std::span<const OpId> order,
                                           std::int32_t first, std::int32_t driver, const NestForm &lines);

/// Profiles of the stages of one order, each walked once whoever asks: sizes and alignments do not change
/// what fires.
class Profiles {
 public:
  Profiles(const Graph &graph, std::vector<OpId> order);

  /// `profile_driver`.
  const StageProfile *driver(std::int32_t first, std::int32_t driver, const NestForm &lines);
  /// `profile_stage`.
  const StageProfile &stage(const StageChoice &choice);
  /// `overlap_distance` of two tensors of one of these profiles, in a stage that begins at position `first`.
  std::int64_t distance(const StageProfile &profile, TensorId dying, TensorId born, std::int32_t first);

 private:
  using StageKey = std::tuple<std::int32_t, std::int32_t, NestForm>;
  struct Before {
    bool operator()(const StageKey &a, const StageKey &b) const;
  };
  using DistanceKey = std::tuple<const StageProfile *, TensorId, TensorId, std::int32_t>;

  const Graph &graph_;
  std::vector<OpId> order_;
  std::vector<std::vector<std::int32_t>> readers_;  ///< by tensor: positions, ascending
  std::map<StageKey, std::optional<StageProfile>, Before> drivers_;
  std::map<StageKey, StageProfile, Before> stages_;
  std::map<DistanceKey, std::int64_t> distances_;
};

}  // namespace thimble
