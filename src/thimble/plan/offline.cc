#include "thimble/plan/offline.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>

#include "thimble/base/checked.h"
#include "thimble/plan/offsets.h"

namespace thimble {

namespace {

constexpr std::int32_t kAlignment = 16;

/// Who makes each tensor: an operator, or kThere for what is there from the beginning (constants, inputs,
/// empty tensors), or kNobody.
constexpr std::int32_t kThere = -1, kNobody = -2;

Result<std::vector<std::int32_t>> makers(const FileOutline &outline) {
  std::vector<std::int32_t> maker(outline.tensor_bytes.size());
  for (std::size_t t = 0; t < maker.size(); ++t) maker[t] = outline.tensor_bytes[t] == 0 ? kThere : kNobody;
  for (const std::int32_t input : outline.inputs) maker[static_cast<std::size_t>(input)] = kThere;
  for (std::size_t i = 0; i < outline.operators.size(); ++i) {
    for (const std::int32_t output : outline.operators[i].outputs) {
      std::int32_t &entry = maker[static_cast<std::size_t>(output)];
      if (entry >= 0 || (entry == kThere && outline.tensor_bytes[static_cast<std::size_t>(output)] > 0)) {
        return file_failure(outline.file, "tensor " + std::to_string(output) + " is made twice");
      }
      if (entry == kNobody) entry = static_cast<std::int32_t>(i);
    }
  }
  return maker;
}

/// Calls `visit` for every tensor that an operator reads and another one has to make first.
template <class Visit>
void for_each_made_input(const FileOutline &outline, const std::vector<std::int32_t> &maker, std::int32_t op,
                         Visit &&visit) {
  for (const std::int32_t input : outline.operators[static_cast<std::size_t>(op)].inputs) {
    if (input >= 0 && maker[static_cast<std::size_t>(input)] != kThere) visit(input);
  }
}

Result<void> check_order(const FileOutline &outline, const std::vector<std::int32_t> &maker,
                         std::span<const std::int32_t> order) {
  const auto refuse = [&](const std::string &reason) { return file_failure(outline.file, reason); };
  const std::size_t count = outline.operators.size();
  if (order.size() != count) return refuse("the order has another number of operators than the file");
  std::vector<bool> done(count);
  for (const std::int32_t op : order) {
    if (op < 0 || static_cast<std::size_t>(op) >= count || done[static_cast<std::size_t>(op)]) {
      return refuse("the order is no permutation of the operators");
    }
    bool ready = true;
    for_each_made_input(outline, maker, op, [&](std::int32_t input) {
      const std::int32_t by = maker[static_cast<std::size_t>(input)];
      ready = ready && by >= 0 && done[static_cast<std::size_t>(by)];
    });
    if (!ready) return refuse("operator " + std::to_string(op) + " comes before what it reads");
    done[static_cast<std::size_t>(op)] = true;
  }
  return {};
}

struct Blocks {
  std::vector<Block> blocks;
  std::vector<std::int32_t> tensors;  ///< per block
};

/// Time 0 is the caller's; operator number i of the order runs at time i + 1.
Blocks blocks_of(const FileOutline &outline, std::span<const std::int32_t> order) {
  constexpr std::int64_t kNever = -1;
  std::vector<std::int64_t> first(outline.tensor_bytes.size(), kNever), last = first;
  for (const std::int32_t input : outline.inputs)
    first[static_cast<std::size_t>(input)] = last[static_cast<std::size_t>(input)] = 0;
  std::int64_t time = 0;
  for (const std::int32_t id : order) {
    const FileOutline::Operator &op = outline.operators[static_cast<std::size_t>(id)];
    ++time;
    for (const std::int32_t output : op.outputs)
      first[static_cast<std::size_t>(output)] = last[static_cast<std::size_t>(output)] = time;
    for (const std::int32_t input : op.inputs) {
      if (input >= 0) last[static_cast<std::size_t>(input)] = time;
    }
  }
  for (const std::int32_t output : outline.outputs) last[static_cast<std::size_t>(output)] = time;
  Blocks result;
  for (std::size_t t = 0; t < first.size(); ++t) {
    if (first[t] == kNever || outline.tensor_bytes[t] == 0) continue;
    result.blocks.push_back({align_up(outline.tensor_bytes[t], kAlignment), kAlignment, first[t], last[t]});
    result.tensors.push_back(static_cast<std::int32_t>(t));
  }
  return result;
}

/// TensorFlow Lite Micro's rule: large tensors first, equal ones from the end of the file.
Placement greedy(const std::vector<Block> &blocks) {
  std::vector<std::int32_t> order(blocks.size());
  std::iota(order.rbegin(), order.rend(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return blocks[static_cast<std::size_t>(a)].size > blocks[static_cast<std::size_t>(b)].size;
  });
  return first_fit(blocks, order);
}

}  // namespace

Result<std::vector<std::int32_t>> executable_order(const FileOutline &outline) {
  const auto maker = makers(outline);
  if (!maker) return tl::unexpected(maker.error());
  std::vector<std::vector<std::int32_t>> readers(outline.operators.size());
  std::vector<std::int32_t> missing(outline.operators.size());
  std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < outline.operators.size(); ++i) {
    const auto op = static_cast<std::int32_t>(i);
    for_each_made_input(outline, *maker, op, [&](std::int32_t input) {
      ++missing[i];
      const std::int32_t by = (*maker)[static_cast<std::size_t>(input)];
      if (by != kNobody) readers[static_cast<std::size_t>(by)].push_back(op);
    });
    if (missing[i] == 0) ready.push(op);
  }
  std::vector<std::int32_t> order;
  while (!ready.empty()) {
    const std::int32_t op = ready.top();
    ready.pop();
    order.push_back(op);
    for (const std::int32_t reader : readers[static_cast<std::size_t>(op)]) {
      if (--missing[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() != outline.operators.size()) {
    return file_failure(outline.file, "its operators cannot be put into an executable order");
  }
  return order;
}

Result<OfflinePlan> plan_offline(const FileOutline &outline, std::span<const std::int32_t> order) {
  OfflinePlan plan;
  auto files_own = executable_order(outline);
  if (!files_own) return tl::unexpected(files_own.error());
  plan.order = order.empty() ? *files_own : std::vector<std::int32_t>(order.begin(), order.end());
  const auto maker = makers(outline);
  if (!maker) return tl::unexpected(maker.error());
  if (auto legal = check_order(outline, *maker, plan.order); !legal) return tl::unexpected(legal.error());

  const Blocks planned = blocks_of(outline, plan.order);
  Placement placement = place(planned.blocks);
  if (Placement plain = greedy(planned.blocks); plain.size < placement.size) placement = std::move(plain);
  plan.offsets.assign(outline.tensor_bytes.size(), -1);
  for (std::size_t b = 0; b < planned.blocks.size(); ++b)
    plan.offsets[static_cast<std::size_t>(planned.tensors[b])] = placement.offsets[b];
  plan.arena_bytes = placement.size;
  plan.bound_bytes = live_bound(planned.blocks);
  plan.greedy_bytes = greedy(blocks_of(outline, *files_own).blocks).size;
  if (plan.arena_bytes > std::numeric_limits<std::int32_t>::max()) {
    return file_failure(outline.file, "its tensors need more than 2147483647 bytes");
  }
  return plan;
}

}  // namespace thimble
