// What check accepts and proves, beyond the hand-written nests; and that execute shows what check refuses.
#include "thimble/schedule/check.h"

#include <gtest/gtest.h>

#include "base_schedules.h"
#include "nets.h"
#include "support/graph_builder.h"

namespace thimble::test {
namespace {

TEST(Check, CountsTheBytesThatItProved) {
  // x 256 B -> a 768 B -> b 768 B -> c 256 B; every tensor is read whole once.
  Schedule schedule = whole_tensor_schedule(expand_project().graph);
  add_buffers(schedule);
  const Result<Proof> proof = check(schedule);
  ASSERT_TRUE(proof) << proof.error().text();
  EXPECT_EQ(proof->firings, 4);
  EXPECT_EQ(proof->bytes_written, 256 + 768 + 768 + 256);
  // The whole input is looked at once more when the caller has put it in place, the output at the end.
  EXPECT_EQ(proof->bytes_read, 256 + 256 + 768 + 768 + 256);
}

TEST(Check, NamesFiringOperatorTensorAndByte) {
  const Net net = two_convolutions();
  Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}},
                                                           {{net.a, Level::row, Level::call}})});
  add_buffers(schedule);
  Buffer &ring = buffer_for(schedule, net.a, 1);
  ring.layout.fold[1] = 2;
  ring.size = ring.layout.bytes();
  const Result<Proof> proof = check(schedule);
  ASSERT_FALSE(proof);
  EXPECT_EQ(
      proof.error().text(),
      "built: operator 2 (CONV_2D), tensor 'a': firing 5 in stage 1 needs element [0,0,0,0] of 'a' at byte " +
          std::to_string(ring.offset) + " of region 'arena', which holds element [0,2,0,0] of 'a'");
}

TEST(Check, OutputMayOverwriteDeadRowsOfItsInput) {
  // Row r of b is written when a needs only rows from r + 1 on of x: b may lie exactly over x, but not above
  // it.
  const Net net = two_convolutions();
  const std::int64_t row = 8 * 4;
  for (const std::int64_t above : {-2 * row, -row, -std::int64_t{4}, std::int64_t{0}, std::int64_t{4}, row}) {
    Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}},
                                                             {{net.a, Level::row, Level::call}})});
    add_buffers(schedule);
    Buffer &input = buffer_for(schedule, net.x, kNone);
    Buffer &output = buffer_for(schedule, net.b, kNone);
    input.alignment = output.alignment = 4;
    input.offset = schedule.regions[0].size + 2 * row;
    output.offset = input.offset + above;
    schedule.regions[0].size += 20 * row;
    if (above <= 0) {
      expect_good(schedule, std::to_string(above));
    } else {
      expect_refused(schedule, "which holds element");
    }
  }
}

TEST(Check, BuffersInTwoRegions) {
  const Net net = two_convolutions();
  Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}},
                                                           {{net.a, Level::row, Level::call}})});
  add_buffers(schedule);
  schedule.regions.push_back({"fast", RegionKind::arena, 0});
  Buffer &ring = buffer_for(schedule, net.a, 1);
  ring.region = 1;
  ring.offset = 0;
  schedule.regions[1].size = ring.size;
  expect_good(schedule);
  schedule.regions[1].size -= 1;
  expect_refused(schedule, "of region 'fast'");
}

TEST(Check, WholeInputsAreThereTogetherWhenTheRunBegins) {
  GraphBuilder builder;
  const TensorId unused = builder.input({1, 8});
  const TensorId used = builder.input({1, 8});
  const TensorId output = builder.fully_connected(used, 3);
  Schedule schedule = whole_tensor_schedule(std::make_shared<Graph>(builder.build({output})));
  add_buffers(schedule, Packing::shared);
  expect_good(schedule);
  EXPECT_NE(buffer_for(schedule, unused, kNone).offset, buffer_for(schedule, used, kNone).offset);
  // Nobody reads the unused one, but the caller may write it last.
  buffer_for(schedule, unused, kNone).offset = buffer_for(schedule, used, kNone).offset;
  expect_refused(schedule, "which holds element");
}

TEST(Check, BroadcastInputIsNotComputedInPlace) {
  GraphBuilder builder;
  const TensorId map = builder.input({1, 4, 4, 2});
  const TensorId channel = builder.logistic(builder.input({1, 1, 1, 2}));
  const TensorId sum = builder.add(map, channel);
  Schedule schedule = whole_tensor_schedule(std::make_shared<Graph>(builder.build({sum})));
  add_buffers(schedule);
  Schedule good = schedule;
  buffer_for(good, sum, kNone).offset = buffer_for(good, map, kNone).offset;
  expect_good(good, "over the map");
  Schedule bad = schedule;
  bad.regions[0].size += 64;
  buffer_for(bad, sum, kNone).offset = buffer_for(bad, channel, kNone).offset;
  expect_refused(bad, "that it still reads");
}

TEST(Check, ReshapeMayCopyOrStay) {
  const Net net = element_wise();
  Schedule schedule = whole_tensor_schedule(net.graph);
  add_buffers(schedule);
  expect_good(schedule, "copy");
  buffer_for(schedule, net.c, kNone).offset = buffer_for(schedule, net.b, kNone).offset;
  expect_good(schedule, "stay");
}

TEST(Check, TensorAndItsReshapeAreBothOutputs) {
  GraphBuilder builder;
  const TensorId x = builder.input({1, 4, 4, 2});
  const TensorId y = builder.logistic(x);
  const TensorId flat = builder.reshape(y, {1, 32});
  Schedule schedule = whole_tensor_schedule(std::make_shared<Graph>(builder.build({y, flat})));
  add_buffers(schedule);
  buffer_for(schedule, flat, kNone).offset = buffer_for(schedule, y, kNone).offset;
  expect_good(schedule);
}

TEST(Check, ScratchAndCursorsBesideEverythingElse) {
  for (NamedSchedule &named : base_schedules()) {
    if (named.name != "rings") continue;
    Schedule &schedule = named.schedule;
    for (const BufferKind kind : {BufferKind::scratch, BufferKind::cursors}) {
      Buffer buffer;
      buffer.kind = kind;
      buffer.stage = 1;
      buffer.op = kind == BufferKind::scratch ? schedule.stages[1].ops[1].op : kNone;
      buffer.offset = schedule.regions[0].size;
      buffer.size = 12;
      schedule.regions[0].size += 12;
      schedule.buffers.push_back(buffer);
    }
    set_lifetimes(schedule);
    expect_good(schedule);
  }
}

/// Outputs of a schedule that check refuses.
std::vector<Bytes> outputs_of_bad(const Schedule &schedule, std::uint8_t poison) {
  EXPECT_FALSE(check(schedule));
  const Result<std::vector<Bytes>> outputs = execute(schedule, random_inputs(*schedule.graph, 3), {poison});
  EXPECT_TRUE(outputs) << outputs.error().text();
  return outputs ? *outputs : std::vector<Bytes>{};
}

TEST(Execute, ShowsRowsThatWereOverwritten) {
  const Net net = two_convolutions();
  Schedule schedule = make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b}, {{Level::row, 1}},
                                                           {{net.a, Level::row, Level::call}})});
  add_buffers(schedule);
  const Result<std::vector<Bytes>> expected = interpret_outputs(*net.graph, random_inputs(*net.graph, 3));
  ASSERT_TRUE(expected);
  Buffer &ring = buffer_for(schedule, net.a, 1);
  ring.layout.fold[1] = 2;
  ring.size = ring.layout.bytes();
  EXPECT_FALSE(outputs_of_bad(schedule, 0) == *expected);
}

TEST(Execute, DependsOnThePoisonWhereALifetimeLies) {
  Schedule schedule = whole_tensor_schedule(expand_project().graph);
  add_buffers(schedule);
  schedule.buffers[1].last -= 1;  // a is said to be dead before b reads it
  EXPECT_FALSE(outputs_of_bad(schedule, 0x00) == outputs_of_bad(schedule, 0x7F));
}

}  // namespace
}  // namespace thimble::test
