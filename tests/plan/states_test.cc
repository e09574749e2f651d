// Plans of networks that keep states, over many calls: as the interpreter, whatever is begun again, moved, or
// run in between. And schedules that would lose a state, refused.
#include "thimble/plan/states.h"

#include <gtest/gtest.h>

#include <iostream>

#include "support/stateful_graph.h"
#include "thimble/plan/state_buffers.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {
namespace {

constexpr int kCalls = 12;

Schedule planned(const Graph &graph, PlanSpace space = PlanSpace::all,
                 KernelSet kernels = KernelSet::portable) {
  PlanOptions options;
  options.space = space;
  auto plan = plan_states(graph, options, kernels);
  if (!plan) {
    ADD_FAILURE() << plan.error().text();
    return {};
  }
  return std::move(plan->schedule);
}

std::vector<Bytes> interpreted(const Graph &graph, const std::vector<Bytes> &inputs, StateBytes &states) {
  auto outputs = interpret_outputs(graph, inputs, states);
  EXPECT_TRUE(outputs) << outputs.error().text();
  return outputs ? *outputs : std::vector<Bytes>{};
}

std::vector<Bytes> executed(const Schedule &schedule, const std::vector<Bytes> &inputs, StateBytes &states) {
  auto outputs = execute(schedule, inputs, states);
  EXPECT_TRUE(outputs) << outputs.error().text();
  return outputs ? *outputs : std::vector<Bytes>{};
}

TEST(PlanStates, RandomNetworksGiveTheInterpretersBytesCallAfterCall) {
  std::size_t networks = 0, states_kept = 0, in_place = 0;
  std::int64_t bytes = 0, states = 0;
  for (const ElementType type : {ElementType::int8, ElementType::float32, ElementType::int16}) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      const Graph graph = random_stateful_graph(seed, type);
      const KernelSet kernels = seed % 2 == 0 ? KernelSet::portable : KernelSet::pairs;
      const Schedule schedule = planned(graph, PlanSpace::all, kernels);
      ASSERT_NE(schedule.graph, nullptr);
      const auto proof = check(schedule);
      ASSERT_TRUE(proof) << proof.error().text();
      StateBytes expected, found;
      for (const std::vector<Bytes> &inputs : random_sequence(graph, kCalls, seed)) {
        ASSERT_EQ(executed(schedule, inputs, found), interpreted(graph, inputs, expected));
        ASSERT_EQ(found, expected);
      }
      ++networks;
      for (const State &state : schedule.graph->states) {
        ++states_kept;
        in_place += is_in_place(schedule, state) ? 1u : 0u;
      }
      bytes += total_bytes(schedule.regions);
      states += state_bytes(graph);
    }
  }
  std::cout << networks << " networks, " << states_kept << " states, " << in_place << " of them in place; "
            << bytes << " bytes of RAM, " << states << " of states\n";
  EXPECT_GT(in_place * 2, states_kept);
}

TEST(PlanStates, BegunAgainSavedAndInterleaved) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = random_stateful_graph(seed, ElementType::int8);
    const Schedule schedule = planned(graph);
    const auto a = random_sequence(graph, kCalls, 1), b = random_sequence(graph, kCalls, 2);
    std::vector<std::vector<Bytes>> of_a, of_b;
    StateBytes oracle_a, oracle_b;
    for (const auto &inputs : a) of_a.push_back(interpreted(graph, inputs, oracle_a));
    for (const auto &inputs : b) of_b.push_back(interpreted(graph, inputs, oracle_b));
    // Two streams in turns, one of which is put back to where it was three calls ago.
    StateBytes state_a, state_b, saved;
    for (int t = 0; t < kCalls; ++t) {
      const auto at = static_cast<std::size_t>(t);
      if (t == 6) saved = state_a;
      EXPECT_EQ(executed(schedule, a[at], state_a), of_a[at]);
      EXPECT_EQ(executed(schedule, b[at], state_b), of_b[at]);
    }
    for (std::size_t t = 6; t < 9; ++t) EXPECT_EQ(executed(schedule, a[t], saved), of_a[t]);
    state_a.clear();
    for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(executed(schedule, a[t], state_a), of_a[t]);
  }
}

/// before [4] + frame -> all [5] -> after [4]; a convolution over all.
Graph one_window(bool shift_first = false) {
  GraphBuilder b(3);
  const TensorId x = b.input({1, 1, 1, 8});
  const TensorId before = b.state_like(x, {1, shift_first ? 5 : 4, 1, 8}, 7);
  const auto rows = [&](TensorId from, std::int32_t count) {
    StridedSlice slice;
    slice.begin = {0, 1, 0, 0};
    slice.extent = {1, count, 1, 8};
    return b.strided_slice(from, slice);
  };
  const TensorId all = b.concatenation({shift_first ? rows(before, 4) : before, x}, 1);
  b.keep(before, shift_first ? all : rows(all, 4));
  return b.build({b.conv_2d(all, 2, {5, 1}, {}, {}, PaddingRule::valid())});
}

TEST(PlanStates, AWindowIsShiftedWhereItLies) {
  for (const bool shift_first : {false, true}) {
    const Schedule schedule = planned(one_window(shift_first));
    const Graph &graph = *schedule.graph;
    EXPECT_TRUE(is_in_place(schedule, graph.states[0]));
    // Five rows of eight, the frame, and what the convolution makes.
    EXPECT_LE(total_bytes(schedule.regions), 40 + 8 + 4) << shift_first;
  }
}

Buffer &buffer(Schedule &schedule, TensorId tensor) {
  return const_cast<Buffer &>(*buffer_of(schedule, tensor, kNone));
}

void expect_refused(const Schedule &schedule, const std::string &reason) {
  const auto proof = check(schedule);
  ASSERT_FALSE(proof);
  EXPECT_NE(proof.error().text().find(reason), std::string::npos) << proof.error().text();
}

TEST(CheckStates, TheNextBytesMustNotComeTooEarly) {
  // A convolution over before, which fires after the sum that replaces it.
  GraphBuilder b(5);
  const TensorId x = b.input({1, 6});
  const TensorId before = b.state_like(x, {1, 6});
  const TensorId after = b.add(before, x);
  b.keep(before, after);
  Schedule schedule =
      planned(b.build({b.sub(b.fully_connected(before, 4), b.fully_connected(after, 4))}), PlanSpace::whole);
  ASSERT_TRUE(check(schedule));
  const Graph &graph = *schedule.graph;
  const State &state = graph.states[0];
  // The order in which the sum is made first, if the plan has not chosen it.
  const auto stage_of = [&](TensorId tensor) {
    return std::find_if(schedule.stages.begin(), schedule.stages.end(),
                        [&](const Stage &stage) { return graph.op(stage.ops[0].op).output() == tensor; });
  };
  const TensorId reader = [&] {
    for (const Op &op : graph.ops) {
      if (op.is<FullyConnected>() && op.inputs[0] == state.read) return op.output();
    }
    return kNone;
  }();
  if (stage_of(reader) < stage_of(state.written)) {
    const Stage sum = *stage_of(state.written);
    schedule.stages.erase(stage_of(state.written));
    schedule.stages.insert(stage_of(reader), sum);
  }
  ASSERT_TRUE(plan_state_buffers(schedule, {}));
  EXPECT_FALSE(is_in_place(schedule, state));
  Schedule early = schedule;
  buffer(early, state.written).region = buffer(early, state.read).region;
  buffer(early, state.written).offset = buffer(early, state.read).offset;
  expect_refused(early, "needs element [0,0] of '" + graph.tensor(state.read).name + "'");
}

TEST(CheckStates, TheNextBytesMustBeThereInTheEnd) {
  GraphBuilder b(5);
  const TensorId x = b.input({1, 6});
  const TensorId before = b.state_like(x, {1, 6});
  const TensorId after = b.add(before, x);
  b.keep(before, after);
  Schedule schedule = planned(b.build({b.logistic(b.fully_connected(after, 6))}), PlanSpace::whole);
  const Graph &graph = *schedule.graph;
  // Nobody reads it in this call any more when the output is made over it.
  const Buffer kept = buffer(schedule, graph.states[0].written);
  buffer(schedule, graph.outputs[0]).region = kept.region;
  buffer(schedule, graph.outputs[0]).offset = kept.offset;
  expect_refused(schedule, "needs element [0,0] of '" + graph.tensor(graph.states[0].written).name + "'");
}

TEST(CheckStates, WhatArrivesMustSurvive) {
  const Schedule schedule = planned(one_window(), PlanSpace::whole);
  const State &state = schedule.graph->states[0];
  Schedule moved = schedule;
  moved.regions[0].size = 4096;
  buffer(moved, state.read).region = kStepRegion;
  buffer(moved, state.read).offset = 2048;
  expect_refused(moved, "in a region that does not");
  Schedule named = schedule;
  buffer(named, state.read).kind = BufferKind::tensor;
  expect_refused(named, "a state arrives in no buffer that survives the call");
  Schedule other = schedule;
  buffer(other, state.written).kind = BufferKind::state;
  expect_refused(other, "survives the call, which only streams need");
  Schedule short_lived = schedule;
  buffer(short_lived, state.written).last -= 1;
  expect_refused(short_lived, "outside its lifetime");
}

TEST(CheckStates, ACopyMustNotDestroyTheSourceOfALaterOne) {
  // Two states that are copied from each other's next place.
  GraphBuilder b(7);
  const TensorId x = b.input({1, 8});
  const TensorId one = b.state_like(x, {1, 8}), two = b.state_like(x, {1, 8});
  b.keep(one, b.add(one, x));
  b.keep(two, b.sub(two, x));
  Schedule schedule = planned(b.build({b.fully_connected(x, 2)}), PlanSpace::whole);
  if (schedule.graph->states.size() < 2) GTEST_SKIP() << "dead states went";
  const Graph &graph = *schedule.graph;
  const Buffer first = buffer(schedule, graph.states[0].read),
               second = buffer(schedule, graph.states[1].read);
  Schedule crossed = schedule;
  buffer(crossed, graph.states[0].written).region = kStateRegion;
  buffer(crossed, graph.states[1].written).region = kStateRegion;
  buffer(crossed, graph.states[0].written).offset = second.offset;
  buffer(crossed, graph.states[1].written).offset = first.offset;
  EXPECT_FALSE(check(crossed));
}

TEST(PlanStates, OrdinaryPlansRefuseThem) {
  const auto graph = std::make_shared<const Graph>(one_window());
  const auto plan = search_plan(graph);
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().text().find("thimble stream"), std::string::npos) << plan.error().text();
}

}  // namespace
}  // namespace thimble::test
