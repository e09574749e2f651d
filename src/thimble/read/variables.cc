#include "thimble/read/variables.h"

#include <fmt/format.h>

#include <set>

namespace thimble::tflite {

namespace {

class VariableBinder {
 public:
  VariableBinder(const ModelFile &file, const std::vector<TensorId> &inputs, CopyAllowance &allowance,
                 Problems &problems)
      : file_(file), allowance_(allowance), problems_(problems) {
    const std::size_t tensors = length(file.subgraph->tensors());
    given_.resize(tensors);
    root_.assign(tensors, kNone);
    for (const TensorId id : inputs) given_[static_cast<std::size_t>(id)] = true;
  }

  /// False when it makes no sense, which has been said then.
  bool bind(const FileOp &op) {
    if (op.name == kCallOnce) return call(op);
    if (op.name == kVarHandle) {
      const std::string reason = handles_.add(file_, table_of(op), op.outputs[0], allowance_);
      return reason.empty() || fail(op, reason);
    }
    accessed_ = true;
    const VariableKey *key = handles_.find(op.inputs[0]);
    if (key == nullptr) return fail(op, "its first input is no variable's handle");
    Variable &variable = variables_[*key];
    if (variable.name.empty()) variable.name = variable_name(*key);
    return op.name == kReadVariable ? read(op, variable) : assign(op, variable);
  }

  Variables take() {
    for (auto &[key, variable] : variables_) {
      const auto value = result_.initial.find(key);
      if (value != result_.initial.end()) variable.initial = &value->second;
      if (variable.read == kNone) continue;
      if (variable.written == kNone && variable.initial == nullptr) {
        fail(*variable.reader, fmt::format("it reads variable '{}', which has no value", variable.name),
             "give it a first value or assign one in the model");
        continue;
      }
      result_.read.push_back(variable);
    }
    return std::move(result_);
  }

 private:
  bool fail(const FileOp &op, std::string reason, const char *hint = kDamagedVariable) {
    refuse(file_, op, std::move(reason), hint, problems_);
    return false;
  }

  const schema::Operator &table_of(const FileOp &op) const {
    return *file_.subgraph->operators()->Get(static_cast<flatbuffers::uoffset_t>(op.index));
  }

  bool call(const FileOp &op) {
    const auto *options = table_of(op).builtin_options_as<schema::CallOnceOptions>();
    if (options == nullptr) return fail(op, "it has no options that name a subgraph");
    const std::int32_t index = options->init_subgraph_index();
    const std::size_t subgraphs = length(file_.model->subgraphs());
    if (index < 1 || index >= static_cast<std::int64_t>(subgraphs))
      return fail(op, fmt::format("it runs subgraph {}, but the file has {}", index, subgraphs));
    if (accessed_) {
      return fail(op, "it gives variables their first values after they were used",
                  "put it before the operators on variables");
    }
    if (!called_.insert(index).second) return true;  // the second run changes nothing
    const std::size_t before = problems_.count();
    read_initial_values(file_, op, index, allowance_, problems_, result_.initial);
    return problems_.count() == before;
  }

  bool read(const FileOp &op, Variable &variable) {
    const TensorId output = op.outputs[0];
    // A tensor that was assigned before it is read would close a circle of names.
    if (given_[static_cast<std::size_t>(output)])
      return fail(op, "its output is a network input, or was read or assigned before");
    given_[static_cast<std::size_t>(output)] = true;
    result_.outputs.push_back(output);
    const TensorId same_as = variable.written != kNone ? variable.written : variable.read;
    if (same_as == kNone) {
      variable.read = output;
      variable.reader = &op;
      return true;
    }
    root_[static_cast<std::size_t>(output)] = same_as;
    result_.same.push_back({output, same_as, &op});
    return true;
  }

  bool assign(const FileOp &op, Variable &variable) {
    if (variable.written != kNone) {
      return fail(op,
                  fmt::format("it assigns variable '{}' a second time, after operator {}", variable.name,
                              variable.writer->index),
                  "assign each variable once");
    }
    const auto value = static_cast<std::size_t>(op.inputs[1]);
    given_[value] = true;
    variable.written = root_[value] == kNone ? op.inputs[1] : root_[value];
    variable.writer = &op;
    return true;
  }

  const ModelFile &file_;
  CopyAllowance &allowance_;
  Problems &problems_;
  Handles handles_;
  std::map<VariableKey, Variable> variables_;
  std::set<std::int32_t> called_;  ///< subgraphs
  bool accessed_ = false;
  std::vector<bool> given_;     ///< by tensor: what may not be read into any more
  std::vector<TensorId> root_;  ///< by tensor: the one name of its bytes, kNone where that is its own
  Variables result_;
};

}  // namespace

void refuse(const ModelFile &file, const FileOp &op, std::string reason, const char *hint,
            Problems &problems) {
  Diagnostic line;
  line.op = op.index;
  line.op_name = op.name;
  if (!op.inputs.empty() || !op.outputs.empty())
    line.tensor = tensor_name(file, op.outputs.empty() ? op.inputs.back() : op.outputs[0]);
  line.reason = std::move(reason);
  line.hint = hint;
  problems.add(std::move(line));
}

Variables bind_variables(const ModelFile &file, const std::vector<TensorId> &inputs, OperatorList &list,
                         CopyAllowance &allowance, Problems &problems) {
  VariableBinder binder(file, inputs, allowance, problems);
  for (const FileOp &op : list.variable_ops) {
    if (!binder.bind(op)) list.refused.insert(list.refused.end(), op.outputs.begin(), op.outputs.end());
  }
  return binder.take();
}

}  // namespace thimble::tflite
