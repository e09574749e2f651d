// Ranges and boxes of indices.
#pragma once

#include <algorithm>
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

// Inline, here and below: asked for at every firing, several times.
inline Range intersect(const Range &a, const Range &b) {
  const Range common{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return common.empty() ? Range{common.begin, common.begin} : common;
}
/// Smallest range that holds both; an empty range holds nothing.
inline Range hull(const Range &a, const Range &b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

/// A box: one range per axis. A scalar's box has rank 0 and one element.
struct Region {
  int rank = 0;
  std::array<Range, kMaxRank> axis{};

  static Region whole(std::span<const std::int32_t> shape) {
    Region region;
    region.rank = static_cast<int>(shape.size());
    for (int a = 0; a < region.rank; ++a) region.axis[a] = {0, shape[a]};
    return region;
  }
  /// A box of the given rank with no element.
  static Region nothing(int rank) {
    Region region;
    region.rank = rank;
    return region;
  }

  bool empty() const {
    for (int a = 0; a < rank; ++a) {
      if (axis[a].empty()) return true;
    }
    return false;
  }
  std::int64_t elements() const;
  bool contains(const Region &other) const {
    if (other.empty()) return true;
    for (int a = 0; a < rank; ++a) {
      if (!axis[a].contains(other.axis[a])) return false;
    }
    return true;
  }
  bool operator==(const Region &) const = default;
};

Region intersect(const Region &a, const Region &b);
inline Region hull(const Region &a, const Region &b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  Region all = a;
  for (int i = 0; i < a.rank; ++i) all.axis[i] = hull(a.axis[i], b.axis[i]);
  return all;
}

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
