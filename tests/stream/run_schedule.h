// A stream executed call by call in its own memory, against the batch.
#pragma once

#include <gtest/gtest.h>

#include "stream/time_parts.h"
#include "support/random.h"
#include "thimble/schedule/execute.h"
#include "thimble/stream/plan_stream.h"

namespace thimble::test {

/// Elements of the output that the calls have made, and how many of them are not the batch's.
struct Compared {
  std::int64_t elements = 0, different = 0;
};

inline Bytes element(const Tensor &tensor, const stream::TimeAxis &time, std::int64_t m, const Bytes &all) {
  Bytes bytes;
  for_each_bytes(tensor, time, m, [&](std::size_t at, std::size_t count) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    bytes.insert(bytes.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  });
  return bytes;
}

/// Executes all calls of the schedule and compares with the batch of the recording.
inline Compared run_schedule(const stream::StreamPlan &plan, const Schedule &schedule,
                             std::uint8_t poison = 0xA5) {
  const Graph &graph = plan.recording.graph;
  const std::vector<Bytes> inputs = random_inputs(graph, 1);
  const auto streamed = execute(schedule, inputs, {poison});
  const auto batch = interpret_outputs(graph, inputs);
  EXPECT_TRUE(streamed) << streamed.error().text();
  EXPECT_TRUE(batch);
  Compared compared;
  if (!streamed || !batch) return compared;
  const TensorId out = graph.outputs[0];
  const stream::TimeAxis &time = plan.recording.axes.of(out);
  for (std::int64_t m = 0; m < time.length; ++m) {
    if (plan.output_period * m + plan.first_output >= schedule.time->end) break;
    ++compared.elements;
    compared.different += element(graph.tensor(out), time, m, (*streamed)[0]) !=
                          element(graph.tensor(out), time, m, (*batch)[0]);
  }
  return compared;
}

inline Result<stream::StreamPlan> plan_along_rows(const Graph &graph,
                                                  stream::StreamMode mode = stream::StreamMode::scheduled) {
  stream::StreamOptions options;
  options.axis = 1;
  options.mode = mode;
  return stream::plan_stream(graph, options);
}

}  // namespace thimble::test
