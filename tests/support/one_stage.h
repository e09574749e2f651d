// Schedules of which one stage is on trial.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "thimble/plan/buffers.h"
#include "thimble/plan/nest.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {

/// The choice as a stage, and every other operator as one of its own.
inline Schedule schedule_of(const std::shared_ptr<const Graph> &graph, const std::vector<OpId> &order,
                            const StageChoice &choice) {
  Schedule schedule;
  schedule.graph = graph;
  const auto end = static_cast<std::int32_t>(order.size());
  for (std::int32_t p = 0; p < end; ++p) {
    const bool begins = p == choice.first;
    const std::int32_t last = begins ? choice.last : p;
    const std::span<const OpId> ops =
        std::span(order).subspan(static_cast<std::size_t>(p), static_cast<std::size_t>(last - p + 1));
    schedule.stages.push_back(make_stage(*graph, ops, begins ? choice.form : NestForm{}));
    p = last;
  }
  return schedule;
}

/// Places the schedule's buffers; passes when `check` accepts it and `execute` gives the expected bytes.
inline void expect_right_when_placed(Schedule &schedule, const std::vector<Bytes> &inputs,
                                     const std::vector<Bytes> &expected, const std::string &label) {
  ASSERT_TRUE(plan_buffers(schedule, {})) << label;
  const auto proof = check(schedule);
  ASSERT_TRUE(proof) << label << ": " << proof.error().text();
  const auto found = execute(schedule, inputs);
  ASSERT_TRUE(found) << label << ": " << found.error().text();
  ASSERT_EQ(*found, expected) << label;
}

}  // namespace thimble::test
