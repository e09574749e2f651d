// Tensors: static shape, element type, quantisation, constant data or none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thimble/graph/region.h"

namespace thimble {

enum class ElementType : std::uint8_t { int8, uint8, int16, int32, int64, float32, boolean };

/// Bytes of one element.
int size_of(ElementType type);
/// "int8", "float32", ...
const char *name_of(ElementType type);
inline bool is_integer(ElementType type) {
  return type != ElementType::float32 && type != ElementType::boolean;
}

/// real = scale * (stored - zero_point); per tensor (one entry) or per channel along `axis`. No entries:
/// none.
struct Quantization {
  std::vector<float> scales;
  std::vector<std::int32_t> zero_points;  ///< as many as scales
  int axis = 0;

  bool present() const { return !scales.empty(); }
  bool per_channel() const { return scales.size() > 1; }
  float scale() const { return scales.empty() ? 0.0f : scales[0]; }
  std::int32_t zero_point() const { return zero_points.empty() ? 0 : zero_points[0]; }
  bool operator==(const Quantization &) const = default;
};

/// Row-major (NHWC for images), little-endian. Images [n, rows, columns, channels], sequences [n, time,
/// channels], vectors [n, channels].
struct Tensor {
  std::string name;
  ElementType type = ElementType::float32;
  Shape shape;
  Quantization quantization;
  std::shared_ptr<const std::vector<std::uint8_t>> data;  ///< constant bytes, null for a computed tensor

  bool constant() const { return data != nullptr; }
  int rank() const { return static_cast<int>(shape.size()); }
  std::int64_t elements() const { return element_count(shape); }
  std::int64_t bytes() const { return elements() * size_of(type); }
};

/// The loop levels that follow an axis of a tensor, and which axis that is for a tensor of a given rank.
enum class AxisRole : std::uint8_t { row, column, channel };

/// Axis with that role, or -1: rank 4 [n, row, column, channel], rank 3 [n, row, channel], rank 2 [n,
/// channel], rank 1 [channel]; of higher ranks the last three axes are row, column, channel.
int axis_with(AxisRole role, int rank);

}  // namespace thimble
