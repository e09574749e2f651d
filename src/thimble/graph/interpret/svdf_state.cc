#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

float product(const OpRun &, const float *x, const float *weights, std::int32_t features) {
  float sum = 0.0f;
  for (std::int32_t k = 0; k < features; ++k) sum += x[k] * weights[k];
  return sum;
}

std::int32_t product(const OpRun &run, const std::int8_t *x, const std::int8_t *weights,
                     std::int32_t features) {
  const FilterParameters parameters = filter_parameters(run.graph, run.op);
  std::int32_t sum = 0;
  for (std::int32_t k = 0; k < features; ++k)
    sum = wrap_add(sum, (x[k] + parameters.input_offset) * weights[k]);
  const std::int32_t scaled = multiply_by_quantized_multiplier(sum, parameters.multiplier(0));
  // The reference saturates before it adds the zero point, so that what it stores may wrap.
  return std::clamp(scaled, parameters.activation.min, parameters.activation.max) + parameters.output_offset;
}

template <class X, class State>
void advance(const OpRun &run) {
  const View &x = run.inputs[0], &memory = run.inputs[2];
  const Shape &weights = run.inputs[1].layout.shape;
  const std::int32_t features = weights[1], length = run.output.layout.shape[1] / weights[0];
  std::vector<X> scratch;
  std::vector<State> next;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t count) {
    next.resize(static_cast<std::size_t>(count));
    const X *row = load_run(x, {at[0], 0}, features, scratch);
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int32_t element = at[1] + i;
      next[static_cast<std::size_t>(i)] =
          element % length < length - 1
              ? *memory.at<State>({at[0], element + 1})
              : static_cast<State>(product(run, row, run.inputs[1].at<X>({element / length, 0}), features));
    }
    store_run(run.output, at, count, next.data());
  });
}

}  // namespace

void run(const SvdfState &, const OpRun &firing) {
  if (firing.output.type == ElementType::float32) return advance<float, float>(firing);
  if (firing.output.type == ElementType::int16) return advance<std::int8_t, std::int16_t>(firing);
  advance<std::int8_t, std::int8_t>(firing);
}

}  // namespace thimble::interpreter
