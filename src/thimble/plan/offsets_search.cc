// Depth-first search over canonical placements, an idea of Moffitt's MiniMalloc (ASPLOS 2023): blocks are placed in
// the order of rising offsets, each at the lowest offset that the placed ones leave it. Every feasible problem has a
// placement of this form, since a block that could sink may as well sink: the argument for every rule below is that it
// keeps the placement whose offsets have the least sum.
//
//     capacity ---------------------------
//                    ccc    eeee              level = offset of the block placed last
//              aaaaaaccc                      low(x) = what the placed neighbours leave: x may begin there
//              aaaaaa  bbbbbb                 here c sits on b, at level(b) + size(b)
//
// - A block that could only begin below the level comes too late for the order ("late"): it has to be lifted by
//   a neighbour that is not placed yet, or the placement is not of least sum.
// - A block that fits under all of its open neighbours is placed at once: it takes nothing from anybody.
// - In each clique the open blocks whose lows are t or more need t plus the sum of their sizes.
// - When no open block crosses some moment, the two sides are independent problems.
#include "thimble/plan/offsets_search.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <numeric>
#include <tuple>

#include "thimble/base/checked.h"

namespace thimble {
namespace {

using Ids = std::vector<std::int32_t>;

class Search {
 public:
  Search(const OffsetProblem &problem, std::int64_t capacity, std::span<const std::int32_t> order,
         std::int64_t node_limit)
      : problem_(problem),
        capacity_(capacity),
        padded_capacity_(align_up(capacity, problem.grain)),
        node_limit_(node_limit),
        rank_(problem.items.size()),
        twin_(problem.items.size(), -1),
        offsets_(problem.items.size(), 0),
        open_(problem.items.size(), false),
        low_(problem.items.size(), 0),
        reach_(problem.items.size(), 0),
        used_(static_cast<std::size_t>(problem.cliques), 0),
        failed_(std::bit_ceil(static_cast<std::size_t>(std::clamp<std::int64_t>(node_limit, 64, 1 << 20)))) {
    for (std::size_t i = 0; i < order.size(); ++i) at(rank_, order[i]) = static_cast<std::int32_t>(i);
    find_twins(order);
  }

  CapacityResult run() {
    Ids all;
    for (std::size_t i = 0; i < problem_.items.size(); ++i) {
      if (problem_.items[i].empty()) continue;
      all.push_back(static_cast<std::int32_t>(i));
      open_[i] = true;
    }
    std::stable_sort(all.begin(), all.end(), [&](std::int32_t a, std::int32_t b) {
      return problem_.item(a).first_clique < problem_.item(b).first_clique;
    });
    CapacityResult result;
    result.verdict = all.empty() ? Verdict::found : descend(all, {0, -1}, 0);
    if (result.verdict == Verdict::found) result.offsets = offsets_;
    result.nodes = nodes_;
    return result;
  }

 private:
  /// A place in the canonical order: by offset, then by rank.
  struct Turn {
    std::int64_t level;
    std::int32_t rank;
    auto operator<=>(const Turn &) const = default;
  };
  struct Candidate {
    Turn turn;
    std::int32_t id;
  };
  /// Working space of one depth, kept from node to node.
  struct Frame {
    Ids open, child, forced;
    std::vector<Candidate> candidates;
    std::vector<std::pair<std::int32_t, std::int64_t>> lows;  ///< old values
    std::vector<std::pair<std::size_t, std::size_t>> parts;
  };

  using Signature = std::pair<std::uint64_t, std::uint64_t>;

  template <class T>
  static T &at(std::vector<T> &values, std::int32_t id) {
    return values[static_cast<std::size_t>(id)];
  }
  bool is_open(std::int32_t id) const { return open_[static_cast<std::size_t>(id)]; }
  std::int64_t low(std::int32_t id) const { return low_[static_cast<std::size_t>(id)]; }
  bool late(std::int32_t id, const Turn &last) const {
    return Turn{low(id), rank_[static_cast<std::size_t>(id)]} < last;
  }

  /// Blocks that differ in nothing but the name are placed in the order of rank.
  void find_twins(std::span<const std::int32_t> order) {
    for (std::size_t i = 1; i < order.size(); ++i) {
      const OffsetProblem::Item &b = problem_.item(order[i]);
      for (std::size_t j = i; j-- > 0;) {
        const OffsetProblem::Item &a = problem_.item(order[j]);
        if (a.first_clique != b.first_clique || a.end_clique != b.end_clique || a.size != b.size ||
            a.alignment != b.alignment || !a.savings.empty() || !b.savings.empty()) {
          continue;
        }
        at(twin_, order[i]) = order[j];
        break;
      }
    }
  }

  Verdict descend(const Ids &component, Turn last, std::size_t depth) {
    if (++nodes_ > node_limit_) return Verdict::limit;
    if (component.empty()) return Verdict::found;
    if (depth == frames_.size()) frames_.emplace_back();
    Frame &frame = frames_[depth];
    frame.forced.clear();
    last = next_turn(component, last);
    const Signature signature = sign(component, last);
    if (failed_[signature.first & (failed_.size() - 1)] == signature) return Verdict::impossible;
    Verdict verdict = Verdict::impossible;
    if (settle(component, last, frame) && fits(frame.open, last)) {
      verdict = frame.open.empty() ? Verdict::found : split(frame, last, depth);
    }
    if (verdict == Verdict::impossible) failed_[signature.first & (failed_.size() - 1)] = signature;
    if (verdict != Verdict::found) {
      for (std::int32_t id : frame.forced) at(open_, id) = true;
    }
    return verdict;
  }

  /// The turn of the next block that can be placed in this component: nothing will be placed before it.
  Turn next_turn(const Ids &component, const Turn &last) const {
    Turn next{capacity_, 0};
    for (std::int32_t id : component) {
      const Turn turn{low(id), rank_[static_cast<std::size_t>(id)]};
      if (turn >= last) next = std::min(next, turn);
    }
    return next;
  }

  /// What the search below a node depends on, hashed: the open blocks, their lows, and which are late.
  Signature sign(const Ids &component, const Turn &last) const {
    Signature sum{0, 0};
    for (std::int32_t id : component) {
      std::uint64_t x = static_cast<std::uint64_t>(id) * 2 + (late(id, last) ? 1 : 0);
      x = mix(x * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(low(id)));
      sum.first += x;
      sum.second += mix(x + 0x632BE59BD9B4E019u);
    }
    return sum;
  }

  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

  /// Places the blocks that fit under all of their open neighbours; false when one of them is late, because then
  /// it could have been placed before. What remains is in frame.open.
  bool settle(const Ids &component, const Turn &last, Frame &frame) {
    frame.open.clear();
    for (std::int32_t id : component) {
      bool under = true;
      for (const Neighbour &n : problem_.item(id).neighbours) {
        if (is_open(n.block) && std::max(low(n.block), last.level) < low(id) + n.to_other) {
          under = false;
          break;
        }
      }
      if (!under) {
        frame.open.push_back(id);
        continue;
      }
      if (late(id, last)) return false;
      at(offsets_, id) = low(id);
      at(open_, id) = false;
      frame.forced.push_back(id);
    }
    return true;
  }

  /// Is there room in every clique?
  bool fits(const Ids &open, const Turn &last) {
    by_reach_.clear();
    std::int32_t begin = problem_.cliques, end = 0;
    for (std::int32_t id : open) {
      const OffsetProblem::Item &item = problem_.item(id);
      std::int64_t reach = low(id);
      if (late(id, last)) {
        // It will sit on a neighbour that is placed at the level or above.
        reach = capacity_;
        for (const Neighbour &n : item.neighbours) {
          if (is_open(n.block))
            reach = std::min(reach, std::max(low(n.block), last.level) + n.from_other);
        }
        reach = align_up(reach, item.alignment);
      }
      if (reach + item.size > capacity_) return false;
      at(reach_, id) = reach;
      by_reach_.push_back({-reach, id});
      begin = std::min(begin, item.first_clique);
      end = std::max(end, item.end_clique);
    }
    std::sort(by_reach_.begin(), by_reach_.end());
    if (begin < end) std::fill(used_.begin() + begin, used_.begin() + end, 0);
    for (const auto &[minus_reach, id] : by_reach_) {
      const OffsetProblem::Item &item = problem_.item(id);
      const std::int64_t room = padded_capacity_ + minus_reach;
      std::int64_t most = 0;
      for (std::int32_t c = item.first_clique; c < item.end_clique; ++c) {
        most = std::max(most, used_[static_cast<std::size_t>(c)] += item.padded);
      }
      if (!item.savings.empty()) most = take_savings(id, minus_reach);
      if (most > room) return false;
    }
    return true;
  }

  /// Subtracts what `id` may share with the blocks counted before it; the largest sum in its cliques.
  std::int64_t take_savings(std::int32_t id, std::int64_t minus_reach) {
    const OffsetProblem::Item &item = problem_.item(id);
    for (std::int32_t index : item.savings) {
      const Saving &saving = problem_.savings[static_cast<std::size_t>(index)];
      const std::int32_t other = saving.a == id ? saving.b : saving.a;
      if (!is_open(other) || std::pair(-at(reach_, other), other) > std::pair(minus_reach, id)) continue;
      for (std::int32_t c = saving.first_clique; c < saving.end_clique; ++c)
        used_[static_cast<std::size_t>(c)] -= saving.bytes;
    }
    return *std::max_element(used_.begin() + item.first_clique, used_.begin() + item.end_clique);
  }

  /// Cuts the open blocks, which are in the order of birth, where none of them crosses.
  Verdict split(Frame &frame, const Turn &last, std::size_t depth) {
    frame.parts.clear();
    std::size_t begin = 0;
    std::int32_t end_clique = 0;
    for (std::size_t i = 0; i < frame.open.size(); ++i) {
      const OffsetProblem::Item &item = problem_.item(frame.open[i]);
      if (i > begin && item.first_clique >= end_clique) {
        frame.parts.push_back({begin, i});
        begin = i;
      }
      end_clique = std::max(end_clique, item.end_clique);
    }
    frame.parts.push_back({begin, frame.open.size()});
    if (frame.parts.size() == 1) return branch(frame, last, depth);
    // Small parts first: they fail or succeed soon.
    std::stable_sort(frame.parts.begin(), frame.parts.end(),
                     [](const auto &a, const auto &b) { return a.second - a.first < b.second - b.first; });
    const Ids open = frame.open;
    const auto parts = frame.parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Ids part(open.begin() + static_cast<std::ptrdiff_t>(parts[i].first),
                     open.begin() + static_cast<std::ptrdiff_t>(parts[i].second));
      const Verdict verdict = descend(part, last, depth + 1);
      if (verdict == Verdict::found) continue;
      for (std::int32_t id : open) at(open_, id) = true;
      return verdict;
    }
    return Verdict::found;
  }

  Verdict branch(Frame &frame, const Turn &last, std::size_t depth) {
    frame.candidates.clear();
    std::int64_t lowest_end = capacity_;
    for (std::int32_t id : frame.open) {
      lowest_end = std::min(lowest_end, low(id) + problem_.item(id).padded);
      if (late(id, last)) continue;
      const std::int32_t twin = at(twin_, id);
      if (twin >= 0 && is_open(twin)) continue;
      frame.candidates.push_back({{low(id), at(rank_, id)}, id});
    }
    std::sort(frame.candidates.begin(), frame.candidates.end(),
              [](const Candidate &a, const Candidate &b) { return a.turn < b.turn; });
    for (const Candidate &candidate : frame.candidates) {
      // The block that ends here would fit below everything that is placed from now on.
      if (candidate.turn.level >= lowest_end) break;
      const Verdict verdict = place(frame, candidate, depth);
      if (verdict != Verdict::impossible) return verdict;
    }
    return Verdict::impossible;
  }

  Verdict place(Frame &frame, const Candidate &candidate, std::size_t depth) {
    const std::int32_t id = candidate.id;
    at(open_, id) = false;
    at(offsets_, id) = candidate.turn.level;
    frame.lows.clear();
    bool possible = true;
    for (const Neighbour &n : problem_.item(id).neighbours) {
      if (!is_open(n.block)) continue;
      const OffsetProblem::Item &other = problem_.item(n.block);
      const std::int64_t above = align_up(candidate.turn.level + n.to_other, other.alignment);
      if (above <= low(n.block)) continue;
      frame.lows.push_back({n.block, low(n.block)});
      at(low_, n.block) = above;
      possible = possible && above + other.size <= capacity_;
    }
    Verdict verdict = Verdict::impossible;
    if (possible) {
      frame.child.clear();
      std::copy_if(frame.open.begin(), frame.open.end(), std::back_inserter(frame.child),
                   [&](std::int32_t other) { return other != id; });
      verdict = descend(frame.child, candidate.turn, depth + 1);
    }
    if (verdict == Verdict::found) return verdict;
    for (const auto &[block, old] : frame.lows) at(low_, block) = old;
    at(open_, id) = true;
    return verdict;
  }

  const OffsetProblem &problem_;
  const std::int64_t capacity_, padded_capacity_, node_limit_;
  std::vector<std::int32_t> rank_, twin_;
  std::vector<std::int64_t> offsets_;
  std::vector<char> open_;
  std::vector<std::int64_t> low_, reach_, used_;
  std::vector<std::pair<std::int64_t, std::int32_t>> by_reach_;
  std::deque<Frame> frames_;  ///< references stay valid when it grows
  std::vector<Signature> failed_;
  std::int64_t nodes_ = 0;
};

/// Moves each block behind those that it may share its offset with, being above them: at equal offsets the
/// search places by rank, and only the lower one of such a pair can come first.
Ids below_before_above(const OffsetProblem &problem, const Ids &order) {
  std::vector<char> done(order.size(), 0);
  Ids sorted;
  const auto waits = [&](std::int32_t id) {
    for (const Neighbour &n : problem.item(id).neighbours) {
      if (n.from_other == 0 && n.to_other > 0 && !done[static_cast<std::size_t>(n.block)]) return true;
    }
    return false;
  };
  while (sorted.size() < order.size()) {
    const auto next = std::find_if(order.begin(), order.end(), [&](std::int32_t id) {
      return !done[static_cast<std::size_t>(id)] && !waits(id);
    });
    if (next == order.end()) {  // circular permissions: any order
      std::copy_if(order.begin(), order.end(), std::back_inserter(sorted),
                   [&](std::int32_t id) { return !done[static_cast<std::size_t>(id)]; });
      return sorted;
    }
    sorted.push_back(*next);
    done[static_cast<std::size_t>(*next)] = 1;
  }
  return sorted;
}

}  // namespace

std::vector<Ids> search_orders(const OffsetProblem &problem) {
  std::vector<std::int64_t> load(static_cast<std::size_t>(problem.cliques), 0);
  for (const OffsetProblem::Item &item : problem.items) {
    for (std::int32_t c = item.first_clique; c < item.end_clique; ++c)
      load[static_cast<std::size_t>(c)] += item.padded;
  }
  const auto total = [&](const OffsetProblem::Item &item) {
    std::int64_t most = 0;
    for (std::int32_t c = item.first_clique; c < item.end_clique; ++c)
      most = std::max(most, load[static_cast<std::size_t>(c)]);
    return static_cast<double>(most);
  };
  const auto width = [](const OffsetProblem::Item &item) { return static_cast<double>(item.life); };
  const auto area = [&](const OffsetProblem::Item &item) { return width(item) * static_cast<double>(item.size); };
  struct Keys {
    double width, area, total;
  };
  std::vector<Keys> keys;
  for (const OffsetProblem::Item &item : problem.items) keys.push_back({width(item), area(item), total(item)});

  std::vector<Ids> orders;
  for (const auto &[a, b, c] : {std::tuple(&Keys::width, &Keys::area, &Keys::total),
                                std::tuple(&Keys::total, &Keys::area, &Keys::width),
                                std::tuple(&Keys::total, &Keys::width, &Keys::area)}) {
    Ids order(problem.items.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&, a = a, b = b, c = c](std::int32_t x, std::int32_t y) {
      const Keys &left = keys[static_cast<std::size_t>(x)], &right = keys[static_cast<std::size_t>(y)];
      if (left.*a != right.*a) return left.*a > right.*a;
      if (left.*b != right.*b) return left.*b > right.*b;
      return left.*c > right.*c;
    });
    orders.push_back(below_before_above(problem, order));
  }
  return orders;
}

CapacityResult search_capacity(const OffsetProblem &problem, std::int64_t capacity,
                               std::span<const std::int32_t> order, std::int64_t node_limit) {
  return Search(problem, capacity, order, node_limit).run();
}

}  // namespace thimble
