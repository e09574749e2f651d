// Best-first search over downsets (sets of operators that contain what their members need): what is live
// depends only on which operators have run. The state of least peak so far is expanded first, so that the
// first complete one is optimal. A forced move: an operator that can run without a new peak and leaves no
// more bytes live than before is run at once, alone. This loses nothing. Let an optimal order run it later,
// and move it here: it costs no new peak here; of its inputs as many die as before at most later, so that all
// sets in between are no larger; and an input that another operator overwrote, because it died there, dies
// there still.
#include <algorithm>
#include <queue>
#include <tuple>
#include <unordered_set>

#include "thimble/plan/order_part.h"

namespace thimble {
namespace {

/// States in the order of creation, found again by their set.
class States {
 public:
  struct State {
    std::int64_t peak = 0, live = 0;
    std::int32_t count = 0;  ///< operators that have run
    std::int32_t op = -1;    ///< the last one
    std::int64_t from = -1;  ///< the state before it
  };

  explicit States(const OrderPart &part) : sets_(0, part.ops.size()), index_(64, Hash{this}, Equal{this}) {
    const std::vector<Word> none(sets_.width(), 0);
    add(none.data(), {part.start_live, part.start_live});
  }
  States(const States &) = delete;
  States &operator=(const States &) = delete;

  /// The number of the state, and whether it is new or better than before.
  std::pair<std::int64_t, bool> add(const Word *set, const State &state) {
    const auto index = static_cast<std::int64_t>(states_.size());
    sets_.add_row(set);
    states_.push_back(state);
    const auto [known, fresh] = index_.insert(index);
    if (fresh) return {index, true};
    sets_.drop_row();
    states_.pop_back();
    State &old = (*this)[*known];
    if (state.peak >= old.peak) return {*known, false};
    old = state;
    return {*known, true};
  }

  State &operator[](std::int64_t index) { return states_[static_cast<std::size_t>(index)]; }
  const Word *set(std::int64_t index) const { return sets_.row(static_cast<std::size_t>(index)); }
  std::size_t width() const { return sets_.width(); }
  std::int64_t size() const { return static_cast<std::int64_t>(states_.size()); }

  std::vector<std::int32_t> order_to(std::int64_t index) {
    std::vector<std::int32_t> order;
    for (; (*this)[index].from >= 0; index = (*this)[index].from) order.push_back((*this)[index].op);
    std::reverse(order.begin(), order.end());
    return order;
  }

 private:
  struct Hash {
    const States *states;
    std::size_t operator()(std::int64_t index) const {
      const Word *set = states->set(index);
      Word hash = 0;
      for (std::size_t w = 0; w < states->width(); ++w) {
        hash = (hash ^ set[w]) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
      }
      return static_cast<std::size_t>(hash);
    }
  };
  struct Equal {
    const States *states;
    bool operator()(std::int64_t a, std::int64_t b) const {
      return std::equal(states->set(a), states->set(a) + states->width(), states->set(b));
    }
  };
  OpSets sets_;
  std::vector<State> states_;
  std::unordered_set<std::int64_t, Hash, Equal> index_;
};

struct Move {
  std::size_t op;
  OrderStep step;
};

/// The moves from a state that stay below `limit`; a forced one alone. Peaks up to `peak` are free.
void find_moves(const OrderPart &part, const Word *done, std::int64_t live, std::int64_t peak,
                std::int64_t limit, std::vector<Move> &moves) {
  moves.clear();
  for (std::size_t op = 0; op < part.ops.size(); ++op) {
    if (OpSets::has(done, op) || !part.ready(done, op)) continue;
    const OrderStep step = step_of(part, done, live, op);
    if (step.during <= peak && step.after <= live) {
      moves.assign(1, {op, step});
      return;
    }
    if (step.during < limit) moves.push_back({op, step});
  }
}

/// Adds the state after a move.
std::pair<std::int64_t, bool> make_move(States &states, std::int64_t from, const Move &move) {
  std::vector<Word> set(states.set(from), states.set(from) + states.width());
  set[move.op / 64] |= Word{1} << (move.op % 64);
  const States::State &state = states[from];
  return states.add(set.data(), {std::max(state.peak, move.step.during), move.step.after, state.count + 1,
                                 static_cast<std::int32_t>(move.op), from});
}

/// Looks for an order with a peak below `best`'s, and improves `best`. True when the answer is final; if not,
/// best.lower_bound is still valid.
bool best_first(const OrderPart &part, std::int64_t floor, std::int64_t limit, PartOrder &best) {
  using Entry = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // peak, operators left, state
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  States states(part);
  states[0].peak = std::max(states[0].peak, floor);
  queue.push({states[0].peak, static_cast<std::int64_t>(part.ops.size()), 0});
  std::vector<Move> moves;
  bool final = true;
  while (!queue.empty()) {
    const auto [peak, left, index] = queue.top();
    queue.pop();
    if (states[index].peak < peak) continue;  // reached again, better
    best.lower_bound = std::max(best.lower_bound, peak);
    if (left == 0) {
      best.order = states.order_to(index);
      best.peak = peak;
      break;
    }
    if (states.size() >= limit) {
      final = false;
      break;
    }
    find_moves(part, states.set(index), states[index].live, peak, best.peak, moves);
    for (const Move &move : moves) {
      const auto [next, better] = make_move(states, index, move);
      if (better) queue.push({states[next].peak, left - 1, next});
    }
  }
  if (final && queue.empty() && best.lower_bound < best.peak) best.lower_bound = best.peak;
  best.states += states.size();
  return final;
}

/// All states of one size at a time, of which the best `width` go on.
void beam(const OrderPart &part, std::int64_t floor, std::int64_t width, PartOrder &best) {
  States states(part);
  states[0].peak = std::max(states[0].peak, floor);
  std::vector<std::int64_t> level{0}, next;
  std::vector<Move> moves;
  for (std::size_t count = 0; count < part.ops.size(); ++count) {
    next.clear();
    for (std::int64_t index : level) {
      find_moves(part, states.set(index), states[index].live, states[index].peak, best.peak, moves);
      for (const Move &move : moves) {
        const std::int64_t before = states.size();
        const std::int64_t made = make_move(states, index, move).first;
        if (states.size() > before) next.push_back(made);
      }
    }
    std::sort(next.begin(), next.end(), [&](std::int64_t a, std::int64_t b) {
      return std::tuple(states[a].peak, states[a].live, a) < std::tuple(states[b].peak, states[b].live, b);
    });
    if (static_cast<std::int64_t>(next.size()) > width) next.resize(static_cast<std::size_t>(width));
    std::swap(level, next);
  }
  best.states += states.size();
  if (level.empty()) return;
  best.order = states.order_to(level.front());
  best.peak = states[level.front()].peak;
}

}  // namespace

PartOrder search_part(const OrderPart &part, std::int64_t floor, const OrderOptions &options) {
  PartOrder best = greedy_order(part, floor);
  best.lower_bound = std::min(best.peak, floor);
  if (best.peak <= floor) return best;
  if (!best_first(part, floor, options.states, best)) beam(part, floor, options.beam, best);
  return best;
}

}  // namespace thimble
