#include "thimble/plan/offsets.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "thimble/base/checked.h"

namespace thimble {
namespace {

bool live_together(const Block &a, const Block &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Orders worth trying, each a permutation of the block numbers; ties keep the blocks' own order.
std::vector<std::vector<std::int32_t>> classic_orders(std::span<const Block> blocks) {
  using Key = std::function<std::int64_t(const Block &)>;
  const auto length = [](const Block &b) { return b.last - b.first + 1; };
  const Key keys[] = {
      [](const Block &b) { return -b.size; },               // large first (TFLM's greedy rule)
      [&](const Block &b) { return -b.size * length(b); },  // large areas of bytes x time first
      [&](const Block &b) { return -length(b) * 1'000'000'000 - b.size; },  // long-lived first
      [](const Block &b) { return b.first; },                               // in order of birth
      [](const Block &b) { return -b.last; },                               // in order of death, backwards
  };
  std::vector<std::vector<std::int32_t>> orders;
  for (const Key &key : keys) {
    std::vector<std::int32_t> order(blocks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return key(blocks[static_cast<std::size_t>(a)]) < key(blocks[static_cast<std::size_t>(b)]);
    });
    orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace

std::int64_t live_bound(std::span<const Block> blocks) {
  // The sum only grows where a block is born.
  std::int64_t bound = 0;
  for (const Block &born : blocks) {
    std::int64_t live = 0;
    for (const Block &other : blocks) {
      if (other.first <= born.first && born.first <= other.last) live += other.size;
    }
    bound = std::max(bound, live);
  }
  return bound;
}

Placement first_fit(std::span<const Block> blocks, std::span<const std::int32_t> order) {
  Placement placement;
  placement.offsets.assign(blocks.size(), 0);
  std::vector<std::int32_t> placed;  // by ascending offset
  for (std::int32_t id : order) {
    const Block &block = blocks[static_cast<std::size_t>(id)];
    std::int64_t offset = 0;
    for (std::int32_t other_id : placed) {
      const Block &other = blocks[static_cast<std::size_t>(other_id)];
      if (!live_together(block, other)) continue;
      const std::int64_t other_offset = placement.offsets[static_cast<std::size_t>(other_id)];
      if (other_offset >= offset + block.size) break;  // the gap before it is wide enough
      offset = std::max(offset, align_up(other_offset + other.size, block.alignment));
    }
    placement.offsets[static_cast<std::size_t>(id)] = offset;
    placement.size = std::max(placement.size, offset + block.size);
    const auto position =
        std::upper_bound(placed.begin(), placed.end(), offset, [&](std::int64_t value, std::int32_t p) {
          return value < placement.offsets[static_cast<std::size_t>(p)];
        });
    placed.insert(position, id);
  }
  return placement;
}

Placement place(std::span<const Block> blocks) {
  constexpr int kPerturbations = 400;
  const std::int64_t bound = live_bound(blocks);
  Placement best;
  std::vector<std::int32_t> best_order;
  for (const std::vector<std::int32_t> &order : classic_orders(blocks)) {
    Placement placement = first_fit(blocks, order);
    if (best_order.empty() || placement.size < best.size) {
      best = std::move(placement);
      best_order = order;
    }
    if (best.size <= bound) return best;
  }
  // Swap two turns of the best order; keep what is no worse. The generator is part of the result: fixed.
  std::uint32_t state = 12345;
  const auto draw = [&](std::size_t limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
  };
  for (int i = 0; i < kPerturbations && blocks.size() > 1; ++i) {
    std::vector<std::int32_t> order = best_order;
    const std::size_t a = draw(order.size());
    const std::size_t b = draw(order.size());
    std::swap(order[a], order[b]);
    Placement placement = first_fit(blocks, order);
    if (placement.size > best.size) continue;
    best = std::move(placement);
    best_order = std::move(order);
    if (best.size <= bound) break;
  }
  return best;
}

}  // namespace thimble
