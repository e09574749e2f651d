#include "thimble/graph/region.h"

#include <algorithm>

namespace thimble {

std::int64_t element_count(std::span<const std::int32_t> shape) {
  std::int64_t count = 1;
  for (std::int32_t dimension : shape) count *= dimension;
  return count;
}

Range intersect(const Range &a, const Range &b) {
  const Range common{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return common.empty() ? Range{common.begin, common.begin} : common;
}

Range hull(const Range &a, const Range &b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

Region Region::whole(std::span<const std::int32_t> shape) {
  Region region;
  region.rank = static_cast<int>(shape.size());
  for (int a = 0; a < region.rank; ++a) region.axis[a] = {0, shape[a]};
  return region;
}

Region Region::nothing(int rank) {
  Region region;
  region.rank = rank;
  return region;
}

bool Region::empty() const {
  return std::any_of(axis.begin(), axis.begin() + rank, [](const Range &range) { return range.empty(); });
}

std::int64_t Region::elements() const {
  std::int64_t count = 1;
  for (int a = 0; a < rank; ++a) count *= axis[a].size();
  return count;
}

bool Region::contains(const Region &other) const {
  if (other.empty()) return true;
  for (int a = 0; a < rank; ++a) {
    if (!axis[a].contains(other.axis[a])) return false;
  }
  return true;
}

Region intersect(const Region &a, const Region &b) {
  Region common = a;
  for (int i = 0; i < a.rank; ++i) common.axis[i] = intersect(a.axis[i], b.axis[i]);
  return common;
}

Region hull(const Region &a, const Region &b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  Region all = a;
  for (int i = 0; i < a.rank; ++i) all.axis[i] = hull(a.axis[i], b.axis[i]);
  return all;
}

}  // namespace thimble
