#include "thimble/plan/plan.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "thimble/graph/rules.h"
#include "thimble/plan/buffers.h"
#include "thimble/plan/candidate_orders.h"
#include "thimble/plan/cuts.h"
#include "thimble/plan/second_pass.h"
#include "thimble/plan/spread.h"
#include "thimble/schedule/check.h"

namespace thimble {
namespace {

constexpr double kMostOverhead = 1000;
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

/// Inputs and outputs that are whole at once make a search pointless when they are larger than any plan may
/// be.
Result<void> can_be_planned(const Graph &graph, InputMode input) {
  std::int64_t bytes = 0;
  for (const TensorId id : graph.outputs) bytes += graph.tensor(id).constant() ? 0 : graph.tensor(id).bytes();
  for (const TensorId id : graph.inputs) bytes += input == InputMode::rows ? 0 : graph.tensor(id).bytes();
  if (bytes <= kMaxRegionBytes) return {};
  Diagnostic line;
  line.file = graph.file;
  line.reason = "its inputs and outputs take " + std::to_string(bytes) + " bytes, a plan can have " +
                std::to_string(kMaxRegionBytes) + " at most";
  line.hint = "networks for microcontrollers are far smaller: give the model a smaller input";
  return failure(std::move(line));
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
  PlanSearch(std::shared_ptr<const Graph> graph, const PlanOptions &options, std::vector<OpId> order)
      : graph_(std::move(graph)),
        options_(with_room(options)),
        order_(std::move(order)),
        costs_(*graph_, order_, stage_options(options)) {}

  Result<Plan> search() {
    if (auto ok = search_once(); !ok) return tl::unexpected(ok.error());
    const std::int64_t extra = extra_macs(options_.max_overhead);
    if (extra > 0 && options_.space != PlanSpace::whole) {
      CutSearch cuts(costs_, with_windows(extra, size_of(*best_) - 1));
      if (auto ok = search_cuts(cuts); !ok) return tl::unexpected(ok.error());
    }
    auto plan = finish(best_extra_macs_ > 0 ? lower_bound_with(extra) : lower_bound(size_of(*best_)));
    if (!plan || options_.memories.empty()) return plan;
    if (auto ok = spread(*plan); !ok) return tl::unexpected(ok.error());
    return plan;
  }

  /// The plan without recomputation, and plans with less and less of it.
  Result<std::vector<Plan>> front() {
    if (auto ok = search_once(); !ok) return tl::unexpected(ok.error());
    std::vector<Plan> plans;
    const auto add = [&](std::int64_t bound) -> Result<void> {
      auto plan = finish(bound);
      if (!plan) return tl::unexpected(plan.error());
      plans.push_back(std::move(*plan));
      return {};
    };
    if (auto ok = add(lower_bound(size_of(*best_))); !ok) return tl::unexpected(ok.error());
    const std::int64_t most = extra_macs(options_.max_overhead);
    if (most == 0 || options_.space == PlanSpace::whole) return plans;
    const std::int64_t bytes = size_of(plans[0].schedule) - 1;
    CutSearch cuts(costs_, with_windows(most, bytes));
    StageCosts unaligned = costs_.bare();
    CutSearch bounds(unaligned, with_windows(most, bytes));
    for (std::int64_t extra = most; extra > 0;) {
      cuts.limit_macs(extra);
      bounds.limit_macs(extra);
      best_.reset();
      considered_.clear();
      candidates_.clear();
      if (auto ok = search_cuts(cuts); !ok) return tl::unexpected(ok.error());
      if (!best_) break;
      if (auto ok = add(bounds.least_estimate()); !ok) return tl::unexpected(ok.error());
      extra =
          std::min(extra, plans.back().extra_macs) - std::max<std::int64_t>(1, costs_.macs() / kFrontSteps);
    }
    return plans;
  }

  /// No cuts of this order need less: the same search with no byte lost to alignment. Quicker when it is
  /// known that some arena is large enough.
  std::int64_t lower_bound(std::int64_t enough) const {
    StageCosts unaligned = costs_.bare();
    CutLimits limits{options_.space != PlanSpace::whole, options_.space == PlanSpace::all};
    limits.bytes = enough;
    const Cuts within = CutSearch(unaligned, limits).least_peak();
    if (!within.stages.empty() && within.peak_bytes <= limits.bytes) return within.peak_bytes;
    limits.bytes = kUnlimited;
    return CutSearch(unaligned, limits).least_peak().peak_bytes;
  }

 private:
  static constexpr std::int64_t kQuick = 5'000;
  static constexpr std::int64_t kThorough = 50'000;
  static constexpr std::size_t kMostThorough = 3;
  static constexpr std::size_t kMostSpread = 8;
  static constexpr std::int64_t kFrontSteps = 50;  // points of a front per doubling of the MACs
  static constexpr std::int64_t kUnlimited = std::int64_t{1} << 40;

  static StageOptions stage_options(const PlanOptions &options) {
    return {options.alignment, options.input == InputMode::kept, options.input == InputMode::rows};
  }
  bool keeps_inputs() const { return options_.input == InputMode::kept; }
  static std::int64_t size_of(const Schedule &schedule) { return schedule.regions[0].size; }
  bool fits(const Schedule &schedule) const { return within_limit(schedule, options_); }

  CutLimits with_windows(std::int64_t extra, std::int64_t bytes) const {
    return {.pixels = options_.space == PlanSpace::all, .bytes = bytes, .extra_macs = extra};
  }
  std::int64_t extra_macs(double overhead) const {
    const double extra = std::clamp(overhead, 1.0, kMostOverhead) - 1.0;
    return static_cast<std::int64_t>(extra * static_cast<double>(costs_.macs()));
  }

  /// Nothing is computed twice.
  Result<void> search_once() {
    for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines, PlanSpace::all}) {
      if (space > options_.space) break;
      CutLimits limits{space != PlanSpace::whole, space == PlanSpace::all};
      limits.steps = options_.objective == Objective::latency;
      // What is not smaller than the best plan so far is of no use.
      if (best_ && options_.objective == Objective::ram) limits.bytes = size_of(*best_) - 1;
      CutSearch cuts(costs_, limits);
      if (auto ok = search_cuts(cuts); !ok) return ok;
    }
    return best_ ? Result<void>{} : failure(no_stage(*graph_));
  }

  Result<Plan> finish(std::int64_t bound) {
    Plan plan;
    if (auto placed = place_thoroughly(); !placed) return tl::unexpected(placed.error());
    plan.fits = fits(*best_);
    if (auto proof = check(*best_); !proof) return tl::unexpected(proof.error());
    plan.schedule = std::move(*best_);
    plan.extra_macs = best_extra_macs_;
    // What windows cost is estimated, to within a few bytes.
    plan.lower_bound_bytes = plan.extra_macs > 0 ? std::min(bound, size_of(plan.schedule)) : bound;
    return plan;
  }

  /// The least arena may have a buffer that no memory holds, where a larger one has none, or may wait longer.
  Result<void> spread(Plan &plan) {
    if (auto ok = spread_plan(plan, options_); !ok) return ok;
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate &a, const Candidate &b) { return a.bound < b.bound; });
    std::size_t tried = 0;
    for (Candidate &candidate : candidates_) {
      if ((plan.fits && plan.stall_cycles == 0) || tried == kMostSpread) break;
      if (candidate.schedule.buffers.empty() || candidate.bound > *options_.ram_limit) continue;
      ++tried;
      Plan other = plan;
      other.schedule = candidate.schedule;
      other.extra_macs = candidate.extra_macs;
      if (auto placed = place(other.schedule, kThorough, true); !placed)
        return tl::unexpected(placed.error());
      if (auto ok = spread_plan(other, options_); !ok) return ok;
      const bool waits_less = !plan.fits || other.stall_cycles < plan.stall_cycles;
      if (other.fits && waits_less) plan = std::move(other);
    }
    return {};
  }

  Result<BufferPlan> place(Schedule &schedule, std::int64_t nodes, bool exact_cursors) const {
    BufferOptions options{options_.alignment, keeps_inputs(), nodes, exact_cursors};
    auto placed = plan_buffers(schedule, options);
    if (!placed) return placed;
    const bool windows = std::any_of(schedule.stages.begin(), schedule.stages.end(), [](const Stage &stage) {
      return std::any_of(stage.inner.begin(), stage.inner.end(),
                         [](const StageTensor &inner) { return inner.within != kNone; });
    });
    // Windows take turns in all but unusual stages; the proof decides.
    if (!windows || check(schedule)) return placed;
    options.share_windows = false;
    return plan_buffers(schedule, options);
  }

  Result<void> consider(const Cuts &cuts) {
    if (cuts.stages.empty()) return {};
    if (std::find(considered_.begin(), considered_.end(), cuts.stages) != considered_.end()) return {};
    considered_.push_back(cuts.stages);
    Schedule schedule = make_schedule(graph_, order_, cuts);
    if (auto sound = verify_structure(schedule); !sound) return sound;
    // Windows of several branches may want the rows of an input at different times: the stage's program
    // tells.
    const bool windows = std::any_of(cuts.stages.begin(), cuts.stages.end(),
                                     [](const StageChoice &stage) { return !stage.form.windows.empty(); });
    const bool may_fail = options_.input == InputMode::rows && windows;
    auto placed = place(schedule, kQuick, may_fail);
    if (!placed && may_fail) return {};
    if (!placed) return tl::unexpected(placed.error());
    if (!best_ || better(schedule, cuts.firings)) {
      best_ = schedule;
      best_firings_ = cuts.firings;
      best_number_ = candidates_.size();
      best_extra_macs_ = cuts.extra_macs;
    }
    candidates_.push_back({candidates_.size(), placed->bound_bytes, cuts.extra_macs, std::move(schedule)});
    return {};
  }

  /// The quick search for offsets told which cuts are worth while. A thorough one places the best, and those
  /// that could still become better.
  Result<void> place_thoroughly() {
    if (auto placed = place(*best_, kThorough, true); !placed) return tl::unexpected(placed.error());
    if (options_.objective != Objective::ram && fits(*best_)) return {};
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate &a, const Candidate &b) { return a.bound < b.bound; });
    std::size_t tried = 1;
    for (Candidate &candidate : candidates_) {
      // What cannot gain a hundredth is not worth the time.
      if (tried == kMostThorough || candidate.bound >= size_of(*best_) - size_of(*best_) / 100) break;
      if (candidate.number == best_number_) continue;
      ++tried;
      auto placed = place(candidate.schedule, kThorough, true);
      if (!placed) return tl::unexpected(placed.error());
      if (size_of(candidate.schedule) >= size_of(*best_)) continue;
      best_ = std::move(candidate.schedule);
      best_extra_macs_ = candidate.extra_macs;
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
      if (auto ok = try_limits(cuts, least.peak_bytes, most); !ok) return ok;
    }
    // Rings, and tensors that wait for later stages, want places of their own between those handed on: where
    // they do not find them, allow the chain a little more or less.
    return try_limits(cuts, least.peak_bytes, size_of(*best_));
  }

  /// Chains for a few arenas between the `least` one and `most` bytes.
  Result<void> try_limits(CutSearch &cuts, std::int64_t least, std::int64_t most) {
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

  struct Candidate {
    std::size_t number = 0;
    std::int64_t bound = 0;  ///< no placement of its buffers is smaller
    std::int64_t extra_macs = 0;
    Schedule schedule;
  };

  /// With recomputation, by what is known of the stages without counting them.
  std::int64_t lower_bound_with(std::int64_t extra) const {
    StageCosts unaligned = costs_.bare();
    return CutSearch(unaligned, with_windows(extra, size_of(*best_))).least_estimate();
  }

  std::shared_ptr<const Graph> graph_;
  PlanOptions options_;
  std::vector<OpId> order_;
  StageCosts costs_;
  std::optional<Schedule> best_;
  std::int64_t best_firings_ = 0, best_extra_macs_ = 0;
  std::size_t best_number_ = 0;
  std::vector<Candidate> candidates_;
  std::vector<std::vector<StageChoice>> considered_;
};

/// From the plan without recomputation on: what is not smaller than its predecessor is left out.
std::vector<Plan> ascending(std::vector<Plan> plans) {
  const auto size = [](const Plan &plan) { return plan.schedule.regions[0].size; };
  std::stable_sort(plans.begin(), plans.end(), [&](const Plan &a, const Plan &b) {
    return a.extra_macs != b.extra_macs ? a.extra_macs < b.extra_macs : size(a) < size(b);
  });
  std::vector<Plan> kept;
  for (Plan &plan : plans) {
    if (kept.empty() || size(plan) < size(kept.back())) kept.push_back(std::move(plan));
  }
  return kept;
}

bool better(const Plan &a, const Plan &b, Objective objective) {
  const std::int64_t size = total_bytes(a.schedule.regions);
  const std::int64_t other = total_bytes(b.schedule.regions);
  if (a.fits != b.fits) return a.fits;
  if (objective == Objective::ram && a.stall_cycles != b.stall_cycles) return a.stall_cycles < b.stall_cycles;
  if (objective == Objective::ram || !a.fits || !b.fits) return size < other;
  const std::int64_t calls = count_firings(a.schedule);
  const std::int64_t other_calls = count_firings(b.schedule);
  return calls != other_calls ? calls < other_calls : size < other;
}

/// The graph in which maps are computed a second time, as far as the limit allows, and what is left of the
/// limit.
struct Again {
  SecondPass pass;
  PlanOptions options;
};
std::optional<Again> second_pass(const Graph &graph, const PlanOptions &options) {
  if (options.max_overhead <= 1.0 || options.space == PlanSpace::whole) return std::nullopt;
  std::int64_t all = 0;
  for (const Op &op : graph.ops) all += macs(graph, op);
  const double most = std::min(options.max_overhead, kMostOverhead) * static_cast<double>(all);
  std::vector<ComputedTwice> maps;
  std::int64_t with_maps = all;
  for (ComputedTwice &map : find_computed_twice(graph, options.input == InputMode::rows)) {
    if (static_cast<double>(with_maps + map.macs) > most) continue;
    with_maps += map.macs;
    maps.push_back(std::move(map));
  }
  if (maps.empty()) return std::nullopt;
  Again again{make_second_pass(graph, maps), options};
  again.options.max_overhead = most / static_cast<double>(with_maps);
  return again;
}

/// The first plan of the front that keeps to the limit for the RAM; the smallest one when none does.
Result<Plan> search_fewest_macs(const std::shared_ptr<const Graph> &graph, PlanOptions options) {
  options.objective = Objective::ram;
  const double most = std::exchange(options.max_overhead, 1.0);
  auto once = search_plan(graph, options);
  if (!once || once->fits || most <= 1.0) return once;
  options.max_overhead = most;
  auto front = search_front(graph, options);
  if (!front) return tl::unexpected(front.error());
  for (Plan &plan : *front) {
    if (!options.memories.empty()) {
      if (auto ok = spread_plan(plan, options); !ok) return tl::unexpected(ok.error());
    }
    if (plan.fits) return std::move(plan);
  }
  return std::move(front->back());
}

/// As a plan of the original graph.
std::optional<Plan> to_original(Plan plan, const SecondPass &pass, std::shared_ptr<const Graph> graph) {
  std::optional<Schedule> schedule = thimble::to_original(plan.schedule, pass, std::move(graph));
  if (!schedule || !check(*schedule)) return std::nullopt;
  plan.schedule = std::move(*schedule);
  plan.extra_macs += pass.macs;
  return plan;
}

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
  switch (objective) {
    case Objective::ram:
      return "ram";
    case Objective::macs:
      return "macs";
    case Objective::latency:
      return "latency";
  }
  return "?";
}

std::vector<std::vector<OpId>> searched_orders(const Graph &graph, const PlanOptions &options) {
  std::vector<std::vector<OpId>> orders = candidate_orders(graph);
  std::size_t best = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < orders.size() && orders.size() > 1; ++i) {
    const StageOptions stages{1, options.input == InputMode::kept, options.input == InputMode::rows};
    StageCosts costs(graph, orders[i], stages);
    const std::int64_t bytes = CutSearch(costs, {options.space != PlanSpace::whole, false}).least_estimate();
    // In two hundred bytes one: less is not worth another search.
    if (bytes >= least - least / 200) continue;
    least = bytes;
    best = i;
  }
  if (best > 0) return {std::move(orders[0]), std::move(orders[best])};
  orders.resize(1);
  return orders;
}

Result<Plan> search_plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  if (auto none = expect_no_states(*graph, "a plan of one run"); !none) return tl::unexpected(none.error());
  if (options.objective == Objective::macs) return search_fewest_macs(graph, options);
  const bool rows = options.input == InputMode::rows;
  if (auto ok = rows ? can_feed_rows(*graph) : Result<void>{}; !ok) return tl::unexpected(ok.error());
  if (auto ok = can_be_planned(*graph, options.input); !ok) return tl::unexpected(ok.error());
  std::optional<Plan> best;
  std::optional<Error> error;
  std::int64_t bound = std::numeric_limits<std::int64_t>::max();
  for (std::vector<OpId> &order : searched_orders(*graph, options)) {
    PlanSearch search(graph, options, std::move(order));
    if (best && options.objective == Objective::ram) {
      const std::int64_t arena = total_bytes(best->schedule.regions);
      const std::int64_t least = search.lower_bound(arena);
      bound = std::min(bound, least);
      if (least >= arena && (best->fits || options.memories.empty())) continue;
    }
    Result<Plan> found = search.search();
    if (!found) {
      if (!error) error = std::move(found.error());
      continue;
    }
    bound = std::min(bound, found->lower_bound_bytes);
    if (!best || better(*found, *best, options.objective)) best = std::move(*found);
  }
  if (!best) return tl::unexpected(std::move(*error));
  if (const auto again = second_pass(*graph, options)) {
    if (auto found = search_plan(again->pass.graph, again->options)) {
      bound = std::min(bound, found->lower_bound_bytes);
      auto plan = to_original(std::move(*found), again->pass, graph);
      if (plan && better(*plan, *best, options.objective)) best = std::move(*plan);
    }
  }
  best->lower_bound_bytes = bound;
  return std::move(*best);
}

Result<std::vector<Plan>> search_front(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  if (auto none = expect_no_states(*graph, "a plan of one run"); !none) return tl::unexpected(none.error());
  const bool rows = options.input == InputMode::rows;
  if (auto ok = rows ? can_feed_rows(*graph) : Result<void>{}; !ok) return tl::unexpected(ok.error());
  std::vector<Plan> plans;
  std::optional<Error> error;
  for (std::vector<OpId> &order : searched_orders(*graph, options)) {
    auto found = PlanSearch(graph, options, std::move(order)).front();
    if (found) {
      std::move(found->begin(), found->end(), std::back_inserter(plans));
    } else if (!error) {
      error = std::move(found.error());
    }
  }
  if (plans.empty()) return tl::unexpected(std::move(*error));
  if (const auto again = second_pass(*graph, options)) {
    if (auto found = search_front(again->pass.graph, again->options)) {
      for (Plan &plan : *found) {
        if (auto mapped = to_original(std::move(plan), again->pass, graph))
          plans.push_back(std::move(*mapped));
      }
    }
  }
  return ascending(std::move(plans));
}

Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  auto found = search_plan(std::move(graph), options);
  if (!found) return tl::unexpected(found.error());
  return std::move(found->schedule);
}

}  // namespace thimble
