// What TensorFlow Lite Micro gave for the shared models: inputs and outputs as their README defines them.
#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "thimble/graph/interpret.h"

namespace thimble::test {

/// Bytes of the generator that the shared models' README defines.
class InputGenerator {
 public:
  Bytes next(const Tensor &tensor) {
    Bytes bytes;
    const std::int64_t draws = tensor.type == ElementType::int16 ? 2 * tensor.elements() : tensor.elements();
    for (std::int64_t i = 0; i < draws; ++i) {
      state_ = state_ * 1664525u + 1013904223u;
      switch (tensor.type) {
        case ElementType::float32: {
          const float value = static_cast<float>(state_ >> 8) / 8388608.0f - 1.0f;
          append(bytes, value);
          break;
        }
        case ElementType::int32:
          append(bytes, static_cast<std::int32_t>((state_ >> 24) & 7));
          break;
        case ElementType::int64:
          append(bytes, static_cast<std::int64_t>((state_ >> 24) & 7));
          break;
        case ElementType::boolean:
          bytes.push_back((state_ >> 24) & 1);
          break;
        default:
          bytes.push_back(static_cast<std::uint8_t>(state_ >> 24));
      }
    }
    return bytes;
  }

 private:
  template <class T>
  static void append(Bytes &bytes, T value) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }

  std::uint32_t state_ = 12345;
};

inline Bytes read_bytes(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

struct Row {
  int inputs = 0;      ///< number of inferences
  std::string sha256;  ///< of the outputs of all of them
  std::string file;    ///< the outputs themselves, "-" where they are too long to keep
};

}  // namespace thimble::test
