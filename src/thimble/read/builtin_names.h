// Private to the layer: the names of all operators that TensorFlow Lite has, also of those that we do not.
#pragma once

#include <cstdint>

namespace thimble::tflite {

constexpr std::int32_t kCustomOperator = 32;

/// "CONV_2D" for 3, null for a number that no operator has.
const char *builtin_name(std::int32_t code);

}  // namespace thimble::tflite
