#include "thimble/emit/emission.h"

#include <algorithm>
#include <cstring>

namespace thimble {
namespace {

/// The elements of a constant tensor; the bytes of a model file are little-endian, as every host that we
/// build on.
template <class T>
std::vector<T> elements_of(const Tensor &tensor) {
  std::vector<T> elements(static_cast<std::size_t>(tensor.elements()));
  std::memcpy(elements.data(), tensor.data->data(), elements.size() * sizeof(T));
  return elements;
}

template <class T>
std::string formatted(const Tensor &tensor) {
  const std::vector<T> elements = elements_of<T>(tensor);
  return c_text::values<T>(elements);
}

std::string formatted_values(const Tensor &tensor) {
  switch (tensor.type) {
    case ElementType::int8:
      return formatted<std::int8_t>(tensor);
    case ElementType::uint8:
    case ElementType::boolean:
      return formatted<std::uint8_t>(tensor);
    case ElementType::int16:
      return formatted<std::int16_t>(tensor);
    case ElementType::int32:
      return formatted<std::int32_t>(tensor);
    case ElementType::int64:
      return formatted<std::int64_t>(tensor);
    case ElementType::float32:
      return formatted<float>(tensor);
  }
  return {};
}

std::string moved(const std::string &pointer, std::int64_t element) {
  if (element == 0) return pointer;
  return pointer + (element < 0 ? " - " : " + ") + c_text::number(element < 0 ? -element : element);
}

}  // namespace

Fields &Fields::text(std::string_view name, const std::string &value) {
  lines_.append(static_cast<std::size_t>(4 * (nested_ + 1)), ' ');
  lines_ += '.';
  lines_ += name;
  lines_ += " = " + value + ",\n";
  return *this;
}

Fields &Fields::line(std::initializer_list<std::pair<std::string_view, std::int32_t>> fields) {
  std::string separator(static_cast<std::size_t>(4 * (nested_ + 1)), ' ');
  for (const auto &[name, value] : fields) {
    lines_ += separator + "." + std::string(name) + " = " + c_text::number(value) + ",";
    separator = " ";
  }
  lines_ += '\n';
  return *this;
}

Fields &Fields::set(std::string_view name, const Fields &inner) {
  return text(name,
              "{\n" + inner.lines() + std::string(static_cast<std::size_t>(4 * (nested_ + 1)), ' ') + "}");
}

Fields &Fields::set(std::string_view name, std::span<const std::int32_t> array) {
  std::string list;
  for (std::int32_t value : array) list += (list.empty() ? "" : ", ") + c_text::number(value);
  return text(name, "{" + list + "}");
}

std::string offset_name(const Graph &graph, TensorId tensor) {
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.inputs[i] == tensor) return "AT_INPUT_" + std::to_string(i);
  }
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    if (op.output() == tensor) return "AT_" + std::to_string(id) + "_" + c_text::upper(name_of(op));
  }
  return "AT_TENSOR_" + std::to_string(tensor);
}

std::string OpEmission::source(std::size_t i, std::int64_t element) {
  const TensorId id = op().inputs[i];
  const Tensor &tensor = graph().tensor(id);
  if (tensor.constant()) return moved(constant(id, "input_" + std::to_string(i)), element);
  return moved(
      std::string("(const ") + c_text::type_of(tensor.type) + " *)(arena + " + offset_name(graph(), id) + ")",
      element);
}

std::string OpEmission::destination(std::int64_t element) const {
  return moved(std::string("(") + c_text::type_of(output().type) + " *)(arena + " +
                   offset_name(graph(), op().output()) + ")",
               element);
}

bool OpEmission::in_place(std::size_t i) const {
  const Buffer *from = buffer_of(program_.schedule, op().inputs[i], firing_.stage);
  const Buffer *to = buffer_of(program_.schedule, op().output(), firing_.stage);
  return from != nullptr && to != nullptr && from->region == to->region && from->offset == to->offset;
}

template <class T>
std::string OpEmission::table(std::string_view suffix, std::span<const T> elements, std::string_view what) {
  ConstantTable table;
  table.symbol = program_.options.name + "_" + label_ + "_" + std::string(suffix);
  table.type = c_text::type_of<T>();
  table.comment = c_text::comment_text(what);
  table.values = c_text::values(elements);
  table.elements = static_cast<std::int64_t>(elements.size());
  table.bytes = table.elements * static_cast<std::int64_t>(sizeof(T));
  program_.tables.push_back(std::move(table));
  return program_.tables.back().symbol;
}

template std::string OpEmission::table(std::string_view, std::span<const std::int8_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::uint8_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int16_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::uint16_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int32_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const std::int64_t>, std::string_view);
template std::string OpEmission::table(std::string_view, std::span<const float>, std::string_view);

std::string OpEmission::constant(TensorId id, std::string_view suffix) {
  if (const auto known = program_.raw_tables.find(id); known != program_.raw_tables.end())
    return known->second;
  const Tensor &tensor = graph().tensor(id);
  ConstantTable table;
  table.symbol = program_.options.name + "_" + label_ + "_" + std::string(suffix);
  table.type = c_text::type_of(tensor.type);
  table.comment = c_text::quoted(tensor.name) + " " + c_text::shape(tensor.shape);
  table.values = formatted_values(tensor);
  table.elements = tensor.elements();
  table.bytes = tensor.bytes();
  program_.raw_tables[id] = table.symbol;
  program_.tables.push_back(std::move(table));
  return program_.tables.back().symbol;
}

std::string OpEmission::parameters(std::string_view type, const Fields &fields) {
  std::string symbol = label_;
  if (parameter_count_++ > 0) symbol += "_" + std::to_string(parameter_count_);
  definitions_ += "static const " + std::string(type) + " " + symbol + " = {\n" + fields.lines() + "};\n";
  return "&" + symbol;
}

void OpEmission::call(std::string_view header, std::string_view kernel,
                      std::initializer_list<std::string> arguments) {
  program_.headers.insert(std::string(header));
  program_.kernels.insert(std::string(kernel));
  std::string line = "  " + std::string(kernel) + "(";
  bool first = true;
  for (const std::string &argument : arguments) {
    line += (first ? "" : ", ") + argument;
    first = false;
  }
  body_ += line + ");\n";
}

}  // namespace thimble
