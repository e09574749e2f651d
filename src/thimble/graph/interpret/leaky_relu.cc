#include "thimble/graph/interpret/element_wise.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

template <class T>
void leak(const OpRun &run) {
  const LeakyReluParameters p = leaky_relu_parameters(run.graph, run.op);
  convert_elements<T, T>(run, [&](T x) {
    const std::int32_t centred = x - p.input_zero_point;
    const std::int32_t scaled =
        multiply_by_quantized_multiplier(centred, centred >= 0 ? p.positive : p.negative);
    return static_cast<T>(std::clamp(wrap_add(scaled, p.output_zero_point), p.range.min, p.range.max));
  });
}

}  // namespace

void run(const LeakyRelu &leaky, const OpRun &firing) {
  if (firing.output.type == ElementType::float32) {
    // Any slope is possible, so that this is no maximum.
    convert_elements<float, float>(firing, [&](float x) { return x > 0.0f ? x : x * leaky.alpha; });
  } else if (firing.output.type == ElementType::int8) {
    leak<std::int8_t>(firing);
  } else {
    leak<std::int16_t>(firing);
  }
}

}  // namespace thimble::interpreter
