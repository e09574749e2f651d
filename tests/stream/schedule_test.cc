// Streams as schedules, executed call by call in their own memory, against the batch.
#include <gtest/gtest.h>

#include <iostream>

#include "stream/stream_graphs.h"
#include "stream/time_parts.h"
#include "support/random.h"
#include "support/shared_data.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/execute.h"
#include "thimble/stream/plan_stream.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

/// Elements of the output that the calls have made, and how many of them are not the batch's.
struct Compared {
  std::int64_t elements = 0, different = 0;
};

/// `bytes` of a stream's output and of a batch's, which may be shorter.
Compared compare(const StreamPlan &plan, const Graph &batch_graph, const TimeAxes &batch_axes,
                 const Bytes &stream, const Bytes &batch) {
  const TensorId out = batch_graph.outputs[0];
  const Tensor &tensor = plan.recording.graph.tensor(out), &other = batch_graph.tensor(out);
  const TensorRate &rate = plan.recording.rates.of(out);
  Compared compared;
  for (std::int64_t m = 0; m < batch_axes.of(out).length; ++m) {
    if (rate.step * m + rate.offset >= plan.schedule.time->end) break;
    Bytes a, b;
    for_each_bytes(tensor, plan.recording.axes.of(out), m, [&](std::size_t at, std::size_t count) {
      a.insert(a.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
               stream.begin() + static_cast<std::ptrdiff_t>(at + count));
    });
    for_each_bytes(other, batch_axes.of(out), m, [&](std::size_t at, std::size_t count) {
      b.insert(b.end(), batch.begin() + static_cast<std::ptrdiff_t>(at),
               batch.begin() + static_cast<std::ptrdiff_t>(at + count));
    });
    ++compared.elements;
    compared.different += a != b;
  }
  return compared;
}

/// Executes all calls of the plan and compares with the batch of the recording.
Compared run_plan(const StreamPlan &plan) {
  const Graph &graph = plan.recording.graph;
  const std::vector<Bytes> inputs = random_inputs(graph, 1);
  const auto stream = execute(plan.schedule, inputs);
  EXPECT_TRUE(stream) << stream.error().text();
  const auto batch = interpret_outputs(graph, inputs);
  EXPECT_TRUE(batch);
  if (!stream || !batch) return {};
  return compare(plan, graph, plan.recording.axes, (*stream)[0], (*batch)[0]);
}

TEST(StreamSchedule, RandomStreamsGiveTheBatchsBytes) {
  int planned = 0, multirate = 0, refused = 0;
  std::int64_t elements = 0;
  for (const ElementType type : {ElementType::int8, ElementType::float32}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      StreamGraphOptions options;
      options.type = type;
      const Graph graph = random_stream_graph(seed, options);
      StreamOptions wanted;
      wanted.axis = 1;
      const auto plan = plan_stream(graph, wanted);
      if (!plan) {
        ++refused;
        std::cout << seed << ": " << plan.error().text() << "\n";
        continue;
      }
      const Compared compared = run_plan(*plan);
      EXPECT_GT(compared.elements, 0);
      EXPECT_EQ(compared.different, 0);
      ++planned;
      multirate += plan->rates.period > 1;
      elements += compared.elements;
    }
  }
  std::cout << planned << " planned, " << multirate << " multirate, " << refused << " refused, " << elements
            << " output elements\n";
}

TEST(StreamSchedule, WakeWords) {
  THIMBLE_NEEDS_SHARED_DATA();
  for (const char *path : {"mlperf_tiny/str_ww_ref_model.tflite", "mlperf_tiny/kws_ref_model.tflite",
                           "tflite_micro/micro_speech_quantized.tflite"}) {
    SCOPED_TRACE(path);
    const Graph graph = read_tflite(shared_data() / "models" / path).value();
    StreamOptions options;
    options.axis = 1;
    const auto plan = plan_stream(graph, options);
    ASSERT_TRUE(plan) << plan.error().text();
    const Compared compared = run_plan(*plan);
    EXPECT_EQ(compared.different, 0);
    std::cout << path << " " << compared.elements << " elements, calls " << plan->schedule.time->end
              << ", state " << plan->schedule.regions.back().size << " least "
              << plan->rings.least_state_bytes << " arena " << plan->schedule.regions[0].size << "\n";
  }
}

}  // namespace
}  // namespace thimble::test
