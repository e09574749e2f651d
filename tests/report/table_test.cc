#include "thimble/report/table.h"

#include <gtest/gtest.h>

#include <limits>

namespace thimble::report {
namespace {

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1000), "-1,000");
  EXPECT_EQ(grouped(-999), "-999");
  EXPECT_EQ(grouped(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Numbers, HaveFixedDecimals) {
  EXPECT_EQ(fixed(7.25, 2), "7.25");
  EXPECT_EQ(fixed(0.5, 3), "0.500");
  EXPECT_EQ(fixed(1e6, 1), "1000000.0");
}

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpaces) {
  Table table({Align::left, Align::right, Align::left});
  EXPECT_TRUE(table.empty());
  table.add({"on", "B", "verdict"});
  table.add({"cortex-m4", "1,234"});
  table.add({"µ", "5", "ok"});  // two bytes, one column
  EXPECT_EQ(table.text(1),
            " on             B  verdict\n"
            " cortex-m4  1,234\n"
            " µ              5  ok\n");
}

TEST(Shapes, AreWrittenWithoutSpaces) {
  EXPECT_EQ(shape_text({}), "[]");
  EXPECT_EQ(shape_text({1, 28, 28}), "[1,28,28]");
}

}  // namespace
}  // namespace thimble::report
