#include "thimble/schedule/verify_buffers.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/schedule/sum_bytes.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

bool in_range(std::int64_t index, std::size_t size) {
  return index >= 0 && index < static_cast<std::int64_t>(size);
}

/// Whether two buffers answer the same question: where is this tensor, accumulator or scratch in this stage?
bool same_purpose(const Buffer &a, const Buffer &b) {
  if (a.stage != b.stage) return false;
  const bool owned = a.kind == BufferKind::accumulator || a.kind == BufferKind::scratch;
  if (owned || a.kind == BufferKind::cursors) return a.kind == b.kind && a.op == b.op;
  return holds_elements(b.kind) && b.kind != BufferKind::accumulator && a.tensor == b.tensor;
}

std::string layout_fault(const Buffer &buffer, const Tensor &tensor, int element_size) {
  const Layout &layout = buffer.layout;
  if (layout.shape != tensor.shape) return "has a layout of another shape";
  if (layout.element_size != element_size) return "has elements of a wrong size";
  if (layout.fold.size() != layout.shape.size()) return "has a fold of another rank";
  for (std::size_t a = 0; a < layout.fold.size(); ++a) {
    if (layout.fold[a] < 1 || layout.fold[a] > layout.shape[a]) return "has a fold outside its shape";
  }
  if (layout.fifo_pixels < 0) return "has a negative number of pixels";
  if (layout.fifo_pixels > 0) {
    if (layout.shape.empty()) return "is a pixel FIFO of a scalar";
    if (layout.fifo_pixels > tensor.elements() / layout.shape.back())
      return "has more pixels than the tensor";
  }
  return "";
}

std::string place_fault(const Schedule &schedule, const Buffer &buffer) {
  if (!in_range(buffer.region, schedule.regions.size())) return "is in a region that does not exist";
  if (buffer.stage != kNone && !in_range(buffer.stage, schedule.stages.size())) {
    return "belongs to a stage that does not exist";
  }
  if (buffer.offset < 0 || buffer.size < 0) return "has a negative offset or size";
  if (!checked_add(buffer.offset, buffer.size)) return "ends beyond all addresses";
  if (buffer.alignment < 1 || (buffer.alignment & (buffer.alignment - 1)) != 0) {
    return "has an alignment that is no power of two";
  }
  return "";
}

std::string content_fault(const Schedule &schedule, const Buffer &buffer) {
  const Graph &graph = *schedule.graph;
  const bool has_op = in_range(buffer.op, graph.ops.size());
  switch (buffer.kind) {
    case BufferKind::state:
    case BufferKind::hold:
      if (schedule.time) break;
      if (buffer.kind == BufferKind::hold || state_of(graph, buffer.tensor) == kNone)
        return "survives the call, which only streams need";
      if (schedule.regions[static_cast<std::size_t>(buffer.region)].kind != RegionKind::state)
        return "survives the call, in a region that does not";
      break;
    case BufferKind::cursors:
      // A stream counts its calls, too.
      return buffer.stage == kNone && !schedule.time ? "counts for no stage" : "";
    case BufferKind::scratch:
      return has_op ? "" : "is working memory of no operator";
    case BufferKind::accumulator: {
      if (!has_op) return "holds sums of no operator";
      const Op &op = graph.op(buffer.op);
      if (buffer.tensor != op.output()) return "holds sums of a tensor that its operator does not make";
      const std::int32_t bytes = buffer.layout.element_size;
      if (bytes < least_sum_bytes(graph, op)) return "holds sums that do not fit into its elements";
      const bool known = bytes == 2 || bytes == 3 || bytes == full_sum_bytes(graph, op);
      return layout_fault(buffer, graph.tensor(buffer.tensor), known ? bytes : full_sum_bytes(graph, op));
    }
    default:
      break;
  }
  if (!in_range(buffer.tensor, graph.tensors.size())) return "holds a tensor that does not exist";
  const Tensor &tensor = graph.tensor(buffer.tensor);
  if (tensor.constant()) return "holds a constant";
  const auto is_one_of = [&](const std::vector<TensorId> &list) {
    return std::find(list.begin(), list.end(), buffer.tensor) != list.end();
  };
  if (buffer.kind == BufferKind::input && !is_one_of(graph.inputs)) return "is no network input";
  if (buffer.kind == BufferKind::output && !is_one_of(graph.outputs)) return "is no network output";
  return layout_fault(buffer, tensor, size_of(tensor.type));
}

}  // namespace

bool holds_elements(BufferKind kind) {
  return kind != BufferKind::scratch && kind != BufferKind::cursors;
}

std::string buffer_text(const Schedule &schedule, std::size_t index) {
  const Buffer &buffer = schedule.buffers[index];
  std::string text = "buffer " + std::to_string(index) + " (" + name_of(buffer.kind);
  if (in_range(buffer.tensor, schedule.graph->tensors.size())) {
    text += " of '" + schedule.graph->tensor(buffer.tensor).name + "'";
  }
  return text + ")";
}

Result<void> verify_buffers(const Schedule &schedule) {
  for (std::size_t r = 0; r < schedule.regions.size(); ++r) {
    const std::int64_t size = schedule.regions[r].size;
    if (size >= 0 && size <= kMaxRegionBytes) continue;
    return failure("memory region " + std::to_string(r) + " ('" + schedule.regions[r].name +
                       "') would have " + std::to_string(size) + " bytes, a plan can have " +
                       std::to_string(kMaxRegionBytes) + " at most",
                   "networks for microcontrollers are far smaller: give the model a smaller input");
  }
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    std::string fault = place_fault(schedule, buffer);
    if (fault.empty()) fault = content_fault(schedule, buffer);
    for (std::size_t other = 0; fault.empty() && other < b; ++other) {
      if (same_purpose(buffer, schedule.buffers[other])) fault = "is the second for its purpose";
    }
    if (!fault.empty()) return failure(buffer_text(schedule, b) + " " + fault);
  }
  return {};
}

}  // namespace thimble
