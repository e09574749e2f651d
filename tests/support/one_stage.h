// Schedules of which one stage is on trial.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/stage_choice.h"
#include "thimble/plan/buffers.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {

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
