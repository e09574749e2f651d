#include "thimble/stream/time_axis.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/graph/rules.h"
#include "thimble/stream/time_step.h"

namespace thimble::stream {
namespace {

Result<void> expect_one_input(const Graph &graph) {
  if (graph.inputs.size() == 1) return {};
  return failure({graph.file, -1, "", "",
                  "has " + std::to_string(graph.inputs.size()) + " inputs, but frames come in through one",
                  "stream a network with one input"});
}

/// Whether streaming along these axes does more than to gather a window.
bool gains(const Graph &graph, const TimeAxes &axes) {
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    if (axes.of(graph.ops[o].output()).length == 1) continue;
    for (const std::optional<TimeMap> &map : axes.maps[o]) {
      if (!map) continue;
      if (map->extent > 1 || macs(graph, graph.ops[o]) > 0) return true;
    }
  }
  return false;
}

/// Indices of the input's last axis that everything that reads it takes as one.
std::int32_t frame_length(const Graph &graph, const TimeAxes &axes) {
  const TensorId x = graph.inputs[0];
  if (axes.input_axis != graph.tensor(x).rank() - 1) return 1;
  std::int32_t frame = 0;
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    for (std::size_t j = 0; j < graph.ops[o].inputs.size(); ++j) {
      if (graph.ops[o].inputs[j] != x) continue;
      const TimeMap &map = *axes.maps[o][j];
      if (in_place(graph, graph.ops[o], static_cast<int>(j)) != InPlace::alias) return 1;
      if (map.num != map.extent || (frame != 0 && frame != map.num)) return 1;
      frame = map.num;
    }
  }
  return std::max(frame, 1);
}

/// Time along `axis`, in the network's own frames.
Result<TimeAxes> follow_frames(const Graph &graph, int axis) {
  auto axes = follow_time(graph, axis);
  if (!axes) return axes;
  const std::int32_t frame = frame_length(graph, *axes);
  return frame == 1 ? axes : follow_time(graph, axis, frame);
}

/// Time along `axis` where that gains something.
Result<TimeAxes> try_axis(const Graph &graph, int axis) {
  auto axes = follow_frames(graph, axis);
  if (axes && !gains(graph, *axes)) {
    return failure({graph.file, -1, "", graph.tensor(graph.inputs[0]).name,
                    "no operator computes anything before all of the axis is there", ""});
  }
  return axes;
}

bool long_enough(const Graph &graph, int axis) {
  return graph.tensor(graph.inputs[0]).shape[static_cast<std::size_t>(axis)] > 1;
}

}  // namespace

std::int64_t TimeMap::first(std::int64_t element) const {
  return floor_div(num * element + offset, den);
}

Result<void> expect_axis(const Graph &graph, int input_axis) {
  const Tensor &x = graph.tensor(graph.inputs[0]);
  if (input_axis >= 0 && input_axis < x.rank()) return {};
  return failure(
      {graph.file, -1, "", x.name,
       "has no axis " + std::to_string(input_axis) + " for time, only " + std::to_string(x.rank()) + " axes",
       ""});
}

Result<TimeAxes> follow_time(const Graph &graph, int input_axis, std::int32_t frame) {
  if (auto ok = expect_one_input(graph); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_axis(graph, input_axis); !ok) return tl::unexpected(ok.error());
  const Tensor &x = graph.tensor(graph.inputs[0]);
  const std::int32_t length = x.shape[static_cast<std::size_t>(input_axis)];
  if (frame < 1 || length % frame != 0) {
    return failure({graph.file, -1, "", x.name,
                    "has " + std::to_string(length) + " elements along axis " + std::to_string(input_axis) +
                        ", which are no frames of " + std::to_string(frame),
                    ""});
  }
  TimeAxes axes;
  axes.input_axis = input_axis;
  axes.tensors.resize(graph.tensors.size());
  for (const Op &op : graph.ops) {
    TimeAxis &made = axes.tensors[static_cast<std::size_t>(op.output())];
    std::vector<std::optional<TimeMap>> &maps = axes.maps.emplace_back(op.inputs.size());
    if (op.is<Input>()) {
      made = {input_axis, frame, length / frame};
      continue;
    }
    auto step = time_step(graph, op, axes.tensors);
    if (!step) return tl::unexpected(step.error());
    made = step->output;
    maps = std::move(step->maps);
  }
  for (const TensorId output : graph.outputs) {
    if (axes.of(output).over_time()) continue;
    return failure({graph.file, -1, "", graph.tensor(output).name, "does not depend on the input", ""});
  }
  return axes;
}

std::vector<int> time_candidates(const Graph &graph) {
  std::vector<int> candidates;
  if (graph.inputs.size() != 1) return candidates;
  for (int a = 0; a < graph.tensor(graph.inputs[0]).rank(); ++a) {
    if (long_enough(graph, a) && try_axis(graph, a)) candidates.push_back(a);
  }
  return candidates;
}

Result<TimeAxes> find_time(const Graph &graph, std::optional<int> axis) {
  if (auto ok = expect_one_input(graph); !ok) return tl::unexpected(ok.error());
  if (axis) return follow_frames(graph, *axis);
  const std::vector<int> candidates = time_candidates(graph);
  if (candidates.size() == 1) return follow_frames(graph, candidates[0]);
  const Tensor &x = graph.tensor(graph.inputs[0]);
  if (!candidates.empty()) {
    std::string list;
    for (const int candidate : candidates) {
      list += (list.empty() ? "" : ", ") + std::to_string(candidate) + " (" +
              std::to_string(x.shape[static_cast<std::size_t>(candidate)]) + " elements)";
    }
    return failure({graph.file, -1, "", x.name, "could have time along each of the axes " + list,
                    "say which axis is time"});
  }
  Error error;
  for (int a = 0; a < x.rank(); ++a) {
    if (!long_enough(graph, a)) continue;
    Diagnostic line = try_axis(graph, a).error().lines[0];
    line.reason = "not streamable along axis " + std::to_string(a) + " of the input: " + line.reason;
    error.lines.push_back(std::move(line));
  }
  if (error.lines.empty()) {
    error.lines.push_back({graph.file, -1, "", x.name, "has no axis longer than 1 that could be time", ""});
  }
  return tl::unexpected(std::move(error));
}

}  // namespace thimble::stream
