// The sample program on every device: right bytes, exact and repeated counts, known stack use.
#include "thimble/target/emulate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sample.h"

namespace thimble {
namespace {

using test::build_sample;
using test::Sample;
using test::sample_input;

const std::vector<TensorBytes> kThree = {sample_input(0), sample_input(1), sample_input(2)};

class EveryDevice : public testing::TestWithParam<std::string> {};     // the host among them
class CountingTarget : public testing::TestWithParam<std::string> {};  // those that count

TEST_P(EveryDevice, NegatesItsInputs) {
  const Sample sample = build_sample(GetParam());
  const auto emulation = sample.run(kThree);
  ASSERT_TRUE(emulation) << emulation.error().text();
  ASSERT_EQ(emulation->outputs.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::uint8_t> expected = kThree[i][0];
    for (std::uint8_t &byte : expected) byte = static_cast<std::uint8_t>(-byte);
    ASSERT_EQ(emulation->outputs[i].size(), 1u);
    EXPECT_EQ(emulation->outputs[i][0], expected) << "inference " << i;
  }
}

TEST_P(EveryDevice, ComputesWhatTheHostComputes) {
  const auto host = build_sample("host", {"-DSAMPLE_MIXED"}).run(kThree);
  ASSERT_TRUE(host) << host.error().text();
  const auto emulation = build_sample(GetParam(), {"-DSAMPLE_MIXED"}).run(kThree);
  ASSERT_TRUE(emulation) << emulation.error().text();
  EXPECT_EQ(emulation->outputs, host->outputs);
  EXPECT_NE(host->outputs[0], host->outputs[1]);
}

TEST_P(CountingTarget, CountsAreTheSameEveryTime) {
  const Sample sample = build_sample(GetParam(), {"-DSAMPLE_MIXED"});
  const auto first = sample.run(kThree), second = sample.run(kThree);
  const auto rebuilt = build_sample(GetParam(), {"-DSAMPLE_MIXED"}).run(kThree);
  ASSERT_TRUE(first) << first.error().text();
  ASSERT_TRUE(second && rebuilt);
  EXPECT_EQ(first->counts, second->counts);
  EXPECT_EQ(first->counts, rebuilt->counts);
  ASSERT_EQ(first->counts.size(), 3u);
  EXPECT_NE(first->counts[0].instructions, first->counts[1].instructions)
      << "the program branches on its data";
  for (const Counts &counts : first->counts) {
    EXPECT_GT(counts.instructions, 4096u * 3) << "the inner loop alone runs 4096 times";
    EXPECT_GE(counts.cycles_estimate, counts.instructions);
    EXPECT_LT(counts.cycles_estimate, counts.instructions * 3);
    std::uint64_t loads = 0, stores = 0;
    for (const AccessCounts &part : counts.parts) {
      loads += part.loads;
      stores += part.stores;
    }
    EXPECT_EQ(loads, counts.loads);
    EXPECT_EQ(stores, counts.stores);
    for (const MemoryPart part : {MemoryPart::code, MemoryPart::constants, MemoryPart::weights}) {
      EXPECT_EQ(counts.parts[static_cast<std::size_t>(part)].stores, 0u);
    }
    EXPECT_GE(counts.parts[static_cast<std::size_t>(MemoryPart::weights)].loads, 64u);
    EXPECT_GE(counts.parts[static_cast<std::size_t>(MemoryPart::arena)].stores, 64u);
  }
  EXPECT_EQ(first->maximum()->instructions,
            std::max({first->counts[0].instructions, first->counts[1].instructions,
                      first->counts[2].instructions}));
}

TEST_P(CountingTarget, StackUseFollowsTheProgram) {
  std::int64_t used[2] =
      {};  // below 508 bytes, where Armv6-M needs one more register to move the stack pointer
  for (int i = 0; i < 2; ++i) {
    const auto run =
        build_sample(GetParam(), {"-DSAMPLE_STACK=" + std::to_string(i == 0 ? 256 : 480)}).run(kThree);
    ASSERT_TRUE(run) << run.error().text();
    used[i] = run->maximum()->stack_bytes;
  }
  EXPECT_EQ(used[1] - used[0], 224) << "224 bytes more were touched";
  EXPECT_GE(used[0], 256);
  EXPECT_LE(used[0], 256 + 64) << "the array, the saved registers of two functions and no more";
}

TEST_P(CountingTarget, MarksSplitTheCountsAndChangeNothing) {
  const Sample without = build_sample(GetParam(), {"-DSAMPLE_MIXED"});
  const Sample with = build_sample(GetParam(), {"-DSAMPLE_MIXED", "-DSAMPLE_MARKS"});
  const auto plain = without.run(kThree), marked = with.run(kThree);
  ASSERT_TRUE(plain) << plain.error().text();
  ASSERT_TRUE(marked) << marked.error().text();
  EXPECT_EQ(without.firmware->linked.flash(), with.firmware->linked.flash()) << "marks are not loaded";
  EXPECT_EQ(plain->outputs, marked->outputs);
  EXPECT_EQ(plain->counts, marked->counts);
  EXPECT_TRUE(plain->operators.empty());
  ASSERT_EQ(marked->operators.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::int32_t> ops;
    Counts sum;
    sum.stack_bytes = marked->counts[i].stack_bytes;
    for (const OperatorCounts &one : marked->operators[i]) {
      ops.push_back(one.op);
      sum.instructions += one.counts.instructions;
      sum.cycles_estimate += one.counts.cycles_estimate;
      sum.loads += one.counts.loads;
      sum.stores += one.counts.stores;
      for (std::size_t p = 0; p < kMemoryParts; ++p) {
        sum.parts[p].loads += one.counts.parts[p].loads;
        sum.parts[p].stores += one.counts.parts[p].stores;
      }
      for (std::size_t a = 0; a < kMostArrays; ++a) {
        sum.arenas[a].loads += one.counts.arenas[a].loads;
        sum.arenas[a].stores += one.counts.arenas[a].stores;
      }
    }
    EXPECT_EQ(ops, (std::vector<std::int32_t>{-1, 0, 7, 12}));
    EXPECT_EQ(sum, marked->counts[i]);
    // Before the first mark registers are saved and pointers made; then 64 bytes are negated, alone.
    const auto arena = static_cast<std::size_t>(MemoryPart::arena);
    EXPECT_LT(marked->operators[i][0].counts.instructions, 32u);
    EXPECT_EQ(marked->operators[i][0].counts.parts[arena], AccessCounts{});
    EXPECT_EQ(marked->operators[i][2].counts.parts[arena], (AccessCounts{64, 64}));
    EXPECT_GT(marked->operators[i][1].counts.instructions, 4096u * 3);
  }
}

TEST_P(EveryDevice, MemoryPersistsAndStartsPoisoned) {
  const auto run = build_sample(GetParam(), {"-DSAMPLE_STATE"}).run(kThree);
  ASSERT_TRUE(run) << run.error().text();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(run->outputs[i][0][0], 0xA5 + 1 + i) << "counts its runs, from the poison";
    EXPECT_EQ(run->outputs[i][0][1], 0xA5) << "never written";
  }
}

TEST_P(EveryDevice, AnErrorReturnedIsAnError) {
  const std::string error = build_sample(GetParam(), {"-DSAMPLE_FAIL"}).error();
  EXPECT_NE(error.find("sample_run returned"), std::string::npos) << error;
}

TEST_P(EveryDevice, TensorsOutsideTheArenaAreRefused) {
  const Sample sample = build_sample(GetParam());
  ASSERT_TRUE(sample.firmware) << sample.firmware.error().text();
  ArenaInterface interface = test::sample_interface();
  interface.outputs[0].offset = test::kSampleArena - 63;
  const auto run = emulate(sample.profile, *sample.firmware, interface, {sample_input(0)});
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().text().find("leaves the arena of 256 bytes"), std::string::npos);
  EXPECT_FALSE(emulate(sample.profile, *sample.firmware, test::sample_interface(), {TensorBytes{}}));
}

INSTANTIATE_TEST_SUITE_P(Devices, EveryDevice, testing::ValuesIn(profile_names()), test::device_name);
INSTANTIATE_TEST_SUITE_P(Devices, CountingTarget, testing::ValuesIn(test::counting_devices()),
                         test::device_name);

TEST(Engines, TheHostCountsNothing) {
  const auto run = build_sample("host").run(kThree);
  ASSERT_TRUE(run) << run.error().text();
  EXPECT_TRUE(run->counts.empty());
  EXPECT_FALSE(run->maximum().has_value());
}

TEST(Engines, UnicornAndQemuAgreeOnCortexM4) {
  const std::vector<std::string> flags = {"-DSAMPLE_MIXED", "-DSAMPLE_MARKS"};
  const auto unicorn = build_sample("cortex-m4", flags).run(kThree);
  const auto qemu = build_sample(test::cortex_m4_on_qemu(), flags).run(kThree);
  ASSERT_TRUE(unicorn) << unicorn.error().text();
  ASSERT_TRUE(qemu) << qemu.error().text();
  EXPECT_EQ(unicorn->outputs, qemu->outputs);
  ASSERT_EQ(qemu->counts.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(unicorn->counts[i].instructions, qemu->counts[i].instructions);
    EXPECT_EQ(unicorn->counts[i].parts, qemu->counts[i].parts);
    EXPECT_EQ(unicorn->counts[i].stack_bytes, qemu->counts[i].stack_bytes);
    ASSERT_EQ(unicorn->operators[i].size(), qemu->operators[i].size());
    for (std::size_t k = 0; k < qemu->operators[i].size(); ++k) {
      EXPECT_EQ(unicorn->operators[i][k].op, qemu->operators[i][k].op);
      EXPECT_EQ(unicorn->operators[i][k].counts.instructions, qemu->operators[i][k].counts.instructions);
      EXPECT_EQ(unicorn->operators[i][k].counts.parts, qemu->operators[i][k].counts.parts);
    }
  }
}

TEST(Engines, FlashWaitStatesAddToTheEstimateOnly) {
  Sample sample = build_sample("cortex-m4", {"-DSAMPLE_MIXED"});
  const auto none = sample.run({sample_input(0)});
  sample.profile.cycles.flash_wait_states = 2;
  const auto two = sample.run({sample_input(0)});
  ASSERT_TRUE(none && two);
  Counts expected = none->counts[0];
  for (const MemoryPart part : {MemoryPart::code, MemoryPart::constants, MemoryPart::weights}) {
    expected.cycles_estimate += 2 * expected.parts[static_cast<std::size_t>(part)].loads;
  }
  EXPECT_GT(expected.cycles_estimate, none->counts[0].cycles_estimate);
  EXPECT_EQ(two->counts[0], expected);
}

}  // namespace
}  // namespace thimble
