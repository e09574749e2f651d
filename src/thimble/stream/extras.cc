#include "thimble/stream/extras.h"

#include <algorithm>
#include <optional>

#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"
#include "thimble/stream/conv_parts.h"
#include "thimble/stream/joins_apart.h"

namespace thimble::stream {
namespace {

/// Convolutions as parts of themselves, cut along their taps.
class Cutting {
 public:
  Cutting(const Recording &recording, const Extras &extras) : old_(recording), extras_(extras) {
    made_.recording.graph = recording.graph;
    made_.recording.graph.ops.clear();
  }

  InParts run() {
    for (std::size_t o = 0; o < old_.graph.ops.size(); ++o) {
      const Op &op = old_.graph.ops[o];
      const auto groups = groups_of(o);
      if (groups.empty()) {
        graph().ops.push_back(op);
        made_.recording.parts.emplace_back();
        continue;
      }
      cut(op, axis_of(o), groups);
      ++made_.cut;
    }
    return std::move(made_);
  }

 private:
  /// Taps [begin, end) in a part of their own, and when that fires.
  struct Group {
    std::int32_t begin = 0, end = 0;
    PartTime time;
  };

  Graph &graph() { return made_.recording.graph; }
  int axis_of(std::size_t o) const { return old_.axes.of(old_.graph.ops[o].inputs[0]).axis; }

  std::vector<Group> leave(const Op &op, std::string reason) {
    made_.whole.push_back(at_op(old_.graph, op, "is not cut into parts: " + std::move(reason)));
    return {};
  }

  /// All groups of taps but the last one, which ends the sum; none: the operator stays as it is.
  std::vector<Group> groups_of(std::size_t o) {
    const Op &op = old_.graph.ops[o];
    if (!is_filter(op)) return {};
    const std::optional<TimeMap> &map = old_.rates.ops[o].maps[0];
    if (!map || map->extent == 1) return {};
    const bool strided = extras_.spread && map->num > 1;
    if (!strided && !extras_.past_taps && !extras_.short_rings) return {};
    if (const auto reason = why_whole(old_.graph, op)) return leave(op, *reason);
    const int axis = axis_of(o);
    const std::int32_t taps = old_.graph.tensor(op.inputs[1]).shape[static_cast<std::size_t>(axis)];
    if (strided) return spread(o, taps, (map->extent - 1) / (taps - 1), map->num);
    return {{0, taps - 1, {kNone, 0, true, extras_.short_rings}}};
  }

  /// As even as taps allow: so many in each of the steps of the input between two outputs, none before its
  /// element is there.
  std::vector<Group> spread(std::size_t o, std::int32_t taps, std::int32_t dilation, std::int32_t stride) {
    const std::int64_t step = old_.rates.of(old_.graph.ops[o].inputs[0]).step;
    std::vector<Group> groups;
    std::int32_t begin = 0;
    for (std::int32_t ahead = stride - 1; ahead > 0; --ahead) {
      const std::int32_t there = std::max(0, taps - (ahead + dilation - 1) / dilation);
      const std::int32_t share = (taps - begin + ahead) / (ahead + 1);
      const std::int32_t end = std::min(there, begin + share);
      if (end > begin) groups.push_back({begin, end, {kNone, ahead * step, false, false}});
      begin = std::max(begin, end);
    }
    if ((extras_.past_taps || extras_.short_rings) && begin < taps - 1)
      groups.push_back({begin, taps - 1, {kNone, 0, true, extras_.short_rings}});
    return groups;
  }

  void cut(const Op &op, int axis, const std::vector<Group> &groups) {
    const Op whole = as_part(graph(), op);
    const OpId end = static_cast<OpId>(graph().ops.size() + groups.size());
    TensorId sums = kNone;
    for (const Group &group : groups) {
      Op part = taps_of(graph(), whole, axis, group.begin, group.end);
      part.inputs[2] = kNone;
      part.inputs.resize(3);
      ConvPart attributes = part.as<ConvPart>();
      attributes.sums.clear();
      attributes.activation = Activation::none;
      part.attributes = attributes;
      if (sums != kNone) add_sums(part, sums, {});
      part.outputs = {add_sums_tensor(
          graph(), whole, "/taps " + std::to_string(group.begin) + ".." + std::to_string(group.end - 1))};
      sums = part.outputs[0];
      graph().ops.push_back(std::move(part));
      PartTime time = group.time;
      time.end = end;
      made_.recording.parts.push_back(time);
    }
    const std::int32_t taps = graph().tensor(whole.inputs[1]).shape[static_cast<std::size_t>(axis)];
    Op last = taps_of(graph(), whole, axis, groups.back().end, taps);
    add_sums(last, sums, {});
    graph().ops.push_back(std::move(last));
    made_.recording.parts.emplace_back();
  }

  const Recording &old_;
  const Extras &extras_;
  InParts made_;
};

/// Time through the graph that has been made.
Result<void> follow(Recording &recording, const Recording &old) {
  if (auto ok = verify(recording.graph); !ok) return ok;
  const TimeAxis &frame = old.axes.of(old.graph.inputs[0]);
  auto axes = follow_time(recording.graph, old.axes.input_axis, frame.grain);
  if (!axes) return tl::unexpected(axes.error());
  recording.axes = std::move(*axes);
  auto rates = stream_rates(recording.graph, recording.axes);
  if (!rates) return tl::unexpected(rates.error());
  recording.rates = std::move(*rates);
  return {};
}

}  // namespace

Result<InParts> in_parts(const Recording &recording, const Extras &extras) {
  if (extras.past_taps && extras.short_rings) {
    return failure({recording.graph.file, kNone, "", "",
                    "cannot sum past taps both before the frame and within the step",
                    "choose past-taps or short-rings"});
  }
  if (!extras.any()) return InParts{recording, 0, {}};
  InParts held{recording, 0, {}};
  if (extras.held_products || extras.short_rings) {
    ApartJoins joins = joins_apart(recording, extras.held_products, extras.short_rings);
    held = {{std::move(joins.graph), {}, {}, {}}, joins.cut, std::move(joins.whole)};
    if (auto ok = follow(held.recording, recording); !ok) return tl::unexpected(ok.error());
  }
  InParts made = Cutting(held.recording, extras).run();
  if (auto ok = follow(made.recording, recording); !ok) return tl::unexpected(ok.error());
  made.cut += held.cut;
  made.whole.insert(made.whole.begin(), held.whole.begin(), held.whole.end());
  return made;
}

}  // namespace thimble::stream
