#include "thimble/stream/agreement.h"

#include <algorithm>

namespace thimble::stream {

Agreement window_agreement(const Graph &graph, const TimeAxes &axes, const Rates &rates) {
  Agreement agreement;
  std::vector<bool> differs(graph.tensors.size(), false);
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    const Op &op = graph.ops[o];
    const TimeAxis &made = axes.of(op.output());
    OpAgreement &result = agreement.ops.emplace_back();
    if (!made.over_time()) continue;
    result.receptive_field = rates.of(op.output()).receptive_field();
    result.latency = rates.of(op.output()).offset;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const std::optional<TimeMap> &map = axes.maps[o][j];
      if (!map) continue;
      const std::int64_t length = axes.of(op.inputs[j]).length;
      result.padding_before = std::max(result.padding_before, -map->first(0));
      result.padding_behind = std::max(result.padding_behind, map->last(made.length - 1) - (length - 1));
      if (differs[static_cast<std::size_t>(op.inputs[j])]) result.agrees = false;
    }
    if (result.padding_before > 0 || result.padding_behind > 0) result.agrees = false;
    differs[static_cast<std::size_t>(op.output())] = !result.agrees;
    if (!result.agrees && agreement.first == kNone) agreement.first = static_cast<OpId>(o);
  }
  return agreement;
}

std::optional<Diagnostic> disagreement(const Graph &graph, const Agreement &agreement) {
  if (agreement.first == kNone) return std::nullopt;
  const OpAgreement &first = agreement.ops[static_cast<std::size_t>(agreement.first)];
  return at_op(
      graph, graph.op(agreement.first),
      "depends on " + std::to_string(first.receptive_field) + " frames and pads time by " +
          std::to_string(first.padding_before) + " before and " + std::to_string(first.padding_behind) +
          " behind the window: a stream has frames there, so that its output differs from a window's",
      first.padding_behind > 0 ? "with --causal all padding lies before, and nothing waits for it" : "");
}

}  // namespace thimble::stream
