#include <limits>

#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Pad &pad) {
  std::vector<std::int64_t> amounts;  // before and after, axis by axis
  if (!source.input_count(2, 2) || !source.constant_integers(1, "paddings", 2 * kMaxRank, amounts))
    return false;
  const auto rank = static_cast<std::size_t>(source.input(0).rank());
  if (amounts.size() != 2 * rank) {
    return source.refuse_damaged(
        fmt::format("it has {} padding amounts for {} dimensions", amounts.size(), rank), source.inputs[1]);
  }
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    if (amounts[i] < 0 || amounts[i] > std::numeric_limits<std::int32_t>::max()) {
      return source.refuse_damaged(fmt::format("padding amount {} is {}", i, amounts[i]), source.inputs[1]);
    }
    (i % 2 == 0 ? pad.before : pad.after).push_back(static_cast<std::int32_t>(amounts[i]));
  }
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
