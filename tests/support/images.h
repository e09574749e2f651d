// Inputs that are more than noise: they drive networks into corners that random bytes seldom reach.
#pragma once

#include <cmath>

#include "support/random.h"

namespace thimble::test {

/// Bytes of one 8-bit tensor whose last three axes are rows, columns, channels (missing axes have length 1).
/// `kind` cycles through random bytes, one flat value, a checkerboard of two values, a gradient with noise,
/// and a sum of smooth waves with noise, which is as far from white as photographs are.
inline Bytes image(const Tensor &tensor, int kind, Random &random) {
  if (kind % 5 == 0) return random_bytes(random, tensor.type, tensor.elements());
  const auto axis = [&](std::size_t from_end) {
    return tensor.shape.size() < from_end ? 1 : tensor.shape[tensor.shape.size() - from_end];
  };
  const std::int32_t channels = axis(1), columns = axis(2), rows = axis(3);
  const double dark = random.integer(-128, 127), light = random.integer(-128, 127);
  const std::int32_t square = random.integer(1, 8), noise = random.integer(0, 20);
  const double fx = 0.3 * random.real(), fy = 0.3 * random.real(), gx = 0.05 * random.real(),
               gy = 0.05 * random.real();
  Bytes bytes;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    const auto c = static_cast<std::int32_t>(i % channels);
    const auto x = static_cast<std::int32_t>(i / channels % columns);
    const auto y = static_cast<std::int32_t>(i / channels / columns % rows);
    double value = dark;
    if (kind % 5 == 2) value = (x / square + y / square) % 2 == 0 ? dark : light;
    if (kind % 5 == 3)
      value = dark + (light - dark) * (x + y) / (columns + rows) + random.integer(-noise, noise);
    if (kind % 5 == 4) {
      value = 0.5 * (dark + light) + 50 * std::sin(fx * x + fy * y + c) + 60 * std::sin(gx * x - gy * y) +
              random.integer(-noise, noise);
    }
    value = std::min(127.0, std::max(-128.0, std::round(value)));
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::int32_t>(value)));
  }
  return bytes;
}

}  // namespace thimble::test
