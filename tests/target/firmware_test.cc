// Building: sizes by kind, what is and is not compiled, and diagnostics of toolchains.
#include "thimble/target/firmware.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace thimble {
namespace {

using test::build_sample;
using test::Sample;

std::string build_error(const Sample &sample) {
  return sample.firmware ? "" : sample.firmware.error().text();
}

TEST(Firmware, SizesByKind) {
  for (const char *device : {"cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imc"}) {
    const Sample sample = build_sample(device);
    ASSERT_TRUE(sample.firmware) << sample.firmware.error().text();
    const Firmware &firmware = *sample.firmware;
    EXPECT_EQ(firmware.arenas[0].bytes, test::kSampleArena);
    EXPECT_EQ(firmware.objects.weights, 64);
    EXPECT_EQ(firmware.objects.data, 0);
    EXPECT_EQ(firmware.objects.ram(), test::kSampleArena);
    EXPECT_GT(firmware.objects.text, 10);
    EXPECT_LT(firmware.objects.text, 200);
    EXPECT_EQ(firmware.linked.weights, 0) << device << ": unused weights are not linked";
    EXPECT_EQ(firmware.linked.ram(), test::kSampleArena);
    // Nothing else is in it: padding may come, and RISC-V's linker shortens calls.
    EXPECT_LE(firmware.linked.text, firmware.objects.text + 8) << device;
    EXPECT_GE(firmware.linked.text, firmware.objects.text - 8) << device;
  }
}

TEST(Firmware, WhatIsUsedIsLinked) {
  const Sample sample = build_sample("cortex-m4", {"-DSAMPLE_MIXED"});
  ASSERT_TRUE(sample.firmware) << sample.firmware.error().text();
  EXPECT_EQ(sample.firmware->linked.weights, 64);
  EXPECT_NE(sample.firmware->elf.symbol("memcpy"), nullptr);
  EXPECT_EQ(sample.firmware->elf.symbol("memset"), nullptr);
  EXPECT_EQ(sample.firmware->linked.flash(),
            sample.firmware->linked.text + sample.firmware->linked.rodata + 64);
}

TEST(Firmware, ImagesAreReproducible) {
  const Sample a = build_sample("cortex-m4", {"-DSAMPLE_MIXED"}),
               b = build_sample("cortex-m4", {"-DSAMPLE_MIXED"});
  ASSERT_TRUE(a.firmware && b.firmware);
  ASSERT_NE(a.firmware->image, b.firmware->image);
  for (const char *section : {".text", ".weights"}) {
    ASSERT_NE(a.firmware->elf.section(section), nullptr) << section;
    EXPECT_EQ(a.firmware->elf.section(section)->bytes, b.firmware->elf.section(section)->bytes) << section;
  }
}

TEST(Firmware, PlacesAreFunctionsWithOffsets) {
  const Sample sample = build_sample("cortex-m4");
  ASSERT_TRUE(sample.firmware);
  const Elf &elf = sample.firmware->elf;
  const ElfSymbol *run = elf.symbol("sample_run");
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(elf.place_of(run->address), "sample_run (+0x0)");
  EXPECT_EQ(elf.place_of(run->address + 2), "sample_run (+0x2)");
  EXPECT_EQ(elf.place_of(0x12345678), "0x12345678");
}

TEST(Firmware, ACompilerErrorIsShownShort) {
  const std::string error = build_error(build_sample("cortex-m4", {"-DSAMPLE_BROKEN"}));
  EXPECT_EQ(error.rfind("arm-none-eabi-gcc on sample.c failed\n  sample.c:", 0), 0u) << error;
  EXPECT_NE(error.find("'no_such_thing' undeclared"), std::string::npos) << error;
  EXPECT_LE(std::count(error.begin(), error.end(), '\n'), 6) << error;
}

TEST(Firmware, ALinkErrorIsShownShort) {
  const std::string error = build_error(build_sample("rv32imc", {"-DSAMPLE_UNRESOLVED"}));
  EXPECT_EQ(error.rfind("linking sample failed\n", 0), 0u) << error;
  EXPECT_NE(error.find("undefined reference to `nowhere_defined'"), std::string::npos) << error;
}

TEST(Firmware, WhatDoesNotFitSaysSo) {
  Profile profile = *load_profile("cortex-m4");
  profile.emulator.ram_bytes = 0x5000;  // the stack takes 0x4000, the gaps more than the rest
  const std::string error = build_error(build_sample(profile));
  EXPECT_NE(error.find("region `RAM' overflowed by"), std::string::npos) << error;
}

TEST(Firmware, AMissingCompilerNamesItsPackage) {
  Profile profile = *load_profile("cortex-m4");
  profile.compiler.command = "no-such-eabi-gcc";
  EXPECT_EQ(build_error(build_sample(profile)),
            "'no-such-eabi-gcc' is not installed; apt-get install gcc-arm-none-eabi");
}

TEST(Firmware, AMissingQemuNamesItsPackage) {
  Sample sample = build_sample(test::cortex_m4_on_qemu());
  sample.profile.emulator.command = "no-such-qemu";
  EXPECT_EQ(sample.error(), "'no-such-qemu' is not installed; apt-get install qemu-system-arm");
}

TEST(Firmware, FoldersAndNamesAreChecked) {
  auto folder = TemporaryFolder::make();
  FirmwareRequest request{folder->path(), "sample", {}, folder->path() / "work", {}};
  const Profile profile = *load_profile("cortex-m4");
  EXPECT_NE(build_firmware(profile, request).error().text().find("holds no C sources"), std::string::npos);
  ASSERT_TRUE(
      write_file(folder->path() / "other.c", std::string("int other_run(void *a) { return a == 0; }\n")));
  EXPECT_NE(build_firmware(profile, request).error().text().find("does not define sample_run"),
            std::string::npos);
  request.name = "3d/net";
  EXPECT_EQ(build_firmware(profile, request).error().text(), "'3d/net' is not a C identifier");
}

}  // namespace
}  // namespace thimble
