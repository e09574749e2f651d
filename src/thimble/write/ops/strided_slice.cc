#include <algorithm>

#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const StridedSlice &slice) {
  schema::StridedSliceOptionsT table;
  std::vector<std::int32_t> ends, strides = slice.stride;
  for (std::size_t a = 0; a < slice.begin.size(); ++a) {
    if (slice.shrink[a]) strides[a] = 1;
    const std::int32_t end = slice.begin[a] + slice.extent[a] * strides[a];
    // Backwards up to the first element, the end would be a negative position: one counted from the end.
    if (end < 0) table.end_mask |= std::int32_t{1} << a;
    if (slice.shrink[a]) table.shrink_axis_mask |= std::int32_t{1} << a;
    ends.push_back(std::min(end, target.input(0).shape[a]));
  }
  target.add_integers("begin", slice.begin);
  target.add_integers("end", ends);
  target.add_integers("strides", strides);
  const std::size_t rank = slice.begin.size();
  target.version = rank > 4 ? 4 : target.input(0).type == ElementType::int8 ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
