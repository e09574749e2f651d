// Ranges and boxes of indices.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace thimble {

/// Most axes that a tensor may have (TensorFlow Lite Micro's limit for transposes and slices).
constexpr int kMaxRank = 6;

using Shape = std::vector<std::int32_t>;

/// Number of elements; 1 for a scalar. The shape must have been verified: its product fits.
std::int64_t element_count(std::span<const std::int32_t> shape);

/// Indices begin .. end-1.
struct Range {
  std::int32_t begin = 0;
  std::int32_t end = 0;

  std::int32_t size() const { return end > begin ? end - begin : 0; }
  bool empty() const { return end <= begin; }
  bool contains(const Range &other) const {
    return other.empty() || (begin <= other.begin && other.end <= end);
  }
  bool operator==(const Range &) const = default;
};

Range intersect(const Range &a, const Range &b);
/// Smallest range that holds both; an empty range holds nothing.
Range hull(const Range &a, const Range &b);

/// A box: one range per axis. A scalar's box has rank 0 and one element.
struct Region {
  int rank = 0;
  std::array<Range, kMaxRank> axis{};

  static Region whole(std::span<const std::int32_t> shape);
  /// A box of the given rank with no element.
  static Region nothing(int rank);

  bool empty() const;
  std::int64_t elements() const;
  bool contains(const Region &other) const;
  bool operator==(const Region &) const = default;
};

Region intersect(const Region &a, const Region &b);
Region hull(const Region &a, const Region &b);

/// Calls `visit(coordinates)` for every element of `region` in row-major order, one run along the last axis
/// at a time: `visit(std::array<int32_t, kMaxRank> first, int32_t length)`. A scalar is one run of length 1.
template <class Visit>
void for_each_run(const Region &region, Visit &&visit) {
  std::array<std::int32_t, kMaxRank> at{};
  if (region.empty()) return;
  if (region.rank == 0) {
    visit(at, std::int32_t{1});
    return;
  }
  const int last = region.rank - 1;
  for (int a = 0; a <= last; ++a) at[a] = region.axis[a].begin;
  while (true) {
    visit(at, region.axis[last].size());
    int a = last - 1;
    while (a >= 0 && ++at[a] == region.axis[a].end) {
      at[a] = region.axis[a].begin;
      --a;
    }
    if (a < 0) return;
  }
}

}  // namespace thimble
