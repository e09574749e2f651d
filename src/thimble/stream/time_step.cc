#include "thimble/stream/time_step.h"

#include <numeric>

#include "thimble/graph/rules.h"

namespace thimble::stream {
namespace {

constexpr TimeAxis kOneElement{kNone, 1, 1};

/// What one input says.
struct Reading {
  TimeAxis output;
  TimeMap map;
};

tl::unexpected<Error> refuse(const Graph &graph, const Op &op, TensorId tensor, std::string reason,
                             std::string hint = "") {
  Diagnostic line = at_op(graph, op, std::move(reason), std::move(hint));
  line.tensor = graph.tensor(tensor).name;
  return failure(std::move(line));
}

/// Elements [offset, offset + extent) for the one output element of the batch, and then one further at a
/// time. Where the batch has one element there is nothing to gather.
TimeMap window(const TimeAxis &time, std::int32_t offset, std::int32_t extent) {
  return time.length == 1 ? TimeMap{} : TimeMap{1, 1, offset, extent, true};
}

/// Same bytes, other axes. The first axis of a group of axes that share their product (see RESHAPE's
/// footprint) is the outermost, so that its elements stay apart:
///
///   [1,T,C]   -> [1,T,1,C]    num 1, den 1    the same axis
///   [1,T,C]   -> [1,T*C]      num 1, den C    grain 1 becomes C
///   [1,T*C]   -> [1,T,C]      num C, den 1    grain C becomes 1
///   [1,T,C]   -> [1,T/2,2*C]  num 2, den 1    pairs: a stride
Result<Reading> reshaped(const Graph &graph, const Op &op, TensorId from, const TimeAxis &time,
                         const AxisMap &map) {
  const std::int64_t below = std::int64_t{map.den} * time.grain;
  const std::int64_t length = graph.tensor(op.output()).shape[static_cast<std::size_t>(map.output_axis)];
  if (below % map.num == 0 && below / map.num * time.length == length) {
    return Reading{{map.output_axis, static_cast<std::int32_t>(below / map.num), time.length}, {}};
  }
  if (map.num % below == 0 && length * (map.num / below) == time.length) {
    const std::int32_t stacked = static_cast<std::int32_t>(map.num / below);
    return Reading{{map.output_axis, 1, static_cast<std::int32_t>(length)}, {stacked, 1, 0, stacked, false}};
  }
  return refuse(graph, op, from, "cuts elements of time into parts and mixes them");
}

Result<Reading> followed(const Graph &graph, const Op &op, TensorId from, const TimeAxis &time,
                         const AxisMap &map) {
  if (map.output_axis == kNone || map.num == 0) {
    return Reading{kOneElement, window(time, map.offset, map.extent)};
  }
  if (map.num < 0) return refuse(graph, op, from, "runs backwards over time");
  const bool same = map.num == 1 && map.den == 1 && map.offset == 0 && map.extent == 1;
  const std::int32_t length = graph.tensor(op.output()).shape[static_cast<std::size_t>(map.output_axis)];
  if (time.grain > 1) {
    if (same) return Reading{{map.output_axis, time.grain, length / time.grain}, {}};
    return refuse(graph, op, from, "reads an axis that time shares with other values");
  }
  // How far apart windows lie does not matter where there is only one.
  if (length == 1 && map.offset <= 0 && map.offset + map.extent >= time.length) {
    return Reading{{map.output_axis, 1, 1}, window(time, 0, time.length)};
  }
  const std::int32_t common = std::gcd(map.num, map.den);
  TimeMap reads{map.num, map.den, map.offset, map.extent, false};
  if (map.offset % map.den == 0) {
    reads = {map.num / common, map.den / common, map.offset / common, map.extent, false};
  }
  return Reading{{map.output_axis, 1, length}, reads};
}

Result<Reading> read_input(const Graph &graph, const Op &op, int input, const TimeAxis &time) {
  const TensorId from = op.inputs[static_cast<std::size_t>(input)];
  if (time.axis == kNone) return Reading{kOneElement, {}};
  const AxisMap map = footprint(graph, op, input)[static_cast<std::size_t>(time.axis)];
  switch (map.kind) {
    case AxisMap::Kind::follow:
      return in_place(graph, op, input) == InPlace::alias ? reshaped(graph, op, from, time, map)
                                                          : followed(graph, op, from, time, map);
    case AxisMap::Kind::accumulate:
      return Reading{kOneElement, window(time, 0, time.length)};
    case AxisMap::Kind::all:
      break;
  }
  // One element, and an axis that is dropped or repeated.
  if (time.length == 1) return Reading{kOneElement, {}};
  if (in_place(graph, op, input) == InPlace::alias) {
    return refuse(graph, op, from, "moves time below another axis, so that its elements are mixed");
  }
  return refuse(graph, op, from, "needs all of time for each element of its output");
}

/// A constant that goes along with time would have to be endless.
Result<void> expect_timeless(const Graph &graph, const Op &op, int input, const TimeAxis &output) {
  if (output.axis == kNone || output.length == 1) return {};
  for (const AxisMap &map : footprint(graph, op, input)) {
    if (map.kind != AxisMap::Kind::follow || map.output_axis != output.axis || map.num == 0) continue;
    return refuse(graph, op, op.inputs[static_cast<std::size_t>(input)],
                  "is a constant with another value for each element of time");
  }
  return {};
}

}  // namespace

Result<TimeStep> time_step(const Graph &graph, const Op &op, std::span<const TimeAxis> tensors) {
  TimeStep step;
  step.maps.resize(op.inputs.size());
  const auto time_of = [&](TensorId id) {
    return id == kNone ? TimeAxis{} : tensors[static_cast<std::size_t>(id)];
  };
  int readers = 0;
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    const TimeAxis time = time_of(op.inputs[j]);
    if (!time.over_time()) continue;
    auto reading = read_input(graph, op, static_cast<int>(j), time);
    if (!reading) return tl::unexpected(reading.error());
    if (readers++ > 0 && reading->output != step.output) {
      return refuse(graph, op, op.inputs[j],
                    "is joined with a tensor that has another number of elements of time, or time along "
                    "another axis");
    }
    step.output = reading->output;
    step.maps[j] = reading->map;
  }
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    const TensorId id = op.inputs[j];
    if (id == kNone) continue;
    if (!step.maps[j]) {
      if (auto ok = expect_timeless(graph, op, static_cast<int>(j), step.output); !ok) {
        return tl::unexpected(ok.error());
      }
    } else if (readers > 1 && moves_elements(op) && !step.maps[j]->window &&
               (*step.maps[j] != TimeMap{} || time_of(id).length != step.output.length)) {
      return refuse(graph, op, id, "is put before or behind another tensor along time");
    }
  }
  return step;
}

}  // namespace thimble::stream
