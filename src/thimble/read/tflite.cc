#include "thimble/read/tflite.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/base/files.h"
#include "thimble/base/hash.h"
#include "thimble/graph/edit.h"
#include "thimble/read/operators.h"

namespace thimble {

namespace {

using namespace tflite;

constexpr const char *kDamaged = "the file is damaged; export it again";
/// Most that a FlatBuffers scalar wants to be aligned to.
constexpr std::size_t kAlignment = 16;

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
  // The others are entry points of their own (signatures) unless an operator calls them, and all those that
  // do are refused as unsupported.
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

std::vector<bool> used_tensors(const ModelFile &file, const std::vector<FileOp> &ops, const Graph &graph) {
  std::vector<bool> used(length(file.subgraph->tensors()));
  const auto mark = [&used](const std::vector<TensorId> &ids) {
    for (const TensorId id : ids) {
      if (id != kNone) used[static_cast<std::size_t>(id)] = true;
    }
  };
  for (const FileOp &op : ops) {
    mark(op.inputs);
    mark(op.outputs);
  }
  mark(graph.inputs);
  mark(graph.outputs);
  return used;
}

/// Tensors that no known operator has to compute: constants, network inputs, results of operators that were
/// refused. Verifies the ends on the way.
std::vector<bool> available_tensors(const ModelFile &file, const OperatorList &list,
                                    const std::vector<bool> &readable, const Graph &graph,
                                    Problems &problems) {
  std::vector<bool> available(graph.tensors.size());
  for (std::size_t i = 0; i < available.size(); ++i) available[i] = graph.tensors[i].constant();
  for (const TensorId id : graph.inputs) {
    if (available[static_cast<std::size_t>(id)]) {
      problems.add(tensor_name(file, id), "it is a network input, but has constant data", kDamaged);
    } else if (graph.tensor(id).elements() == 0) {
      problems.add(tensor_name(file, id), "this network input has no elements", kDamaged);
    }
    available[static_cast<std::size_t>(id)] = true;
  }
  std::vector<bool> computed(available.size());
  for (const FileOp &op : list.ops) computed[static_cast<std::size_t>(op.outputs[0])] = true;
  for (const TensorId id : list.refused) {
    // An operator of a known kind that computes it too is another problem.
    if (!computed[static_cast<std::size_t>(id)]) available[static_cast<std::size_t>(id)] = true;
    computed[static_cast<std::size_t>(id)] = true;
  }
  for (const TensorId id : graph.outputs) {
    if (computed[static_cast<std::size_t>(id)]) continue;
    problems.add(tensor_name(file, id),
                 available[static_cast<std::size_t>(id)]
                     ? "this network output is a constant or a network input: nothing is computed"
                     : "this network output is computed by no operator",
                 "remove it from the model's outputs");
  }
  // Empty lists (the shape of a scalar) have no bytes and no producer; only side inputs may be such.
  for (std::size_t i = 0; i < available.size(); ++i) {
    if (!computed[i] && (graph.tensors[i].elements() == 0 || !readable[i])) available[i] = true;
  }
  return available;
}

/// Input operators first, then the others; tensors that nothing refers to any more (absorbed side inputs)
/// dropped.
void finish(Graph &graph) {
  std::vector<Op> ops;
  for (const TensorId id : graph.inputs) ops.push_back(Op{Input{}, {}, {id}, kNone});
  std::move(graph.ops.begin(), graph.ops.end(), std::back_inserter(ops));
  graph.ops = std::move(ops);
  remove_unused_tensors(graph);
}

Result<Graph> read_aligned(std::span<const std::uint8_t> bytes, std::string file_name) {
  const Result<ModelFile> opened = open_model(bytes, file_name);
  if (!opened) return tl::unexpected(opened.error());
  const ModelFile &file = *opened;
  Problems problems(file_name);
  CopyAllowance allowance(bytes.size());
  Graph graph;
  graph.file = std::move(file_name);

  const OperatorList list = list_operators(file, allowance, problems);
  if (list.damaged) return problems.take();

  const std::size_t unsupported = problems.count();
  graph.inputs = read_ends(file, file.subgraph->inputs(), "input", problems);
  graph.outputs = read_ends(file, file.subgraph->outputs(), "output", problems);
  if (length(file.subgraph->outputs()) == 0) problems.add("", "the network has no outputs", kDamaged);
  if (problems.count() != unsupported) return problems.take();
  const std::size_t tensors = length(file.subgraph->tensors());
  TensorTable table = read_tensors(file, used_tensors(file, list.ops, graph),
                                   reached_from(list.refused, list.ops, tensors), allowance, problems);
  graph.tensors = std::move(table.tensors);

  const std::size_t unreadable = problems.count();
  const std::vector<bool> available = available_tensors(file, list, table.readable, graph, problems);
  const std::vector<std::size_t> order = executable_order(file, list.ops, available, problems);
  if (problems.count() != unreadable) return problems.take();

  graph = translate_operators(file, list, order, table, std::move(graph), problems);
  if (problems.count() != 0) return problems.take();

  finish(graph);
  graph.sha256 = sha256_hex(bytes);
  if (Result<void> verified = verify(graph); !verified) return tl::unexpected(verified.error());
  return graph;
}

}  // namespace

Result<Graph> read_tflite(const std::filesystem::path &path) {
  const auto bytes = read_file(path, tflite_limits::file_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return read_tflite(*bytes, path.string());
}

Result<Graph> read_tflite(std::span<const std::uint8_t> bytes, std::string file_name) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment == 0) {
    return read_aligned(bytes, std::move(file_name));
  }
  // FlatBuffers scalars are read in place, so the buffer has to start at an aligned address.
  std::vector<std::uint8_t> storage(bytes.size() + kAlignment);
  const std::size_t skew = kAlignment - reinterpret_cast<std::uintptr_t>(storage.data()) % kAlignment;
  std::copy(bytes.begin(), bytes.end(), storage.begin() + static_cast<std::ptrdiff_t>(skew));
  return read_aligned(std::span(storage).subspan(skew, bytes.size()), std::move(file_name));
}

}  // namespace thimble
