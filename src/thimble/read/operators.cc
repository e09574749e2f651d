#include "thimble/read/operators.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "thimble/base/checked.h"
#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"
#include "thimble/read/builtin_names.h"
#include "thimble/read/operator_source.h"

namespace thimble::tflite {

namespace {

constexpr const char *kDamaged = "the file is damaged; export it again";

/// Turns the entries of one file's operator list into FileOps.
class OperatorLister {
 public:
  OperatorLister(const ModelFile &file, CopyAllowance &allowance, Problems &problems)
      : file_(file), allowance_(allowance), problems_(problems) {}

  void list(std::int32_t index, const schema::Operator &table, std::vector<FileOp> &ops) {
    FileOp op;
    op.index = index;
    line_ = Diagnostic();
    line_.op = index;
    for (const auto *ids : {table.inputs(), table.outputs()}) {
      if (length(ids) != 0) line_.tensor = tensor_name(file_, ids->Get(0));
    }
    const auto *codes = file_.model->operator_codes();
    if (table.opcode_index() >= length(codes)) {
      return refuse(fmt::format("it refers to operator code {}, but the file has {}", table.opcode_index(),
                                length(codes)),
                    kDamaged);
    }
    const schema::OperatorCode &code = *codes->Get(table.opcode_index());
    const std::int32_t builtin = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    if (builtin == kCustomOperator) return refuse_custom(code);
    op.name = builtin_name(builtin);
    if (op.name == nullptr) {
      return refuse(fmt::format("operator kind {} is unknown", builtin),
                    "convert the model with an older converter");
    }
    line_.op_name = op.name;
    if (!known_operator(op.name)) {
      return refuse("this kind of operator is not supported",
                    "build the model without it, or ask for it in an issue");
    }
    if (length(table.outputs()) != 1) {
      return refuse(fmt::format("it has {} outputs instead of 1", length(table.outputs())), kDamaged);
    }
    if (read_indices(table.inputs(), true, op.inputs) && read_indices(table.outputs(), false, op.outputs)) {
      ops.push_back(std::move(op));
    }
  }

 private:
  void refuse(std::string reason, std::string hint) {
    line_.reason = std::move(reason);
    line_.hint = std::move(hint);
    problems_.add(line_);
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
      refuse("parts of the file are used by too many operators at once", kDamaged);
      return false;
    }
    for (std::size_t i = 0; i < length(indices); ++i) {
      const std::int32_t id = indices->Get(static_cast<flatbuffers::uoffset_t>(i));
      if ((id < 0 && !(may_be_absent && id == kNone)) || id >= static_cast<std::int64_t>(tensors)) {
        refuse(fmt::format("it refers to tensor {}, but the file has {}", id, tensors), kDamaged);
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
};

std::string shape_text(const Shape &shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

/// Translates operator after operator; keeps what is known about the tensors on the way.
class Translator {
 public:
  Translator(const ModelFile &file, GrowingGraph &growing, Problems &problems)
      : file_(file), growing_(growing), problems_(problems), unknown_(growing.graph.tensors.size()) {}

  void translate(const FileOp &op) {
    // After a refusal, a shape that would have followed from it is unknown: what uses it is not judged.
    const bool judged = std::none_of(op.inputs.begin(), op.inputs.end(), [this](TensorId id) {
      return id != kNone && unknown_[static_cast<std::size_t>(id)];
    });
    const auto output = static_cast<std::size_t>(op.outputs[0]);
    if (!judged || !append(op)) unknown_[output] = growing_.dynamic_batch[output];
  }

 private:
  bool append(const FileOp &op) {
    OperatorSource source(file_, op, growing_, problems_);
    Graph &graph = growing_.graph;
    std::optional<Attributes> attributes = read_operator(op.name, source);
    if (!attributes) return false;
    for (const TensorId id : source.inputs) {
      if (id != kNone && graph.tensor(id).elements() == 0)
        return source.refuse("its input has no elements", kDamaged, id);
    }
    Op translated;
    translated.attributes = std::move(*attributes);
    translated.inputs = source.inputs;
    translated.outputs = op.outputs;
    translated.file_index = op.index;
    Result<Shape> shape = output_shape(graph, translated);
    if (!shape) {
      for (Diagnostic &line : shape.error().lines) problems_.add(std::move(line));
      return false;
    }
    if (!settle_shape(source, *shape)) return false;
    growing_.producers[static_cast<std::size_t>(translated.output())] = static_cast<OpId>(graph.ops.size());
    graph.ops.push_back(std::move(translated));
    growing_.folded.push_back(false);
    return true;
  }

  bool settle_shape(OperatorSource &source, const Shape &shape) {
    const auto elements = checked_product(shape);
    if (!elements || *elements == 0 || *elements > tflite_limits::tensor_elements ||
        shape.size() > kMaxRank) {
      return source.refuse(fmt::format("its output would have the shape {}", shape_text(shape)), kDamaged);
    }
    Tensor &output = source.output();
    if (!source.output_open() && output.shape != shape) {
      return source.refuse(fmt::format("the file gives its output the shape {}, but it follows as {}",
                                       shape_text(output.shape), shape_text(shape)),
                           "the file is damaged or was changed by hand; export it again");
    }
    output.shape = shape;
    return true;
  }

  const ModelFile &file_;
  GrowingGraph &growing_;
  Problems &problems_;
  std::vector<bool> unknown_;  ///< its shape could not be found out
};

}  // namespace

std::vector<FileOp> list_operators(const ModelFile &file, CopyAllowance &allowance, Problems &problems) {
  std::vector<FileOp> ops;
  OperatorLister lister(file, allowance, problems);
  for (std::size_t i = 0; i < length(file.subgraph->operators()); ++i) {
    const auto index = static_cast<flatbuffers::uoffset_t>(i);
    lister.list(static_cast<std::int32_t>(i), *file.subgraph->operators()->Get(index), ops);
  }
  return ops;
}

Graph translate_operators(const ModelFile &file, const std::vector<FileOp> &ops,
                          const std::vector<std::size_t> &order, const std::vector<bool> &dynamic_batch,
                          Graph graph, Problems &problems) {
  GrowingGraph growing;
  growing.graph = std::move(graph);
  growing.producers.assign(growing.graph.tensors.size(), kNone);
  growing.dynamic_batch = dynamic_batch;
  growing.not_constant.resize(growing.graph.tensors.size());
  Translator translator(file, growing, problems);
  for (const std::size_t i : order) translator.translate(ops[i]);
  remove_ops(growing.graph, growing.folded);
  return std::move(growing.graph);
}

}  // namespace thimble::tflite
