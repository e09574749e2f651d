// The scaling of sums on every kind of core equals its definition by a 64-bit product: as kernels do it, and
// by products of halves.
#include <cstring>
#include <limits>
#include <random>

#include "target/sample.h"

namespace thimble::test {
namespace {

constexpr std::int32_t kCases = 4096, kZeroPoint = -7;

/// A dense layer of kCases outputs whose sums are their biases. The arena: sums, multipliers, shifts; then
/// the lowest bytes of the scaled sums, the same clamped to [-100, 90], and the products of sums and
/// multipliers by halves.
constexpr const char *kSource = R"(#include "thimble_fully_connected.h"
#define CASES 4096
unsigned char scaling_arena[18 * CASES];
int scaling_run(unsigned char *arena);
int scaling_run(unsigned char *arena) {
  static const int8_t weights[CASES], x[1];
  const int32_t *const sums = (const int32_t *)(void *)arena;
  const int8_t *const shifts = (const int8_t *)(arena + 8 * CASES);
  int8_t *const y = (int8_t *)(arena + 12 * CASES);
  int32_t *const products = (int32_t *)(void *)(arena + 14 * CASES);
  const thimble_fully_connected_s8_params whole = {
      1, 1, CASES, weights, sums, {sums + CASES, shifts, 1, -7, -0x7fffffff - 1, 0x7fffffff}};
  const thimble_fully_connected_s8_params clamped = {
      1, 1, CASES, weights, sums, {sums + CASES, shifts, 1, -7, -100, 90}};
  thimble_fully_connected_s8(&whole, 1, 0, CASES, x, y);
  thimble_fully_connected_s8(&clamped, 1, 0, CASES, x, y + CASES);
  for (int32_t i = 0; i < CASES; ++i) {
    products[i] = thimble_doubling_high_mul_halves(sums[i], sums[CASES + i]);
  }
  return 0;
}
)";

std::int32_t product_of(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// x * 2^shift, halves away from zero where bits are lost.
std::int32_t scaled(std::int32_t x, std::int32_t multiplier, std::int32_t shift) {
  if (shift > 0)
    return product_of(static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << shift), multiplier);
  const std::int64_t product = product_of(x, multiplier), half = (std::int64_t{1} << -shift) >> 1;
  return static_cast<std::int32_t>(product < 0 ? -((-product + half) >> -shift) : (product + half) >> -shift);
}

struct Case {
  std::int32_t sum, multiplier, shift;
};

/// Corners of sums and multipliers with every shift, ties, then random ones of every size.
std::vector<Case> cases() {
  constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min(),
                         most = std::numeric_limits<std::int32_t>::max(), half = 1 << 30;
  std::vector<Case> all;
  for (std::int32_t shift = -31; shift <= 31; ++shift) {
    for (const std::int32_t multiplier :
         {half, most, 0, half + 0x7fff, half + 0x8000, most - 0x7fff, most - 0x8000}) {
      for (const std::int32_t sum :
           {0, 1, -1, 0x7fff, 0x8000, -0x8000, -0x8001, most, most - 0x8000, least, least + 1}) {
        all.push_back({sum, multiplier, shift});
      }
    }
    // With multiplier 2^30 a sum of 2 k 2^-shift + 2^-shift lies between two results.
    for (std::int32_t k = -9; shift <= 0 && shift >= -26 && k <= 9; ++k) {
      const std::int32_t tie = (2 * k + 1) * (1 << -shift);
      for (const std::int32_t sum : {tie - 1, tie, tie + 1}) all.push_back({sum, half, shift});
    }
  }
  std::mt19937 random(1);
  while (all.size() % kCases != 0 || all.size() < 16 * kCases) {
    const auto sum = static_cast<std::int32_t>(random()) >> (random() % 32);
    const auto multiplier = static_cast<std::int32_t>(half + random() % half);
    all.push_back({sum, multiplier, static_cast<std::int32_t>(random() % 63) - 31});
  }
  return all;
}

class Requantisation : public testing::TestWithParam<std::string> {};

TEST_P(Requantisation, IsExact) {
  const Profile profile = *load_profile(GetParam());
  const TemporaryFolder folder = std::move(*TemporaryFolder::make());
  ASSERT_TRUE(write_files(folder.path() / "sources", {{"scaling.c", kSource}}));
  for (const auto &entry :
       std::filesystem::directory_iterator(std::filesystem::path(THIMBLE_SOURCE_DIR) / "runtime")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".h") || name == "thimble_fully_connected_s8.c" || name == "thimble_v6m.c")
      std::filesystem::copy_file(entry.path(), folder.path() / "sources" / name);
  }
  FirmwareRequest request;
  request.folder = folder.path() / "sources";
  request.name = "scaling";
  request.work_folder = folder.path() / "work";
  const auto firmware = build_firmware(profile, request);
  ASSERT_TRUE(firmware) << firmware.error().text();

  const std::vector<Case> all = cases();
  std::vector<TensorBytes> inputs, expected;
  for (std::size_t at = 0; at < all.size(); at += kCases) {
    std::vector<std::uint8_t> input(9 * kCases), bytes(2 * kCases), products(4 * kCases);
    for (std::size_t i = 0; i < kCases; ++i) {
      const Case &c = all[at + i];
      const std::int32_t product = product_of(c.sum, c.multiplier);
      const std::uint32_t moved =
          static_cast<std::uint32_t>(scaled(c.sum, c.multiplier, c.shift)) + kZeroPoint;
      std::memcpy(&input[4 * i], &c.sum, 4);
      std::memcpy(&input[4 * (kCases + i)], &c.multiplier, 4);
      input[8 * kCases + i] = static_cast<std::uint8_t>(c.shift);
      bytes[i] = static_cast<std::uint8_t>(moved);
      bytes[kCases + i] = static_cast<std::uint8_t>(std::clamp(static_cast<std::int32_t>(moved), -100, 90));
      std::memcpy(&products[4 * i], &product, 4);
    }
    inputs.push_back({input});
    expected.push_back({bytes, products});
  }
  const ArenaInterface interface {
    {{0, 9 * kCases}}, {
      {12 * kCases, 2 * kCases}, {
        14 * kCases, 4 * kCases
      }
    }
  };
  const auto emulation = emulate(profile, *firmware, interface, inputs);
  ASSERT_TRUE(emulation) << emulation.error().text();
  for (std::size_t at = 0; at < expected.size(); ++at) {
    for (std::size_t part = 0; part < 2; ++part) {
      const auto &is = emulation->outputs[at][part];
      const auto &should = expected[at][part];
      ASSERT_EQ(is.size(), should.size());
      const auto differ = std::mismatch(is.begin(), is.end(), should.begin());
      if (differ.first == is.end()) continue;
      const std::size_t i = static_cast<std::size_t>(differ.first - is.begin());
      const Case &c = all[at * kCases + (part == 0 ? i % kCases : i / 4)];
      FAIL() << "sum " << c.sum << ", multiplier " << c.multiplier << ", shift " << c.shift << ", place "
             << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Requantisation,
                         testing::Values("host", "cortex-m0plus", "cortex-m4", "rv32imc"), device_name);

}  // namespace
}  // namespace thimble::test
