// The cycle models on hand-assembled code, and the whole estimate against the published plugin.
#include "thimble/target/cycles.h"

#include <gtest/gtest.h>

#include <fstream>

#include "sample.h"
#include "support/shared_data.h"
#include "thimble/target/process.h"

namespace thimble {
namespace {

BlockCost cost_of(const char *device, const std::vector<std::uint16_t> &halfwords) {
  std::vector<std::uint8_t> code;
  for (const std::uint16_t half : halfwords) {
    code.push_back(static_cast<std::uint8_t>(half));
    code.push_back(static_cast<std::uint8_t>(half >> 8));
  }
  const auto cost = block_cost(*load_profile(device), code.data(), code.size(), 0x1000);
  EXPECT_TRUE(cost);
  return cost ? *cost : BlockCost{};
}

struct Line {
  const char *assembler;
  std::vector<std::uint16_t> code;
  std::uint32_t m4, m0plus;
};

const std::vector<Line> kLines = {
    {"movs r0, #1", {0x2001}, 1, 1},
    {"ldr r0, [r1]", {0x6808}, 2, 2},
    {"str r0, [r1]", {0x6008}, 1, 2},
    {"ldr r0, [r1]; ldr r2, [r3]", {0x6808, 0x681a}, 3, 4},
    {"str r0, [r1]; ldr r2, [r3]", {0x6008, 0x681a}, 2, 4},
    {"ldr r0, [r1]; nop; ldr r2, [r3]", {0x6808, 0xbf00, 0x681a}, 5, 5},
    {"push {r4, r5, lr}", {0xb530}, 4, 4},
    {"pop {r4, r5, pc}", {0xbd30}, 6, 6},
    {"b .", {0xe7fe}, 3, 2},
    {"bx lr", {0x4770}, 3, 2},
    {"bl .", {0xf7ff, 0xfffe}, 3, 3},
    {"muls r0, r1", {0x4348}, 1, 1},
};

TEST(BlockCost, FollowsTheTables) {
  for (const Line &line : kLines) {
    EXPECT_EQ(cost_of("cortex-m4", line.code).cycles, line.m4) << line.assembler;
    EXPECT_EQ(cost_of("cortex-m0plus", line.code).cycles, line.m0plus) << line.assembler;
    EXPECT_EQ(cost_of("cortex-m4", line.code).fall_through, 0u) << line.assembler;
  }
}

TEST(BlockCost, CortexM4Only) {
  EXPECT_EQ(cost_of("cortex-m4", {0xfb01, 0x2003}).cycles, 2u) << "mla r0, r1, r3, r2";
  EXPECT_EQ(cost_of("cortex-m4", {0xfb91, 0xf0f2}).cycles, 7u) << "sdiv r0, r1, r2";
  EXPECT_EQ(cost_of("cortex-m4", {0xe9d1, 0x2300}).cycles, 3u) << "ldrd r2, r3, [r1]";
  EXPECT_EQ(cost_of("cortex-m4", {0xfb21, 0x0002}).cycles, 1u) << "smlad r0, r1, r2, r0";
  EXPECT_EQ(cost_of("cortex-m4", {0xee07, 0x7a07}).cycles, 3u) << "vmla.f32 s14, s14, s14";
  EXPECT_EQ(cost_of("cortex-m4", {0xee87, 0x7a07}).cycles, 14u) << "vdiv.f32 s14, s14, s14";
}

TEST(BlockCost, AFinalConditionalBranchNamesItsFallThrough) {
  const BlockCost branch = cost_of("cortex-m4", {0x2001, 0xd1fd});  // movs; bne
  EXPECT_EQ(branch.instructions, 2u);
  EXPECT_EQ(branch.cycles, 2u);
  EXPECT_EQ(branch.fall_through, 0x1004u);
  EXPECT_EQ(cost_of("cortex-m4", {0xb108}).fall_through, 0x1002u) << "cbz r0";
  EXPECT_EQ(cost_of("cortex-m4", {0xd1fd, 0x2001}).fall_through, 0u) << "not at the end";
  EXPECT_EQ(taken_branch_cycles(CycleModel::cortex_m4), 2u);
  EXPECT_EQ(taken_branch_cycles(CycleModel::cortex_m0plus), 1u);
  EXPECT_EQ(taken_branch_cycles(CycleModel::instructions), 0u);
}

TEST(BlockCost, RiscvCountsCompressedInstructions) {
  const BlockCost cost = cost_of("rv32imc", {0x4505, 0x0513, 0x0015, 0x8082});  // c.li; addi; c.jr ra
  EXPECT_EQ(cost.instructions, 3u);
  EXPECT_EQ(cost.cycles, 3u);
}

/// The published model is a QEMU plugin; ours works without QEMU and must give its numbers.
TEST(CycleEstimate, EqualsThePublishedPluginOnCortexM4) {
  const auto tools = test::shared_data() / "tools" / "emulation";
  if (!std::filesystem::exists(tools / "cycles.c")) GTEST_SKIP() << "no " << tools;
  const auto ours = test::build_sample("cortex-m4", {"-DSAMPLE_MIXED"}).run({test::sample_input(0)});
  ASSERT_TRUE(ours) << ours.error().text();

  const test::Sample qemu = test::build_sample(test::cortex_m4_on_qemu(), {"-DSAMPLE_MIXED"});
  ASSERT_TRUE(qemu.run({test::sample_input(0)}));  // leaves the input file in the work folder
  const auto &folder = qemu.firmware->work_folder;
  const auto built = run_process({{"gcc", "-O2", "-shared", "-fPIC", "-I" + tools.string(),
                                   (tools / "cycles.c").string(), "-o", "libcycles.so"},
                                  folder,
                                  {},
                                  60,
                                  ""});
  ASSERT_TRUE(built && built->exit_code == 0) << built->err;
  const std::string options =
      "begin=" + hex_address(qemu.firmware->elf.symbol("sample_run")->address) +
      ",end=" + hex_address(qemu.firmware->elf.symbol("thimble_returned")->address & ~1ull);
  const auto ran = run_process({{"qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none",
                                 "-serial", "null", "-semihosting-config", "enable=on,target=native",
                                 "-kernel", "sample.elf", "-plugin", "./libcycles.so," + options},
                                folder,
                                {},
                                60,
                                ""});
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->err, "region 0 insns " + std::to_string(ours->counts[0].instructions) + " cycles " +
                          std::to_string(ours->counts[0].cycles_estimate) + "\n");
}

}  // namespace
}  // namespace thimble
