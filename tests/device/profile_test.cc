// Device profiles: the built-in ones load, and whatever is wrong in one is named by file, line and key.
#include "thimble/device/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "thimble/base/files.h"

namespace thimble {
namespace {

std::string source_of(const std::string &name) {
  const auto bytes = read_file(std::filesystem::path(THIMBLE_SOURCE_DIR) / "devices" / (name + ".toml"));
  return bytes ? std::string(bytes->begin(), bytes->end()) : "";
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

std::string error_of(const std::string &text) {
  const auto profile = parse_profile(text, "board.toml");
  return profile ? "" : profile.error().text();
}

/// Line of the first occurrence of `what`, as "board.toml:N: ".
std::string place(const std::string &text, const std::string &what) {
  const std::size_t at = text.find(what);
  return "board.toml:" + std::to_string(1 + std::count(text.begin(), text.begin() + at, '\n')) + ": ";
}

TEST(Profiles, AllBuiltInNamesLoad) {
  const std::vector<std::string> expected = {"host",      "cortex-m0plus", "cortex-m3", "cortex-m33",
                                             "cortex-m4", "cortex-m55",    "cortex-m7", "rv32imc",
                                             "stm32f405", "stm32h743"};
  EXPECT_EQ(profile_names(), expected);
  for (const std::string &name : profile_names()) {
    const auto profile = load_profile(name);
    ASSERT_TRUE(profile) << profile.error().text();
    EXPECT_EQ(profile->name, name);
    const bool part = name.rfind("stm32", 0) == 0;
    EXPECT_EQ(profile->core, part ? (name == "stm32f405" ? "cortex-m4" : "cortex-m7") : name);
    EXPECT_EQ(profile->memories.empty(), !part);
    EXPECT_EQ(profile->clock_hz == 0, name == "host");
    EXPECT_EQ(profile->emulator.engine == Engine::host, name == "host");
    EXPECT_EQ(profile->emulator.engine == Engine::qemu, name == "cortex-m55");
  }
}

TEST(Profiles, ValuesAreRead) {
  const auto profile = load_profile("cortex-m4");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->architecture, Architecture::arm_m);
  EXPECT_EQ(profile->clock_hz, 168'000'000);
  EXPECT_EQ(profile->ram_bytes, 192 * 1024);
  EXPECT_EQ(profile->flash_bytes, 1024 * 1024);
  EXPECT_EQ(profile->compiler.command, "arm-none-eabi-gcc");
  EXPECT_EQ(profile->compiler.flags.front(), "-mcpu=cortex-m4");
  EXPECT_EQ(profile->cycles.model, CycleModel::cortex_m4);
  EXPECT_EQ(profile->emulator.ram_base, 0x20000000u);
  EXPECT_TRUE(profile->emulator.unaligned_access);
  EXPECT_FALSE(load_profile("cortex-m0plus")->emulator.unaligned_access);
}

TEST(Profiles, MemoriesAreRead) {
  const auto profile = load_profile("stm32f405");
  ASSERT_TRUE(profile);
  ASSERT_EQ(profile->memories.size(), 2u);
  EXPECT_EQ(profile->memories[0].name, "sram");
  EXPECT_EQ(profile->memories[0].section, "");
  EXPECT_EQ(profile->memories[1].name, "ccm");
  EXPECT_EQ(profile->memories[1].bytes, 64 * 1024);
  EXPECT_EQ(profile->memories[1].wait_cycles, 0);
  EXPECT_EQ(profile->memories[1].section, ".bss.ccm");
  EXPECT_EQ(profile->memories[1].address, 0x10000000u);
}

TEST(Profiles, WrongMemoriesAreOneLineWithFileLineAndKey) {
  const std::string good = source_of("stm32f405");
  ASSERT_EQ(error_of(good), "");
  struct Edit {
    const char *from, *to, *message;
  };
  const Edit edits[] = {
      {"name = \"ccm\"", "name = \"CCM\"", "memories[1].name: expected at most 16 small letters"},
      {"name = \"ccm\"", "name = \"sram\"", "memories[1].name: is the name of another memory, too"},
      {"name = \"ccm\"", "", "memories[1].name: expected a line of text, found nothing"},
      {"bytes = 65_536", "bytes = 8", "memories[1].bytes: expected an integer from 16"},
      {"bytes = 65_536\nwait_cycles = 0", "bytes = 65_536\nwait_cycles = 256", "from 0 to 255, found 256"},
      {"section = \".bss.ccm\"", "section = \".bss\\\"ccm\"", "memories[1].section: expected letters"},
      {"section = \".bss.ccm\"", "sektion = \".bss.ccm\"", "memories[1].sektion: unknown key"},
      {"address = 0x10000000", "address = 0x10000001", "memories[1].address: expected an integer multiple"},
      {"address = 0x10000000", "address = 0x2001D000", "memories[1].address: overlaps flash, RAM or"},
      {"address = 0x10000000", "address = 0x08001000", "memories[1].address: overlaps flash, RAM or"},
      {"[[memories]]\nname = \"sram\"", "[memories]\nname = \"sram\"", "is not TOML"},
  };
  for (const Edit &edit : edits) {
    const std::string error = error_of(replaced(good, edit.from, edit.to));
    EXPECT_EQ(error.rfind("board.toml:", 0), 0u) << edit.to << " gave " << error;
    EXPECT_NE(error.find(edit.message), std::string::npos) << edit.to << " gave " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  EXPECT_NE(
      error_of(replaced(source_of("cortex-m4"), "ram_bytes = 196_608", "ram_bytes = 196_608\nmemories = 3"))
          .find("memories: expected tables ([[memories]]), found 3"),
      std::string::npos);
}

TEST(Profiles, APathLoadsAFile) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  const std::filesystem::path path = folder->path() / "mine.toml";
  ASSERT_TRUE(write_file(path, replaced(source_of("cortex-m4"), "168_000_000", "64_000_000")));
  const auto profile = load_profile(path.string());
  ASSERT_TRUE(profile) << profile.error().text();
  EXPECT_EQ(profile->name, "mine");
  EXPECT_EQ(profile->clock_hz, 64'000'000);
  const auto absent = load_profile((folder->path() / "absent.toml").string());
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().text().find("absent.toml: no such file"), std::string::npos);
}

TEST(Profiles, AnUnknownNameListsTheKnownOnes) {
  const auto profile = load_profile("cortex-m5");
  ASSERT_FALSE(profile);
  const std::string text = profile.error().text();
  EXPECT_NE(text.find("unknown device 'cortex-m5'"), std::string::npos) << text;
  EXPECT_NE(text.find("host, cortex-m0plus"), std::string::npos) << text;
}

TEST(Profiles, WhatIsNotTomlIsRefusedWithItsLine) {
  const std::string text = replaced(source_of("cortex-m4"), "clock_hz = ", "clock_hz ");
  EXPECT_EQ(error_of(text).rfind(place(text, "clock_hz") + "is not TOML: ", 0), 0u) << error_of(text);
}

struct BadEdit {
  const char *from, *to, *at, *message;
};

TEST(Profiles, EveryWrongValueIsOneLineWithFileLineAndKey) {
  const BadEdit edits[] = {
      {"clock_hz = 168_000_000", "clock_hz = \"fast\"", "clock_hz", "clock_hz: expected an integer"},
      {"clock_hz = 168_000_000", "clock_hz = 0", "clock_hz", "found 0"},
      {"clock_hz = 168_000_000", "clock_hz = 1.5", "clock_hz", "found a floating-point number"},
      {"ram_bytes = 196_608", "ram_bytes = -1", "ram_bytes", "ram_bytes: expected"},
      {"\"arm-m\"", "\"arm\"", "architecture", "expected one of host, arm-m, riscv32, found 'arm'"},
      {"\"arm-m\"", "\"arm-m\"\nclock_mhz = 3", "clock_mhz", "clock_mhz: unknown key"},
      {"model = \"cortex-m4\"", "model = \"fast\"", "model =", "cycles.model: expected one of"},
      {"flash_wait_states = 0", "flash_wait_states = 16", "flash_wait", "from 0 to 15, found 16"},
      {"flags = [", "flags = [ 3,", "flags", "compiler.flags: expected an array of strings, found 3"},
      {"command = \"arm-none-eabi-gcc\"", "command = \"\"", "command", "compiler.command: expected a line"},
      {"engine = \"unicorn\"", "engine = \"host\"", "engine", "expected one of unicorn, qemu, found 'host'"},
      {"cpu = \"cortex-m4\"", "cpu = \"cortex-m9\"", "cpu =", "emulator.cpu: expected one of cortex-m0"},
      {"ram_base = 0x20000000", "ram_base = 0x20000001", "ram_base", "multiple of 4096"},
      {"ram_base = 0x20000000", "ram_base = 0x08FFF000", "ram_base", "flash and RAM overlap"},
      {"ram_base = 0x20000000", "ram_base = 0xFFFFF000", "ram_bytes = 0x", "RAM ends beyond 4 GiB"},
      {"stack_bytes = 16384", "stack_bytes = 0x01000000", "stack_bytes", "does not fit into RAM"},
      {"unaligned_access = true", "unaligned_access = 1", "unaligned", "expected true or false, found 1"},
      {"unaligned_access = true", "", "[emulator]",
       "emulator.unaligned_access: expected true or false, found"},
      {"engine = \"unicorn\"", "engine = \"unicorn\"\nmachine = \"x\"", "machine",
       "emulator.machine: unknown"},
  };
  for (const BadEdit &edit : edits) {
    const std::string text = replaced(source_of("cortex-m4"), edit.from, edit.to);
    const std::string error = error_of(text);
    EXPECT_EQ(error.rfind(place(text, edit.at), 0), 0u) << edit.to << " gave " << error;
    EXPECT_NE(error.find(edit.message), std::string::npos) << edit.to << " gave " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  EXPECT_EQ(error_of(source_of("cortex-m4")), "");
}

TEST(Profiles, CombinationsThatCannotRunAreRefused) {
  EXPECT_NE(error_of(replaced(source_of("cortex-m55"), "model = \"instructions\"", "model = \"cortex-m4\""))
                .find("cycles.model: with engine qemu"),
            std::string::npos);
  EXPECT_NE(error_of(replaced(source_of("rv32imc"), "model = \"instructions\"", "model = \"cortex-m4\""))
                .find("cycles.model: riscv32 has"),
            std::string::npos);
  EXPECT_NE(error_of(replaced(source_of("host"), "engine = \"host\"", "engine = \"qemu\""))
                .find("emulator.engine: expected one of host"),
            std::string::npos);
}

}  // namespace
}  // namespace thimble
