#include "thimble/plan/plan.h"

#include <algorithm>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/offsets.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/measure.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

/// One stage per operator, in file order, each on whole tensors.
std::vector<Stage> whole_tensor_stages(const Graph &graph) {
  std::vector<Stage> stages;
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    Stage stage;
    stage.ops.push_back({static_cast<OpId>(id)});
    stages.push_back(std::move(stage));
  }
  return stages;
}

/// Tensors that share their bytes: joined by reshapes and by element-wise operators that work in place.
class Sharing {
 public:
  Sharing(const Graph &graph, const std::vector<Lifetime> &lifetimes)
      : lifetimes_(lifetimes), root_(graph.tensors.size()) {
    std::iota(root_.begin(), root_.end(), 0);
    for (const Op &op : graph.ops) {
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
        if (may_share(graph, op, static_cast<int>(j))) {
          join(op.inputs[j], op.output());
          break;
        }
      }
    }
  }

  TensorId root(TensorId tensor) const {
    while (root_[static_cast<std::size_t>(tensor)] != tensor)
      tensor = root_[static_cast<std::size_t>(tensor)];
    return tensor;
  }

 private:
  bool may_share(const Graph &graph, const Op &op, int input) const {
    const TensorId from = op.inputs[static_cast<std::size_t>(input)];
    switch (in_place(graph, op, input)) {
      case InPlace::no:
        return false;
      case InPlace::alias:
        return true;
      case InPlace::ascending:
        // Overwriting needs that nobody wants the old bytes any more, under any of their names.
        return !is_output(graph, from) &&
               last_use(from) <= lifetimes_[static_cast<std::size_t>(op.output())].first;
    }
    return false;
  }

  bool is_output(const Graph &graph, TensorId tensor) const {
    return std::any_of(graph.outputs.begin(), graph.outputs.end(),
                       [&](TensorId output) { return root(output) == root(tensor); });
  }

  std::int64_t last_use(TensorId tensor) const {
    std::int64_t last = -1;
    for (std::size_t t = 0; t < root_.size(); ++t) {
      if (root(static_cast<TensorId>(t)) == root(tensor)) last = std::max(last, lifetimes_[t].last);
    }
    return last;
  }

  void join(TensorId a, TensorId b) { root_[static_cast<std::size_t>(root(b))] = root(a); }

  const std::vector<Lifetime> &lifetimes_;
  std::vector<TensorId> root_;
};

bool contains(const std::vector<TensorId> &list, TensorId tensor) {
  return std::find(list.begin(), list.end(), tensor) != list.end();
}

BufferKind kind_of(const Graph &graph, TensorId tensor) {
  if (contains(graph.inputs, tensor)) return BufferKind::input;
  if (contains(graph.outputs, tensor)) return BufferKind::output;
  return BufferKind::tensor;
}

/// One buffer per computed tensor and per kernel scratch, not yet placed.
std::vector<Buffer> make_buffers(const Schedule &schedule, const std::vector<Lifetime> &lifetimes,
                                 std::int32_t alignment) {
  const Graph &graph = *schedule.graph;
  std::vector<Buffer> buffers;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor &tensor = graph.tensors[t];
    if (lifetimes[t].first < 0) continue;
    Buffer buffer;
    buffer.tensor = static_cast<TensorId>(t);
    buffer.kind = kind_of(graph, buffer.tensor);
    buffer.layout = Layout::whole(tensor);
    buffer.size = tensor.bytes();
    buffer.alignment = std::max(alignment, size_of(tensor.type));
    buffer.first = lifetimes[t].first;
    buffer.last = lifetimes[t].last;
    buffers.push_back(std::move(buffer));
  }
  for_each_firing(schedule, [&](const Firing &firing) {
    const KernelVariant &variant =
        kernel_variants(graph.op(firing.op))[static_cast<std::size_t>(firing.variant)];
    const std::int64_t bytes = variant.scratch_bytes(graph, graph.op(firing.op), firing.tile);
    if (bytes == 0) return;
    Buffer buffer;
    buffer.kind = BufferKind::scratch;
    buffer.op = firing.op;
    buffer.stage = firing.stage;
    buffer.size = bytes;
    buffer.alignment = std::max(alignment, 8);
    buffer.first = buffer.last = firing.index;
    buffers.push_back(std::move(buffer));
  });
  return buffers;
}

/// Places the buffers; those that share bytes move as one block.
std::int64_t place_buffers(std::vector<Buffer> &buffers, const Sharing &sharing, std::size_t tensor_count) {
  std::vector<std::int32_t> block_of_root(tensor_count, kNone);
  std::vector<std::int32_t> block_of(buffers.size());
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Buffer &buffer = buffers[i];
    const Block own{buffer.size, buffer.alignment, buffer.first, buffer.last};
    std::int32_t *known = nullptr;
    if (buffer.tensor != kNone) known = &block_of_root[static_cast<std::size_t>(sharing.root(buffer.tensor))];
    if (known == nullptr || *known == kNone) {
      block_of[i] = static_cast<std::int32_t>(blocks.size());
      if (known != nullptr) *known = block_of[i];
      blocks.push_back(own);
      continue;
    }
    block_of[i] = *known;
    Block &block = blocks[static_cast<std::size_t>(*known)];
    block = {std::max(block.size, own.size), std::max(block.alignment, own.alignment),
             std::min(block.first, own.first), std::max(block.last, own.last)};
  }
  const Placement placement = place(blocks);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    buffers[i].offset = placement.offsets[static_cast<std::size_t>(block_of[i])];
  }
  return placement.size;
}

}  // namespace

Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options) {
  Schedule schedule;
  schedule.graph = std::move(graph);
  schedule.stages = whole_tensor_stages(*schedule.graph);
  if (auto sound = verify_structure(schedule); !sound) return tl::unexpected(sound.error());
  const std::vector<Lifetime> lifetimes = measure_lifetimes(schedule);
  const Sharing sharing(*schedule.graph, lifetimes);
  schedule.buffers = make_buffers(schedule, lifetimes, options.alignment);
  const std::int64_t size = place_buffers(schedule.buffers, sharing, schedule.graph->tensors.size());
  schedule.regions[0].size = align_up(size, options.alignment);
  if (auto proof = check(schedule); !proof) return tl::unexpected(proof.error());
  return schedule;
}

std::int64_t lower_bound_bytes(const Graph &graph) {
  std::int64_t bound = 0;
  for (const Op &op : graph.ops) {
    std::int64_t inputs = 0;
    bool shares = false;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const TensorId id = op.inputs[j];
      if (id == kNone || graph.tensor(id).constant()) continue;
      if (std::find(op.inputs.begin(), op.inputs.begin() + static_cast<std::ptrdiff_t>(j), id) !=
          op.inputs.begin() + static_cast<std::ptrdiff_t>(j)) {
        continue;
      }
      inputs += graph.tensor(id).bytes();
      shares = shares || in_place(graph, op, static_cast<int>(j)) != InPlace::no;
    }
    const std::int64_t output = graph.tensor(op.output()).bytes();
    bound = std::max(bound, shares ? std::max(inputs, output) : inputs + output);
  }
  return bound;
}

}  // namespace thimble
