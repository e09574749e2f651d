#include "thimble/plan/wider_tiles.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "thimble/plan/buffers.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/firing.h"

namespace thimble {
namespace {

constexpr std::int64_t kNodes = 5'000;
/// Of all schedules tried: some seconds.
constexpr std::int64_t kMostFirings = 2'000'000;

bool keeps_windows(const Stage &stage) {
  return std::any_of(stage.inner.begin(), stage.inner.end(),
                     [](const StageTensor &inner) { return inner.store_at != Level::call; });
}

/// Columns in a firing: what the stages of pixels make of each tensor, and of the drivers' outputs.
std::vector<std::int32_t *> column_steps(Schedule &schedule) {
  std::vector<std::int32_t *> steps;
  for (Stage &stage : schedule.stages) {
    const bool pixels = stage.loops.size() == 2 && stage.loops[1].level == Level::column;
    if (!pixels || keeps_windows(stage)) continue;
    for (StageTensor &inner : stage.inner) {
      if (inner.compute_at == Level::column) steps.push_back(&inner.step);
    }
    steps.push_back(&stage.loops[1].step);
  }
  return steps;
}

/// Looks for steps that save firings, one after the other.
class Widening {
 public:
  Widening(Schedule schedule, const BufferOptions &options, std::int64_t most_bytes)
      : best_(std::move(schedule)),
        options_(options),
        most_bytes_(most_bytes),
        firings_(count_firings(best_)) {}

  /// Until no tensor's step can grow, or grow at the cost of another one's.
  Schedule search() {
    const std::size_t count = column_steps(best_).size();
    for (bool better = true; better;) {
      better = false;
      for (std::size_t i = 0; i < count; ++i) {
        better = improve(i, kNoStep) || better;
        for (std::size_t j = 0; j < count; ++j) better = (j != i && improve(i, j)) || better;
      }
    }
    return std::move(best_);
  }

 private:
  static constexpr std::size_t kNoStep = SIZE_MAX;

  /// Makes one step twice as long and another one half as long, if the program then fires less often and
  /// fits.
  bool improve(std::size_t wider, std::size_t narrower) {
    Schedule other = best_;
    const std::vector<std::int32_t *> steps = column_steps(other);
    *steps[wider] *= 2;
    if (narrower != kNoStep) {
      if (*steps[narrower] == 1) return false;
      *steps[narrower] /= 2;
    }
    if (tried_ > kMostFirings) return false;
    const std::int64_t firings = count_firings(other);
    tried_ += firings;
    if (firings >= firings_) return false;
    if (!plan_buffers(other, options_) || other.regions[0].size > most_bytes_ || !check(other)) return false;
    best_ = std::move(other);
    firings_ = firings;
    return true;
  }

  Schedule best_;
  BufferOptions options_;
  std::int64_t most_bytes_, firings_, tried_ = 0;
};

}  // namespace

void widen_tiles(Plan &plan, const PlanOptions &options, std::int64_t most_bytes) {
  const BufferOptions placing{options.alignment, options.input == InputMode::kept, kNodes, true};
  plan.schedule = Widening(std::move(plan.schedule), placing, most_bytes).search();
}

}  // namespace thimble
