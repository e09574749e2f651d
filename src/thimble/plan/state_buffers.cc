#include "thimble/plan/state_buffers.h"

#include <algorithm>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/plan/blocks.h"
#include "thimble/schedule/check.h"

namespace thimble {
namespace {

/// Limits of the search: offsets while homes are chosen, and blocks that are tried.
constexpr std::int64_t kQuickNodes = 2'000;
constexpr int kMostTrials = 400;
/// What gains less is not worth a proof.
constexpr std::int64_t kLeastBytes = 8;

class Homes {
 public:
  Homes(Schedule &schedule, const BufferOptions &options)
      : schedule_(schedule),
        options_(options),
        made_(make_blocks(schedule, options.share_windows)),
        home_(made_.blocks.size(), kNone) {
    for (std::size_t s = 0; s < states().size(); ++s) {
      arrives_.push_back(block_of(states()[s].read));
      home_[static_cast<std::size_t>(arrives_.back())] = static_cast<std::int32_t>(s);
    }
  }

  void choose() {
    place(kQuickNodes);
    for (std::size_t s = 0; s < states().size(); ++s) {
      const std::int32_t written = block_of(states()[s].written);
      if (home_[static_cast<std::size_t>(written)] == kNone) try_home(written, s, true);
    }
    std::vector<std::int32_t> order(made_.blocks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return block(a).size > block(b).size; });
    for (const std::int32_t one : order) {
      for (std::size_t s = 0; s < states().size(); ++s) {
        const bool at_home = home_[static_cast<std::size_t>(one)] != kNone;
        if (at_home || block(one).size < kLeastBytes || !may_live_in(one, s)) continue;
        try_home(one, s, false);
      }
    }
    place(options_.nodes);
  }

 private:
  const std::vector<State> &states() const { return schedule_.graph->states; }
  const Block &block(std::int32_t index) const { return made_.blocks[static_cast<std::size_t>(index)]; }

  std::int32_t block_of(TensorId tensor) const {
    const Buffer *buffer = buffer_of(schedule_, tensor, kNone);
    return made_.block_of[static_cast<std::size_t>(buffer - schedule_.buffers.data())];
  }

  /// Lives in a home take turns; a firing may be the last of one and the first of the next.
  bool may_live_in(std::int32_t one, std::size_t state) const {
    const Block &guest = block(one);
    for (std::size_t b = 0; b < home_.size(); ++b) {
      const Block &host = made_.blocks[b];
      if (home_[b] == static_cast<std::int32_t>(state) && guest.first < host.last && host.first < guest.last)
        return false;
    }
    return true;
  }

  /// Where that costs nothing and can be proved; `as_good`: without a gain in bytes, too.
  void try_home(std::int32_t one, std::size_t state, bool as_good) {
    if (trials_++ >= kMostTrials) return;
    const std::int64_t before = total_bytes(schedule_.regions);
    home_[static_cast<std::size_t>(one)] = static_cast<std::int32_t>(state);
    place(kQuickNodes);
    const std::int64_t gain = before - total_bytes(schedule_.regions);
    if (gain >= (as_good ? 0 : 1) && check(schedule_)) return;
    home_[static_cast<std::size_t>(one)] = kNone;
    place(kQuickNodes);
  }

  void place(std::int64_t nodes) {
    schedule_.regions = {{"step", RegionKind::arena}, {"state", RegionKind::state}};
    std::vector<std::int64_t> offsets(made_.blocks.size(), 0);
    place_homes(offsets);
    place_others(offsets, nodes);
    for (std::size_t b = 0; b < schedule_.buffers.size(); ++b) {
      const auto one = static_cast<std::size_t>(made_.block_of[b]);
      schedule_.buffers[b].region = home_[one] == kNone ? kStepRegion : kStateRegion;
      schedule_.buffers[b].offset = offsets[one] + made_.inside[b];
    }
  }

  /// One behind the other, wide alignments first.
  void place_homes(std::vector<std::int64_t> &offsets) {
    std::vector<Block> homes(states().size());
    for (std::size_t b = 0; b < home_.size(); ++b) {
      if (home_[b] == kNone) continue;
      Block &home = homes[static_cast<std::size_t>(home_[b])];
      home.size = std::max(home.size, made_.blocks[b].size);
      home.alignment = std::max(home.alignment, made_.blocks[b].alignment);
    }
    std::vector<std::size_t> order(homes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return homes[a].alignment > homes[b].alignment; });
    std::vector<std::int64_t> begins(homes.size());
    std::int64_t end = 0;
    for (const std::size_t s : order) {
      begins[s] = align_up(end, homes[s].alignment);
      end = begins[s] + homes[s].size;
    }
    for (std::size_t b = 0; b < home_.size(); ++b) {
      if (home_[b] != kNone) offsets[b] = begins[static_cast<std::size_t>(home_[b])];
    }
    schedule_.regions[kStateRegion].size = align_up(end, options_.alignment);
  }

  void place_others(std::vector<std::int64_t> &offsets, std::int64_t nodes) {
    std::vector<std::int32_t> number(made_.blocks.size(), kNone);
    std::vector<Block> blocks;
    for (std::size_t b = 0; b < home_.size(); ++b) {
      if (home_[b] != kNone) continue;
      number[b] = static_cast<std::int32_t>(blocks.size());
      blocks.push_back(made_.blocks[b]);
    }
    std::vector<Overlap> overlaps;
    for (const Overlap &overlap : made_.overlaps) {
      const std::int32_t below = number[static_cast<std::size_t>(overlap.below)];
      const std::int32_t above = number[static_cast<std::size_t>(overlap.above)];
      if (below != kNone && above != kNone) overlaps.push_back({below, above, overlap.distance});
    }
    ExactOptions search;
    search.nodes = nodes;
    search.unit = options_.alignment;
    const ExactPlacement placement = place_exact(blocks, overlaps, search);
    for (std::size_t b = 0; b < home_.size(); ++b) {
      if (number[b] != kNone) offsets[b] = placement.offsets[static_cast<std::size_t>(number[b])];
    }
    schedule_.regions[kStepRegion].size = align_up(placement.size, options_.alignment);
  }

  Schedule &schedule_;
  const BufferOptions &options_;
  Blocks made_;
  std::vector<std::int32_t> home_;     ///< by block: the state in whose home it lives, or kNone
  std::vector<std::int32_t> arrives_;  ///< by state: the block of what it reads
  int trials_ = 0;
};

}  // namespace

Result<void> plan_state_buffers(Schedule &schedule, const BufferOptions &options) {
  if (Result<void> made = make_buffers(schedule, options); !made) return made;
  Homes(schedule, options).choose();
  // Windows take turns in all but unusual stages; the proof decides.
  const auto proof = check(schedule);
  if (proof) return {};
  if (!options.share_windows) return tl::unexpected(proof.error());
  BufferOptions apart = options;
  apart.share_windows = false;
  return plan_state_buffers(schedule, apart);
}

}  // namespace thimble
