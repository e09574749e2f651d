#include "thimble/read/operator_source.h"

#include <string_view>

#include "thimble/graph/edit.h"
#include "thimble/read/tensors.h"

namespace thimble::tflite {

const schema::Operator &OperatorSource::file_operator() const {
  return *file_.subgraph->operators()->Get(static_cast<flatbuffers::uoffset_t>(op_.index));
}

bool OperatorSource::refuse(std::string reason, std::string hint, TensorId tensor) {
  Diagnostic line;
  line.op = op_.index;
  line.op_name = op_.name;
  line.tensor = tensor_name(file_, tensor == kNone ? op_.outputs[0] : tensor);
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  problems_.add(std::move(line));
  return false;
}

bool OperatorSource::refuse_damaged(std::string reason, TensorId tensor) {
  return refuse(std::move(reason), "the file is damaged or was made by a faulty exporter; export it again",
                tensor);
}

bool OperatorSource::input_count(std::size_t least, std::size_t most) {
  if (inputs.size() < least || inputs.size() > most) {
    return refuse_damaged(
        least == most ? fmt::format("it has {} inputs instead of {}", inputs.size(), least)
                      : fmt::format("it has {} inputs instead of {} to {}", inputs.size(), least, most));
  }
  for (std::size_t i = 0; i < least; ++i) {
    if (inputs[i] == kNone) return refuse_damaged(fmt::format("its input {} is absent", i));
  }
  return true;
}

bool OperatorSource::rank(std::size_t index, int rank) {
  if (input(index).rank() == rank) return true;
  return refuse(fmt::format("its input has {} dimensions instead of {}", input(index).rank(), rank),
                "reshape the tensor in the model", inputs[index]);
}

bool OperatorSource::activation(schema::ActivationFunctionType type, Activation &activation) {
  using Type = schema::ActivationFunctionType;
  switch (type) {
    case Type::NONE:
      activation = Activation::none;
      return true;
    case Type::RELU:
      activation = Activation::relu;
      return true;
    case Type::RELU_N1_TO_1:
      activation = Activation::relu_n1_to_1;
      return true;
    case Type::RELU6:
      activation = Activation::relu6;
      return true;
    case Type::TANH:
    case Type::SIGN_BIT:
      return refuse(fmt::format("its fused activation {} is not supported",
                                schema::EnumNameActivationFunctionType(type)),
                    "use no activation, RELU, RELU6 or RELU_N1_TO_1");
  }
  return refuse_damaged(
      fmt::format("its fused activation is number {}, which does not exist", static_cast<int>(type)));
}

bool OperatorSource::make_tensor_constant(TensorId id, int depth) {
  constexpr int kMostOperators = 8;  // in a row; exporters leave one or two
  if (growing_.graph.tensor(id).constant()) return true;
  const OpId made_by = growing_.producers[static_cast<std::size_t>(id)];
  if (made_by == kNone || depth == kMostOperators || growing_.not_constant[static_cast<std::size_t>(id)])
    return false;
  growing_.not_constant[static_cast<std::size_t>(id)] = true;  // until the end is reached
  const Op producer = growing_.graph.op(made_by);
  for (const TensorId input : producer.inputs) {
    if (input != kNone && !make_tensor_constant(input, depth + 1)) return false;
  }
  Result<bool> folded = fold(growing_.graph, producer, growing_.allowance);
  if (!folded) fold_error_ = std::move(folded.error());
  if (!folded || !*folded) return false;
  growing_.folded[static_cast<std::size_t>(made_by)] = true;
  return true;
}

bool OperatorSource::require_constant(std::size_t index, const char *meaning) {
  if (make_constant(index)) return true;
  for (Diagnostic &line : fold_error_.lines) problems_.add(std::move(line));
  if (!fold_error_.lines.empty() || growing_.maybe_constant[static_cast<std::size_t>(inputs[index])])
    return false;
  return refuse(fmt::format("its {} are computed at run time, which is not supported", meaning),
                "make them constants in the model", inputs[index]);
}

bool OperatorSource::constant_integers(std::size_t index, const char *meaning, std::size_t most,
                                       std::vector<std::int64_t> &values) {
  values.clear();
  if (!has_input(index)) return refuse_damaged(fmt::format("its {} are absent", meaning));
  make_constant(index);
  const Tensor &tensor = input(index);
  if (tensor.type != ElementType::int32 && tensor.type != ElementType::int64) {
    return refuse_damaged(
        fmt::format("its {} are {} instead of int32 or int64", meaning, name_of(tensor.type)), inputs[index]);
  }
  if (!tensor.constant()) {
    // An empty list has no bytes, so that the file cannot mark it as a constant.
    if (tensor.elements() == 0) return true;
    if (growing_.maybe_constant[static_cast<std::size_t>(inputs[index])]) return false;
    return refuse(fmt::format("its {} are computed at run time, which is not supported", meaning),
                  "make them constants in the model, so that all shapes are fixed", inputs[index]);
  }
  const auto count = static_cast<std::size_t>(tensor.elements());
  if (count > most) {
    return refuse_damaged(fmt::format("its {} have {} values, at most {} make sense", meaning, count, most),
                          inputs[index]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t *bytes = tensor.data->data() + i * static_cast<std::size_t>(size_of(tensor.type));
    values.push_back(tensor.type == ElementType::int32 ? flatbuffers::ReadScalar<std::int32_t>(bytes)
                                                       : flatbuffers::ReadScalar<std::int64_t>(bytes));
  }
  return true;
}

TensorId OperatorSource::add_tensor_like(std::size_t index) {
  Tensor tensor = input(index);
  tensor.name = tensor_name(file_, op_.outputs[0]) + "/part";
  tensor.data = nullptr;
  growing_.producers.push_back(kNone);
  growing_.dynamic_batch.push_back(true);
  growing_.not_constant.push_back(false);
  growing_.unsure_shape.push_back(false);
  growing_.maybe_constant.push_back(false);
  return add_tensor(growing_.graph, std::move(tensor));
}

namespace {

struct Reader {
  std::string_view name;
  bool (*read)(OperatorSource &source);
  bool several_outputs = false;
};

template <class Kind>
bool read_kind(OperatorSource &source) {
  Kind attributes;
  if (!operators::read(source, attributes)) return false;
  source.parts.push_back({std::move(attributes), source.inputs, source.outputs()[0]});
  return true;
}

constexpr Reader kReaders[] = {
#define THIMBLE_READER(Kind, name) {name, read_kind<Kind>},
    THIMBLE_OPS(THIMBLE_READER)
#undef THIMBLE_READER
        {"SPLIT", operators::read_split, true},
    {"SPLIT_V", operators::read_split_v, true},
    {"GATHER", operators::read_gather},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", operators::read_unidirectional_sequence_lstm},
};

const Reader *find_reader(std::string_view name) {
  for (const Reader &reader : kReaders) {
    if (reader.name == name) return &reader;
  }
  return nullptr;
}

}  // namespace

bool read_operator(const char *name, OperatorSource &source) {
  const Reader *reader = find_reader(name);
  return reader != nullptr && reader->read(source);
}

bool known_operator(const char *name) {
  return find_reader(name) != nullptr;
}

bool has_several_outputs(const char *name) {
  const Reader *reader = find_reader(name);
  return reader != nullptr && reader->several_outputs;
}

}  // namespace thimble::tflite
