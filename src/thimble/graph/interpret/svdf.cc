#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

/// One output from the memories and weights of its filters, one after the other.
template <class T>
std::int8_t output(const OpRun &run, const T *memory, const T *weights, std::int32_t filters,
                   std::int32_t length, std::int32_t unit) {
  const FilterParameters parameters = filter_parameters(run.graph, run.op);
  std::int32_t sum = run.inputs[2] ? *run.inputs[2].at<std::int32_t>({unit}) : 0;
  for (std::int32_t k = 0; k < filters * length; ++k)
    sum = wrap_add(sum, (memory[k] + parameters.input_offset) * weights[k]);
  const std::int32_t scaled = multiply_by_quantized_multiplier(sum, parameters.multiplier(0));
  return static_cast<std::int8_t>(std::clamp(wrap_add(scaled, parameters.output_offset),
                                             parameters.activation.min, parameters.activation.max));
}

float output(const OpRun &run, const float *memory, const float *weights, std::int32_t filters,
             std::int32_t length, std::int32_t unit) {
  float sum = run.inputs[2] ? *run.inputs[2].at<float>({unit}) : 0.0f;
  for (std::int32_t f = 0; f < filters; ++f, memory += length, weights += length) {
    float of_filter = 0.0f;
    for (std::int32_t k = 0; k < length; ++k) of_filter += memory[k] * weights[k];
    sum += of_filter;
  }
  const FloatRange range = activation_range(activation_of(run.op));
  return clamp_float(sum, range.min, range.max);
}

template <class State, class Y>
void sum_up(const Svdf &svdf, const OpRun &run) {
  const std::int32_t length = run.inputs[1].layout.shape[1], depth = svdf.rank * length;
  std::vector<State> scratch;
  std::vector<Y> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t count) {
    outputs.resize(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int32_t unit = at[1] + i;
      const State *memory = load_run(run.inputs[0], {at[0], unit * depth}, depth, scratch);
      const State *weights = run.inputs[1].at<State>({unit * svdf.rank, 0});
      outputs[static_cast<std::size_t>(i)] = output(run, memory, weights, svdf.rank, length, unit);
    }
    store_run(run.output, at, count, outputs.data());
  });
}

}  // namespace

void run(const Svdf &svdf, const OpRun &firing) {
  switch (firing.inputs[0].type) {
    case ElementType::float32:
      return sum_up<float, float>(svdf, firing);
    case ElementType::int16:
      return sum_up<std::int16_t, std::int8_t>(svdf, firing);
    default:
      return sum_up<std::int8_t, std::int8_t>(svdf, firing);
  }
}

}  // namespace thimble::interpreter
