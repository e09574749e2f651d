#include "thimble/read/operators.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "thimble/base/checked.h"
#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"
#include "thimble/read/builtin_names.h"
#include "thimble/read/operator_source.h"
#include "thimble/read/variables.h"

namespace thimble::tflite {

namespace {

/// One operator of a file may become many of the graph; a file of such could otherwise ask for endless ones.
constexpr std::size_t kMostGraphOperators = 4 * tflite_limits::operators;

/// Turns the entries of one file's operator list into FileOps.
class OperatorLister {
 public:
  OperatorLister(const ModelFile &file, CopyAllowance &allowance, Problems &problems)
      : file_(file), allowance_(allowance), problems_(problems) {}

  void list(std::int32_t index, const schema::Operator &table) {
    FileOp op;
    op.index = index;
    line_ = Diagnostic();
    line_.op = index;
    for (const auto *ids : {table.inputs(), table.outputs()}) {
      if (length(ids) != 0) line_.tensor = tensor_name(file_, ids->Get(0));
    }
    const auto *codes = file_.model->operator_codes();
    if (table.opcode_index() >= length(codes)) {
      return refuse_damaged(fmt::format("it refers to operator code {}, but the file has {}",
                                        table.opcode_index(), length(codes)));
    }
    const schema::OperatorCode &code = *codes->Get(table.opcode_index());
    const std::int32_t builtin = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    op.name = builtin == kCustomOperator ? nullptr : builtin_name(builtin);
    if (op.name != nullptr) line_.op_name = op.name;
    if (const VariableOperator *kind = op.name == nullptr ? nullptr : find_variable_operator(op.name)) {
      return list_on_variable(*kind, std::move(op), table);
    }
    if (op.name == nullptr || !known_operator(op.name)) {
      refuse_kind(code, builtin);
      if (read_indices(table.outputs(), false, op.outputs)) {
        list_.refused.insert(list_.refused.end(), op.outputs.begin(), op.outputs.end());
      }
      return;
    }
    const std::size_t outputs = length(table.outputs());
    if (outputs != 1 && (outputs == 0 || !has_several_outputs(op.name))) {
      return refuse_damaged(fmt::format("it has {} outputs instead of 1", outputs));
    }
    if (read_indices(table.inputs(), true, op.inputs) && read_indices(table.outputs(), false, op.outputs)) {
      list_.ops.push_back(std::move(op));
    }
  }

  OperatorList take() { return std::move(list_); }

 private:
  void list_on_variable(const VariableOperator &kind, FileOp op, const schema::Operator &table) {
    if (length(table.inputs()) != kind.inputs || length(table.outputs()) != kind.outputs) {
      return refuse_damaged(fmt::format("it has {} inputs and {} outputs instead of {} and {}",
                                        length(table.inputs()), length(table.outputs()), kind.inputs,
                                        kind.outputs));
    }
    if (read_indices(table.inputs(), false, op.inputs) && read_indices(table.outputs(), false, op.outputs)) {
      list_.variable_ops.push_back(std::move(op));
    }
  }

  void refuse(std::string reason, std::string hint) {
    line_.reason = std::move(reason);
    line_.hint = std::move(hint);
    problems_.add(line_);
  }

  void refuse_damaged(std::string reason) {
    list_.damaged = true;
    refuse(std::move(reason), kDamaged);
  }

  void refuse_kind(const schema::OperatorCode &code, std::int32_t builtin) {
    if (builtin == kCustomOperator) return refuse_custom(code);
    if (builtin_name(builtin) == nullptr) {
      return refuse(fmt::format("operator kind {} is unknown", builtin),
                    "convert the model with an older converter");
    }
    refuse("this kind of operator is not supported", "build the model without it, or ask for it in an issue");
  }

  void refuse_custom(const schema::OperatorCode &code) {
    std::string name = code.custom_code() == nullptr ? "" : code.custom_code()->str().substr(0, 64);
    for (char &c : name) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    line_.op_name = "CUSTOM";
    if (name == "ethos-u") {
      return refuse("custom operator 'ethos-u': the model is compiled for an Arm Ethos-U by Vela",
                    "give the .tflite file from before Vela");
    }
    refuse(fmt::format("custom operator '{}' is not supported", name),
           "build the model of TensorFlow Lite's own operators");
  }

  bool read_indices(const flatbuffers::Vector<std::int32_t> *indices, bool may_be_absent,
                    std::vector<TensorId> &ids) {
    const std::size_t tensors = length(file_.subgraph->tensors());
    if (!allowance_.take(length(indices) * sizeof(TensorId))) {
      refuse_damaged("parts of the file are used by too many operators at once");
      return false;
    }
    for (std::size_t i = 0; i < length(indices); ++i) {
      const std::int32_t id = indices->Get(static_cast<flatbuffers::uoffset_t>(i));
      if ((id < 0 && !(may_be_absent && id == kNone)) || id >= static_cast<std::int64_t>(tensors)) {
        refuse_damaged(fmt::format("it refers to tensor {}, but the file has {}", id, tensors));
        return false;
      }
      ids.push_back(id);
    }
    return true;
  }

  const ModelFile &file_;
  CopyAllowance &allowance_;
  Problems &problems_;
  Diagnostic line_;
  OperatorList list_;
};

std::string shape_text(const Shape &shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

/// Translates operator after operator; keeps what is known about the tensors on the way.
class Translator {
 public:
  Translator(const ModelFile &file, GrowingGraph &growing, Problems &problems)
      : file_(file), growing_(growing), problems_(problems) {}

  /// An operator with these outputs is not judged.
  void skip(const std::vector<TensorId> &outputs) {
    for (const TensorId id : outputs) {
      growing_.unsure_shape[static_cast<std::size_t>(id)] = true;
      growing_.maybe_constant[static_cast<std::size_t>(id)] = true;
    }
  }

  void translate(const FileOp &op) {
    unsure_ = false;
    bool maybe_constant = false, computed = false;
    for (const TensorId id : op.inputs) {
      if (id == kNone) continue;
      const auto input = static_cast<std::size_t>(id);
      unsure_ = unsure_ || growing_.unsure_shape[input];
      maybe_constant = maybe_constant || growing_.maybe_constant[input];
      computed = computed || !(growing_.maybe_constant[input] || growing_.graph.tensor(id).constant());
    }
    const bool appended = append(op);
    for (const TensorId id : op.outputs) {
      const auto output = static_cast<std::size_t>(id);
      growing_.maybe_constant[output] = maybe_constant && !computed;
      growing_.unsure_shape[output] = (unsure_ || !appended) && (!appended || growing_.dynamic_batch[output]);
    }
  }

  /// What the operators say about element types and quantisation; those that were evaluated are gone.
  void check_types() {
    for (std::size_t i = 0; i < growing_.graph.ops.size(); ++i) {
      if (!growing_.folded[i]) report(thimble::check_types(growing_.graph, growing_.graph.ops[i]));
    }
  }

 private:
  /// Whether there was nothing to report. What operators know no way out of, no exporter writes.
  template <class T>
  bool report(const Result<T> &result) {
    if (result) return true;
    for (Diagnostic line : result.error().lines) {
      if (line.hint.empty()) line.hint = kDamaged;
      problems_.add(std::move(line));
    }
    return false;
  }

  bool append(const FileOp &op) {
    OperatorSource source(file_, op, growing_, problems_);
    if (!read_operator(op.name, source)) return false;
    if (growing_.graph.ops.size() + source.parts.size() > kMostGraphOperators) {
      return source.refuse(
          fmt::format("the network becomes more than {} operators with it", kMostGraphOperators),
          "networks for microcontrollers are far smaller");
    }
    return std::all_of(source.parts.begin(), source.parts.end(),
                       [&](Part &part) { return append(op, source, part); });
  }

  bool append(const FileOp &op, OperatorSource &source, Part &part) {
    Graph &graph = growing_.graph;
    for (const TensorId id : part.inputs) {
      if (id != kNone && graph.tensor(id).elements() == 0)
        return !unsure_ && source.refuse("its input has no elements", kDamaged, id);
    }
    Op translated;
    translated.attributes = std::move(part.attributes);
    translated.inputs = std::move(part.inputs);
    translated.outputs = {part.output};
    translated.file_index = op.index;
    const Result<Shape> shape = output_shape(graph, translated);
    // Behind a refused operator the declared shapes are only likely: they are no reason to complain.
    if (unsure_ ? !shape.has_value() : !report(shape)) return false;
    if (!settle_shape(source, part.output, *shape)) return false;
    growing_.producers[static_cast<std::size_t>(part.output)] = static_cast<OpId>(graph.ops.size());
    graph.ops.push_back(std::move(translated));
    growing_.folded.push_back(false);
    return true;
  }

  bool settle_shape(OperatorSource &source, TensorId id, const Shape &shape) {
    const auto elements = checked_product(shape);
    if (!elements || *elements == 0 || *elements > tflite_limits::tensor_elements ||
        shape.size() > kMaxRank) {
      if (unsure_) return false;
      return source.refuse(fmt::format("its output would have the shape {}", shape_text(shape)), kDamaged);
    }
    Tensor &output = growing_.graph.tensors[static_cast<std::size_t>(id)];
    if (!growing_.dynamic_batch[static_cast<std::size_t>(id)] && output.shape != shape) {
      if (unsure_) return false;
      return source.refuse(fmt::format("the file gives its output the shape {}, but it follows as {}",
                                       shape_text(output.shape), shape_text(shape)),
                           "the file is damaged or was changed by hand; export it again", id);
    }
    output.shape = shape;
    return true;
  }

  const ModelFile &file_;
  GrowingGraph &growing_;
  Problems &problems_;
  bool unsure_ = false;  ///< of the operator under way: the shape of an input is
};

bool readable(const TensorTable &table, const FileOp &op) {
  const auto good = [&](TensorId id) { return id == kNone || table.readable[static_cast<std::size_t>(id)]; };
  return std::all_of(op.inputs.begin(), op.inputs.end(), good) &&
         std::all_of(op.outputs.begin(), op.outputs.end(), good);
}

}  // namespace

OperatorList list_operators(const ModelFile &file, CopyAllowance &allowance, Problems &problems) {
  OperatorLister lister(file, allowance, problems);
  for (std::size_t i = 0; i < length(file.subgraph->operators()); ++i) {
    const auto index = static_cast<flatbuffers::uoffset_t>(i);
    lister.list(static_cast<std::int32_t>(i), *file.subgraph->operators()->Get(index));
  }
  return lister.take();
}

Graph translate_operators(const ModelFile &file, const OperatorList &list,
                          const std::vector<std::size_t> &order, const TensorTable &table, Graph graph,
                          Problems &problems) {
  GrowingGraph growing;
  growing.graph = std::move(graph);
  const std::size_t tensors = growing.graph.tensors.size();
  growing.producers.assign(tensors, kNone);
  growing.dynamic_batch = table.dynamic_batch;
  growing.not_constant.resize(tensors);
  growing.unsure_shape.resize(tensors);
  growing.maybe_constant.resize(tensors);
  Translator translator(file, growing, problems);
  translator.skip(list.refused);
  for (const std::size_t i : order) {
    if (readable(table, list.ops[i])) {
      translator.translate(list.ops[i]);
    } else {
      translator.skip(list.ops[i].outputs);
    }
  }
  translator.check_types();
  remove_ops(growing.graph, growing.folded);
  return std::move(growing.graph);
}

}  // namespace thimble::tflite
