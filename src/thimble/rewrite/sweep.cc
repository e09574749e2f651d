#include "thimble/rewrite/sweep.h"

#include "thimble/rewrite/remove_dead.h"

namespace thimble {

GraphSweep::GraphSweep(Graph graph)
    : graph_(std::move(graph)),
      producer_(graph_.tensors.size(), kNone),
      uses_(graph_.tensors.size()),
      is_kept_(graph_.tensors.size()),
      replacement_(graph_.tensors.size(), kNone) {
  for (const Op &op : graph_.ops) {
    for (const TensorId id : op.inputs) {
      if (id != kNone) ++uses_[static_cast<std::size_t>(id)];
    }
  }
  for (const TensorId id : kept_tensors(graph_)) {
    ++uses_[static_cast<std::size_t>(id)];
    is_kept_[static_cast<std::size_t>(id)] = true;
  }
}

bool GraphSweep::next(Op &op) {
  if (position_ == graph_.ops.size()) return false;
  op = std::move(graph_.ops[position_++]);
  for (TensorId &id : op.inputs) id = current(id);
  return true;
}

void GraphSweep::append(Op op) {
  producer_[static_cast<std::size_t>(op.output())] = static_cast<OpId>(ops_.size());
  ops_.push_back(std::move(op));
}

Result<Graph> GraphSweep::finish() {
  for (Op &op : ops_) {
    for (TensorId &id : op.inputs) id = current(id);
    for (TensorId &id : op.outputs) id = current(id);
  }
  graph_.ops = std::move(ops_);
  return remove_dead(std::move(graph_));
}

TensorId GraphSweep::add_tensor(Tensor tensor) {
  graph_.tensors.push_back(std::move(tensor));
  producer_.push_back(kNone);
  uses_.push_back(1);
  is_kept_.push_back(false);
  replacement_.push_back(kNone);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

const Op *GraphSweep::producer(TensorId id) const {
  if (id == kNone) return nullptr;
  const OpId op = producer_[static_cast<std::size_t>(id)];
  return op == kNone ? nullptr : &ops_[static_cast<std::size_t>(op)];
}

void GraphSweep::reroute(Op &op, std::size_t index, TensorId to) {
  to = current(to);
  ++uses_[static_cast<std::size_t>(to)];
  release(op.inputs[index]);
  op.inputs[index] = to;
}

void GraphSweep::drop(Op &op, std::size_t index) {
  release(op.inputs[index]);
  op.inputs.erase(op.inputs.begin() + static_cast<std::ptrdiff_t>(index));
}

void GraphSweep::release(TensorId id) {
  // An operator that nobody reads any more reads nothing either, and so on upwards.
  std::vector<TensorId> released{id};
  while (!released.empty()) {
    const TensorId least = released.back();
    released.pop_back();
    if (least == kNone || --uses_[static_cast<std::size_t>(least)] > 0) continue;
    const Op *maker = producer(least);
    if (maker == nullptr) continue;
    for (const TensorId input : maker->inputs) released.push_back(current(input));
  }
}

void GraphSweep::replace(TensorId from, TensorId to) {
  const auto old = static_cast<std::size_t>(from), now = static_cast<std::size_t>(to);
  replacement_[old] = to;
  uses_[now] += uses_[old];
  if (producer_[now] == kNone) producer_[now] = producer_[old];
}

TensorId GraphSweep::current(TensorId id) const {
  while (id != kNone && replacement_[static_cast<std::size_t>(id)] != kNone)
    id = replacement_[static_cast<std::size_t>(id)];
  return id;
}

bool same_meaning(const Tensor &a, const Tensor &b) {
  if (a.type != b.type) return false;
  if (!is_integer(a.type)) return true;
  return a.quantization == b.quantization && !a.quantization.per_channel();
}

}  // namespace thimble
