// Streams as schedules, executed call by call in their own memory, against the batch.
#include <gtest/gtest.h>

#include <iostream>

#include "stream/run_schedule.h"
#include "stream/stream_graphs.h"
#include "support/shared_data.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/stream/work.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

#ifdef NDEBUG
constexpr bool kShort = false;
#else
constexpr bool kShort = true;
#endif

TEST(StreamSchedule, RandomStreamsGiveTheBatchsBytes) {
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    // Sanitized, wider types take part with fewer.
    const int graphs = kShort && type != ElementType::int8 ? 200 : 1000;
    int planned = 0, multirate = 0;
    std::int64_t elements = 0;
    for (std::uint64_t seed = 0; seed < static_cast<std::uint64_t>(graphs); ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      StreamGraphOptions options;
      options.type = type;
      const auto plan = plan_along_rows(random_stream_graph(seed, options));
      ASSERT_TRUE(plan) << plan.error().text();
      for (const std::uint8_t poison : {0xA5, 0x00}) {
        if (poison == 0 && seed % 10 > 0) continue;
        const Compared compared = run_schedule(*plan, plan->schedule, poison);
        EXPECT_GT(compared.elements, 0);
        EXPECT_EQ(compared.different, 0);
        elements += compared.elements;
      }
      ++planned;
      multirate += plan->rates.period > 1;
    }
    std::cout << name_of(type) << ": " << planned << " planned, " << multirate << " multirate, " << elements
              << " output elements\n";
    EXPECT_EQ(planned, graphs);
    EXPECT_GE(multirate, graphs * 3 / 10);
  }
}

// The checker sees what is missing: an element of a ring less, and a ring that does not survive its call.
TEST(StreamSchedule, CheckRefusesRingsThatAreTooShortOrForgotten) {
  int shorter = 0, forgotten = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto plan = plan_along_rows(random_stream_graph(seed, {}));
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_TRUE(check(plan->schedule));
    for (std::size_t b = 0; b < plan->schedule.buffers.size(); ++b) {
      const Buffer &ring = plan->schedule.buffers[b];
      if (ring.kind != BufferKind::state) continue;
      const TimeSpan &time = plan->schedule.time->tensors[static_cast<std::size_t>(ring.tensor)];
      Schedule less = plan->schedule;
      Buffer &cut = less.buffers[b];
      cut.layout.fold[static_cast<std::size_t>(time.axis)] -= time.grain;
      cut.size = cut.layout.bytes();
      if (cut.size > 0) {
        EXPECT_FALSE(check(less)) << "buffer " << b;
        ++shorter;
      }
    }
    Schedule volatile_state = plan->schedule;
    bool remembers = false;
    for (const Buffer &buffer : volatile_state.buffers) remembers |= buffer.kind == BufferKind::state;
    for (MemoryRegion &region : volatile_state.regions) region.kind = RegionKind::arena;
    if (!remembers) continue;
    EXPECT_FALSE(check(volatile_state));
    ++forgotten;
  }
  EXPECT_GE(shorter, 60);
  EXPECT_GE(forgotten, 30);
}

TEST(StreamSchedule, WhatStreamsCannotHaveIsRefused) {
  const auto plan = plan_along_rows(random_stream_graph(1, {}));
  ASSERT_TRUE(plan);
  const auto refused = [&](const std::function<void(Schedule &)> &change) {
    Schedule changed = plan->schedule;
    change(changed);
    const auto ok = verify_structure(changed);
    return ok ? std::string("accepted") : ok.error().text();
  };
  const auto expect = [&](const char *reason, const std::function<void(Schedule &)> &change) {
    EXPECT_NE(refused(change).find(reason), std::string::npos) << reason << ": " << refused(change);
  };
  const auto arrival = static_cast<std::size_t>(plan->schedule.time->before);
  expect("loop nest", [](Schedule &s) { s.stages[1].loops.push_back({Level::row, 1}); });
  expect("fires in no call", [](Schedule &s) { s.stages[1].ops[0].period = 0; });
  expect("once per call", [&](Schedule &s) { s.stages[arrival].ops[0].period = 2; });
  expect("before the first call", [](Schedule &s) { s.stages[1].ops[0].offset = s.time->first - 1; });
  expect("with a frame only", [](Schedule &s) { ++s.time->before; });
  expect("do not exist",
         [](Schedule &s) { s.time->before = static_cast<std::int32_t>(s.stages.size()) + 1; });
  expect("behind its output's end", [](Schedule &s) { s.time->end *= 40; });
  expect("has no time", [](Schedule &s) {
    s.time->tensors[static_cast<std::size_t>(s.graph->op(s.stages[1].ops[0].op).output())].axis = kNone;
  });
  expect("through all tensors", [](Schedule &s) { s.time->tensors.pop_back(); });
}

/// A stream that predicts: what lies behind the shift needs nothing of the frame.
TEST(StreamSchedule, WhatHasSlackFiresBeforeTheFrame) {
  int ahead = 0, levelled = 0;
  for (const std::vector<std::int32_t> &compressed :
       {std::vector<std::int32_t>{1}, std::vector<std::int32_t>{2}, std::vector<std::int32_t>{1, 3}}) {
    for (const std::int32_t shift : {0, 1, 2, 4}) {
      UNetOptions options;
      options.channels = {4, 4, 8, 8};
      options.compressed = compressed;
      options.shift = shift;
      options.input_channels = 4;
      const auto plan = plan_along_rows(u_net(options));
      ASSERT_TRUE(plan) << plan.error().text();
      EXPECT_EQ(run_schedule(*plan, plan->schedule).different, 0);
      const Recording &recording = plan->recording;
      const StreamWork now = stream_work(recording.graph, recording.axes, recording.rates);
      const Rates early = stream_rates(recording.graph, recording.axes).value();
      const StreamWork asap = stream_work(recording.graph, recording.axes, early);
      EXPECT_EQ(now.total(), asap.total());
      EXPECT_LE(now.peak(), asap.peak());
      EXPECT_EQ(now.critical_peak(), asap.critical_peak());
      EXPECT_EQ(plan->schedule.time->before > 0, shift > 0);
      EXPECT_EQ(now.critical_peak() < now.peak(), shift > 0);
      ahead += plan->schedule.time->before > 0 ? 1 : 0;
      levelled += now.peak() < asap.peak() ? 1 : 0;
    }
  }
  EXPECT_EQ(ahead, 9);
  EXPECT_GE(levelled, 3);
}

/// What fires before the frame must not read it.
TEST(StreamSchedule, CheckRefusesToUseAFrameThatIsNotThere) {
  const auto plan = plan_along_rows(random_stream_graph(2, {}));
  ASSERT_TRUE(plan);
  Schedule hasty = plan->schedule;
  ASSERT_EQ(hasty.time->before, 0);
  std::swap(hasty.stages[0], hasty.stages[1]);
  hasty.time->before = 1;
  const auto refused = check(hasty);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("firing"), std::string::npos) << refused.error().text();
}

TEST(StreamSchedule, SoiIsForNetworksThatRepeat) {
  UNetOptions options;
  options.channels = {4, 4};
  options.compressed = {2};
  const auto plan = plan_along_rows(u_net(options), StreamMode::soi);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->output_period, 1);
  EXPECT_EQ(run_schedule(*plan, plan->schedule).different, 0);
  options.compressed = {};
  const auto plain = plan_along_rows(u_net(options), StreamMode::soi);
  ASSERT_FALSE(plain);
  EXPECT_NE(plain.error().text().find("thimble soi"), std::string::npos) << plain.error().text();
}

TEST(StreamSchedule, AMeanOverAllOfTimeMovesOn) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 12, 2, 3});
  const Graph graph = builder.build({builder.fully_connected(builder.mean(x, {1, 2}), 4)});
  const auto plan = plan_along_rows(graph);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->first_output, 11);
  EXPECT_EQ(plan->output_period, 1);
  EXPECT_EQ(run_schedule(*plan, plan->schedule).different, 0);
}

TEST(StreamSchedule, LongMeansKeepTheirSums) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 12, 5, 3});
  const Graph graph = builder.build({builder.fully_connected(builder.mean(x, {1, 2}), 4)});
  const auto plan = plan_along_rows(graph);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(run_schedule(*plan, plan->schedule).different, 0);
  Schedule schedule = plan->schedule;
  const auto sums = std::find_if(schedule.buffers.begin(), schedule.buffers.end(), [&](const Buffer &buffer) {
    return buffer.kind == BufferKind::scratch && schedule.graph->op(buffer.op).is<Mean>();
  });
  ASSERT_NE(sums, schedule.buffers.end());
  EXPECT_TRUE(survives_calls(schedule, *sums));
  EXPECT_EQ(sums->size, 4 * (3 + 1)) << "of three channels, and whether there are any";
  const auto refused = [&](const char *what) {
    const auto proof = check(schedule);
    ASSERT_FALSE(proof);
    EXPECT_NE(proof.error().text().find(what), std::string::npos) << proof.error().text();
  };
  const Buffer good = *sums;
  // Over what else survives.
  const auto ring = std::find_if(schedule.buffers.begin(), schedule.buffers.end(),
                                 [](const Buffer &buffer) { return buffer.kind == BufferKind::state; });
  sums->offset = ring->offset;
  refused("shares bytes");
  *sums = good;
  const auto arena =
      std::find_if(schedule.regions.begin(), schedule.regions.end(),
                   [](const MemoryRegion &region) { return region.kind == RegionKind::arena; });
  sums->region = static_cast<std::int32_t>(arena - schedule.regions.begin());
  arena->size += 64;
  sums->offset = arena->size - 32;
  refused("does not survive the call");
}

TEST(StreamSchedule, DiagnosticsNameOperatorAndTensor) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 24, 1, 4});
  const TensorId half = causal_conv(builder, x, 4, 3, 2);
  const Graph graph = builder.build({builder.max_pool_2d(half, {2, 1}, {1, 1}, PaddingRule::valid())});
  const auto dense = plan_along_rows(graph, StreamMode::dense);
  ASSERT_FALSE(dense);
  EXPECT_NE(dense.error().text().find("MAX_POOL_2D"), std::string::npos) << dense.error().text();
  EXPECT_NE(dense.error().text().find("2 apart"), std::string::npos) << dense.error().text();
}

TEST(StreamSchedule, WakeWordsKeepTheirRings) {
  THIMBLE_NEEDS_SHARED_DATA();
  struct Known {
    const char *path;
    std::int64_t rings, least;
  };
  const Known all[] = {{"mlperf_tiny/str_ww_ref_model.tflite", 3 * 40 + 5 * 128 + 10 * 128 + 15 * 128, 3536},
                       {"mlperf_tiny/kws_ref_model.tflite", 10 * 10 + 4 * 3 * 320 + 25 * 320, 10330},
                       {"tflite_micro/micro_speech_quantized.tflite", 10 * 40 + 25 * 160, 4200}};
  for (const Known &known : all) {
    SCOPED_TRACE(known.path);
    const auto plan = plan_along_rows(read_tflite(shared_data() / "models" / known.path).value());
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ(run_schedule(*plan, plan->schedule).different, 0);
    EXPECT_EQ(plan->rings.least_state_bytes, known.least);
    std::int64_t rings = 0;
    for (const Buffer &buffer : plan->schedule.buffers)
      rings += buffer.kind == BufferKind::state ? buffer.size : 0;
    EXPECT_EQ(rings, known.rings) << "one element more of each ring: the newest lies beside those it joins";
  }
}

}  // namespace
}  // namespace thimble::test
