#include <type_traits>

#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/element_wise.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

template <class To>
void quantize_float(const OpRun &run) {
  const Tensor &output = run.graph.tensor(run.op.output());
  const float scale = output.quantization.scale();
  const std::int32_t zero_point = output.quantization.zero_point();
  const IntegerRange range = range_of(output.type);
  convert_elements<float, To>(run, [=](float x) {
    const std::int64_t value = std::int64_t{round_to_int32(x / scale)} + zero_point;
    return static_cast<To>(std::clamp<std::int64_t>(value, range.min, range.max));
  });
}

template <class From, class To>
void requantize(const OpRun &run) {
  const RequantizeParameters p = requantize_parameters(run.graph, run.op);
  convert_elements<From, To>(run, [=](From x) {
    const std::int32_t centred = wrap_sub(x, p.input_zero_point);
    const std::int32_t value =
        wrap_add(multiply_by_quantized_multiplier(centred, p.multiplier), p.output_zero_point);
    return static_cast<To>(std::clamp(value, p.range.min, p.range.max));
  });
}

}  // namespace

void run(const Quantize &, const OpRun &firing) {
  with_stored(firing.inputs[0].type, [&](auto from) {
    with_stored(firing.output.type, [&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      if constexpr (std::is_same_v<To, float>) {
        return;  // refused by check_types
      } else if constexpr (std::is_same_v<From, float>) {
        quantize_float<To>(firing);
      } else {
        requantize<From, To>(firing);
      }
    });
  });
}

}  // namespace thimble::interpreter
