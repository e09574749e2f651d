// Building and running the sample program (tests/target/sample) on a profile.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "thimble/base/files.h"
#include "thimble/target/emulate.h"

namespace thimble::test {

constexpr std::int64_t kSampleArena = 256, kSampleTensor = 64;

inline ArenaInterface sample_interface() {
  return {{{0, kSampleTensor}}, {{64, kSampleTensor}}};
}

/// Inference number `seed`: 64 int8 values all over their range.
inline TensorBytes sample_input(unsigned seed) {
  std::vector<std::uint8_t> bytes(kSampleTensor);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>((i + 1) * (37 + 2 * seed) + 11 * seed);
  }
  return {bytes};
}

/// A built sample; the folder lives as long as it does.
struct Sample {
  Profile profile;
  TemporaryFolder folder;
  Result<Firmware> firmware;

  Result<Emulation> run(const std::vector<TensorBytes> &inferences) const {
    if (!firmware) return tl::unexpected(firmware.error());
    return emulate(profile, *firmware, sample_interface(), inferences);
  }
  std::string error(const std::vector<TensorBytes> &inferences = {sample_input(0)}) const {
    const auto emulation = run(inferences);
    return emulation ? "" : emulation.error().text();
  }
};

inline Sample build_sample(const Profile &profile, const std::vector<std::string> &flags = {}) {
  TemporaryFolder folder = std::move(*TemporaryFolder::make());
  FirmwareRequest request;
  request.folder = std::filesystem::path(THIMBLE_SOURCE_DIR) / "tests" / "target" / "sample";
  request.name = "sample";
  request.work_folder = folder.path() / "work";
  request.extra_flags = flags;
  auto firmware = build_firmware(profile, request);
  return {profile, std::move(folder), std::move(firmware)};
}

inline Sample build_sample(const std::string &profile, const std::vector<std::string> &flags = {}) {
  return build_sample(*load_profile(profile), flags);
}

/// All profiles but the host's.
inline std::vector<std::string> counting_devices() {
  std::vector<std::string> names = profile_names();
  std::erase(names, "host");
  return names;
}

/// "cortex_m4": names of parameterised tests hold no '-'.
inline std::string device_name(const testing::TestParamInfo<std::string> &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The Cortex-M4 profile moved to a QEMU machine with that core.
inline Profile cortex_m4_on_qemu() {
  Profile profile = *load_profile("cortex-m4");
  profile.cycles.model = CycleModel::instructions;
  profile.emulator.engine = Engine::qemu;
  profile.emulator.command = "qemu-system-arm";
  profile.emulator.package = "qemu-system-arm";
  profile.emulator.machine = "mps2-an386";
  profile.emulator.vectors_base = 0;
  profile.emulator.flash_base = 0x1000;
  profile.emulator.flash_bytes = 0x3ff000;
  profile.emulator.ram_bytes = 0x400000;
  profile.emulator.timeout_seconds = 120;
  return profile;
}

}  // namespace thimble::test
