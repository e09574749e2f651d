#include "thimble/read/order.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>

#include "thimble/read/tensors.h"

namespace thimble::tflite {

namespace {

Diagnostic about(const ModelFile &file, const FileOp &op, TensorId tensor, std::string reason) {
  Diagnostic line;
  line.op = op.index;
  line.op_name = op.name;
  line.tensor = tensor_name(file, tensor);
  line.reason = std::move(reason);
  line.hint = kDamaged;
  return line;
}

/// Position in `ops` of the producer of each tensor, kNone without one.
std::vector<std::int32_t> find_producers(const ModelFile &file, const std::vector<FileOp> &ops,
                                         const std::vector<bool> &available, Problems &problems) {
  std::vector<std::int32_t> producers(available.size(), kNone);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const TensorId output : ops[i].outputs) {
      auto &producer = producers[static_cast<std::size_t>(output)];
      if (available[static_cast<std::size_t>(output)]) {
        problems.add(about(file, ops[i], output, "its output is a constant or an input of the network"));
      } else if (producer != kNone) {
        const FileOp &other = ops[static_cast<std::size_t>(producer)];
        problems.add(
            about(file, ops[i], output,
                  fmt::format("its output is also computed by operator {} ({})", other.index, other.name)));
      }
      producer = static_cast<std::int32_t>(i);
    }
  }
  for (const FileOp &op : ops) {
    for (const TensorId input : op.inputs) {
      if (input == kNone || available[static_cast<std::size_t>(input)]) continue;
      if (producers[static_cast<std::size_t>(input)] == kNone) {
        problems.add(about(file, op, input,
                           "its input is no constant, no network input, and no operator computes it"));
      }
    }
  }
  return producers;
}

/// Walks back from an operator that waits to one that waits for itself.
std::size_t on_cycle(const std::vector<FileOp> &ops, const std::vector<std::int32_t> &producers,
                     const std::vector<std::int32_t> &waits_for, std::size_t start) {
  std::vector<bool> seen(ops.size());
  std::size_t at = start;
  while (!seen[at]) {
    seen[at] = true;
    for (const TensorId input : ops[at].inputs) {
      const std::int32_t producer = input == kNone ? kNone : producers[static_cast<std::size_t>(input)];
      if (producer == kNone || waits_for[static_cast<std::size_t>(producer)] == 0) continue;
      at = static_cast<std::size_t>(producer);
      break;
    }
  }
  return at;
}

}  // namespace

std::vector<bool> reached_from(const std::vector<TensorId> &start, const std::vector<FileOp> &ops,
                               std::size_t tensors) {
  std::vector<std::vector<std::size_t>> users(tensors);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const TensorId id : ops[i].inputs) {
      if (id != kNone) users[static_cast<std::size_t>(id)].push_back(i);
    }
  }
  std::vector<bool> reached(tensors);
  std::vector<TensorId> next = start;
  while (!next.empty()) {
    const auto tensor = static_cast<std::size_t>(next.back());
    next.pop_back();
    if (reached[tensor]) continue;
    reached[tensor] = true;
    for (const std::size_t user : users[tensor]) {
      next.insert(next.end(), ops[user].outputs.begin(), ops[user].outputs.end());
    }
  }
  return reached;
}

std::vector<std::size_t> executable_order(const ModelFile &file, const std::vector<FileOp> &ops,
                                          const std::vector<bool> &available, Problems &problems) {
  const std::size_t before = problems.count();
  const std::vector<std::int32_t> producers = find_producers(file, ops, available, problems);
  if (problems.count() != before) return {};

  std::vector<std::int32_t> waits_for(ops.size());  // inputs that are not computed yet
  std::vector<std::vector<std::size_t>> users(ops.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const TensorId input : ops[i].inputs) {
      const std::int32_t producer = input == kNone ? kNone : producers[static_cast<std::size_t>(input)];
      if (producer == kNone) continue;
      ++waits_for[i];
      users[static_cast<std::size_t>(producer)].push_back(i);
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (waits_for[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    order.push_back(i);
    for (const std::size_t user : users[i]) {
      if (--waits_for[user] == 0) ready.push(user);
    }
  }
  if (order.size() != ops.size()) {
    const auto waiting =
        std::find_if(waits_for.begin(), waits_for.end(), [](std::int32_t n) { return n > 0; });
    const FileOp &op =
        ops[on_cycle(ops, producers, waits_for, static_cast<std::size_t>(waiting - waits_for.begin()))];
    problems.add(about(file, op, op.outputs[0], "it needs its own result: the operators form a cycle"));
    return {};
  }
  return order;
}

}  // namespace thimble::tflite
