// NumPy's .npy files, format versions 1 and 2 (numpy.lib.format): one array per file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/graph/tensor.h"

namespace thimble::report {

struct NpyArray {
  ElementType type = ElementType::int8;
  Shape shape;
  std::vector<std::uint8_t> bytes;  ///< row-major, little-endian
};

/// Reads a .npy file: C order, little-endian, of an element type that Thimble has. `file` is for diagnostics.
Result<NpyArray> parse_npy(std::span<const std::uint8_t> bytes, const std::string &file);

/// The bytes of a .npy file, version 1.0.
std::vector<std::uint8_t> npy_bytes(const NpyArray &array);

/// Whether the name ends in ".npy".
bool is_npy(const std::filesystem::path &path);

}  // namespace thimble::report
