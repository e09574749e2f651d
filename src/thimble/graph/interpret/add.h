// ADD and SUB differ in one sign.
#pragma once

#include <type_traits>

#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/broadcast.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {

template <bool subtract>
void add_or_subtract(const OpRun &run) {
  with_element(run.output.type, [&](auto element) {
    using T = decltype(element);
    if constexpr (std::is_same_v<T, float>) {
      const FloatRange range = activation_range(activation_of(run.op));
      combine_elements<float>(
          run, [&](float a, float b) { return clamp_float(subtract ? a - b : a + b, range.min, range.max); });
    } else {
      const AddParameters p = add_parameters(run.graph, run.op);
      const auto scaled = [&](T x, std::size_t i) {
        const std::int32_t centred = x + p.input_offsets[i];
        return multiply_by_quantized_multiplier(wrap_shl(centred, p.left_shift), p.inputs[i]);
      };
      combine_elements<T>(run, [&](T a, T b) {
        const std::int32_t first = scaled(a, 0);
        const std::int32_t second = scaled(b, 1);
        const std::int32_t raw = subtract ? wrap_sub(first, second) : wrap_add(first, second);
        const std::int32_t value = wrap_add(multiply_by_quantized_multiplier(raw, p.output), p.output_offset);
        return static_cast<T>(std::min(std::max(value, p.activation.min), p.activation.max));
      });
    }
  });
}

}  // namespace thimble::interpreter
