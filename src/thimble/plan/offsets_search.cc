// Depth-first search over placements in which no block can sink: each begins at 0 or sits on another one. A
// placement whose offsets have the least sum is of this form, and every rule below keeps it. The notion is
// that of Moffitt's MiniMalloc (ASPLOS 2023), which places blocks in the order of rising offsets; here the
// order is only kept between neighbours, so that the search finishes one region of time before it looks at
// the next.
//
//     capacity ---------------------------
//                    ccc    eeee              low(x)   what the placed neighbours leave: x may begin there
//              aaaaaaccc                      reach(x) a bound for its offset, >= low(x)
//              aaaaaa  bbbbbb
//
// - Branching: take an open block x whose reach is the least among its open neighbours. Either x lies at
// low(x), and
//   then all of these are above it; or it is "lifted": it sits on one of them.
// - A lifted block reaches no lower than the least top of an open neighbour.
// - A block that fits under all of its open neighbours lies at its low, for it takes nothing from anybody. If
// it was
//   to be lifted, there is a contradiction: it could sink.
// - In each clique the open blocks that reach t or more need the room from t up to t plus the sum of their
// sizes.
// - When no open block crosses some moment, the two sides are independent problems.
// - A state is what is open, at which lows, and what is lifted: states that failed are remembered.
#include "thimble/plan/offsets_search.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <tuple>

#include "thimble/base/checked.h"

namespace thimble {
namespace {

using Ids = std::vector<std::int32_t>;

class Search {
 public:
  Search(const OffsetProblem &problem, std::int64_t capacity, const SearchOrder &order,
         std::int64_t node_limit)
      : problem_(problem),
        order_(order),
        capacity_(capacity),
        padded_capacity_(align_up(capacity, problem.grain)),
        node_limit_(node_limit),
        rank_(problem.items.size()),
        twin_(problem.items.size(), -1),
        offsets_(problem.items.size(), 0),
        open_(problem.items.size(), false),
        low_(problem.items.size(), 0),
        lifted_from_(problem.items.size(), -1),
        reach_(problem.items.size(), 0),
        used_(static_cast<std::size_t>(problem.cliques), 0),
        failed_(std::bit_ceil(static_cast<std::size_t>(std::clamp<std::int64_t>(node_limit, 64, 1 << 20)))) {
    for (std::size_t i = 0; i < order.blocks.size(); ++i)
      at(rank_, order.blocks[i]) = static_cast<std::int32_t>(i);
    find_twins();
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
    result.verdict = descend(all, 0);
    if (result.verdict == Verdict::found) result.offsets = offsets_;
    result.nodes = nodes_;
    return result;
  }

 private:
  using Signature = std::pair<std::uint64_t, std::uint64_t>;

  /// Working space of one depth, kept from node to node.
  struct Frame {
    Ids open, child, forced;
    std::vector<std::pair<std::int32_t, std::int64_t>> lows, marks, forced_lows;  ///< old values
    std::vector<std::pair<std::size_t, std::size_t>> parts;
  };

  template <class T>
  static T &at(std::vector<T> &values, std::int32_t id) {
    return values[static_cast<std::size_t>(id)];
  }
  bool is_open(std::int32_t id) const { return open_[static_cast<std::size_t>(id)]; }
  std::int64_t low(std::int32_t id) const { return low_[static_cast<std::size_t>(id)]; }
  std::int64_t reach(std::int32_t id) const { return reach_[static_cast<std::size_t>(id)]; }
  std::int32_t rank(std::int32_t id) const { return rank_[static_cast<std::size_t>(id)]; }
  /// Lifted, and not yet carried by a block that was placed since.
  bool lifted(std::int32_t id) const { return lifted_from_[static_cast<std::size_t>(id)] == low(id); }

  /// Blocks that differ in nothing but the name lie in the order of rank.
  void find_twins() {
    const Ids &order = order_.blocks;
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

  Verdict descend(const Ids &component, std::size_t depth) {
    if (component.empty()) return Verdict::found;
    if (++nodes_ > node_limit_) return Verdict::limit;
    if (depth == frames_.size()) frames_.emplace_back();
    Frame &frame = frames_[depth];
    frame.forced.clear();
    frame.forced_lows.clear();
    const Signature signature = sign(component);
    Signature &memory = failed_[signature.first & (failed_.size() - 1)];
    if (memory == signature) return Verdict::impossible;
    Verdict verdict = Verdict::impossible;
    if (find_reaches(component) && settle(component, frame) && fits(frame.open)) {
      verdict = frame.open.empty() ? Verdict::found : split(frame, depth);
    }
    if (verdict == Verdict::impossible) memory = signature;
    if (verdict != Verdict::found) {
      restore_lows(frame.forced_lows);
      for (std::int32_t id : frame.forced) at(open_, id) = true;
    }
    return verdict;
  }

  /// What the search below a node depends on, hashed: the open blocks, their lows, and which are lifted.
  Signature sign(const Ids &component) const {
    Signature sum{0, 0};
    for (std::int32_t id : component) {
      std::uint64_t x = static_cast<std::uint64_t>(id) * 2 + (lifted(id) ? 1 : 0);
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

  /// Bounds of the offsets; false when a block does not fit above its bound.
  bool find_reaches(const Ids &component) {
    lifted_ids_.clear();
    for (std::int32_t id : component) {
      at(reach_, id) = low(id);
      if (low(id) + problem_.item(id).size > capacity_) return false;
      if (lifted(id)) lifted_ids_.push_back(id);
    }
    // Lifted blocks may sit on one another: repeat until nothing rises.
    for (bool rising = true; rising;) {
      rising = false;
      for (std::int32_t id : lifted_ids_) {
        const OffsetProblem::Item &item = problem_.item(id);
        std::int64_t least = capacity_;
        for (const Neighbour &n : item.neighbours) {
          if (is_open(n.block)) least = std::min(least, reach(n.block) + n.from_other);
        }
        least = align_up(least, item.alignment);
        if (least <= reach(id)) continue;
        if (least + item.size > capacity_) return false;
        at(reach_, id) = least;
        rising = true;
      }
    }
    return true;
  }

  /// Places the blocks that fit under all of their open neighbours; false when one of them was lifted. What
  /// remains is in frame.open.
  bool settle(const Ids &component, Frame &frame) {
    frame.open.clear();
    for (std::int32_t id : component) {
      bool under = true;
      for (const Neighbour &n : problem_.item(id).neighbours) {
        if (is_open(n.block) && reach(n.block) < low(id) + n.to_other) {
          under = false;
          break;
        }
      }
      if (!under) {
        frame.open.push_back(id);
        continue;
      }
      if (lifted(id)) return false;
      at(offsets_, id) = low(id);
      at(open_, id) = false;
      frame.forced.push_back(id);
      raise_lows(id, frame.forced_lows);  // it may be what a lifted neighbour sits on
    }
    return true;
  }

  /// The open neighbours of a block that has just been placed begin above it.
  void raise_lows(std::int32_t id, std::vector<std::pair<std::int32_t, std::int64_t>> &old) {
    for (const Neighbour &n : problem_.item(id).neighbours) {
      if (!is_open(n.block)) continue;
      const std::int64_t above = align_up(low(id) + n.to_other, problem_.item(n.block).alignment);
      if (above <= low(n.block)) continue;
      old.push_back({n.block, low(n.block)});
      at(low_, n.block) = above;
    }
  }

  void restore_lows(const std::vector<std::pair<std::int32_t, std::int64_t>> &old) {
    for (auto change = old.rbegin(); change != old.rend(); ++change) at(low_, change->first) = change->second;
  }

  /// Is there room in every clique?
  bool fits(const Ids &open) {
    by_reach_.clear();
    std::int32_t begin = problem_.cliques, end = 0;
    for (std::int32_t id : open) {
      const OffsetProblem::Item &item = problem_.item(id);
      by_reach_.push_back({-reach(id), id});
      begin = std::min(begin, item.first_clique);
      end = std::max(end, item.end_clique);
    }
    std::sort(by_reach_.begin(), by_reach_.end());
    if (begin < end) std::fill(used_.begin() + begin, used_.begin() + end, 0);
    for (const auto &[minus_reach, id] : by_reach_) {
      const OffsetProblem::Item &item = problem_.item(id);
      std::int64_t most = 0;
      for (std::int32_t c = item.first_clique; c < item.end_clique; ++c) {
        most = std::max(most, used_[static_cast<std::size_t>(c)] += item.padded);
      }
      if (!item.savings.empty()) most = take_savings(id);
      if (most > padded_capacity_ + minus_reach) return false;
    }
    return true;
  }

  /// Subtracts what `id` may share with the blocks counted before it; the largest sum in its cliques.
  std::int64_t take_savings(std::int32_t id) {
    const OffsetProblem::Item &item = problem_.item(id);
    for (std::int32_t index : item.savings) {
      const Saving &saving = problem_.savings[static_cast<std::size_t>(index)];
      const std::int32_t other = saving.a == id ? saving.b : saving.a;
      if (!is_open(other) || std::pair(-reach(other), other) > std::pair(-reach(id), id)) continue;
      for (std::int32_t c = saving.first_clique; c < saving.end_clique; ++c)
        used_[static_cast<std::size_t>(c)] -= saving.bytes;
    }
    return *std::max_element(used_.begin() + item.first_clique, used_.begin() + item.end_clique);
  }

  /// Cuts the open blocks, which are in the order of birth, where none of them crosses.
  Verdict split(Frame &frame, std::size_t depth) {
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
    if (frame.parts.size() == 1) return branch(frame, depth);
    // Small parts first: they fail or succeed soon.
    std::stable_sort(frame.parts.begin(), frame.parts.end(),
                     [](const auto &a, const auto &b) { return a.second - a.first < b.second - b.first; });
    for (const auto &[from, to] : frame.parts) {
      frame.child.assign(frame.open.begin() + static_cast<std::ptrdiff_t>(from),
                         frame.open.begin() + static_cast<std::ptrdiff_t>(to));
      const Verdict verdict = descend(frame.child, depth + 1);
      if (verdict == Verdict::found) continue;
      for (std::int32_t id : frame.open) at(open_, id) = true;
      return verdict;
    }
    return Verdict::found;
  }

  /// Bytes of open blocks in the fullest clique of a block; `fits` has just counted them.
  std::int64_t load(std::int32_t id) const {
    const OffsetProblem::Item &item = problem_.item(id);
    return *std::max_element(used_.begin() + item.first_clique, used_.begin() + item.end_clique);
  }

  /// A block that reaches no higher than any of its open neighbours, and is not lifted.
  bool least_reach(std::int32_t id) const {
    if (lifted(id)) return false;
    const std::vector<Neighbour> &neighbours = problem_.item(id).neighbours;
    return std::none_of(neighbours.begin(), neighbours.end(), [&](const Neighbour &n) {
      if (!is_open(n.block) || reach(n.block) > reach(id)) return false;
      // Of two that may share an offset, the one that counts as the lower has the lower rank.
      return reach(n.block) < reach(id) || (n.from_other == 0 && rank(n.block) < rank(id));
    });
  }

  /// The block to branch on, -1 for none.
  std::int32_t choose(const Ids &open) const {
    using Key = std::tuple<std::int64_t, std::int64_t, std::int32_t>;
    std::int32_t best = -1;
    Key best_key;
    for (std::int32_t id : open) {
      Key key{reach(id), 0, rank(id)};
      if (order_.focus == Focus::lowest_then_fullest) std::get<1>(key) = -load(id);
      if (order_.focus == Focus::fullest_then_lowest) key = {-load(id), reach(id), rank(id)};
      if ((best >= 0 && key > best_key) || !least_reach(id)) continue;
      best = id;
      best_key = key;
    }
    return best;
  }

  Verdict branch(Frame &frame, std::size_t depth) {
    const std::int32_t id = choose(frame.open);
    if (id < 0) return Verdict::impossible;
    const Verdict verdict = place(frame, id, depth);
    return verdict == Verdict::impossible ? lift(frame, id, depth) : verdict;
  }

  Verdict place(Frame &frame, std::int32_t id, std::size_t depth) {
    at(open_, id) = false;
    at(offsets_, id) = low(id);
    frame.lows.clear();
    raise_lows(id, frame.lows);
    frame.child.clear();
    std::copy_if(frame.open.begin(), frame.open.end(), std::back_inserter(frame.child),
                 [&](std::int32_t other) { return other != id; });
    const Verdict verdict = descend(frame.child, depth + 1);
    if (verdict == Verdict::found) return verdict;
    restore_lows(frame.lows);
    at(open_, id) = true;
    return verdict;
  }

  /// With a block its later twins are lifted, since they lie no lower.
  Verdict lift(Frame &frame, std::int32_t id, std::size_t depth) {
    frame.marks.clear();
    const auto mark = [&](std::int32_t block) {
      frame.marks.push_back({block, at(lifted_from_, block)});
      at(lifted_from_, block) = low(block);
    };
    mark(id);
    for (std::int32_t other : frame.open) {
      std::int32_t twin = at(twin_, other);
      while (twin >= 0 && twin != id) twin = at(twin_, twin);
      if (twin == id && other != id && low(other) == low(id)) mark(other);
    }
    const Verdict verdict = descend(frame.open, depth + 1);
    if (verdict == Verdict::found) return verdict;
    for (const auto &[block, old] : frame.marks) at(lifted_from_, block) = old;
    return verdict;
  }

  const OffsetProblem &problem_;
  const SearchOrder &order_;
  const std::int64_t capacity_, padded_capacity_, node_limit_;
  std::vector<std::int32_t> rank_, twin_;
  std::vector<std::int64_t> offsets_;
  std::vector<char> open_;
  std::vector<std::int64_t> low_, lifted_from_, reach_, used_;
  Ids lifted_ids_;
  std::vector<std::pair<std::int64_t, std::int32_t>> by_reach_;
  std::vector<Signature> failed_;
  std::deque<Frame> frames_;  ///< references stay valid when it grows
  std::int64_t nodes_ = 0;
};

}  // namespace

CapacityResult search_capacity(const OffsetProblem &problem, std::int64_t capacity, const SearchOrder &order,
                               std::int64_t node_limit) {
  return Search(problem, capacity, order, node_limit).run();
}

}  // namespace thimble
