#include "thimble/read/stateful_operators.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "thimble/read/variables.h"

namespace thimble::tflite {

namespace {

struct StatefulOperator {
  std::string_view name;
  std::vector<std::size_t> inputs;  ///< how many it may have
  std::vector<std::size_t> states;  ///< their positions among the inputs
};

constexpr std::string_view kSvdf = "SVDF";

const StatefulOperator *find_stateful(std::string_view name) {
  static const StatefulOperator operators[] = {
      {kSvdf, {5}, {4}},
      {"UNIDIRECTIONAL_SEQUENCE_LSTM", {20, 24}, {18, 19}},
  };
  for (const StatefulOperator &kind : operators) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

class Splitter {
 public:
  Splitter(const ModelFile &file, const std::vector<TensorId> &ends, OperatorList &list, TensorTable &table,
           std::vector<State> &states, Problems &problems)
      : file_(file),
        list_(list),
        table_(table),
        states_(states),
        problems_(problems),
        uses_(table.tensors.size()) {
    for (const TensorId id : ends) ++uses_[static_cast<std::size_t>(id)];
    for (const State &state : states) {
      ++uses_[static_cast<std::size_t>(state.read)];
      ++uses_[static_cast<std::size_t>(state.written)];
    }
    for (const FileOp &op : list.ops) {
      for (const TensorId id : op.inputs) {
        if (id != kNone) ++uses_[static_cast<std::size_t>(id)];
      }
    }
  }

  void split() {
    std::vector<FileOp> ops;
    for (FileOp &op : list_.ops) {
      const StatefulOperator *kind = find_stateful(op.name);
      if (kind == nullptr) {
        ops.push_back(std::move(op));
      } else if (const std::string reason = wrong(*kind, op); !reason.empty()) {
        refuse(file_, op, reason, kDamagedVariable, problems_);
        list_.refused.insert(list_.refused.end(), op.outputs.begin(), op.outputs.end());
        for (const std::size_t state : kind->states) {
          if (state < op.inputs.size() && op.inputs[state] != kNone)
            list_.refused.push_back(op.inputs[state]);
        }
      } else if (kind->name == kSvdf) {
        add_halves(op, ops);
      } else {
        // It is read as several operators anyhow, the last of which make the next states.
        for (const std::size_t state : kind->states) op.outputs.push_back(add_next(op.inputs[state]));
        ops.push_back(std::move(op));
      }
    }
    list_.ops = std::move(ops);
  }

 private:
  /// What is wrong with the operator's states, or nothing.
  std::string wrong(const StatefulOperator &kind, const FileOp &op) const {
    if (std::find(kind.inputs.begin(), kind.inputs.end(), op.inputs.size()) == kind.inputs.end())
      return fmt::format("it has {} inputs instead of {}", op.inputs.size(), fmt::join(kind.inputs, " or "));
    for (const std::size_t state : kind.states) {
      const TensorId id = op.inputs[state];
      if (id == kNone) return "its state is absent";
      const auto *tensor = file_.subgraph->tensors()->Get(static_cast<flatbuffers::uoffset_t>(id));
      if (!tensor->is_variable()) return "its state is no variable tensor";
      if (table_.tensors[static_cast<std::size_t>(id)].constant()) return "its state has constant data";
      if (uses_[static_cast<std::size_t>(id)] != 1) return "its state is used elsewhere as well";
    }
    return "";
  }

  /// The tensor that a state is to become.
  TensorId add_next(TensorId state) {
    const auto next = static_cast<TensorId>(table_.tensors.size());
    const auto index = static_cast<std::size_t>(state);
    Tensor tensor = table_.tensors[index];
    tensor.name += "/next";
    // A variable tensor begins as zero points where it has 8 bits, as zeros otherwise.
    const std::int32_t fill = tensor.type == ElementType::int8 ? tensor.quantization.zero_point() : 0;
    if (table_.readable[index])
      states_.push_back({table_.tensors[index].name, state, next, nullptr, static_cast<std::uint8_t>(fill)});
    table_.tensors.push_back(std::move(tensor));
    table_.readable.push_back(table_.readable[index]);
    table_.dynamic_batch.push_back(false);
    return next;
  }

  void add_halves(const FileOp &op, std::vector<FileOp> &ops) {
    const TensorId state = op.inputs[4], next = add_next(state);
    ops.push_back({op.index, "SVDF_STATE", {op.inputs[0], op.inputs[1], state}, {next}});
    ops.push_back({op.index, op.name, {next, op.inputs[2], op.inputs[3]}, op.outputs});
  }

  const ModelFile &file_;
  OperatorList &list_;
  TensorTable &table_;
  std::vector<State> &states_;
  Problems &problems_;
  std::vector<std::int32_t> uses_;  ///< by tensor: readers, ends and variables
};

}  // namespace

std::vector<bool> kept_tensors(const OperatorList &list, std::size_t tensors) {
  std::vector<bool> kept(tensors);
  for (const FileOp &op : list.ops) {
    const StatefulOperator *kind = find_stateful(op.name);
    if (kind == nullptr) continue;
    for (const std::size_t state : kind->states) {
      if (state < op.inputs.size() && op.inputs[state] != kNone)
        kept[static_cast<std::size_t>(op.inputs[state])] = true;
    }
  }
  return kept;
}

void split_stateful_operators(const ModelFile &file, const std::vector<TensorId> &ends, OperatorList &list,
                              TensorTable &table, std::vector<State> &states, Problems &problems) {
  Splitter(file, ends, list, table, states, problems).split();
}

}  // namespace thimble::tflite
