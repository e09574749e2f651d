#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/element_wise.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

/// Linear interpolation in the table of the sigmoid, 9 bits of position between entries; odd symmetry around
/// 1/2.
std::int16_t logistic_int16(std::int16_t x, const LogisticInt16Parameters &parameters) {
  const std::array<std::uint16_t, 256> &table = sigmoid_table();
  const std::int32_t rounding = parameters.shift > 0 ? std::int32_t{1} << (parameters.shift - 1) : 0;
  const std::int32_t scaled =
      static_cast<std::int32_t>((std::int64_t{x} * parameters.multiplier + rounding) >> parameters.shift);
  const std::int32_t magnitude = scaled < 0 ? -scaled : scaled;
  const std::int32_t entry = magnitude >> 9;
  std::int32_t result = 0x7FFF << 10;
  if (entry < 255) {
    const std::size_t i = static_cast<std::size_t>(entry);
    result = (std::int32_t{table[i]} << 9) + (magnitude & 511) * (std::int32_t{table[i + 1]} - table[i]);
  }
  result = scaled >= 0 ? result + 512 : (1 << 25) - result + 511;
  return static_cast<std::int16_t>(result >> 10);
}

}  // namespace

void run(const Logistic &, const OpRun &firing) {
  if (firing.output.type == ElementType::float32) {
    convert_elements<float, float>(firing, logistic_float);
  } else if (firing.output.type == ElementType::int8) {
    const LogisticParameters parameters = logistic_parameters(firing.graph, firing.op);
    convert_elements<std::int8_t, std::int8_t>(firing,
                                               [&](std::int8_t x) { return logistic_int8(x, parameters); });
  } else {
    const LogisticInt16Parameters parameters = logistic_int16_parameters(firing.graph, firing.op);
    convert_elements<std::int16_t, std::int16_t>(
        firing, [&](std::int16_t x) { return logistic_int16(x, parameters); });
  }
}

}  // namespace thimble::interpreter
