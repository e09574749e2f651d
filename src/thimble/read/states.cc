#include "thimble/read/states.h"

#include <fmt/ranges.h>

#include <map>
#include <set>

namespace thimble::tflite {

namespace {

std::string text_of(const Tensor &tensor) {
  return fmt::format("{} [{}]", name_of(tensor.type), fmt::join(tensor.shape, ","));
}

bool same_form(const Tensor &a, const Tensor &b) {
  return a.type == b.type && a.shape == b.shape;
}

/// Compares the tensors of variables, whatever operator they come from.
class StateMaker {
 public:
  StateMaker(const ModelFile &file, TensorTable &table, Problems &problems)
      : file_(file), table_(table), problems_(problems) {}

  void compare(const SameTensor &same) {
    if (!readable(same.tensor) || !readable(same.same_as)) return;
    const Tensor &read = tensor(same.tensor), &held = tensor(same.same_as);
    if (read.constant()) return fail(*same.op, "its output has constant data");
    if (!same_form(read, held)) {
      fail(*same.op, fmt::format("it reads {} from a variable that holds {}", text_of(read), text_of(held)));
    } else if (!(read.quantization == held.quantization)) {
      fail(*same.op, "its output is quantised unlike what the variable holds");
    }
  }

  void add(const Variable &variable) {
    if (!readable(variable.read) || (variable.written != kNone && !readable(variable.written))) return;
    Tensor &read = tensor(variable.read);
    if (read.constant()) return fail(*variable.reader, "its output has constant data");
    const Tensor *initial = variable.initial;
    if (initial != nullptr && !same_form(read, *initial)) {
      return fail(*variable.reader, fmt::format("it reads variable '{}' as {}, but its first value is {}",
                                                variable.name, text_of(read), text_of(*initial)));
    }
    if (variable.written == kNone) {
      read.data = initial->data;
      return;
    }
    const Tensor &written = tensor(variable.written);
    if (written.constant()) {
      return fail(
          *variable.writer,
          fmt::format("it assigns a constant to variable '{}', which is not supported", variable.name),
          "give the variable that constant as its first value");
    }
    // Where the file leaves the batch open, the shape is known later and compared then.
    const bool open = table_.dynamic_batch[static_cast<std::size_t>(variable.written)];
    if (!open && !same_form(read, written)) {
      return fail(*variable.writer, fmt::format("it assigns {} to variable '{}', which is read as {}",
                                                text_of(written), variable.name, text_of(read)));
    }
    State state{variable.name, variable.read, variable.written, nullptr, 0};
    if (initial != nullptr) state.initial = initial->data;
    // TensorFlow Lite Micro fills a variable without a first value with one byte, which is zero as a number
    // where an element has 8 bits.
    state.fill = static_cast<std::uint8_t>(written.quantization.zero_point());
    states_.push_back(std::move(state));
  }

  std::vector<State> take() { return std::move(states_); }

 private:
  bool readable(TensorId id) const { return table_.readable[static_cast<std::size_t>(id)]; }
  Tensor &tensor(TensorId id) { return table_.tensors[static_cast<std::size_t>(id)]; }
  void fail(const FileOp &op, std::string reason, const char *hint = kDamagedVariable) {
    refuse(file_, op, std::move(reason), hint, problems_);
  }

  const ModelFile &file_;
  TensorTable &table_;
  Problems &problems_;
  std::vector<State> states_;
};

}  // namespace

void use_one_name(const ModelFile &file, const Variables &variables, std::vector<FileOp> &ops,
                  std::vector<TensorId> &outputs, Problems &problems) {
  std::map<TensorId, TensorId> names;
  for (const SameTensor &same : variables.same) names[same.tensor] = same.same_as;
  const auto rename = [&names](TensorId &id) {
    const auto found = names.find(id);
    if (found != names.end()) id = found->second;
  };
  for (FileOp &op : ops) {
    for (TensorId &id : op.inputs) rename(id);
  }
  std::set<TensorId> seen;
  for (TensorId &id : outputs) {
    rename(id);
    if (!seen.insert(id).second) {
      problems.add(tensor_name(file, id), "it is a network output twice",
                   "give each end of the network a tensor of its own");
    }
  }
}

std::vector<State> make_states(const ModelFile &file, const Variables &variables, TensorTable &table,
                               Problems &problems) {
  StateMaker maker(file, table, problems);
  for (const SameTensor &same : variables.same) maker.compare(same);
  for (const Variable &variable : variables.read) maker.add(variable);
  return maker.take();
}

}  // namespace thimble::tflite
