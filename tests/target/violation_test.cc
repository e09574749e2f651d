// Programs that misbehave: each is stopped with one line that names device, inference, address and function.
#include <gtest/gtest.h>

#include "sample.h"

namespace thimble {
namespace {

using test::build_sample;
using test::Sample;
using test::sample_input;

struct Case {
  const char *flag;
  std::vector<std::string> parts;  ///< all of them in the diagnostic
};

const std::vector<Case> kCases = {
    {"-DSAMPLE_WRITE_PAST",
     {"inference 0: wrote 0x", "outside its memory (0 bytes past the end of its arena)",
      "in function stray_write (+0x"}},
    {"-DSAMPLE_WRITE_CONSTANT",
     {"wrote 0x", "which is read-only (weights)", "in function constant_write (+0x"}},
    {"-DSAMPLE_READ_WILD", {"0x50000123 outside its memory", "in function wild_read (+0x"}},
    {"-DSAMPLE_RECURSE", {"stack overflow: ", "below its stack of 16384 bytes", "in function recurse (+0x"}},
    {"-DSAMPLE_TRAP", {"invalid instruction or fault in function trap (+0x"}},
    {"-DSAMPLE_JUMP", {"jumped to 0x", "outside its code from function jump (+0x"}},
};

class FaultyProgram : public testing::TestWithParam<std::string> {};

TEST_P(FaultyProgram, StopsAndNamesTheFunction) {
  for (const Case &one : kCases) {
    const Sample sample = build_sample(GetParam(), {one.flag});
    const std::string error = sample.error();
    EXPECT_EQ(error.rfind(GetParam() + ": inference 0: ", 0), 0u) << one.flag << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    for (const std::string &part : one.parts) {
      EXPECT_NE(error.find(part), std::string::npos) << one.flag << " gave: " << error;
    }
    EXPECT_EQ(sample.error(), error) << "the same words every time";
  }
}

TEST_P(FaultyProgram, NamesTheInferenceThatFails) {
  Sample sample = build_sample(GetParam(), {"-DSAMPLE_MIXED"});
  const auto good = sample.run({sample_input(1), sample_input(2)});
  ASSERT_TRUE(good) << good.error().text();
  // A limit between the two: whichever runs longer breaks it.
  const std::uint64_t a = good->counts[0].instructions, b = good->counts[1].instructions;
  ASSERT_NE(a, b);
  sample.profile.emulator.instruction_limit = static_cast<std::int64_t>(std::min(a, b));
  const std::string error = sample.error({sample_input(1), sample_input(2)});
  EXPECT_NE(error.find(std::string("inference ") + (a > b ? "0" : "1") + ": did not return within"),
            std::string::npos)
      << error;
}

TEST_P(FaultyProgram, AnEndlessLoopEnds) {
  Sample sample = build_sample(GetParam(), {"-DSAMPLE_LOOP"});
  sample.profile.emulator.instruction_limit = 100'000;
  const std::string error = sample.error();
  EXPECT_NE(error.find("did not return within 100000 instructions; last seen in function endless (+0x"),
            std::string::npos)
      << error;
}

TEST_P(FaultyProgram, UnalignedAccessesFollowTheCore) {
  const Sample sample = build_sample(GetParam(), {"-DSAMPLE_UNALIGNED"});
  const std::string error = sample.error();
  if (sample.profile.emulator.unaligned_access) {
    EXPECT_EQ(error, "");
  } else {
    EXPECT_NE(error.find("unaligned access of 4 bytes at 0x"), std::string::npos) << error;
    EXPECT_NE(error.find("in function unaligned_load (+0x"), std::string::npos) << error;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, FaultyProgram, testing::ValuesIn(test::counting_devices()),
                         test::device_name);

TEST(Host, SanitizersNameTheFunction) {
  EXPECT_EQ(build_sample("host").error(), "");
  const std::string past = build_sample("host", {"-DSAMPLE_WRITE_PAST"}).error();
  EXPECT_NE(past.find("host: AddressSanitizer: global-buffer-overflow, WRITE of size 1 in stray_write"),
            std::string::npos)
      << past;
  const std::string unaligned = build_sample("host", {"-DSAMPLE_UNALIGNED"}).error();
  EXPECT_NE(unaligned.find("runtime error: load of misaligned address"), std::string::npos) << unaligned;
  EXPECT_NE(build_sample("host", {"-DSAMPLE_READ_WILD"}).error().find("in wild_read"), std::string::npos);
}

TEST(Host, AnEndlessLoopEnds) {
  Sample sample = build_sample("host", {"-DSAMPLE_LOOP"});
  sample.profile.emulator.timeout_seconds = 1;
  EXPECT_EQ(sample.error(), "host: did not end within 1 s");
}

}  // namespace
}  // namespace thimble
