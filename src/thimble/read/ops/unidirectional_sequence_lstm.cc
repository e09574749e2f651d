#include "thimble/graph/lstm.h"
#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

namespace {

/// Positions in the file of what the graph's operator takes, in its order.
constexpr std::size_t kPositions[kLstmInputs] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 18, 19};

/// Extensions of the LSTM, first and last of their inputs.
struct Extension {
  std::size_t first, last;
  const char *reason, *hint;
};
constexpr Extension kExtensions[] = {
    {9, 11, "its gates look at the cells (peepholes), which is not supported",
     "build the layer without peepholes"},
    {16, 17, "it projects its outputs, which is not supported", "use a dense layer behind it instead"},
    {20, 23, "it normalises its gates, which is not supported",
     "build the layer without layer normalisation"}};

bool plain(OperatorSource &source, const schema::UnidirectionalSequenceLSTMOptions &options) {
  for (const Extension &extension : kExtensions) {
    for (std::size_t i = extension.first; i <= extension.last; ++i) {
      if (source.has_input(i)) return source.refuse(extension.reason, extension.hint);
    }
  }
  if (!source.has_input(1)) {
    return source.refuse("its input gate is what the forget gate leaves, which is not supported",
                         "build the layer without coupled gates");
  }
  if (options.diagonal_recurrent_tensors()) {
    return source.refuse("its recurrent weights are diagonals, which is not supported",
                         "build the layer with whole matrices");
  }
  if (options.fused_activation_function() != schema::ActivationFunctionType::TANH) {
    return source.refuse(
        fmt::format("its activation {} is not supported",
                    schema::EnumNameActivationFunctionType(options.fused_activation_function())),
        "use tanh, as LSTMs do by default");
  }
  return true;
}

/// What is left behind the last step: `units` of the channels.
StridedSlice last_step(const Shape &shape, std::size_t time, std::int32_t units) {
  StridedSlice slice;
  slice.begin.assign(3, 0);
  slice.stride.assign(3, 1);
  slice.extent = shape;
  slice.shrink.assign(3, false);
  slice.begin[time] = shape[time] - 1;
  slice.extent[time] = 1;
  slice.extent[2] = units;
  slice.shrink[time] = true;
  return slice;
}

}  // namespace

/// Outputs: those of the steps, and both next states (stateful_operators.h).
bool read_unidirectional_sequence_lstm(OperatorSource &source) {
  const schema::UnidirectionalSequenceLSTMOptions *options = nullptr;
  if (!source.required_options(options) || !plain(source, *options)) return false;
  std::vector<TensorId> inputs;
  for (const std::size_t position : kPositions) {
    if (!source.has_input(position))
      return source.refuse_damaged(fmt::format("its input {} is absent", position));
    inputs.push_back(source.inputs[position]);
  }
  for (std::size_t i = kLstmWeights; i < kLstmHidden; ++i) {
    if (!source.require_constant(kPositions[i], i < kLstmBias ? "weights" : "biases")) return false;
  }
  if (source.shape_unsure(0) || !source.rank(0, 3)) return false;
  if (!(source.output().quantization == source.input(kPositions[kLstmHidden]).quantization))
    return source.refuse_damaged("its output is quantised unlike the state that holds the last one");
  const std::size_t time = options->time_major() ? 0 : 1;
  const Shape x = source.input(0).shape, weights = source.input(1).shape;
  if (weights.empty()) return source.refuse_damaged("its weights are no matrix", source.inputs[1]);
  const Shape shape{x[0], x[1], weights[0]};
  const TensorId cells = source.add_tensor_like(kPositions[kLstmCell]);
  const std::vector<TensorId> outputs = source.outputs();
  source.parts.push_back({LstmCells{options->time_major(), options->cell_clip()}, std::move(inputs), cells});
  source.parts.push_back({LstmOutput{}, {cells}, outputs[0]});
  source.parts.push_back({last_step(shape, time, shape[2]), {outputs[0]}, outputs[1]});
  source.parts.push_back({last_step(shape, time, shape[2]), {cells}, outputs[2]});
  return true;
}

}  // namespace thimble::tflite::operators
