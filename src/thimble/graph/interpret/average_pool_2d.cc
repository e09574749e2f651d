#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret/pool.h"
#include "thimble/graph/ops/whole_map.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

/// Averages stored values: input and output share their quantisation, so the zero point needs no care.
template <class Stored>
struct IntegerAverage {
  IntegerRange range;
  std::vector<std::int32_t> sums;

  void begin(std::int32_t length) { sums.assign(static_cast<std::size_t>(length), 0); }
  void tap(const Stored *x, std::int32_t length) {
    for (std::int32_t c = 0; c < length; ++c) {
      std::int32_t &sum = sums[static_cast<std::size_t>(c)];
      sum = wrap_add(sum, x[c]);
    }
  }
  Stored end(std::size_t channel, std::int32_t taps) const {
    const std::int64_t sum = sums[channel];
    const std::int64_t average = (sum > 0 ? sum + taps / 2 : sum - taps / 2) / taps;  // half away from zero
    return static_cast<Stored>(std::min<std::int64_t>(std::max<std::int64_t>(average, range.min), range.max));
  }
};

struct FloatAverage {
  FloatRange range;
  std::vector<float> sums;

  void begin(std::int32_t length) { sums.assign(static_cast<std::size_t>(length), 0.0f); }
  void tap(const float *x, std::int32_t length) {
    for (std::int32_t c = 0; c < length; ++c) sums[static_cast<std::size_t>(c)] += x[c];
  }
  float end(std::size_t channel, std::int32_t taps) const {
    return clamp_float(sums[channel] / static_cast<float>(taps), range.min, range.max);
  }
};

}  // namespace

void run(const AveragePool2D &pool, const OpRun &firing) {
  const Tensor &output = firing.graph.tensor(firing.op.output());
  const Shape &map = firing.inputs[0].layout.shape;
  const Range summed = pools_whole_map(pool, map) ? firing.reduction : Range{0, map[1]};
  if (output.type == ElementType::float32) {
    pool_windows<float, float>(pool, firing, summed, FloatAverage{activation_range(pool.activation), {}});
  } else if (output.type == ElementType::int8) {
    pool_windows<std::int8_t, std::int32_t>(
        pool, firing, summed, IntegerAverage<std::int8_t>{activation_range(pool.activation, output), {}});
  } else {
    pool_windows<std::int16_t, std::int64_t>(
        pool, firing, summed, IntegerAverage<std::int16_t>{activation_range(pool.activation, output), {}});
  }
}

}  // namespace thimble::interpreter
