#include "thimble/read/tflite.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/base/files.h"
#include "thimble/base/hash.h"
#include "thimble/graph/edit.h"
#include "thimble/read/contents.h"

namespace thimble {

namespace {

using namespace tflite;

/// Tensors that no known operator has to compute: constants, network inputs, what variables give, results of
/// operators that were refused. Verifies the ends on the way.
std::vector<bool> available_tensors(const Contents &contents, const Graph &graph, Problems &problems) {
  const ModelFile &file = contents.file;
  const OperatorList &list = contents.list;
  const std::vector<bool> &readable = contents.table.readable;
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
  for (const TensorId id : contents.variables.outputs) available[static_cast<std::size_t>(id)] = true;
  std::vector<bool> computed(available.size());
  for (const State &state : graph.states) {
    available[static_cast<std::size_t>(state.read)] = true;
    computed[static_cast<std::size_t>(state.read)] = true;
  }
  for (const FileOp &op : list.ops) {
    for (const TensorId id : op.outputs) computed[static_cast<std::size_t>(id)] = true;
  }
  for (const TensorId id : list.refused) {
    // An operator of a known kind that computes it too is another problem.
    if (!computed[static_cast<std::size_t>(id)]) available[static_cast<std::size_t>(id)] = true;
    computed[static_cast<std::size_t>(id)] = true;
  }
  for (const TensorId id : graph.outputs) {
    // What cannot be read has a line of its own.
    if (computed[static_cast<std::size_t>(id)] || !readable[static_cast<std::size_t>(id)]) continue;
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

/// Input operators first, those of states behind the network's, then the others; tensors that nothing refers
/// to any more (absorbed side inputs) dropped.
void finish(Graph &graph) {
  std::vector<Op> ops;
  for (const TensorId id : graph.inputs) ops.push_back(Op{Input{}, {}, {id}, kNone});
  for (const State &state : graph.states) ops.push_back(Op{Input{}, {}, {state.read}, kNone});
  std::move(graph.ops.begin(), graph.ops.end(), std::back_inserter(ops));
  graph.ops = std::move(ops);
  remove_unused_tensors(graph);
}

Result<Graph> read_aligned(std::span<const std::uint8_t> bytes, std::string file_name) {
  Problems problems(file_name);
  Result<Contents> contents = read_contents(bytes, file_name, problems);
  if (!contents) return tl::unexpected(std::move(contents.error()));
  const ModelFile &file = contents->file;
  const OperatorList &list = contents->list;
  Graph graph;
  graph.file = std::move(file_name);
  graph.inputs = std::move(contents->inputs);
  graph.outputs = std::move(contents->outputs);
  graph.tensors = std::move(contents->table.tensors);
  graph.states = std::move(contents->states);

  const std::size_t unreadable = problems.count();
  const std::vector<bool> available = available_tensors(*contents, graph, problems);
  const std::vector<std::size_t> order = executable_order(file, list.ops, available, problems);
  if (problems.count() != unreadable) return problems.take();

  graph = translate_operators(file, list, order, contents->table, std::move(graph), problems);
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
  std::vector<std::uint8_t> storage;
  return read_aligned(aligned(bytes, storage), std::move(file_name));
}

}  // namespace thimble
