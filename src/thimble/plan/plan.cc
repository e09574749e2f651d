#include "thimble/plan/plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "thimble/graph/rules.h"
#include "thimble/plan/buffers.h"
#include "thimble/plan/cuts.h"
#include "thimble/schedule/check.h"

namespace thimble {
namespace {

Schedule make_schedule(std::shared_ptr<const Graph> graph, const std::vector<OpId> &order, const Cuts &cuts) {
  Schedule schedule;
  for (const OpId op : order) {
    const bool arrives_whole = graph->op(op).is<Input>() && cuts.stages.front().first > 0;
    if (arrives_whole) schedule.stages.push_back(make_stage(*graph, {&op, 1}, {}));
  }
  for (const StageChoice &choice : cuts.stages) {
    const std::span<const OpId> ops = std::span(order).subspan(
        static_cast<std::size_t>(choice.first), static_cast<std::size_t>(choice.last - choice.first + 1));
    schedule.stages.push_back(make_stage(*graph, ops, choice.form));
  }
  schedule.graph = std::move(graph);
  return schedule;
}

/// An input in rows needs an operator that takes them one by one.
Diagnostic no_stage(const Graph &graph) {
  Diagnostic line;
  line.file = graph.file;
  line.reason = "no operator after the input can work on its rows one by one";
  line.hint = "hand the input in whole";
  return line;
}

Result<void> can_feed_rows(const Graph &graph) {
  Diagnostic line;
  line.file = graph.file;
  line.hint = "hand the input in whole";
  if (graph.inputs.size() != 1) {
    line.reason =
        "has " + std::to_string(graph.inputs.size()) + " inputs; only a single one can be fed in rows";
    return failure(std::move(line));
  }
  const Tensor &input = graph.tensor(graph.inputs[0]);
  line.tensor = input.name;
  if (axis_of(Level::row, input.rank()) == kNone || graph.inputs[0] == graph.outputs[0]) {
    line.reason = "the input has no rows that could be fed one by one";
    return failure(std::move(line));
  }
  return {};
}

/// Candidate schedules of one order, the best one so far kept.
class PlanSearch {
 public:
  PlanSearch(std::shared_ptr<const Graph> graph, const PlanOptions &options)
      : graph_(std::move(graph)),
        options_(options),
        order_(file_order(*graph_)),
        costs_(*graph_, order_, stage_options(options, options.alignment)) {}

  Result<Plan> search() {
    if (auto ok = search_once(); !ok) return tl::unexpected(ok.error());
    const std::int64_t extra = extra_macs(options_.max_overhead);
    if (extra > 0 && options_.space == PlanSpace::all) {
      CutSearch cuts(costs_, with_windows(extra));
      if (auto ok = search_cuts(cuts); !ok) return tl::unexpected(ok.error());
    }
    return finish(extra > 0 ? lower_bound(extra) : lower_bound());
  }

  /// From the plan without recomputation downwards; what is not smaller than its predecessor is left out.
  Result<std::vector<Plan>> front() {
    if (auto ok = search_once(); !ok) return tl::unexpected(ok.error());
    std::vector<Plan> plans;
    const auto add = [&](std::int64_t bound) -> Result<void> {
      auto plan = finish(bound);
      if (!plan) return tl::unexpected(plan.error());
      plans.push_back(std::move(*plan));
      return {};
    };
    if (auto ok = add(lower_bound()); !ok) return tl::unexpected(ok.error());
    const std::int64_t most = extra_macs(options_.max_overhead);
    if (most == 0 || options_.space != PlanSpace::all) return plans;
    CutSearch cuts(costs_, with_windows(most));
    StageCosts unaligned(*graph_, order_, stage_options(options_, 1));
    CutSearch bounds(unaligned, with_windows(most));
    for (std::int64_t extra = most; extra > 0;) {
      cuts.limit_macs(extra);
      bounds.limit_macs(extra);
      best_.reset();
      if (auto ok = search_cuts(cuts); !ok) return tl::unexpected(ok.error());
      if (!best_) break;
      if (auto ok = add(bounds.least_estimate()); !ok) return tl::unexpected(ok.error());
      extra = std::min(extra, plans.back().extra_macs) - std::max<std::int64_t>(1, costs_.macs() / kFrontSteps);
    }
    std::stable_sort(plans.begin(), plans.end(), [](const Plan &a, const Plan &b) {
      return a.extra_macs != b.extra_macs ? a.extra_macs < b.extra_macs
                                          : size_of(a.schedule) < size_of(b.schedule);
    });
    std::vector<Plan> kept;
    for (Plan &plan : plans) {
      if (kept.empty() || size_of(plan.schedule) < size_of(kept.back().schedule)) kept.push_back(std::move(plan));
    }
    return kept;
  }

 private:
  static constexpr std::int64_t kQuick = 5'000;
  static constexpr std::int64_t kThorough = 100'000;
  static constexpr std::int64_t kFrontSteps = 50;  // points of a front per doubling of the MACs
  static constexpr double kMostOverhead = 1000;
  static constexpr std::int64_t kUnlimited = std::int64_t{1} << 40;

  static std::vector<OpId> file_order(const Graph &graph) {
    std::vector<OpId> order(graph.ops.size());
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  static StageOptions stage_options(const PlanOptions &options, std::int32_t alignment) {
    return {alignment, options.input == InputMode::kept, options.input == InputMode::rows};
  }
  bool keeps_inputs() const { return options_.input == InputMode::kept; }
  static std::int64_t size_of(const Schedule &schedule) { return schedule.regions[0].size; }
  bool fits(const Schedule &schedule) const {
    return !options_.ram_limit || size_of(schedule) <= *options_.ram_limit;
  }

  CutLimits with_windows(std::int64_t extra) const { return {true, true, extra}; }
  std::int64_t extra_macs(double overhead) const {
    const double extra = std::clamp(overhead, 1.0, kMostOverhead) - 1.0;
    return static_cast<std::int64_t>(extra * static_cast<double>(costs_.macs()));
  }

  /// Nothing is computed twice.
  Result<void> search_once() {
    for (const bool pixels : {false, true}) {
      if (pixels && options_.space != PlanSpace::all) break;
      CutSearch cuts(costs_, {options_.space != PlanSpace::whole, pixels});
      if (auto ok = search_cuts(cuts); !ok) return ok;
    }
    return best_ ? Result<void>{} : failure(no_stage(*graph_));
  }

  Result<Plan> finish(std::int64_t bound) {
    Plan plan;
    plan.lower_bound_bytes = bound;
    plan.fits = fits(*best_);
    // The quick search for offsets told which cuts are worth while, a thorough one places them.
    if (options_.objective == Objective::ram || !plan.fits) {
      Schedule thorough = *best_;
      place(thorough, kThorough);
      if (size_of(thorough) < size_of(*best_)) best_ = std::move(thorough);
      plan.fits = fits(*best_);
    }
    if (auto proof = check(*best_); !proof) return tl::unexpected(proof.error());
    plan.schedule = std::move(*best_);
    plan.extra_macs = best_extra_macs_;
    // What windows cost is estimated, to within a few bytes.
    if (plan.extra_macs > 0) plan.lower_bound_bytes = std::min(bound, size_of(plan.schedule));
    return plan;
  }

  void place(Schedule &schedule, std::int64_t nodes) const {
    BufferOptions options{options_.alignment, keeps_inputs(), nodes};
    plan_buffers(schedule, options);
    const bool windows = std::any_of(schedule.stages.begin(), schedule.stages.end(), [](const Stage &stage) {
      return std::any_of(stage.inner.begin(), stage.inner.end(),
                         [](const StageTensor &inner) { return inner.within != kNone; });
    });
    // Windows take turns in all but unusual stages; the proof decides.
    if (!windows || check(schedule)) return;
    options.share_windows = false;
    plan_buffers(schedule, options);
  }

  Result<void> consider(const Cuts &cuts) {
    Schedule schedule = make_schedule(graph_, order_, cuts);
    if (auto sound = verify_structure(schedule); !sound) return sound;
    place(schedule, kQuick);
    if (!best_ || better(schedule, cuts.firings)) {
      best_ = std::move(schedule);
      best_firings_ = cuts.firings;
      best_extra_macs_ = cuts.extra_macs;
    }
    return {};
  }

  bool better(const Schedule &schedule, std::int64_t firings) const {
    const bool by_size = options_.objective == Objective::ram || !fits(schedule) || !fits(*best_);
    if (by_size) return size_of(schedule) < size_of(*best_);
    return firings != best_firings_ ? firings < best_firings_ : size_of(schedule) < size_of(*best_);
  }

  Result<void> search_cuts(CutSearch &cuts) {
    const Cuts least = cuts.least_arena();
    const bool hopeless =
        best_ && options_.objective == Objective::ram && least.peak_bytes >= size_of(*best_);
    if (least.stages.empty() || hopeless) return {};
    if (auto ok = consider(least); !ok) return ok;
    if (options_.objective == Objective::latency) {
      const std::int64_t most = options_.ram_limit.value_or(kUnlimited);
      if (auto ok = try_limits(cuts, most); !ok) return ok;
    }
    // Rings, and tensors that wait for later stages, want places of their own between those handed on: where
    // they do not find them, allow the chain a little more or less.
    return try_limits(cuts, size_of(*best_));
  }

  /// Chains for a few arenas between the least one and `most` bytes.
  Result<void> try_limits(CutSearch &cuts, std::int64_t most) {
    const std::int64_t least = cuts.least_arena().peak_bytes;
    if (most > least * 4) {
      if (auto ok = consider(cuts.fewest_firings(most)); !ok) return ok;
      most = least * 4;
    }
    constexpr std::int64_t kTries = 8;
    std::int64_t previous = least;
    for (std::int64_t i = 1; i <= kTries; ++i) {
      const std::int64_t bytes = least + (most - least) * i / kTries;
      const bool by_size = options_.objective == Objective::ram;
      if (bytes == previous || (by_size && bytes >= size_of(*best_) - size_of(*best_) / 400)) continue;
      previous = bytes;
      if (auto ok = consider(cuts.fewest_firings(bytes)); !ok) return ok;
    }
    return {};
  }

  /// The same search with no byte lost to alignment: what it counts exactly is the optimum.
  std::int64_t lower_bound() const {
    StageCosts unaligned(*graph_, order_, stage_options(options_, 1));
    CutSearch cuts(unaligned, {options_.space != PlanSpace::whole, options_.space == PlanSpace::all});
    return cuts.least_peak().peak_bytes;
  }
  /// With recomputation, by what is known of the stages without counting them.
  std::int64_t lower_bound(std::int64_t extra) const {
    StageCosts unaligned(*graph_, order_, stage_options(options_, 1));
    return CutSearch(unaligned, with_windows(extra)).least_estimate();
  }

  std::shared_ptr<const Graph> graph_;
  PlanOptions options_;
  std::vector<OpId> order_;
  StageCosts costs_;
  std::optional<Schedule> best_;
  std::int64_t best_firings_ = 0, best_extra_macs_ = 0;
};

}  // namespace

const char *name_of(PlanSpace space) {
  switch (space) {
    case PlanSpace::whole:
      return "whole";
    case PlanSpace::lines:
      return "lines";
    case PlanSpace::all:
      return "all";
  }
  return "?";
}

const char *name_of(InputMode mode) {
  switch (mode) {
    case InputMode::consumed:
      return "consumed";
    case InputMode::kept:
      return "kept";
    case InputMode::rows:
      return "rows";
  }
  return "?";
}

const char *name_of(Objective objective) {
  return objective == Objective::ram ? "ram" : "latency";
}

Result<Plan> search_plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  const bool rows = options.input == InputMode::rows;
  if (auto ok = rows ? can_feed_rows(*graph) : Result<void>{}; !ok) return tl::unexpected(ok.error());
  return PlanSearch(std::move(graph), options).search();
}

Result<std::vector<Plan>> search_front(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  const bool rows = options.input == InputMode::rows;
  if (auto ok = rows ? can_feed_rows(*graph) : Result<void>{}; !ok) return tl::unexpected(ok.error());
  return PlanSearch(std::move(graph), options).front();
}

Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  auto found = search_plan(std::move(graph), options);
  if (!found) return tl::unexpected(found.error());
  return std::move(found->schedule);
}

}  // namespace thimble
