#include "thimble/plan/regions_bound.h"

#include <algorithm>

#include "thimble/base/checked.h"

namespace thimble {
namespace {

/// Bytes of the members of one moment, less what they share with members of higher number.
std::vector<std::int64_t> bytes_at(const OffsetProblem &problem, const std::vector<std::int32_t> &members) {
  std::vector<std::int64_t> bytes;
  for (const std::int32_t block : members) {
    std::int64_t size = problem.item(block).padded;
    for (const std::int32_t index : problem.item(block).savings) {
      const Saving &saving = problem.savings[static_cast<std::size_t>(index)];
      const std::int32_t other = saving.a == block ? saving.b : saving.a;
      if (other > block && std::binary_search(members.begin(), members.end(), other)) size -= saving.bytes;
    }
    bytes.push_back(std::max<std::int64_t>(size, 0));
  }
  return bytes;
}

}  // namespace

std::int64_t usable_bytes(const RegionProblem &problem, std::int32_t memory) {
  return problem.memories[static_cast<std::size_t>(memory)].bytes / problem.unit * problem.unit;
}

PartialChoice::PartialChoice(const RegionProblem &problem, std::span<const std::int32_t> order)
    : problem_(problem), order_(order.begin(), order.end()) {
  const OffsetProblem offsets = make_problem(problem.blocks, problem.overlaps);
  for (const std::int32_t memory : order_) {
    capacity_.push_back(usable_bytes(problem, memory));
    room_.push_back(align_up(capacity_.back(), offsets.grain));
  }
  const std::size_t count = problem.blocks.size();
  presences_.resize(count);
  rank_.assign(count, -1);
  moments_.resize(static_cast<std::size_t>(offsets.cliques));
  for (std::size_t m = 0; m < moments_.size(); ++m) {
    std::vector<std::int32_t> members;
    for (std::size_t b = 0; b < count; ++b) {
      const OffsetProblem::Item &item = offsets.items[b];
      const auto moment = static_cast<std::int32_t>(m);
      if (item.first_clique <= moment && moment < item.end_clique)
        members.push_back(static_cast<std::int32_t>(b));
    }
    const std::vector<std::int64_t> bytes = bytes_at(offsets, members);
    for (std::size_t i = 0; i < members.size(); ++i) {
      moments_[m].push_back({members[i], bytes[i]});
      presences_[static_cast<std::size_t>(members[i])].push_back({static_cast<std::int32_t>(m), bytes[i]});
    }
    // a / s > b / t as a * t > b * s, which may be too large for integers.
    std::stable_sort(moments_[m].begin(), moments_[m].end(), [&](const Member &a, const Member &b) {
      if (a.bytes == 0 || b.bytes == 0) return a.bytes == 0 && b.bytes != 0;
      const auto weight = [&](const Member &x, const Member &y) {
        return static_cast<double>(problem.accesses[static_cast<std::size_t>(x.block)]) *
               static_cast<double>(y.bytes);
      };
      return weight(a, b) > weight(b, a);
    });
  }
  used_.assign(order_.size() * moments_.size(), 0);
  for (std::size_t b = 0; b < count; ++b) {
    std::size_t rank = 0;
    while (rank < order_.size() && problem.blocks[b].size > capacity_[rank]) ++rank;
    homeless_.push_back(rank == order_.size());
    free_cycles_.push_back(homeless_.back() ? 0 : problem.accesses[b] * wait(rank));
    open_cycles_ += free_cycles_.back();
  }
}

std::int64_t PartialChoice::wait(std::size_t rank) const {
  return problem_.memories[static_cast<std::size_t>(order_[rank])].wait_cycles;
}

bool PartialChoice::put(std::int32_t block, std::int32_t rank) {
  const auto b = static_cast<std::size_t>(block);
  const auto r = static_cast<std::size_t>(rank);
  if (problem_.blocks[b].size > capacity_[r]) return false;
  for (const Presence &presence : presences_[b]) {
    if (used(r, static_cast<std::size_t>(presence.moment)) + presence.bytes > room_[r]) return false;
  }
  for (const Presence &presence : presences_[b])
    used(r, static_cast<std::size_t>(presence.moment)) += presence.bytes;
  rank_[b] = rank;
  cycles_ += problem_.accesses[b] * wait(r);
  open_cycles_ -= free_cycles_[b];
  return true;
}

void PartialChoice::take(std::int32_t block) {
  const auto b = static_cast<std::size_t>(block);
  const auto r = static_cast<std::size_t>(rank_[b]);
  for (const Presence &presence : presences_[b])
    used(r, static_cast<std::size_t>(presence.moment)) -= presence.bytes;
  rank_[b] = -1;
  cycles_ -= problem_.accesses[b] * wait(r);
  open_cycles_ += free_cycles_[b];
}

/// Fills what is left of the memories with the open blocks of a moment but for those left out, byte by byte.
/// By how many cycles more than free_cycles_ that takes; false when they do not fit.
bool PartialChoice::least_at(std::size_t moment, const std::vector<bool> &left_out,
                             std::int64_t &more) const {
  std::size_t rank = 0;
  std::int64_t left = order_.empty() ? 0 : room_[0] - used(0, moment);
  std::int64_t cycles = 0;
  std::int64_t open = 0;
  for (const Member &member : moments_[moment]) {
    const auto b = static_cast<std::size_t>(member.block);
    if (rank_[b] >= 0 || left_out[b]) continue;
    open += free_cycles_[b];
    const std::int64_t accesses = problem_.accesses[b];
    if (member.bytes == 0) {  // on bytes of others: as good as it gets
      cycles += free_cycles_[b];
      continue;
    }
    for (std::int64_t bytes = member.bytes; bytes > 0;) {
      while (left == 0) {
        if (++rank == order_.size()) return false;
        left = room_[rank] - used(rank, moment);
      }
      const std::int64_t here = std::min(bytes, left);
      // Rounded down, so that the bound stays one.
      cycles += here == member.bytes
                    ? accesses * wait(rank)
                    : static_cast<std::int64_t>(
                          static_cast<double>(accesses * wait(rank)) *
                          (static_cast<double>(here) / static_cast<double>(member.bytes)) * (1 - 1e-12));
      bytes -= here;
      left -= here;
    }
  }
  more = cycles - open;
  return true;
}

std::optional<std::int64_t> PartialChoice::least_cycles() const {
  if (std::find(homeless_.begin(), homeless_.end(), true) != homeless_.end()) return std::nullopt;
  std::vector<bool> counted(rank_.size(), false);
  std::vector<std::pair<std::int64_t, std::size_t>> costly;  // cycles more, moment
  for (std::size_t m = 0; m < moments_.size(); ++m) {
    std::int64_t more = 0;
    if (!least_at(m, counted, more)) return std::nullopt;
    if (more > 0) costly.emplace_back(more, m);
  }
  // Moments add up as far as they are about different blocks.
  std::stable_sort(costly.begin(), costly.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  std::int64_t cycles = cycles_ + open_cycles_;
  for (const auto &[all, m] : costly) {
    std::int64_t more = 0;
    if (!least_at(m, counted, more) || more <= 0) continue;
    cycles += more;
    for (const Member &member : moments_[m]) counted[static_cast<std::size_t>(member.block)] = true;
  }
  return cycles;
}

}  // namespace thimble
