// How many multiply-accumulates a step of a stream takes, in each phase of its period.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

struct StreamWork {
  std::vector<std::int64_t> firing;  ///< by operator: multiply-accumulates of one firing
  std::vector<std::int64_t> phases;  ///< by phase: of the step, each operator firing as early as it can
  /// By phase: of what runs between a frame's arrival and the output: of operators without slack, and where
  /// times have been chosen of those that do not fire before the frame, but in the step.
  std::vector<std::int64_t> critical_phases;

  std::int64_t total() const;  ///< of one period
  double average() const { return static_cast<double>(total()) / static_cast<double>(phases.size()); }
  std::int64_t peak() const;
  std::int64_t critical_peak() const;
};

StreamWork stream_work(const Graph &graph, const TimeAxes &axes, const Rates &rates);

}  // namespace thimble::stream
