// make_seeds FOLDER GOLDENS...: writes the seeds of fuzz_reader into FOLDER, one file per model. GOLDENS are
// the packs whose models are taken as well, and whole .tflite files.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "goldens/golden_pack.h"
#include "read/small_model.h"
#include "read/stateful_model.h"
#include "thimble/base/files.h"
#include "thimble/base/hash.h"

namespace {

using namespace thimble;
using namespace thimble::test;

/// Of each pack only some: neighbours exercise the same code, and every seed costs time at the start of a
/// run.
constexpr std::size_t kPerPack = 4;
constexpr std::size_t kLongest = 65536;

bool save(const std::filesystem::path &folder, const std::vector<std::uint8_t> &bytes) {
  if (bytes.size() > kLongest) return true;
  const auto written = write_file(folder / sha256_hex(bytes).substr(0, 16), bytes);
  if (!written) std::fprintf(stderr, "%s\n", written.error().text().c_str());
  return written.has_value();
}

/// A slice, a concatenation and a residual addition: what small_model() has not.
ModelBuilder branches() {
  ModelBuilder b;
  b.int8("x", {1, 4, 4, 2});
  const int begin = b.int32_constant("begin", {4}, {0, 1, 0, 0});
  const int end = b.int32_constant("end", {4}, {1, 3, 4, 2});
  const int stride = b.int32_constant("stride", {4}, {1, 1, 1, 1});
  const int part = b.int8("part", {1, 2, 4, 2}), joined = b.int8("joined", {1, 4, 4, 2});
  const int sum = b.int8("sum", {1, 4, 4, 2}), real = b.float32("real", {1, 4, 4, 2});
  b.add_op(kStridedSlice, {0, begin, end, stride}, {part}, schema::StridedSliceOptionsT());
  schema::ConcatenationOptionsT rows;
  rows.axis = 1;
  b.add_op(kConcatenation, {part, part}, {joined}, rows);
  b.add_op(kAdd, {0, joined}, {sum}, schema::AddOptionsT());
  b.add_op(kDequantize, {sum}, {real});
  b.ends({0}, {real});
  return b;
}

bool run(const std::filesystem::path &folder, std::span<char *> sources) {
  std::filesystem::create_directories(folder);
  if (!save(folder, small_model().bytes()) || !save(folder, branches().bytes()) ||
      !save(folder, stateful_model().bytes()) || !save(folder, svdf_model().bytes()))
    return false;
  for (const std::filesystem::path source : sources) {
    if (source.extension() == ".tflite") {
      const auto bytes = read_file(source);
      if (!bytes || !save(folder, *bytes)) return false;
      continue;
    }
    const std::vector<GoldenCase> cases = read_golden_pack(source);
    const std::size_t step = std::max<std::size_t>(1, cases.size() / kPerPack);
    for (std::size_t i = 0; i < cases.size(); i += step) {
      if (!save(folder, cases[i].model)) return false;
    }
  }
  return true;
}

}  // namespace

int main(int count, char **arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: make_seeds FOLDER [PACK or MODEL]...\n");
    return 2;
  }
  try {
    return run(arguments[1], std::span(arguments + 2, static_cast<std::size_t>(count - 2))) ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "make_seeds: %s\n", error.what());
    return 1;
  }
}
