#include <limits>

#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/pool.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

template <class Stored>
struct Maximum {
  Stored low, high;
  std::vector<Stored> largest;

  void begin(std::int32_t length) {
    largest.assign(static_cast<std::size_t>(length), std::numeric_limits<Stored>::lowest());
  }
  void tap(const Stored *x, std::int32_t length) {
    for (std::int32_t c = 0; c < length; ++c) {
      Stored &best = largest[static_cast<std::size_t>(c)];
      best = best < x[c] ? x[c] : best;
    }
  }
  Stored end(std::size_t channel, std::int32_t) const {
    const Stored raised = largest[channel] < low ? low : largest[channel];
    return high < raised ? high : raised;
  }
};

template <class Stored>
void run_integer(const MaxPool2D &pool, const OpRun &firing) {
  const IntegerRange range = activation_range(pool.activation, firing.graph.tensor(firing.op.output()));
  pool_windows<Stored, Stored>(
      pool, firing, {0, firing.inputs[0].layout.shape[1]},
      Maximum<Stored>{static_cast<Stored>(range.min), static_cast<Stored>(range.max), {}});
}

}  // namespace

void run(const MaxPool2D &pool, const OpRun &firing) {
  if (firing.output.type == ElementType::float32) {
    const FloatRange range = activation_range(pool.activation);
    pool_windows<float, float>(pool, firing, {0, firing.inputs[0].layout.shape[1]},
                               Maximum<float>{range.min, range.max, {}});
  } else if (firing.output.type == ElementType::int8) {
    run_integer<std::int8_t>(pool, firing);
  } else {
    run_integer<std::int16_t>(pool, firing);
  }
}

}  // namespace thimble::interpreter
