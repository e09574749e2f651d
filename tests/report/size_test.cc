#include "thimble/report/size.h"

#include <gtest/gtest.h>

namespace thimble::report {
namespace {

TEST(Sizes, KIs1024) {
  EXPECT_EQ(parse_size("0"), 0);
  EXPECT_EQ(parse_size("65536"), 65536);
  EXPECT_EQ(parse_size("64k"), 65536);
  EXPECT_EQ(parse_size("64kB"), 65536);
  EXPECT_EQ(parse_size("2M"), 2 * 1024 * 1024);
  EXPECT_EQ(parse_size("7B"), 7);
}

TEST(Sizes, AnythingElseIsRefused) {
  for (const char *text : {"", "k", "-1", "1.5k", "64q", "64 k", "64kk", "0x10", "99999999999999999999",
                           "9223372036854775807k"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

}  // namespace
}  // namespace thimble::report
