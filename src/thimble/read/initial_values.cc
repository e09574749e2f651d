#include "thimble/read/initial_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/read/operators.h"

namespace thimble::tflite {

namespace {

constexpr const char *kOtherwise = "give the variables constants as their first values";

class InitialValueReader {
 public:
  InitialValueReader(const ModelFile &file, const FileOp &call, CopyAllowance &allowance, Problems &problems,
                     InitialValues &values)
      : file_(file), call_(call), allowance_(allowance), problems_(problems), values_(values) {}

  void read(std::int32_t index) {
    index_ = index;
    file_.subgraph = file_.model->subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(index));
    if (length(file_.subgraph->tensors()) > tflite_limits::tensors ||
        length(file_.subgraph->operators()) > tflite_limits::operators)
      return refuse("is too large", kOtherwise);
    Problems found(file_.name);
    const OperatorList list = list_operators(file_, allowance_, found);
    if (found.count() != 0) return pass_on(found);
    if (!list.ops.empty()) {
      const FileOp &op = list.ops[0];
      return refuse(
          fmt::format("does more than to assign constants: its operator {} is {}", op.index, op.name),
          kOtherwise);
    }
    const std::size_t tensors = length(file_.subgraph->tensors());
    TensorMarks marks{std::vector<bool>(tensors), std::vector<bool>(tensors), std::vector<bool>(tensors)};
    for (const FileOp &op : list.variable_ops) {
      if (op.name == kAssignVariable) marks.used[static_cast<std::size_t>(op.inputs[1])] = true;
    }
    table_ = read_tensors(file_, marks, allowance_, found);
    if (found.count() != 0) return pass_on(found);
    for (const FileOp &op : list.variable_ops) {
      if (!take(op)) return;
    }
  }

 private:
  /// About the subgraph, at the operator that calls it.
  void refuse(const std::string &reason, const char *hint) {
    Diagnostic line;
    line.op = call_.index;
    line.op_name = call_.name;
    line.reason = fmt::format("subgraph {}, which it runs, {}", index_, reason);
    line.hint = hint;
    problems_.add(std::move(line));
  }

  void pass_on(Problems &found) {
    const Error error = found.take().value();
    const Diagnostic &first = error.lines[0];
    refuse(first.op >= 0
               ? fmt::format("cannot be read: operator {} ({}): {}", first.op, first.op_name, first.reason)
               : fmt::format("cannot be read: tensor '{}': {}", first.tensor, first.reason),
           kOtherwise);
  }

  /// Whether it makes sense.
  bool take(const FileOp &op) {
    const auto fail = [&](const std::string &reason) {
      refuse(fmt::format("makes no sense: operator {} ({}): {}", op.index, op.name, reason), kOtherwise);
      return false;
    };
    if (op.name == kVarHandle) {
      const auto *table = file_.subgraph->operators()->Get(static_cast<flatbuffers::uoffset_t>(op.index));
      const std::string reason = handles_.add(file_, *table, op.outputs[0], allowance_);
      return reason.empty() || fail(reason);
    }
    if (op.name != kAssignVariable) return fail("it does more than to assign constants");
    const VariableKey *key = handles_.find(op.inputs[0]);
    if (key == nullptr) return fail("its first input is no variable's handle");
    const Tensor &value = table_.tensors[static_cast<std::size_t>(op.inputs[1])];
    if (!value.constant()) return fail(fmt::format("its value for '{}' is no constant", variable_name(*key)));
    if (!values_.emplace(*key, value).second)
      return fail(fmt::format("variable '{}' has a first value already", variable_name(*key)));
    return true;
  }

  ModelFile file_;  ///< its subgraph is the one that is read here
  const FileOp &call_;
  CopyAllowance &allowance_;
  Problems &problems_;
  InitialValues &values_;
  std::int32_t index_ = 0;
  Handles handles_;
  TensorTable table_;
};

}  // namespace

void read_initial_values(const ModelFile &file, const FileOp &call, std::int32_t index,
                         CopyAllowance &allowance, Problems &problems, InitialValues &values) {
  InitialValueReader(file, call, allowance, problems, values).read(index);
}

}  // namespace thimble::tflite
