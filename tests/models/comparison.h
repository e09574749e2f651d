// Comparing the bytes of an output tensor with a reference.
#pragma once

#include <cmath>
#include <cstring>
#include <span>
#include <string>

#include "thimble/graph/graph.h"

namespace thimble::test {

/// Empty when `got` equals `expected`: integers byte for byte; floats within `tolerance` times the largest
/// finite magnitude of the expected tensor. Else a line that says where and how they differ.
inline std::string difference(const Tensor &tensor, std::span<const std::uint8_t> got,
                              std::span<const std::uint8_t> expected, float tolerance = 1e-5f) {
  if (got.size() != expected.size()) {
    return std::to_string(got.size()) + " bytes instead of " + std::to_string(expected.size());
  }
  if (tensor.type != ElementType::float32) {
    std::size_t count = 0;
    std::string first;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (got[i] == expected[i]) continue;
      if (count++ == 0) {
        first = "byte " + std::to_string(i) + " is " + std::to_string(got[i]) + " instead of " +
                std::to_string(expected[i]);
      }
    }
    return count == 0
               ? ""
               : std::to_string(count) + " of " + std::to_string(got.size()) + " bytes differ, " + first;
  }
  std::vector<float> a(got.size() / 4);
  std::vector<float> b(got.size() / 4);
  std::memcpy(a.data(), got.data(), got.size());
  std::memcpy(b.data(), expected.data(), got.size());
  float largest = 0.0f;
  for (float value : b) largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : largest;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])) ||
                      std::fabs(a[i] - b[i]) <= tolerance * largest;
    if (!same) {
      return "element " + std::to_string(i) + " is " + std::to_string(a[i]) + " instead of " +
             std::to_string(b[i]);
    }
  }
  return "";
}

}  // namespace thimble::test
