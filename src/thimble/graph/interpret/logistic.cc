#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/element_wise.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {

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
