// Arithmetic that reports overflow instead of wrapping; for sizes that come from files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace thimble {

inline std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

inline std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// Product of all dimensions (1 for a scalar), or nothing when one is negative or the product leaves int64.
inline std::optional<std::int64_t> checked_product(std::span<const std::int32_t> dimensions) {
  std::int64_t product = 1;
  for (std::int32_t dimension : dimensions) {
    if (dimension < 0 || __builtin_mul_overflow(product, dimension, &product)) return std::nullopt;
  }
  return product;
}

/// Rounds `value` >= 0 up to a multiple of `alignment` > 0.
constexpr std::int64_t align_up(std::int64_t value, std::int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Division rounded towards minus infinity; `divisor` > 0.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

}  // namespace thimble
