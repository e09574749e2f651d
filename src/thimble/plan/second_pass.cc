#include "thimble/plan/second_pass.h"

#include <algorithm>
#include <map>
#include <set>

#include "thimble/graph/rules.h"

namespace thimble {
namespace {

constexpr std::size_t kLongestChain = 4;
/// A reader that makes so many times less than it reads squeezes a map.
constexpr std::int64_t kSqueeze = 16;

/// Whether anything that is computed from `tensor` is read by `reader`.
bool leads_to(const Graph &graph, TensorId tensor, OpId reader) {
  std::set<TensorId> reached{tensor};
  for (OpId id = 0; id <= reader; ++id) {
    const std::vector<TensorId> inputs = computed_inputs(graph, graph.op(id));
    const bool follows =
        std::any_of(inputs.begin(), inputs.end(), [&](TensorId input) { return reached.count(input) > 0; });
    if (follows && id == reader) return true;
    if (follows) reached.insert(graph.op(id).output());
  }
  return false;
}

/// From the narrowest tensor before it, as far as one operator after another has a single input.
std::vector<OpId> chain_to(const Graph &graph, const std::vector<OpId> &makers, TensorId tensor,
                           bool arrives_once) {
  std::vector<OpId> chain;
  std::vector<OpId> best;
  std::int64_t least = graph.tensor(tensor).bytes() / 2;
  for (TensorId at = tensor; chain.size() < kLongestChain;) {
    const OpId maker = makers[static_cast<std::size_t>(at)];
    const std::vector<TensorId> inputs = computed_inputs(graph, graph.op(maker));
    if (inputs.size() != 1) break;
    at = inputs[0];
    chain.insert(chain.begin(), maker);
    if (arrives_once && contains(graph.inputs, at)) break;
    if (graph.tensor(at).bytes() >= least) continue;
    least = graph.tensor(at).bytes();
    best = chain;
  }
  return best;
}

}  // namespace

std::vector<ComputedTwice> find_computed_twice(const Graph &graph, bool arrives_once) {
  std::vector<ComputedTwice> found;
  const std::vector<OpId> makers = producers(graph);
  const std::vector<std::vector<OpId>> readers = consumers(graph);
  for (TensorId tensor = 0; tensor < static_cast<TensorId>(graph.tensors.size()); ++tensor) {
    const std::vector<OpId> &two = readers[static_cast<std::size_t>(tensor)];
    if (two.size() != 2 || makers[static_cast<std::size_t>(tensor)] == kNone) continue;
    if (contains(graph.outputs, tensor)) continue;
    const TensorId squeezed = graph.op(two[0]).output();
    if (graph.tensor(squeezed).bytes() * kSqueeze > graph.tensor(tensor).bytes()) continue;
    if (!leads_to(graph, squeezed, two[1])) continue;
    ComputedTwice twice{tensor, two[1], chain_to(graph, makers, tensor, arrives_once), 0};
    if (twice.chain.empty()) continue;
    for (const OpId op : twice.chain) twice.macs += macs(graph, graph.op(op));
    found.push_back(std::move(twice));
  }
  std::stable_sort(found.begin(), found.end(), [&](const ComputedTwice &a, const ComputedTwice &b) {
    return graph.tensor(a.tensor).bytes() > graph.tensor(b.tensor).bytes();
  });
  return found;
}

SecondPass make_second_pass(const Graph &graph, const std::vector<ComputedTwice> &maps) {
  SecondPass pass;
  Graph twice = graph;
  twice.ops.clear();
  for (TensorId t = 0; t < static_cast<TensorId>(graph.tensors.size()); ++t) pass.tensors.push_back(t);
  for (OpId id = 0; id < static_cast<OpId>(graph.ops.size()); ++id) {
    Op op = graph.op(id);
    for (const ComputedTwice &map : maps) {
      if (map.reader != id) continue;
      std::map<TensorId, TensorId> copies;
      for (const OpId original : map.chain) {
        Op again = graph.op(original);
        for (TensorId &input : again.inputs) {
          if (const auto copy = copies.find(input); copy != copies.end()) input = copy->second;
        }
        const TensorId made = again.output();
        again.outputs = {static_cast<TensorId>(twice.tensors.size())};
        copies[made] = again.outputs[0];
        twice.tensors.push_back(graph.tensor(made));
        twice.tensors.back().name += " (again)";
        pass.tensors.push_back(made);
        pass.macs += macs(graph, graph.op(original));
        pass.ops.push_back(original);
        twice.ops.push_back(std::move(again));
      }
      std::replace(op.inputs.begin(), op.inputs.end(), map.tensor, copies[map.tensor]);
    }
    pass.ops.push_back(id);
    twice.ops.push_back(std::move(op));
  }
  pass.graph = std::make_shared<const Graph>(std::move(twice));
  return pass;
}

std::optional<Schedule> to_original(const Schedule &schedule, const SecondPass &pass,
                                    std::shared_ptr<const Graph> original) {
  Schedule mapped = schedule;
  mapped.graph = std::move(original);
  const auto op = [&](OpId &id) {
    if (id != kNone) id = pass.ops[static_cast<std::size_t>(id)];
  };
  const auto tensor = [&](TensorId &id) {
    if (id != kNone) id = pass.tensors[static_cast<std::size_t>(id)];
  };
  for (Stage &stage : mapped.stages) {
    for (StageOp &stage_op : stage.ops) op(stage_op.op);
    for (StageTensor &inner : stage.inner) {
      tensor(inner.tensor);
      tensor(inner.within);
    }
  }
  std::set<TensorId> shared;
  for (Buffer &buffer : mapped.buffers) {
    op(buffer.op);
    tensor(buffer.tensor);
    const bool holds_tensor = buffer.op == kNone && buffer.tensor != kNone;
    if (holds_tensor && buffer.stage == kNone && !shared.insert(buffer.tensor).second) return std::nullopt;
  }
  return mapped;
}

}  // namespace thimble
