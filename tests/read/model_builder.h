// Model files made in code, through the object API of our schema: whole ones and damaged ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tflite_generated.h"

namespace thimble::test {

namespace schema = thimble::tflite::schema;

/// TensorFlow Lite's numbers of the operators that the tests build.
enum BuiltinCode : std::int32_t {
  kAdd = 0,
  kAveragePool2D = 1,
  kConcatenation = 2,
  kConv2D = 3,
  kDepthwiseConv2D = 4,
  kDequantize = 6,
  kFullyConnected = 9,
  kLogistic = 14,
  kMaxPool2D = 17,
  kMul = 18,
  kReshape = 22,
  kSoftmax = 25,
  kSvdf = 27,
  kCustom = 32,
  kPad = 34,
  kGather = 36,
  kTranspose = 39,
  kMean = 40,
  kSub = 41,
  kUnidirectionalSequenceLstm = 44,
  kStridedSlice = 45,
  kSplit = 49,
  kTransposeConv = 67,
  kResizeNearestNeighbor = 97,
  kLeakyRelu = 98,
  kSplitV = 102,
  kQuantize = 114,
  kCallOnce = 129,
  kVarHandle = 142,
  kReadVariable = 143,
  kAssignVariable = 144
};

/// Bytes of values as they lie in a file.
template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T> &values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

class ModelBuilder {
 public:
  ModelBuilder() {
    model.version = 3;
    model.buffers.push_back(std::make_unique<schema::BufferT>());
    model.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
  }

  schema::ModelT model;  ///< open to every damage

  /// The subgraph that is built or damaged: the last one of begin_subgraph(), the first one by itself.
  schema::SubGraphT &subgraph() { return *model.subgraphs[current]; }
  std::size_t current = 0;
  void begin_subgraph() {
    model.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
    current = model.subgraphs.size() - 1;
  }
  schema::TensorT &tensor(int id) { return *subgraph().tensors[static_cast<std::size_t>(id)]; }
  schema::OperatorT &op(int index) { return *subgraph().operators[static_cast<std::size_t>(index)]; }
  template <class Options>
  Options &options(int index) {
    return *static_cast<Options *>(op(index).builtin_options.value);
  }

  int add_tensor(const std::string &name, schema::TensorType type, std::vector<std::int32_t> shape) {
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = name;
    tensor->type = type;
    tensor->shape = std::move(shape);
    subgraph().tensors.push_back(std::move(tensor));
    return static_cast<int>(subgraph().tensors.size()) - 1;
  }

  int int8(const std::string &name, std::vector<std::int32_t> shape, float scale = 0.5f,
           std::int64_t zero_point = 0) {
    const int id = add_tensor(name, schema::TensorType::INT8, std::move(shape));
    quantize(id, {scale}, {zero_point});
    return id;
  }
  int float32(const std::string &name, std::vector<std::int32_t> shape) {
    return add_tensor(name, schema::TensorType::FLOAT32, std::move(shape));
  }
  int int32_constant(const std::string &name, std::vector<std::int32_t> shape,
                     const std::vector<std::int32_t> &values) {
    const int id = add_tensor(name, schema::TensorType::INT32, std::move(shape));
    fill(id, bytes_of(values));
    return id;
  }

  void quantize(int id, std::vector<float> scales, std::vector<std::int64_t> zero_points, int axis = 0) {
    auto parameters = std::make_unique<schema::QuantizationParametersT>();
    parameters->scale = std::move(scales);
    parameters->zero_point = std::move(zero_points);
    parameters->quantized_dimension = axis;
    tensor(id).quantization = std::move(parameters);
  }

  void fill(int id, std::vector<std::uint8_t> bytes) {
    auto buffer = std::make_unique<schema::BufferT>();
    buffer->data = std::move(bytes);
    model.buffers.push_back(std::move(buffer));
    tensor(id).buffer = static_cast<std::uint32_t>(model.buffers.size() - 1);
  }

  int add_op(std::int32_t code, std::vector<std::int32_t> inputs, std::vector<std::int32_t> outputs) {
    auto operator_code = std::make_unique<schema::OperatorCodeT>();
    operator_code->builtin_code = code;
    operator_code->deprecated_builtin_code = static_cast<std::int8_t>(code);
    model.operator_codes.push_back(std::move(operator_code));
    auto op = std::make_unique<schema::OperatorT>();
    op->opcode_index = static_cast<std::uint32_t>(model.operator_codes.size() - 1);
    op->inputs = std::move(inputs);
    op->outputs = std::move(outputs);
    subgraph().operators.push_back(std::move(op));
    return static_cast<int>(subgraph().operators.size()) - 1;
  }
  template <class Options>
  int add_op(std::int32_t code, std::vector<std::int32_t> inputs, std::vector<std::int32_t> outputs,
             Options options) {
    const int index = add_op(code, std::move(inputs), std::move(outputs));
    op(index).builtin_options.Set(std::move(options));
    return index;
  }

  void ends(std::vector<std::int32_t> inputs, std::vector<std::int32_t> outputs) {
    subgraph().inputs = std::move(inputs);
    subgraph().outputs = std::move(outputs);
  }

  std::vector<std::uint8_t> bytes() const {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::Model::Pack(builder, &model), schema::ModelIdentifier());
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
};

}  // namespace thimble::test
