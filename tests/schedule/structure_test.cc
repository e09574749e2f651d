// What verify_structure refuses, and with which words.
#include <gtest/gtest.h>

#include <functional>

#include "nets.h"
#include "schedule_builder.h"

namespace thimble::test {
namespace {

/// Stage 0: x arrives. Stage 1: expand, depthwise, project, row by row.
Schedule good() {
  const Net net = expand_project();
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.a, net.b, net.c}, {{Level::row, 1}},
                             {{net.a, Level::row, Level::call}, {net.b, Level::row, Level::row}})});
  add_buffers(schedule);
  return schedule;
}

struct Damage {
  const char *name;
  std::function<void(Schedule &)> inflict;
  const char *reason;
};

Stage &nest(Schedule &schedule) {
  return schedule.stages[1];
}
Buffer &ring(Schedule &schedule) {
  return schedule.buffers[1];
}

const Damage kDamages[] = {
    {"no_graph", [](Schedule &s) { s.graph = nullptr; }, "no graph"},
    {"empty_stage", [](Schedule &s) { nest(s).ops.clear(); }, "stage 1: has no operator"},
    {"unknown_operator", [](Schedule &s) { nest(s).ops[1].op = 99; }, "operator 99 does not exist"},
    {"negative_operator", [](Schedule &s) { nest(s).ops[1].op = -1; }, "operator -1 does not exist"},
    {"unknown_variant", [](Schedule &s) { nest(s).ops[1].variant = 99; }, "variant 99 does not exist"},
    {"period", [](Schedule &s) { nest(s).ops[1].period = 2; }, "only streams"},
    {"operator_dropped", [](Schedule &s) { nest(s).ops.erase(nest(s).ops.begin()); },
     "before any stage makes it"},
    {"last_operator_dropped", [](Schedule &s) { nest(s).ops.pop_back(); }, "is in no stage"},
    {"operator_twice", [](Schedule &s) { nest(s).ops.insert(nest(s).ops.begin(), nest(s).ops[0]); }, "twice"},
    {"operators_swapped", [](Schedule &s) { std::swap(nest(s).ops[0], nest(s).ops[1]); },
     "comes after an operator"},
    {"stages_swapped", [](Schedule &s) { std::swap(s.stages[0], s.stages[1]); }, "before any stage makes it"},
    {"useless_recomputation",
     [](Schedule &s) {
       const Net net = two_readers();
       s = make_schedule(net.graph, {make_stage(*net.graph, {net.a}), make_stage(*net.graph, {net.b, net.c}),
                                     make_stage(*net.graph, {net.b, net.d})});
     },
     "would never fire"},
    {"loop_without_step", [](Schedule &s) { nest(s).loops[0].step = 0; }, "row loop has a step of 0"},
    {"loop_over_calls", [](Schedule &s) { nest(s).loops[0].level = Level::call; }, "only streams"},
    {"loop_twice",
     [](Schedule &s) {
       nest(s).loops.push_back({Level::row, 2});
     },
     "two loops at one level"},
    {"loop_over_no_reduction", [](Schedule &s) { nest(s).loops[0].reduction = true; },
     "a reduction that there is not"},
    {"two_reductions",
     [](Schedule &s) {
       const Net net = convolution_mean();
       s = make_schedule(net.graph,
                         {make_stage(*net.graph, {net.a}),
                          make_stage(*net.graph, {net.b}, {{Level::row, 1, true}, {Level::column, 1, true}}),
                          make_stage(*net.graph, {net.c})});
     },
     "reduction"},
    {"unknown_inner_tensor", [](Schedule &s) { nest(s).inner[0].tensor = 1000; },
     "tensor 1000 does not exist"},
    {"inner_tensor_of_another_stage", [](Schedule &s) { nest(s).inner[0].tensor = s.graph->inputs[0]; },
     "is not made in the stage"},
    {"drivers_tensor", [](Schedule &s) { nest(s).inner[0].tensor = s.graph->outputs[0]; }, "is the driver's"},
    {"inner_tensor_twice", [](Schedule &s) { nest(s).inner[1].tensor = nest(s).inner[0].tensor; },
     "listed twice"},
    {"computed_at_no_loop", [](Schedule &s) { nest(s).inner[0].compute_at = Level::column; },
     "computed at a level that is no loop"},
    {"stored_at_no_loop", [](Schedule &s) { nest(s).inner[0].store_at = Level::slice; },
     "stored at a level that is no loop"},
    {"stored_inside",
     [](Schedule &s) {
       nest(s).inner[0] = {nest(s).inner[0].tensor, Level::call, Level::row};
     },
     "stored inside the loop"},
    {"inner_step", [](Schedule &s) { nest(s).inner[0].step = -1; }, "step of -1"},
    {"leaving_tensor_stored_inside",
     [](Schedule &s) {
       const Net net = early_output();
       s = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}},
                                                {{net.a, Level::row, Level::row}})});
     },
     "leaves the stage"},
    {"region_too_large", [](Schedule &s) { s.regions[0].size = std::int64_t{1} << 50; }, "at most"},
    {"region_negative", [](Schedule &s) { s.regions[0].size = -1; }, "at most"},
    {"no_such_region", [](Schedule &s) { ring(s).region = 1; }, "region that does not exist"},
    {"no_such_stage", [](Schedule &s) { ring(s).stage = 2; }, "stage that does not exist"},
    {"negative_offset", [](Schedule &s) { ring(s).offset = -8; }, "negative offset"},
    {"overflowing_offset", [](Schedule &s) { ring(s).offset = INT64_MAX - 8; }, "beyond all addresses"},
    {"alignment", [](Schedule &s) { ring(s).alignment = 6; }, "no power of two"},
    {"no_alignment", [](Schedule &s) { ring(s).alignment = 0; }, "no power of two"},
    {"unknown_tensor", [](Schedule &s) { ring(s).tensor = 12345; }, "tensor that does not exist"},
    {"constant", [](Schedule &s) { ring(s).tensor = s.graph->op(s.stages[1].ops[0].op).inputs[1]; },
     "a constant"},
    {"layout_of_another_shape", [](Schedule &s) { ring(s).layout.shape[1] = 9; }, "another shape"},
    {"fold_of_zero", [](Schedule &s) { ring(s).layout.fold[1] = 0; }, "fold outside its shape"},
    {"fold_beyond_the_shape", [](Schedule &s) { ring(s).layout.fold[1] = 9; }, "fold outside its shape"},
    {"fold_of_another_rank", [](Schedule &s) { ring(s).layout.fold.pop_back(); }, "another rank"},
    {"element_size", [](Schedule &s) { ring(s).layout.element_size = 2; }, "wrong size"},
    {"fifo_of_too_many_pixels", [](Schedule &s) { ring(s).layout.fifo_pixels = 65; }, "more pixels"},
    {"two_buffers", [](Schedule &s) { s.buffers.push_back(ring(s)); }, "second for its purpose"},
    {"not_an_input", [](Schedule &s) { ring(s).kind = BufferKind::input; }, "no network input"},
    {"not_an_output", [](Schedule &s) { ring(s).kind = BufferKind::output; }, "no network output"},
    {"state", [](Schedule &s) { ring(s).kind = BufferKind::state; }, "only streams"},
    {"sums_of_no_operator", [](Schedule &s) { ring(s).kind = BufferKind::accumulator; },
     "sums of no operator"},
};

class Structure : public testing::TestWithParam<Damage> {};

TEST_P(Structure, IsRefusedWithAReason) {
  Schedule schedule = good();
  ASSERT_TRUE(verify_structure(schedule));
  GetParam().inflict(schedule);
  const Result<void> ok = verify_structure(schedule);
  ASSERT_FALSE(ok);
  EXPECT_NE(ok.error().text().find(GetParam().reason), std::string::npos) << ok.error().text();
  // Nobody goes on with such a schedule.
  EXPECT_FALSE(check(schedule));
  if (schedule.graph != nullptr) {
    EXPECT_FALSE(execute(schedule, random_inputs(*schedule.graph, 1)));
  }
}

INSTANTIATE_TEST_SUITE_P(Damages, Structure, testing::ValuesIn(kDamages),
                         [](const auto &test) { return test.param.name; });

TEST(Structure, WholeInputsComeBeforeComputation) {
  const Net net = two_readers();
  Schedule schedule = whole_tensor_schedule(net.graph);
  EXPECT_TRUE(verify_structure(schedule));
  // The input stage repeated at the end: there is no computing before the caller has put it in place.
  schedule.stages.push_back(schedule.stages[0]);
  const Result<void> ok = verify_structure(schedule);
  ASSERT_FALSE(ok);
  EXPECT_NE(ok.error().text().find("must come before computation"), std::string::npos) << ok.error().text();
}

TEST(Structure, NamesOperatorAndFile) {
  Schedule schedule = good();
  schedule.stages[1].ops[1].variant = 99;
  const Result<void> ok = verify_structure(schedule);
  ASSERT_FALSE(ok);
  EXPECT_NE(ok.error().text().find("DEPTHWISE_CONV_2D"), std::string::npos) << ok.error().text();
}

TEST(Execute, RefusesWrongInputs) {
  const Schedule schedule = good();
  std::vector<Bytes> inputs = random_inputs(*schedule.graph, 1);
  EXPECT_TRUE(execute(schedule, inputs));
  inputs[0].pop_back();
  EXPECT_FALSE(execute(schedule, inputs));
  inputs.clear();
  EXPECT_FALSE(execute(schedule, inputs));
}

TEST(Execute, RefusesWhatWouldLeaveItsMemory) {
  const std::vector<Bytes> inputs = random_inputs(*good().graph, 1);
  Schedule schedule = good();
  ring(schedule).offset = schedule.regions[0].size;
  EXPECT_FALSE(execute(schedule, inputs));
  schedule = good();
  ring(schedule).size -= 1;
  EXPECT_FALSE(execute(schedule, inputs));
  schedule = good();
  schedule.buffers.erase(schedule.buffers.begin() + 1);
  EXPECT_FALSE(execute(schedule, inputs));
}

}  // namespace
}  // namespace thimble::test
