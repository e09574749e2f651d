// Programs with several arenas: each in its own memory, each watched and counted.
#include "target/sample.h"

namespace thimble::test {
namespace {

constexpr const char *kSource = R"(#include <stdint.h>
unsigned char two_arena_low[64];
#ifdef PLACED
__attribute__((section(".bss.high"), aligned(8)))
#endif
unsigned char two_arena_high[32];
extern unsigned char *const two_arena[2];
unsigned char *const two_arena[2] = {two_arena_low, two_arena_high};
int two_run(unsigned char *const *arena);
int two_run(unsigned char *const *arena) {
  volatile unsigned char *const low = arena[0];
  volatile unsigned char *const high = arena[1];
  for (int i = 0; i < 16; i++) high[i] = (unsigned char)(low[i] + 1);
#ifdef SPILL
  high[32] = 1;
#endif
  return high[16] == 0xA5 && low[63] == 0xA5 ? 0 : -1; /* both are poisoned before the first run */
}
)";

struct Two {
  TemporaryFolder folder;
  Result<Firmware> firmware;
};

Two build_two(const Profile &profile, std::vector<std::string> flags) {
  TemporaryFolder folder = std::move(*TemporaryFolder::make());
  EXPECT_TRUE(write_files(folder.path() / "sources", {{"two.c", kSource}}));
  FirmwareRequest request;
  request.folder = folder.path() / "sources";
  request.name = "two";
  request.work_folder = folder.path() / "work";
  request.extra_flags = std::move(flags);
  request.arenas = {{"two_arena_low"}, {"two_arena_high", ".bss.high", "TWO_HIGH"}};
  request.arenas[1].wait_cycles = 3;
  if (!profile.memories.empty()) {
    request.arenas[1].address = profile.memories[1].address;
    request.arenas[1].bytes = profile.memories[1].bytes;
  }
  auto firmware = build_firmware(profile, request);
  return {std::move(folder), std::move(firmware)};
}

const ArenaInterface kInterface{{{0, 16, 0}}, {{0, 16, 1}}};

class SeveralArenas : public testing::TestWithParam<std::string> {};

TEST_P(SeveralArenas, AreFilledPoisonedAndCounted) {
  const Profile profile = *load_profile(GetParam());
  const Two two = build_two(profile, {"-DPLACED"});
  ASSERT_TRUE(two.firmware) << two.firmware.error().text();
  ASSERT_EQ(two.firmware->arenas.size(), 2u);
  EXPECT_EQ(two.firmware->arenas[0].bytes, 64);
  EXPECT_EQ(two.firmware->arenas[1].bytes, 32);
  std::vector<std::uint8_t> input(16), expected(16);
  for (std::uint8_t i = 0; i < 16; ++i) {
    input[i] = static_cast<std::uint8_t>(7 * i);
    expected[i] = static_cast<std::uint8_t>(input[i] + 1);
  }
  const auto emulation = emulate(profile, *two.firmware, kInterface, {{input}, {input}});
  ASSERT_TRUE(emulation) << emulation.error().text();
  for (const TensorBytes &outputs : emulation->outputs) EXPECT_EQ(outputs[0], expected);
  if (profile.architecture == Architecture::host) return;
  const Counts counts = *emulation->maximum();
  EXPECT_EQ(counts.arenas[0], (AccessCounts{17, 0}));
  EXPECT_EQ(counts.arenas[1], (AccessCounts{1, 16}));
  EXPECT_EQ(counts.parts[static_cast<std::size_t>(MemoryPart::arena)], (AccessCounts{18, 16}));
  if (profile.cycles.model == CycleModel::instructions) {
    EXPECT_EQ(counts.cycles_estimate, counts.instructions + 3 * 17);
  }
  EXPECT_EQ(two.firmware->linked.ram(), 64 + 32);
  if (!profile.memories.empty()) {
    EXPECT_EQ(two.firmware->arenas[1].address, profile.memories[1].address);
  }
}

TEST_P(SeveralArenas, AWritePastTheEndOfOneIsAnError) {
  const Profile profile = *load_profile(GetParam());
  const Two two = build_two(profile, {"-DSPILL"});
  ASSERT_TRUE(two.firmware) << two.firmware.error().text();
  const auto emulation = emulate(profile, *two.firmware, kInterface, {{std::vector<std::uint8_t>(16, 1)}});
  ASSERT_FALSE(emulation);
  const std::string text = emulation.error().text();
  const bool host = profile.architecture == Architecture::host;
  EXPECT_NE(text.find(host ? "global-buffer-overflow" : "0 bytes past the end of its arena"),
            std::string::npos)
      << text;
}

TEST(SeveralArenasInMemories, OneThatIsLargerThanItsMemoryDoesNotLink) {
  Profile profile = *load_profile("stm32f405");
  profile.memories[1].bytes = 16;
  const Two two = build_two(profile, {"-DPLACED"});
  ASSERT_FALSE(two.firmware);
  EXPECT_NE(two.firmware.error().text().find("overflowed"), std::string::npos) << two.firmware.error().text();
}

INSTANTIATE_TEST_SUITE_P(Devices, SeveralArenas,
                         testing::Values("host", "cortex-m0plus", "stm32f405", "stm32h743", "cortex-m55",
                                         "rv32imc"),
                         device_name);

}  // namespace
}  // namespace thimble::test
