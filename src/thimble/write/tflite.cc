#include "thimble/write/tflite.h"

#include <cstring>

#include "thimble/read/builtin_names.h"
#include "thimble/write/operator_target.h"

namespace thimble {
namespace tflite {
namespace {

schema::TensorType type_code(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return schema::TensorType::INT8;
    case ElementType::uint8:
      return schema::TensorType::UINT8;
    case ElementType::int16:
      return schema::TensorType::INT16;
    case ElementType::int32:
      return schema::TensorType::INT32;
    case ElementType::int64:
      return schema::TensorType::INT64;
    case ElementType::float32:
      return schema::TensorType::FLOAT32;
    case ElementType::boolean:
      return schema::TensorType::BOOL;
  }
  return schema::TensorType::FLOAT32;
}

/// TensorFlow Lite's number of an operator.
std::int32_t builtin_code(const char *name) {
  for (std::int32_t code = 0; builtin_name(code) != nullptr; ++code) {
    if (std::strcmp(builtin_name(code), name) == 0) return code;
  }
  return kNone;
}

}  // namespace

GrowingFile::GrowingFile(const Graph &graph) {
  model_.version = 3;
  model_.description = "written by Thimble";
  model_.buffers.push_back(std::make_unique<schema::BufferT>());  // the one of tensors without data
  model_.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
  subgraph().name = "main";
  for (const Tensor &tensor : graph.tensors) add_tensor(tensor);
}

std::int32_t GrowingFile::add_tensor(const Tensor &tensor) {
  auto table = std::make_unique<schema::TensorT>();
  table->name = tensor.name;
  table->type = type_code(tensor.type);
  table->shape = tensor.shape;
  if (tensor.quantization.present()) {
    auto parameters = std::make_unique<schema::QuantizationParametersT>();
    parameters->scale = tensor.quantization.scales;
    parameters->zero_point.assign(tensor.quantization.zero_points.begin(),
                                  tensor.quantization.zero_points.end());
    parameters->quantized_dimension = tensor.quantization.axis;
    table->quantization = std::move(parameters);
  }
  if (tensor.constant()) {
    auto buffer = std::make_unique<schema::BufferT>();
    buffer->data = *tensor.data;
    table->buffer = static_cast<std::uint32_t>(model_.buffers.size());
    model_.buffers.push_back(std::move(buffer));
  }
  subgraph().tensors.push_back(std::move(table));
  return static_cast<std::int32_t>(subgraph().tensors.size() - 1);
}

std::int32_t GrowingFile::add_integers(std::string name, const std::vector<std::int32_t> &values,
                                       Shape shape) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = ElementType::int32;
  tensor.shape = std::move(shape);
  std::vector<std::uint8_t> bytes;  // little-endian
  for (const std::int32_t value : values) {
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> shift));
  }
  tensor.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return add_tensor(tensor);
}

std::uint32_t GrowingFile::operator_code(const char *name, std::int32_t version) {
  const std::int32_t code = builtin_code(name);
  auto &codes = model_.operator_codes;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i]->builtin_code == code && codes[i]->version == version) return static_cast<std::uint32_t>(i);
  }
  auto table = std::make_unique<schema::OperatorCodeT>();
  constexpr std::int32_t kMostInOldField = 127;
  table->deprecated_builtin_code = static_cast<std::int8_t>(std::min(code, kMostInOldField));
  table->builtin_code = code;
  table->version = version;
  codes.push_back(std::move(table));
  return static_cast<std::uint32_t>(codes.size() - 1);
}

void GrowingFile::add_operator(const char *name, std::int32_t version, std::vector<std::int32_t> inputs,
                               std::vector<std::int32_t> outputs, schema::BuiltinOptionsUnion options) {
  auto table = std::make_unique<schema::OperatorT>();
  table->opcode_index = operator_code(name, version);
  table->inputs = std::move(inputs);
  table->outputs = std::move(outputs);
  table->builtin_options = std::move(options);
  subgraph().operators.push_back(std::move(table));
}

std::vector<std::uint8_t> GrowingFile::finish(const Graph &graph) {
  subgraph().inputs = graph.inputs;
  subgraph().outputs = graph.outputs;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Model::Pack(builder, &model_), schema::ModelIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace tflite

Result<std::vector<std::uint8_t>> write_tflite(const Graph &graph) {
  if (auto ok = expect_no_states(graph, "writing"); !ok) return tl::unexpected(ok.error());
  tflite::GrowingFile file(graph);
  for (const Op &op : graph.ops) {
    if (op.is<Input>()) continue;
    tflite::OperatorTarget target(graph, op, file);
    const bool written = std::visit(
        [&](const auto &attributes) { return tflite::writers::write(target, attributes); }, op.attributes);
    if (!written) return tl::unexpected(target.error());
    file.add_operator(name_of(op), target.version, std::move(target.inputs), op.outputs,
                      std::move(target.options));
  }
  return file.finish(graph);
}

}  // namespace thimble
