#include <type_traits>

#include "thimble/graph/interpret/element_wise.h"

namespace thimble::interpreter {

void run(const Dequantize &, const OpRun &firing) {
  const Quantization &quantization = firing.graph.tensor(firing.op.inputs[0]).quantization;
  const double scale = double{quantization.scale()};
  const std::int32_t zero_point = quantization.zero_point();
  with_stored(firing.inputs[0].type, [&](auto stored) {
    using From = decltype(stored);
    if constexpr (!std::is_same_v<From, float>) {
      convert_elements<From, float>(firing, [=](From x) {
        return static_cast<float>(scale * static_cast<double>(std::int64_t{x} - zero_point));
      });
    }
  });
}

}  // namespace thimble::interpreter
