#include "thimble/plan/plan.h"

#include <algorithm>
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

/// Some of the ascending `values` strictly between two bounds, evenly spread.
std::vector<std::int64_t> between(const std::vector<std::int64_t> &values, std::int64_t low,
                                  std::int64_t high) {
  constexpr std::size_t kMost = 12;
  const auto begin = std::upper_bound(values.begin(), values.end(), low);
  const auto end = std::lower_bound(begin, values.end(), high);
  const auto count = static_cast<std::size_t>(end - begin);
  std::vector<std::int64_t> some;
  for (std::size_t i = 0; i < std::min(count, kMost); ++i) {
    some.push_back(begin[static_cast<std::ptrdiff_t>(i * count / std::min(count, kMost))]);
  }
  return some;
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

}  // namespace

Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  std::vector<OpId> order(graph->ops.size());
  std::iota(order.begin(), order.end(), 0);
  const bool keep = options.input == InputMode::kept;
  const bool rows = options.input == InputMode::rows;
  if (auto ok = rows ? can_feed_rows(*graph) : Result<void>{}; !ok) return tl::unexpected(ok.error());
  StageCosts costs(*graph, order, {options.alignment, keep, rows});
  // A quick search for offsets tells which cuts are worth while, a thorough one places the best of them.
  constexpr std::int64_t kQuick = 5'000;
  constexpr std::int64_t kThorough = 100'000;
  std::optional<Schedule> best;
  const auto consider = [&](const Cuts &cuts) -> Result<void> {
    Schedule schedule = make_schedule(graph, order, cuts);
    if (auto sound = verify_structure(schedule); !sound) return sound;
    plan_buffers(schedule, {options.alignment, keep, kQuick});
    if (!best || schedule.regions[0].size < best->regions[0].size) best = std::move(schedule);
    return {};
  };
  for (const bool pixels : {false, true}) {
    if (pixels && options.space != PlanSpace::all) break;
    CutSearch search(costs, {options.space != PlanSpace::whole, pixels});
    const Cuts least = search.least_peak();
    if (least.stages.empty()) continue;
    if (best && least.peak_bytes >= best->regions[0].size) break;
    if (auto ok = consider(least); !ok) return tl::unexpected(ok.error());
    // What a stage needs while it runs may not fit together with what the next one needs at the same place:
    // allow more, and see whether fewer or other stages fit better.
    for (const std::int64_t bytes :
         between(search.candidate_peaks(), least.peak_bytes, best->regions[0].size)) {
      const std::int64_t worth_while = best->regions[0].size - best->regions[0].size / 200;
      if (bytes >= worth_while) break;
      if (auto ok = consider(search.fewest_firings(bytes)); !ok) return tl::unexpected(ok.error());
    }
  }
  if (!best) return failure(no_stage(*graph));
  Schedule thorough = *best;
  plan_buffers(thorough, {options.alignment, keep, kThorough});
  if (thorough.regions[0].size < best->regions[0].size) best = std::move(thorough);
  if (auto proof = check(*best); !proof) return tl::unexpected(proof.error());
  return std::move(*best);
}

std::int64_t lower_bound_bytes(const Graph &graph) {
  std::int64_t bound = 0;
  for (const Op &op : graph.ops) {
    std::int64_t inputs = 0;
    bool shares = false;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const TensorId id = op.inputs[j];
      if (id == kNone || graph.tensor(id).constant()) continue;
      if (std::find(op.inputs.begin(), op.inputs.begin() + static_cast<std::ptrdiff_t>(j), id) !=
          op.inputs.begin() + static_cast<std::ptrdiff_t>(j)) {
        continue;
      }
      inputs += graph.tensor(id).bytes();
      shares = shares || in_place(graph, op, static_cast<int>(j)) != InPlace::no;
    }
    const std::int64_t output = graph.tensor(op.output()).bytes();
    bound = std::max(bound, shares ? std::max(inputs, output) : inputs + output);
  }
  return bound;
}

}  // namespace thimble
