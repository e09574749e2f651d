#include "thimble/read/variable_operator.h"

#include <fmt/format.h>

#include "thimble/read/tensors.h"

namespace thimble::tflite {

namespace {

constexpr VariableOperator kOperators[] = {
    {kVarHandle, 0, 1}, {kReadVariable, 1, 1}, {kAssignVariable, 2, 0}, {kCallOnce, 0, 0}};

std::string text_of(const flatbuffers::String *text) {
  return text == nullptr ? std::string() : text->str();
}

}  // namespace

const VariableOperator *find_variable_operator(std::string_view name) {
  for (const VariableOperator &kind : kOperators) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::string variable_name(const VariableKey &key) {
  const std::string text = key.first.empty() ? key.second : key.first + "/" + key.second;
  return printable(text);
}

std::string Handles::add(const ModelFile &file, const schema::Operator &table, std::int32_t handle,
                         CopyAllowance &allowance) {
  const auto *options = table.builtin_options_as<schema::VarHandleOptions>();
  if (options == nullptr) return "it has no options that name a variable";
  const schema::Tensor &tensor = *file.subgraph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(handle));
  if (tensor.type() != schema::TensorType::RESOURCE) return "its output is no handle (of type RESOURCE)";
  if (keys_.count(handle) != 0) return "its output is another variable's handle as well";
  if (!allowance.take(length(options->container()) + length(options->shared_name()) + sizeof(VariableKey)))
    return "parts of the file are used by too many operators at once";
  keys_[handle] = {text_of(options->container()), text_of(options->shared_name())};
  return "";
}

const VariableKey *Handles::find(std::int32_t handle) const {
  const auto found = keys_.find(handle);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace thimble::tflite
