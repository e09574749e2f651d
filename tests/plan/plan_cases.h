// Random networks under random plans: what the planner finds under random options, and what it could have
// chosen (random orders cut into random stages of random forms, placed as it places). Each must be legal and
// give the interpreter's bytes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>

#include "support/random_graph.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/buffers.h"
#include "thimble/plan/plan.h"
#include "thimble/plan/stage_cost.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {

struct PlanCase {
  std::string label;  ///< what was asked for
  Schedule schedule;
};

inline std::shared_ptr<const Graph> plan_case_network(std::uint64_t seed, Random &random, int most_steps) {
  RandomGraphOptions options;
  const int type = random.integer(0, 9);
  options.type = type == 0 ? ElementType::float32 : type <= 2 ? ElementType::int16 : ElementType::int8;
  options.steps = random.integer(1, most_steps);
  options.most_side = random.integer(3, 13);
  options.most_channels = random.integer(1, 8);
  return std::make_shared<const Graph>(random_graph(seed, options));
}

inline bool can_be_fed_in_rows(const Graph &graph) {
  return graph.inputs.size() == 1 && graph.inputs[0] != graph.outputs[0];
}

inline PlanOptions random_plan_options(const Graph &graph, Random &random) {
  PlanOptions options;
  options.alignment = random.pick(std::vector<std::int32_t>{1, 4, 4, 8, 16});
  options.space = random.pick(std::vector<PlanSpace>{PlanSpace::whole, PlanSpace::lines, PlanSpace::all,
                                                     PlanSpace::all, PlanSpace::all});
  options.input = random.pick(
      std::vector<InputMode>{InputMode::consumed, InputMode::consumed, InputMode::kept, InputMode::rows});
  if (options.input == InputMode::rows && !can_be_fed_in_rows(graph)) options.input = InputMode::consumed;
  options.objective = random.chance(25) ? Objective::latency : Objective::ram;
  if (random.chance(25)) options.ram_limit = random.integer(16, 4000);
  options.max_overhead = random.pick(std::vector<double>{1.0, 1.0, 1.1, 1.5, 2.0, 10.0});
  return options;
}

inline std::string text_of(const PlanOptions &options) {
  return std::string("space ") + name_of(options.space) + ", input " + name_of(options.input) + ", for " +
         name_of(options.objective) + ", alignment " + std::to_string(options.alignment) + ", ram " +
         std::to_string(options.ram_limit.value_or(-1)) + ", overhead " +
         std::to_string(options.max_overhead);
}

/// Operators in any order in which they can be executed, network inputs first.
inline std::vector<OpId> random_order(const Graph &graph, Random &random) {
  std::vector<OpId> order, waiting;
  std::vector<bool> there(graph.tensors.size());
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const bool input = graph.ops[id].is<Input>();
    (input ? order : waiting).push_back(static_cast<OpId>(id));
    if (input) there[static_cast<std::size_t>(graph.ops[id].output())] = true;
  }
  while (!waiting.empty()) {
    std::vector<OpId> ready;
    for (const OpId id : waiting) {
      const std::vector<TensorId> &inputs = graph.op(id).inputs;
      const bool can = std::all_of(inputs.begin(), inputs.end(), [&](TensorId input) {
        return input == kNone || graph.tensor(input).constant() || there[static_cast<std::size_t>(input)];
      });
      if (can) ready.push_back(id);
    }
    // Mostly as in the file: neighbours that read each other make longer stages.
    const OpId next = random.chance(60) ? ready[0] : random.pick(ready);
    std::erase(waiting, next);
    order.push_back(next);
    there[static_cast<std::size_t>(graph.op(next).output())] = true;
  }
  return order;
}

/// Windows may add so many times the network's multiply-accumulates.
constexpr std::int64_t kMostTimes = 10;

inline NestForm random_slices(StageCosts &costs, std::int32_t last, Random &random) {
  NestForm form;
  form.grain = random.pick(std::vector<Grain>{Grain::slices, Grain::slices_of_lines, Grain::lines_of_slices});
  form.channels = random.integer(1, std::max(1, costs.reduction(last) - 1));
  form.sum_bytes = random.pick(costs.sum_widths(last));
  if (form.grain != Grain::slices) form.step = random.integer(1, 3);
  return form;
}

/// A stage from position `first` on, of a form that the planner considers.
inline StageChoice random_stage(const Graph &graph, StageCosts &costs, std::int32_t first, Random &random) {
  const auto end = static_cast<std::int32_t>(costs.order().size());
  if (random.chance(50)) {
    std::vector<StageChoice> choices;
    for (std::int32_t last = first + 1; last < std::min(end, first + 9); ++last) {
      StageChoice choice{first, last, {Grain::pixels, Sweep::rows, 1}};
      if (!costs.estimate(choice)) continue;
      const WindowLimits limits{kMostTimes * costs.macs(), std::numeric_limits<std::int64_t>::max()};
      for (WindowChoice &found : costs.windows(last, limits)) {
        if (found.first != first) continue;
        choice.form.windows = std::move(found.windows);
        choices.push_back(choice);
      }
    }
    if (!choices.empty()) return random.pick(choices);
  }
  for (int attempt = 0; attempt < 12; ++attempt) {
    const std::int32_t last = std::min(end - 1, first + random.integer(0, 1 + attempt % 8));
    StageChoice choice{first, last, {}};
    const int grain = random.integer(0, 6);
    if (grain == 0) choice.last = first;
    if (grain > 4) {
      choice.form = random_slices(costs, choice.last, random);
      if (costs.estimate_slices(choice)) return choice;
      continue;
    }
    if (grain > 0) choice.form.grain = grain <= 2 ? Grain::lines : Grain::pixels;
    if (grain == 1) choice.form.sweep = Sweep::columns;
    if (grain == 2 && random.chance(40)) choice.form.strip = random.integer(1, 4);
    if (choice.form.grain == Grain::lines && random.chance(40)) choice.form.step = random.integer(2, 4);
    if (grain > 2) choice.form.pixels = 1 << random.integer(0, 4);
    if (!costs.estimate(choice)) continue;
    const int lines = random.chance(50) ? random.integer(10, 60) : 0;
    for (std::int32_t p = first; p < choice.last && choice.form.grain == Grain::pixels; ++p) {
      const Op &op = graph.op(costs.order()[static_cast<std::size_t>(p)]);
      if (!op.is<Input>() && random.chance(lines)) choice.form.lines.push_back(op.output());
    }
    return choice;
  }
  return {first, first, {}};
}

/// Whether there may be no plan for this reason: rows of an input that nobody can take one by one, or windows
/// (of random stages only) that want them in another order.
inline bool has_no_plan(const Error &error) {
  const std::string text = error.text();
  return text.find("on its rows one by one") != std::string::npos ||
         text.find("no rows that could be fed") != std::string::npos ||
         text.find("rows at different times") != std::string::npos ||
         text.find("no row that anything reads") != std::string::npos;
}

/// Random stages of a random order, placed.
inline Result<Schedule> random_cuts(std::shared_ptr<const Graph> graph, Random &random, std::string &label) {
  const PlanOptions options = random_plan_options(*graph, random);
  const bool rows = options.input == InputMode::rows;
  const std::vector<OpId> order = random_order(*graph, random);
  StageCosts costs(*graph, order, {options.alignment, options.input == InputMode::kept, rows});
  Schedule schedule;
  for (std::int32_t p = 0; p < costs.first_position(); ++p) {
    schedule.stages.push_back(make_stage(*graph, {&order[static_cast<std::size_t>(p)], 1}, {}));
  }
  for (std::int32_t p = costs.first_position(); p < static_cast<std::int32_t>(order.size());) {
    const StageChoice choice = random_stage(*graph, costs, p, random);
    const auto count = static_cast<std::size_t>(choice.last - choice.first + 1);
    schedule.stages.push_back(
        make_stage(*graph, std::span(order).subspan(static_cast<std::size_t>(p), count), choice.form));
    p = choice.last + 1;
  }
  schedule.graph = std::move(graph);
  label = std::string("cuts, input ") + name_of(options.input);
  if (Result<void> sound = verify_structure(schedule); !sound) return tl::unexpected(sound.error());
  BufferOptions placing{options.alignment, options.input == InputMode::kept, random.integer(0, 2000)};
  placing.share_windows = random.chance(70);
  auto placed = plan_buffers(schedule, placing);
  // As the planner does: windows of some stages cannot take turns.
  if (placed && placing.share_windows && !check(schedule)) {
    placing.share_windows = false;
    placed = plan_buffers(schedule, placing);
  }
  if (!placed) return tl::unexpected(placed.error());
  return schedule;
}

/// The plans of case `seed`: mostly one, a front's several. An error where there is none. Networks have about
/// `most_steps` operators, or a few more.
inline Result<std::vector<PlanCase>> random_plans(std::uint64_t seed, int most_steps = 11) {
  Random random(seed * 0x9e3779b97f4a7c15u + 1);
  const auto graph = plan_case_network(seed, random, most_steps);
  std::vector<PlanCase> cases;
  if (random.chance(60)) {
    std::string label;
    auto schedule = random_cuts(graph, random, label);
    if (!schedule) return tl::unexpected(schedule.error());
    cases.push_back({label, std::move(*schedule)});
    return cases;
  }
  PlanOptions options = random_plan_options(*graph, random);
  if (random.chance(10)) {
    const auto front = search_front(graph, options);
    if (!front) return tl::unexpected(front.error());
    for (const Plan &plan : *front) cases.push_back({"front, " + text_of(options), plan.schedule});
    return cases;
  }
  const auto plan = search_plan(graph, options);
  if (!plan) return tl::unexpected(plan.error());
  EXPECT_LE(static_cast<double>(compute_cost(plan->schedule).macs),
            options.max_overhead * static_cast<double>(compute_cost(plan->schedule).macs_unplanned) + 0.5)
      << "seed " << seed << ": " << text_of(options);
  cases.push_back({text_of(options), plan->schedule});
  return cases;
}

/// Passes when `check` accepts the schedule and `execute` gives the interpreter's bytes.
inline void expect_right(const Schedule &schedule, std::uint64_t seed, const std::string &label) {
  const auto proof = check(schedule);
  ASSERT_TRUE(proof) << "seed " << seed << ": " << label << ": " << proof.error().text();
  EXPECT_EQ(proof->firings, count_firings(schedule));
  const std::vector<Bytes> inputs = random_inputs(*schedule.graph, seed);
  const auto expected = interpret_outputs(*schedule.graph, inputs);
  ASSERT_TRUE(expected) << "seed " << seed << ": " << expected.error().text();
  const auto found = execute(schedule, inputs, {static_cast<std::uint8_t>(seed * 37 + 11)});
  ASSERT_TRUE(found) << "seed " << seed << ": " << label << ": " << found.error().text();
  EXPECT_TRUE(*found == *expected) << "seed " << seed << ": " << label
                                   << ": other bytes than the interpreter's";
}

/// Cases `first` .. : legal, and the interpreter's bytes.
inline void sweep_plans(std::uint64_t first, std::uint64_t count) {
  std::int64_t plans = 0, recomputing = 0, fed = 0, unplanned = 0;
  for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFatalFailure(); ++seed) {
    const auto cases = random_plans(seed);
    if (!cases) {
      ++unplanned;
      EXPECT_TRUE(has_no_plan(cases.error())) << "seed " << seed << ": " << cases.error().text();
      continue;
    }
    for (const PlanCase &plan : *cases) {
      expect_right(plan.schedule, seed, plan.label);
      const ComputeCost cost = compute_cost(plan.schedule);
      ++plans;
      recomputing += cost.macs > cost.macs_unplanned ? 1 : 0;
      fed += is_row_fed(plan.schedule, plan.schedule.graph->inputs[0]) ? 1 : 0;
    }
  }
  std::cout << plans << " plans, " << fed << " fed by rows, " << recomputing << " with recomputation; "
            << unplanned << " seeds without a plan\n";
  EXPECT_GT(fed, plans / 20);
  EXPECT_GT(recomputing, plans / 20);
  EXPECT_LT(unplanned, static_cast<std::int64_t>(count) / 10);
}

}  // namespace thimble::test
