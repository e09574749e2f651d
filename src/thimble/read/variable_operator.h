// Private to the layer: the operators on resource variables, and which variable a handle stands for.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "thimble/read/model_file.h"

namespace thimble::tflite {

struct VariableOperator {
  std::string_view name;  ///< TensorFlow Lite's
  std::size_t inputs, outputs;
};

inline constexpr std::string_view kVarHandle = "VAR_HANDLE", kReadVariable = "READ_VARIABLE",
                                  kAssignVariable = "ASSIGN_VARIABLE", kCallOnce = "CALL_ONCE";

/// Null for every other operator.
const VariableOperator *find_variable_operator(std::string_view name);

/// Container and name: variables are one where both are equal, whatever subgraph asks.
using VariableKey = std::pair<std::string, std::string>;

/// The name of a variable for people.
std::string variable_name(const VariableKey &key);

/// The handles of one subgraph.
class Handles {
 public:
  /// Takes the VAR_HANDLE `table`, whose output is `handle`; a reason when it makes no sense, else "".
  std::string add(const ModelFile &file, const schema::Operator &table, std::int32_t handle,
                  CopyAllowance &allowance);
  /// Null when the tensor is no handle.
  const VariableKey *find(std::int32_t handle) const;

 private:
  std::map<std::int32_t, VariableKey> keys_;
};

}  // namespace thimble::tflite
