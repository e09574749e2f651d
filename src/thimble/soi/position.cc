#include "thimble/soi/position.h"

#include <map>

#include "thimble/graph/rules.h"
#include "thimble/soi/stride.h"
#include "thimble/stream/work.h"

namespace thimble::soi {
namespace {

class Search {
 public:
  explicit Search(const Timed &network)
      : graph_(network.graph),
        axes_(network.axes),
        rates_(network.rates),
        producers_(producers(graph_)),
        consumers_(consumers(graph_)),
        work_(stream::stream_work(graph_, axes_, rates_)) {
    ancestors_.assign(graph_.ops.size(), std::vector<bool>(graph_.ops.size()));
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      ancestors_[o][o] = true;
      for (const TensorId input : computed_inputs(graph_, graph_.ops[o])) {
        const std::vector<bool> &above = ancestors_[index(producer(input))];
        for (std::size_t a = 0; a < above.size(); ++a) ancestors_[o][a] = ancestors_[o][a] || above[a];
      }
    }
  }

  std::vector<Position> run() {
    for (const Op &op : graph_.ops) {
      const std::vector<OpId> &reading = readers(op.output());
      const bool compressible = std::any_of(reading.begin(), reading.end(),
                                            [&](OpId reader) { return has_stride(graph_.op(reader)); });
      if (compressible && can_repeat(op.output())) from(op.output());
    }
    std::vector<Position> found;
    for (const Op &op : graph_.ops) {  // in the order of their ways in, the largest first
      std::vector<Position> here;
      for (const auto &[weights, position] : best_) {
        if (position.entry == op.output()) here.push_back(position);
      }
      std::stable_sort(here.begin(), here.end(), [](const Position &a, const Position &b) {
        return a.macs != b.macs ? a.macs > b.macs : a.exit < b.exit;
      });
      found.insert(found.end(), here.begin(), here.end());
    }
    for (std::size_t p = 0; p < found.size(); ++p) found[p].number = static_cast<std::int32_t>(p + 1);
    return found;
  }

 private:
  static std::size_t index(std::int32_t id) { return static_cast<std::size_t>(id); }
  OpId producer(TensorId id) const { return producers_[index(id)]; }
  const std::vector<OpId> &readers(TensorId id) const { return consumers_[index(id)]; }
  bool above(OpId op, OpId other) const { return ancestors_[index(other)][index(op)]; }

  /// Time has an axis of its own, along which elements can be repeated.
  bool can_repeat(TensorId id) const {
    const stream::TimeAxis &time = axes_.of(id);
    return time.axis != kNone && time.grain == 1 && time.length > 1;
  }

  void from(TensorId entry) {
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      const TensorId exit = graph_.ops[o].output();
      const bool alike = exit != entry && can_repeat(exit) && above(producer(entry), producer(exit)) &&
                         rates_.of(exit).step == rates_.of(entry).step && !is_kept(graph_, exit);
      if (alike) between(entry, exit);
    }
  }

  void between(TensorId entry, TensorId exit) {
    Position position;
    position.entry = entry;
    position.exit = exit;
    position.inside.assign(graph_.ops.size(), false);
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      const auto op = static_cast<OpId>(o);
      position.inside[o] = op != producer(entry) && above(producer(entry), op) && above(op, producer(exit));
    }
    if (!is_region(position) || !meets(position)) return;
    std::vector<bool> weights(graph_.ops.size());
    bool any = false;
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      if (!position.inside[o] || work_.firing[o] == 0) continue;
      weights[o] = any = true;
      position.macs += work_.firing[o] * rates_.of(exit).step / rates_.of(graph_.ops[o].output()).step;
    }
    if (any) best_[weights] = position;  // later ways out replace earlier ones
  }

  /// One way in, read by filters, one way out, and every operator in between moves on with time.
  bool is_region(const Position &position) const {
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      if (!position.inside[o]) continue;
      const Op &op = graph_.ops[o];
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        const auto &map = axes_.maps[o][j];
        if (!map) continue;
        const TensorId input = op.inputs[j];
        if (map->window || axes_.of(input).axis == kNone) return false;
        if (input != position.entry ? !position.holds(producer(input)) : !compresses(op, position))
          return false;
      }
      if (op.output() == position.exit) continue;
      if (axes_.of(op.output()).axis == kNone || is_kept(graph_, op.output())) return false;
      for (const OpId reader : readers(op.output())) {
        if (!position.holds(reader)) return false;
      }
    }
    return true;
  }

  /// Strides make it read the way in at a lower rate, and what lies behind does not get shorter on its way
  /// out: elements of the latter would be missing.
  bool compresses(const Op &op, const Position &position) const {
    const stream::TimeAxis &made = axes_.of(op.output()), &out = axes_.of(position.exit);
    const std::int64_t step = rates_.of(op.output()).step;
    const std::int64_t more = made.length * step - out.length * rates_.of(position.exit).step;
    return has_stride(op) && more >= 0 && more < step;
  }

  /// Finds out what the way out meets; false where neither a join nor the head.
  bool meets(Position &position) const {
    for (const OpId reader : readers(position.exit)) {
      if (position.holds(reader)) return false;  // goes on inside: the way out is another tensor
    }
    for (const OpId reader : readers(position.exit)) {
      if (position.met == kNone) position.met = reader;
      for (const TensorId other : computed_inputs(graph_, graph_.op(reader))) {
        const bool apart = axes_.of(other).over_time() && !above(producer(position.exit), producer(other));
        if (!apart) continue;
        position.meets = Exit::join;
        position.met = reader;
        return above(source(producer(position.entry)), producer(other));
      }
    }
    position.meets = Exit::head;
    return position.met != kNone && ends_network(position.exit);
  }

  /// What a way in has its elements from: a PAD or a RESHAPE in front of the filters leaves the skip
  /// connection where it was.
  ///
  ///   a --pad--> --conv--> ... --> c --join(a)-->
  OpId source(OpId op) const {
    while (moves_elements(graph_.op(op))) {
      const std::vector<TensorId> inputs = computed_inputs(graph_, graph_.op(op));
      if (inputs.size() != 1) break;
      op = producer(inputs[0]);
    }
    return op;
  }

  /// One operator with weights is behind, or none but some that look at all of time; nothing from elsewhere
  /// joins in.
  bool ends_network(TensorId exit) const {
    int weights = 0;
    bool gathers = false;
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      const auto op = static_cast<OpId>(o);
      if (op == producer(exit) || !above(producer(exit), op)) continue;
      for (const TensorId input : computed_inputs(graph_, graph_.ops[o])) {
        if (axes_.of(input).over_time() && !above(producer(exit), producer(input))) return false;
      }
      weights += thimble::macs(graph_, graph_.ops[o]) > 0 ? 1 : 0;
      for (const auto &map : axes_.maps[o]) gathers |= map && map->window;
    }
    return weights == 1 || (weights == 0 && gathers);
  }

  const Graph &graph_;
  const stream::TimeAxes &axes_;
  const stream::Rates &rates_;
  std::vector<OpId> producers_;
  std::vector<std::vector<OpId>> consumers_;
  stream::StreamWork work_;
  std::vector<std::vector<bool>> ancestors_;    ///< by operator, itself included
  std::map<std::vector<bool>, Position> best_;  ///< by the operators with weights
};

}  // namespace

const char *name_of(Exit exit) {
  return exit == Exit::join ? "join" : "head";
}

Result<std::vector<Position>> positions(const Timed &network) {
  const std::size_t operators = network.graph.ops.size();
  if (operators > kMostOperators)
    return file_failure(network.graph.file,
                        "has " + std::to_string(operators) + " operators; positions are looked for among " +
                            std::to_string(kMostOperators),
                        "compress a part of the network");
  return Search(network).run();
}

std::string pairs_text(const std::vector<std::int32_t> &numbers) {
  std::string text;
  for (const std::int32_t number : numbers) text += (text.empty() ? "" : "|") + std::to_string(number);
  return text;
}

bool within(const Position &inner, const Position &outer) {
  for (std::size_t o = 0; o < inner.inside.size(); ++o) {
    if (inner.inside[o] && !outer.inside[o]) return false;
  }
  return true;
}

bool compatible(const Position &a, const Position &b) {
  if (within(a, b) || within(b, a)) return true;
  for (std::size_t o = 0; o < a.inside.size(); ++o) {
    if (a.inside[o] && b.inside[o]) return false;
  }
  return true;
}

Result<std::vector<Position>> choose(const Timed &network, const std::vector<Position> &positions,
                                     const std::vector<std::int32_t> &numbers) {
  const std::string &file = network.graph.file;
  if (positions.empty())
    return file_failure(file, "has no part with one way in, read by filters over time, and one way out",
                        "causal convolutions, U-Nets and residual blocks have");
  if (numbers.empty())
    return file_failure(file, "no pair is named", "list the positions: thimble soi --list");
  std::vector<Position> chosen;
  for (const std::int32_t number : numbers) {
    if (number < 1 || number > static_cast<std::int32_t>(positions.size()))
      return file_failure(
          file,
          "has no position " + std::to_string(number) + "; its last is " + std::to_string(positions.size()),
          "list them: thimble soi --list");
    const Position &position = positions[static_cast<std::size_t>(number - 1)];
    for (const Position &other : chosen) {
      if (other.number == number)
        return file_failure(file, "position " + std::to_string(number) + " is there twice");
      if (!compatible(position, other))
        return file_failure(file,
                            "positions " + std::to_string(other.number) + " and " + std::to_string(number) +
                                " overlap, and neither lies within the other",
                            "list them: thimble soi --list");
    }
    chosen.push_back(position);
  }
  const auto operators = [](const Position &position) {
    return std::count(position.inside.begin(), position.inside.end(), true);
  };
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](const Position &a, const Position &b) { return operators(a) > operators(b); });
  return chosen;
}

}  // namespace thimble::soi
