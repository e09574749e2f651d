#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Transpose &transpose) {
  std::vector<std::int64_t> permutation;
  if (!source.input_count(2, 2) || !source.constant_integers(1, "permuted axes", kMaxRank, permutation))
    return false;
  const std::int64_t rank = source.input(0).rank();
  std::vector<bool> seen(static_cast<std::size_t>(rank));
  if (static_cast<std::int64_t>(permutation.size()) != rank) {
    return source.refuse_damaged(fmt::format("it permutes {} axes of {}", permutation.size(), rank),
                                 source.inputs[1]);
  }
  for (std::int64_t axis : permutation) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || seen[static_cast<std::size_t>(axis)]) {
      return source.refuse_damaged("its axes are no permutation", source.inputs[1]);
    }
    seen[static_cast<std::size_t>(axis)] = true;
    transpose.permutation.push_back(static_cast<std::int32_t>(axis));
  }
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
