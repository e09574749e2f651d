#include <algorithm>
#include <limits>

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

namespace {

struct AxisSlice {
  std::int64_t begin, end, stride;
  bool begin_open, end_open, end_is_offset, shrink;
};

/// Python's rules: negative positions count from the end, what lies outside is cut, open ends reach to the
/// edge in the direction of the stride. Of 5 elements, [-1:0:-2] begins at 4 and has 2 elements (4 and 2).
struct Resolved {
  std::int64_t begin, extent;
};

Resolved resolve(const AxisSlice &slice, std::int64_t size) {
  const std::int64_t low = slice.stride > 0 ? 0 : -1, high = slice.stride > 0 ? size : size - 1;
  std::int64_t begin = slice.begin < 0 ? slice.begin + size : slice.begin;
  if (slice.begin_open) begin = slice.stride > 0 ? low : high;
  begin = std::clamp(begin, low, high);
  if (slice.shrink) return {begin, 1};
  std::int64_t end = slice.end + (slice.end_is_offset ? begin : 0);
  if (end < 0) end += size;
  if (slice.end_open) end = slice.stride > 0 ? high : low;
  end = std::clamp(end, low, high);
  const std::int64_t distance = slice.stride > 0 ? end - begin : begin - end;
  const std::int64_t step = slice.stride > 0 ? slice.stride : -slice.stride;
  return {begin, distance <= 0 ? 0 : (distance + step - 1) / step};
}

}  // namespace

bool read(OperatorSource &source, StridedSlice &slice) {
  const schema::StridedSliceOptions *options = nullptr;
  std::vector<std::int64_t> begin, end, stride;
  if (!source.required_options(options) || !source.input_count(4, 4) ||
      !source.constant_integers(1, "begin positions", kMaxRank, begin) ||
      !source.constant_integers(2, "end positions", kMaxRank, end) ||
      !source.constant_integers(3, "strides", kMaxRank, stride)) {
    return false;
  }
  if (options->ellipsis_mask() != 0 || options->new_axis_mask() != 0) {
    return source.refuse("it uses an ellipsis or adds an axis, which is not supported",
                         "slice without `...` and reshape afterwards");
  }
  const Tensor &x = source.input(0);
  const auto rank = static_cast<std::size_t>(x.rank());
  if (begin.size() > rank || end.size() != begin.size() || stride.size() != begin.size()) {
    return source.refuse_damaged(
        fmt::format("it has {} begin positions, {} end positions and {} strides for {} dimensions",
                    begin.size(), end.size(), stride.size(), rank));
  }
  constexpr std::int64_t kLimit = std::numeric_limits<std::int32_t>::max();
  for (std::size_t a = 0; a < rank; ++a) {
    AxisSlice axis{0, 0, 1, true, true, false, false};  // axes that are not named are taken whole
    if (a < begin.size()) {
      const std::int32_t bit = std::int32_t{1} << a;
      for (const std::int64_t value : {begin[a], end[a], stride[a]}) {
        if (value < -kLimit - 1 || value > kLimit) {
          return source.refuse_damaged(fmt::format("position {} is outside of int32", value));
        }
      }
      // -2^31 is refused as a stride, so that its magnitude fits as well.
      if (stride[a] == 0 || stride[a] < -kLimit) {
        return source.refuse_damaged(fmt::format("the stride of dimension {} is {}", a, stride[a]));
      }
      axis = {begin[a],
              end[a],
              stride[a],
              (options->begin_mask() & bit) != 0,
              (options->end_mask() & bit) != 0,
              options->offset(),
              (options->shrink_axis_mask() & bit) != 0};
    }
    const Resolved resolved = resolve(axis, x.shape[a]);
    if (resolved.extent == 0 || resolved.begin < 0 || resolved.begin >= x.shape[a]) {
      return source.refuse_damaged(fmt::format("it takes no element along dimension {} of {}", a, x.shape[a]),
                                   source.inputs[0]);
    }
    slice.begin.push_back(static_cast<std::int32_t>(resolved.begin));
    slice.extent.push_back(static_cast<std::int32_t>(resolved.extent));
    slice.stride.push_back(static_cast<std::int32_t>(axis.stride));
    slice.shrink.push_back(axis.shrink);
  }
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
