#include "thimble/plan/order_part.h"

#include <algorithm>
#include <numeric>

namespace thimble {
namespace {

/// Producers, readers and ancestors of the whole problem.
struct Relations {
  std::vector<std::int32_t> producer;              ///< per tensor, -1 for network inputs
  std::vector<std::vector<std::int32_t>> readers;  ///< per tensor, ascending, each once
  std::vector<std::int32_t> part_of;               ///< per operator
  std::int32_t parts = 0;
};

Relations relate(const OrderProblem &problem) {
  Relations relations;
  const std::size_t count = problem.ops.size();
  relations.producer.assign(problem.tensors.size(), -1);
  relations.readers.resize(problem.tensors.size());
  OpSets ancestors(count, count);
  std::vector<std::size_t> comparable(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const OrderOp &op = problem.ops[i];
    for (std::int32_t input : op.inputs) {
      std::vector<std::int32_t> &readers = relations.readers[static_cast<std::size_t>(input)];
      if (readers.empty() || readers.back() != static_cast<std::int32_t>(i))
        readers.push_back(static_cast<std::int32_t>(i));
      const std::int32_t producer = relations.producer[static_cast<std::size_t>(input)];
      if (producer < 0) continue;
      ancestors.unite(i, static_cast<std::size_t>(producer));
      ancestors.insert(i, static_cast<std::size_t>(producer));
    }
    relations.producer[static_cast<std::size_t>(op.output)] = static_cast<std::int32_t>(i);
    for (std::size_t other = 0; other < i; ++other) {
      if (!ancestors.contains(i, other)) continue;
      ++comparable[i];
      ++comparable[other];
    }
  }
  // In every order a cut operator has the same operators before it: those that come before it here.
  relations.part_of.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    relations.part_of[i] = relations.parts;
    if (comparable[i] + 1 == count || i + 1 == count) ++relations.parts;
  }
  return relations;
}

OrderPart make_part(const OrderProblem &problem, const Relations &relations, std::int32_t index) {
  OrderPart part;
  std::vector<std::int32_t> local_op(problem.ops.size(), -1);
  for (std::size_t i = 0; i < problem.ops.size(); ++i) {
    if (relations.part_of[i] != index) continue;
    local_op[i] = static_cast<std::int32_t>(part.ops.size());
    part.ops.push_back({static_cast<std::int32_t>(i), {}, 0, problem.ops[i].workspace});
  }
  std::vector<std::int32_t> local_tensor(problem.tensors.size(), -1);
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    const std::int32_t producer = relations.producer[t];
    const std::vector<std::int32_t> &readers = relations.readers[t];
    const std::int32_t born = producer < 0 ? -1 : relations.part_of[static_cast<std::size_t>(producer)];
    const std::int32_t last =
        readers.empty() ? -1 : relations.part_of[static_cast<std::size_t>(readers.back())];
    OrderPart::Tensor tensor;
    tensor.bytes = problem.tensors[t].bytes;
    tensor.persists = problem.tensors[t].kept || !readers.empty();
    tensor.arrives = born < index && (problem.tensors[t].kept || last >= index);
    tensor.dies = !problem.tensors[t].kept && last <= index;
    if (born != index && !tensor.arrives) continue;
    for (std::int32_t reader : readers) {
      if (local_op[static_cast<std::size_t>(reader)] >= 0)
        tensor.readers.push_back(local_op[static_cast<std::size_t>(reader)]);
    }
    if (tensor.arrives) part.start_live += tensor.bytes;
    if (tensor.arrives && tensor.readers.empty()) {
      part.passing += tensor.bytes;
      continue;
    }
    if (born == index) tensor.producer = local_op[static_cast<std::size_t>(producer)];
    local_tensor[t] = static_cast<std::int32_t>(part.tensors.size());
    part.tensors.push_back(std::move(tensor));
  }
  part.before = OpSets(part.ops.size(), part.ops.size());
  part.readers = OpSets(part.tensors.size(), part.ops.size());
  for (std::size_t i = 0; i < part.ops.size(); ++i) {
    OrderPart::Op &op = part.ops[i];
    const OrderOp &from = problem.ops[static_cast<std::size_t>(op.id)];
    op.output = local_tensor[static_cast<std::size_t>(from.output)];
    for (std::size_t j = 0; j < from.inputs.size(); ++j) {
      const std::int32_t tensor = local_tensor[static_cast<std::size_t>(from.inputs[j])];
      const bool in_place = j < from.in_place.size() && from.in_place[j] != 0;
      const auto known = std::find_if(op.reads.begin(), op.reads.end(),
                                      [&](const OrderPart::Read &read) { return read.tensor == tensor; });
      if (known != op.reads.end()) {
        known->in_place = known->in_place && in_place;
        continue;
      }
      op.reads.push_back({tensor, in_place});
      part.readers.insert(static_cast<std::size_t>(tensor), i);
      const std::int32_t producer = part.tensor(tensor).producer;
      if (producer >= 0) part.before.insert(i, static_cast<std::size_t>(producer));
    }
  }
  return part;
}

}  // namespace

bool OrderPart::ready(const Word *done, std::size_t op) const {
  const Word *needed = before.row(op);
  for (std::size_t w = 0; w < before.width(); ++w) {
    if ((needed[w] & ~done[w]) != 0) return false;
  }
  return true;
}

OrderStep step_of(const OrderPart &part, const Word *done, std::int64_t live, std::size_t id) {
  const OrderPart::Op &op = part.ops[id];
  const OrderPart::Tensor &output = part.tensor(op.output);
  std::int64_t freed = 0, credit = 0;
  for (const OrderPart::Read &read : op.reads) {
    const OrderPart::Tensor &input = part.tensor(read.tensor);
    if (!input.dies) continue;
    const Word *readers = part.readers.row(static_cast<std::size_t>(read.tensor));
    bool last = true;
    for (std::size_t w = 0; w < part.readers.width() && last; ++w) {
      Word waiting = readers[w] & ~done[w];
      if (w == id / 64) waiting &= ~(Word{1} << (id % 64));
      last = waiting == 0;
    }
    if (!last) continue;
    freed += input.bytes;
    if (read.in_place) credit = std::max(credit, std::min(input.bytes, output.bytes));
  }
  return {live + output.bytes + op.workspace - credit, live - freed + (output.persists ? output.bytes : 0)};
}

std::vector<OrderPart> cut_into_parts(const OrderProblem &problem) {
  const Relations relations = relate(problem);
  std::vector<OrderPart> parts;
  for (std::int32_t index = 0; index < relations.parts; ++index)
    parts.push_back(make_part(problem, relations, index));
  return parts;
}

PartOrder greedy_order(const OrderPart &part, std::int64_t floor) {
  constexpr int kRuns = 40;
  std::uint32_t state = 12345;
  const auto draw = [&](std::int64_t limit) {
    state = state * 1664525u + 1013904223u;
    return static_cast<std::int64_t>(state >> 8) % (limit + 1);
  };
  PartOrder best;
  for (int run = 0; run < kRuns; ++run) {
    PartOrder trial;
    trial.peak = part.start_live;
    std::int64_t live = part.start_live;
    OpSets done(1, part.ops.size());
    while (trial.order.size() < part.ops.size()) {
      std::size_t chosen = part.ops.size();
      OrderStep chosen_step;
      std::int64_t least = 0;
      for (std::size_t i = 0; i < part.ops.size(); ++i) {
        if (done.contains(0, i) || !part.ready(done.row(0), i)) continue;
        const OrderStep step = step_of(part, done.row(0), live, i);
        // What stays counts, in every second run also the moment itself; later runs blur it. A step that
        // shrinks what is live without a new peak comes first.
        std::int64_t score = run % 2 == 0 ? step.after : step.during;
        if (step.during <= trial.peak && step.after <= live)
          score = -1;
        else if (run > 1)
          score += draw(part.tensor(part.ops[i].output).bytes * 3 / 2);
        if (chosen < part.ops.size() && score >= least) continue;
        chosen = i;
        chosen_step = step;
        least = score;
      }
      trial.order.push_back(static_cast<std::int32_t>(chosen));
      trial.peak = std::max(trial.peak, chosen_step.during);
      live = chosen_step.after;
      done.insert(0, chosen);
    }
    if (run == 0 || trial.peak < best.peak) best = std::move(trial);
    if (best.peak <= floor) break;
  }
  return best;
}

}  // namespace thimble
