// Reader of golden packs: one-operator models with inputs and the outputs that TensorFlow Lite Micro gives.
// README.md beside this file describes the bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::test {

struct GoldenInference {
  std::vector<std::uint8_t> inputs;   ///< all input tensors, one after the other, in file order
  std::vector<std::uint8_t> outputs;  ///< all output tensors, likewise
};

struct GoldenCase {
  std::string name;
  std::vector<std::uint8_t> model;  ///< a .tflite file
  std::vector<GoldenInference> inferences;
};

namespace detail {

/// Takes little-endian fields from the front of a pack.
class GoldenCursor {
 public:
  GoldenCursor(std::span<const std::uint8_t> rest, std::string file) : rest_(rest), file_(std::move(file)) {}

  std::span<const std::uint8_t> bytes(std::size_t count) {
    if (count > rest_.size()) fail("ends too early");
    std::span<const std::uint8_t> taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::uint32_t number() {
    std::uint32_t value = 0;
    int shift = 0;
    for (std::uint8_t byte : bytes(4)) {
      value |= std::uint32_t{byte} << shift;
      shift += 8;
    }
    return value;
  }

  std::vector<std::uint8_t> block() {
    std::span<const std::uint8_t> content = bytes(number());
    return {content.begin(), content.end()};
  }

  std::string text() {
    std::span<const std::uint8_t> content = bytes(number());
    return {content.begin(), content.end()};
  }

  bool at_end() const { return rest_.empty(); }

  [[noreturn]] void fail(std::string_view what) const {
    throw std::runtime_error(file_ + ": golden pack " + std::string(what));
  }

 private:
  std::span<const std::uint8_t> rest_;
  std::string file_;
};

inline GoldenCase read_golden_case(GoldenCursor &cursor) {
  GoldenCase result;
  result.name = cursor.text();
  result.model = cursor.block();
  const std::uint32_t inferences = cursor.number();
  for (std::uint32_t i = 0; i < inferences; ++i) {
    GoldenInference inference;
    inference.inputs = cursor.block();
    inference.outputs = cursor.block();
    result.inferences.push_back(std::move(inference));
  }
  return result;
}

}  // namespace detail

/// Every case of a pack; throws std::runtime_error when the file is missing or malformed.
inline std::vector<GoldenCase> read_golden_pack(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + ": cannot open golden pack");
  const std::vector<std::uint8_t> content{std::istreambuf_iterator<char>(file),
                                          std::istreambuf_iterator<char>()};

  constexpr std::string_view magic = "THGOLD1\n";
  detail::GoldenCursor cursor(content, path.string());
  std::span<const std::uint8_t> start = cursor.bytes(magic.size());
  if (!std::equal(start.begin(), start.end(), magic.begin())) cursor.fail("has the wrong magic");

  std::vector<GoldenCase> cases;
  const std::uint32_t count = cursor.number();
  for (std::uint32_t i = 0; i < count; ++i) cases.push_back(detail::read_golden_case(cursor));
  if (!cursor.at_end()) cursor.fail("has bytes after its last case");
  return cases;
}

}  // namespace thimble::test
