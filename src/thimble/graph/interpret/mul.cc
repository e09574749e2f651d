#include <type_traits>

#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/broadcast.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {

void run(const Mul &mul, const OpRun &firing) {
  with_element(firing.output.type, [&](auto element) {
    using T = decltype(element);
    if constexpr (std::is_same_v<T, float>) {
      const FloatRange range = activation_range(mul.activation);
      combine_elements<float>(firing,
                              [&](float a, float b) { return clamp_float(a * b, range.min, range.max); });
    } else {
      const MulParameters p = mul_parameters(firing.graph, firing.op);
      combine_elements<T>(firing, [&](T a, T b) {
        const std::int32_t product = (a + p.input_offsets[0]) * (b + p.input_offsets[1]);
        const std::int32_t value =
            wrap_add(multiply_by_quantized_multiplier(product, p.output), p.output_offset);
        return static_cast<T>(std::min(std::max(value, p.activation.min), p.activation.max));
      });
    }
  });
}

}  // namespace thimble::interpreter
