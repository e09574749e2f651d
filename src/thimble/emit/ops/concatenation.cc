#include "thimble/emit/ops/support.h"
#include "thimble/graph/rules.h"

namespace thimble::emitters {

Result<void> emit_op(const Concatenation &concatenation, OpEmission &emission) {
  const std::size_t axis = static_cast<std::size_t>(concatenation.axis);
  // The first input may be the output's beginning already.
  const bool begun = in_place(emission.graph(), emission.op(), 0) == InPlace::moving && emission.in_place(0);
  std::int32_t first = 0;
  for (std::size_t i = 0; i < emission.op().inputs.size(); ++i) {
    const std::int32_t length = emission.input(i).shape[axis];
    std::vector<BoxAxis> box = emission.box();
    clip_axis(box, axis, first, first + length, emission);
    Access from = Access::same(emission.source(i), emission.source_layout(i));
    from.index[axis].offset = -first;
    if (is_ever_there(box) && !(begun && i == 0)) emit_copy(emission, box, from);
    first += length;
  }
  return {};
}

}  // namespace thimble::emitters
