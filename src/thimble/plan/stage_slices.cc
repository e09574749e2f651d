// What stages need that are summed slice by slice, and what the sums of any stage take.
#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/stage_cost.h"
#include "thimble/schedule/sum_bytes.h"

namespace thimble {
namespace {

/// Whether a slice of the operator's output, of so many channels in all, is made of the same slice of its
/// inputs, or of all their channels: then two slices tell what slices of any size need.
bool keeps_slices(const Graph &graph, const Op &op, std::int32_t channels) {
  if (graph.tensor(op.output()).shape.back() != channels) return false;
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
    const Shape &shape = graph.tensor(op.inputs[j]).shape;
    if (shape.empty()) continue;
    const AxisMap map = footprint(graph, op, static_cast<int>(j)).back();
    if (map.kind != AxisMap::Kind::follow) continue;
    if (shape.back() != channels || map.num != map.den || map.offset != 0 || map.extent != 1) return false;
  }
  return true;
}

}  // namespace

std::int32_t StageCosts::reduction(std::int32_t position) const {
  return reduction_extent(graph_, graph_.op(order_[static_cast<std::size_t>(position)]));
}

std::vector<std::int32_t> StageCosts::sum_widths(std::int32_t position) {
  const Op &op = graph_.op(order_[static_cast<std::size_t>(position)]);
  least_sums_.resize(order_.size(), 0);
  std::int32_t &least = least_sums_[static_cast<std::size_t>(position)];
  if (least == 0) least = least_sum_bytes(graph_, op);
  std::vector<std::int32_t> widths{full_sum_bytes(graph_, op)};
  if (least < widths[0]) widths.push_back(3);
  if (least == 2) widths.push_back(2);
  return widths;
}

/// Whether the run can be summed slice by slice, and nothing that it makes before its last operator is needed
/// elsewhere. If not, no longer run that ends with the same operator can.
bool StageCosts::sums_in_slices(std::int32_t first, std::int32_t last) const {
  const std::span<const OpId> ops =
      std::span(order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1));
  if (!can_slice(graph_, ops)) return false;
  for (const OpId op : ops.first(ops.size() - 1)) {
    const TensorId made = graph_.op(op).output();
    const Use &use = uses_[static_cast<std::size_t>(made)];
    if (storage_[static_cast<std::size_t>(made)] != made || use.last > last) return false;
  }
  return true;
}

std::optional<StageCost> StageCosts::estimate_slices(const StageChoice &choice) {
  if (!sums_in_slices(choice.first, choice.last)) return std::nullopt;
  const Op &driver = graph_.op(order_[static_cast<std::size_t>(choice.last)]);
  const bool rows = choice.form.grain != Grain::slices;
  if (rows && axis_of(Level::row, graph_.tensor(driver.output()).rank()) == kNone) return std::nullopt;
  StageChoice walked = choice;
  const std::int32_t channels = reduction(choice.last);
  const bool same = std::all_of(order_.begin() + choice.first, order_.begin() + choice.last,
                                [&](OpId op) { return keeps_slices(graph_, graph_.op(op), channels); });
  if (same) walked.form.channels = (channels + 1) / 2;
  const StageProfile &profile = profiles_->stage(walked);
  StageCost found = cost(choice, &profile);
  if (choice.form.grain == Grain::lines_of_slices) found.extra_macs = extra_macs(choice, profile);
  return found;
}

/// Of the partial sums of the stage's last operator: one row of them where rows are the outer loop.
std::int64_t StageCosts::sum_bytes(const StageChoice &choice) const {
  const Op &driver = graph_.op(order_[static_cast<std::size_t>(choice.last)]);
  const Tensor &made = graph_.tensor(driver.output());
  std::int64_t elements = made.elements();
  if (choice.form.grain == Grain::lines_of_slices) {
    const std::int32_t rows = made.shape[static_cast<std::size_t>(axis_of(Level::row, made.rank()))];
    elements = elements / rows * std::min(rows, choice.form.step);
  }
  const std::int32_t width = choice.form.sum_bytes;
  return rounded(elements * (width > 0 ? width : full_sum_bytes(graph_, driver)));
}

/// Whether the stage's output is written over its own sums, as `allowed_overlaps` lets it: where the sums of
/// all of it are there at once, and its elements are bytes, or as wide as they are.
bool StageCosts::covers_sums(const StageChoice &choice) const {
  const Op &driver = graph_.op(order_[static_cast<std::size_t>(choice.last)]);
  const bool lines = choice.form.grain == Grain::lines || choice.form.grain == Grain::pixels;
  const bool sums = choice.form.grain == Grain::slices || choice.form.grain == Grain::slices_of_lines ||
                    (lines && choice.form.sweep == Sweep::rows && reduces_rows(graph_, driver));
  const int element = size_of(graph_.tensor(driver.output()).type);
  return sums && (element == 1 || element == full_sum_bytes(graph_, driver));
}

}  // namespace thimble
