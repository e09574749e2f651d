#include "thimble/graph/edit.h"

namespace thimble {

Tensor indices_of(const Tensor &whole, std::size_t axis, const std::vector<bool> &kept) {
  std::size_t outer = 1, inner = static_cast<std::size_t>(size_of(whole.type));
  for (std::size_t a = 0; a < whole.shape.size(); ++a) {
    if (a != axis) (a < axis ? outer : inner) *= static_cast<std::size_t>(whole.shape[a]);
  }
  std::vector<std::uint8_t> bytes;
  for (std::size_t block = 0; block < outer * kept.size(); ++block) {
    if (!kept[block % kept.size()]) continue;
    const auto from = whole.data->begin() + static_cast<std::ptrdiff_t>(block * inner);
    bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(inner));
  }
  Tensor part = whole;
  part.shape[axis] = static_cast<std::int32_t>(std::count(kept.begin(), kept.end(), true));
  part.data = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  if (whole.quantization.per_channel() && whole.quantization.axis == static_cast<int>(axis)) {
    part.quantization.scales.clear();
    part.quantization.zero_points.clear();
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!kept[i]) continue;
      part.quantization.scales.push_back(whole.quantization.scales[i]);
      part.quantization.zero_points.push_back(whole.quantization.zero_points[i]);
    }
  }
  return part;
}

TensorId add_tensor(Graph &graph, Tensor tensor) {
  graph.tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(graph.tensors.size() - 1);
}

void remove_ops(Graph &graph, const std::vector<bool> &removed) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    if (removed[i]) continue;
    if (kept != i) graph.ops[kept] = std::move(graph.ops[i]);
    ++kept;
  }
  graph.ops.resize(kept);
}

void remove_unused_tensors(Graph &graph) {
  std::vector<bool> used(graph.tensors.size());
  const auto for_each_reference = [&graph](auto &&visit) {
    const auto visit_all = [&visit](std::vector<TensorId> &ids) {
      for (TensorId &id : ids) {
        if (id != kNone) visit(id);
      }
    };
    for (Op &op : graph.ops) {
      visit_all(op.inputs);
      visit_all(op.outputs);
    }
    visit_all(graph.inputs);
    visit_all(graph.outputs);
    for (State &state : graph.states) {
      visit(state.read);
      visit(state.written);
    }
  };
  for_each_reference([&used](TensorId id) { used[static_cast<std::size_t>(id)] = true; });

  std::vector<TensorId> renumbered(used.size(), kNone);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    renumbered[i] = static_cast<TensorId>(kept);
    if (kept != i) graph.tensors[kept] = std::move(graph.tensors[i]);
    ++kept;
  }
  graph.tensors.resize(kept);
  for_each_reference([&renumbered](TensorId &id) { id = renumbered[static_cast<std::size_t>(id)]; });
}

void set_activation(Op &op, Activation activation) {
  std::visit(
      [&](auto &kind) {
        if constexpr (requires { kind.activation; }) kind.activation = activation;
      },
      op.attributes);
}

namespace {

/// Marks, per tensor, what is needed for those that are marked, through operators of one inference.
void mark_sources(const Graph &graph, std::vector<bool> &needed) {
  for (std::size_t i = graph.ops.size(); i-- > 0;) {
    const Op &op = graph.ops[i];
    if (!needed[static_cast<std::size_t>(op.output())]) continue;
    for (const TensorId input : op.inputs) {
      if (input != kNone) needed[static_cast<std::size_t>(input)] = true;
    }
  }
}

/// What outputs of this inference or a later one need: a state counts where what it reads does.
std::vector<bool> needed_tensors(const Graph &graph) {
  std::vector<bool> needed(graph.tensors.size());
  for (const TensorId output : graph.outputs) needed[static_cast<std::size_t>(output)] = true;
  for (bool more = true; more;) {
    mark_sources(graph, needed);
    more = false;
    for (const State &state : graph.states) {
      if (!needed[static_cast<std::size_t>(state.read)]) continue;
      more = more || !needed[static_cast<std::size_t>(state.written)];
      needed[static_cast<std::size_t>(state.written)] = true;
    }
  }
  return needed;
}

}  // namespace

void remove_dead_ops(Graph &graph) {
  const std::vector<bool> needed = needed_tensors(graph);
  std::vector<bool> removed(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const TensorId made = graph.ops[i].output();
    removed[i] = !needed[static_cast<std::size_t>(made)] && !contains(graph.inputs, made);
  }
  std::erase_if(graph.states,
                [&](const State &state) { return !needed[static_cast<std::size_t>(state.read)]; });
  remove_ops(graph, removed);
}

}  // namespace thimble
