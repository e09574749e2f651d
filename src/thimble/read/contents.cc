#include "thimble/read/contents.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/read/stateful_operators.h"

namespace thimble::tflite {

namespace {

Result<ModelFile> open_model(std::span<const std::uint8_t> bytes, const std::string &name) {
  if (bytes.size() > tflite_limits::file_bytes) {
    return file_failure(
        name, fmt::format("the file has {} bytes, the limit is {}", bytes.size(), tflite_limits::file_bytes),
        "networks for microcontrollers are far smaller");
  }
  if (bytes.size() < 16 || !flatbuffers::BufferHasIdentifier(bytes.data(), schema::ModelIdentifier())) {
    return file_failure(name, "this is no TensorFlow Lite model (the mark 'TFL3' is missing at byte 4)",
                        "give a .tflite file");
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), tflite_limits::flatbuffer_depth,
                                 tflite_limits::flatbuffer_tables);
  if (!schema::VerifyModelBuffer(verifier)) {
    return file_failure(name, "the FlatBuffer is damaged: an offset or a length points outside of it",
                        "copy or export the file again");
  }
  ModelFile file;
  file.name = name;
  file.bytes = bytes;
  file.model = schema::GetModel(bytes.data());
  if (file.model->version() != 3) {
    return file_failure(name,
                        fmt::format("the schema version is {}, only 3 is supported", file.model->version()),
                        "convert the model with a current converter");
  }
  if (length(file.model->subgraphs()) == 0) return file_failure(name, "the file holds no subgraph", kDamaged);
  // The others are entry points of their own (signatures) unless an operator calls them. Those that do are
  // refused as unsupported, but CALL_ONCE (initial_values.h).
  file.subgraph = file.model->subgraphs()->Get(0);
  const std::size_t tensors = length(file.subgraph->tensors()),
                    operators = length(file.subgraph->operators());
  if (tensors > tflite_limits::tensors || operators > tflite_limits::operators) {
    return file_failure(name,
                        fmt::format("it has {} tensors and {} operators, the limits are {} and {}", tensors,
                                    operators, tflite_limits::tensors, tflite_limits::operators),
                        "networks for microcontrollers are far smaller");
  }
  if (operators == 0)
    return file_failure(name, "the network has no operators", "there is nothing to compile");
  return file;
}

/// The network's inputs or outputs, indices verified.
std::vector<TensorId> read_ends(const ModelFile &file, const flatbuffers::Vector<std::int32_t> *indices,
                                const char *what, Problems &problems) {
  std::vector<TensorId> ids;
  const std::size_t tensors = length(file.subgraph->tensors());
  if (length(indices) > tensors) {
    problems.add("",
                 fmt::format("the network has {} {}s but only {} tensors", length(indices), what, tensors),
                 kDamaged);
    return ids;
  }
  std::vector<bool> seen(tensors);
  for (std::size_t i = 0; i < length(indices); ++i) {
    const std::int32_t id = indices->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (id < 0 || id >= static_cast<std::int64_t>(tensors)) {
      problems.add("", fmt::format("network {} {} is tensor {}, but the file has {}", what, i, id, tensors),
                   kDamaged);
    } else if (seen[static_cast<std::size_t>(id)]) {
      problems.add(tensor_name(file, id), fmt::format("it is a network {} twice", what),
                   "give each end of the network a tensor of its own");
    } else {
      seen[static_cast<std::size_t>(id)] = true;
      ids.push_back(id);
    }
  }
  return ids;
}

std::vector<bool> used_tensors(const Contents &contents) {
  std::vector<bool> used(length(contents.file.subgraph->tensors()));
  const auto mark = [&used](const std::vector<TensorId> &ids) {
    for (const TensorId id : ids) {
      if (id != kNone) used[static_cast<std::size_t>(id)] = true;
    }
  };
  for (const FileOp &op : contents.list.ops) {
    mark(op.inputs);
    mark(op.outputs);
  }
  mark(contents.inputs);
  mark(contents.outputs);
  mark(contents.variables.outputs);
  for (const Variable &variable : contents.variables.read) mark({variable.written});
  for (const SameTensor &same : contents.variables.same) mark({same.same_as});
  return used;
}

}  // namespace

Result<Contents> read_contents(std::span<const std::uint8_t> bytes, const std::string &file_name,
                               Problems &problems) {
  Result<ModelFile> opened = open_model(bytes, file_name);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  Contents contents;
  contents.file = std::move(*opened);
  CopyAllowance allowance(bytes.size());
  contents.list = list_operators(contents.file, allowance, problems);
  if (contents.list.damaged) return problems.take();

  const std::size_t unsupported = problems.count();
  contents.inputs = read_ends(contents.file, contents.file.subgraph->inputs(), "input", problems);
  contents.outputs = read_ends(contents.file, contents.file.subgraph->outputs(), "output", problems);
  if (length(contents.file.subgraph->outputs()) == 0)
    problems.add("", "the network has no outputs", kDamaged);
  if (problems.count() != unsupported) return problems.take();
  contents.variables = bind_variables(contents.file, contents.inputs, contents.list, allowance, problems);
  use_one_name(contents.file, contents.variables, contents.list.ops, contents.outputs, problems);
  const std::size_t tensors = length(contents.file.subgraph->tensors());
  const TensorMarks marks{used_tensors(contents),
                          reached_from(contents.list.refused, contents.list.ops, tensors),
                          kept_tensors(contents.list, tensors)};
  contents.table = read_tensors(contents.file, marks, allowance, problems);
  contents.states = make_states(contents.file, contents.variables, contents.table, problems);
  std::vector<TensorId> ends = contents.inputs;
  ends.insert(ends.end(), contents.outputs.begin(), contents.outputs.end());
  split_stateful_operators(contents.file, ends, contents.list, contents.table, contents.states, problems);
  return contents;
}

std::span<const std::uint8_t> aligned(std::span<const std::uint8_t> bytes,
                                      std::vector<std::uint8_t> &storage) {
  constexpr std::size_t kAlignment = 16;  // the most that a scalar or a vector of a model wants
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0) return bytes;
  storage.resize(bytes.size() + kAlignment);
  const std::size_t skew = kAlignment - reinterpret_cast<std::uintptr_t>(storage.data()) % kAlignment;
  std::copy(bytes.begin(), bytes.end(), storage.begin() + static_cast<std::ptrdiff_t>(skew));
  return std::span(storage).subspan(skew, bytes.size());
}

}  // namespace thimble::tflite
