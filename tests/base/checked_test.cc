#include "thimble/base/checked.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace thimble {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(Checked, ReportsOverflowInsteadOfWrapping) {
  EXPECT_EQ(checked_mul(1 << 20, 1 << 20), std::int64_t{1} << 40);
  EXPECT_FALSE(checked_mul(kMax, 2));
  EXPECT_EQ(checked_add(kMax - 1, 1), kMax);
  EXPECT_FALSE(checked_add(kMax, 1));
}

TEST(Checked, ProductOfDimensions) {
  EXPECT_EQ(checked_product(std::vector<std::int32_t>{}), 1);
  EXPECT_EQ(checked_product(std::vector<std::int32_t>{2, 3, 4}), 24);
  EXPECT_FALSE(checked_product(std::vector<std::int32_t>{2, -1}));
  EXPECT_FALSE(checked_product(std::vector<std::int32_t>(3, std::numeric_limits<std::int32_t>::max())));
}

TEST(Checked, RoundsUpToAlignment) {
  EXPECT_EQ(align_up(0, 16), 0);
  EXPECT_EQ(align_up(1, 16), 16);
  EXPECT_EQ(align_up(16, 16), 16);
}

TEST(Checked, FloorDivisionRoundsTowardsMinusInfinity) {
  for (std::int64_t value = -20; value <= 20; ++value) {
    for (std::int64_t divisor = 1; divisor <= 7; ++divisor) {
      const std::int64_t quotient = floor_div(value, divisor);
      EXPECT_LE(quotient * divisor, value);
      EXPECT_GT((quotient + 1) * divisor, value);
    }
  }
}

}  // namespace
}  // namespace thimble
