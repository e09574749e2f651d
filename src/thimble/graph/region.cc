#include "thimble/graph/region.h"

namespace thimble {

std::int64_t element_count(std::span<const std::int32_t> shape) {
  std::int64_t count = 1;
  for (std::int32_t dimension : shape) count *= dimension;
  return count;
}

std::int64_t Region::elements() const {
  std::int64_t count = 1;
  for (int a = 0; a < rank; ++a) count *= axis[a].size();
  return count;
}

Region intersect(const Region &a, const Region &b) {
  Region common = a;
  for (int i = 0; i < a.rank; ++i) common.axis[i] = intersect(a.axis[i], b.axis[i]);
  return common;
}

}  // namespace thimble
