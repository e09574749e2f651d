#include "thimble/schedule/variant.h"

#include <array>

namespace thimble {
namespace {

std::int64_t no_scratch(const Graph &, const Op &, const Region &) {
  return 0;
}

/// The portable kernels: no working memory, and partial sums wherever the footprint has a reduction.
constexpr KernelVariant kReference{"reference", no_scratch, true};
constexpr std::array<KernelVariant, 1> kReferenceOnly{kReference};

constexpr std::int64_t kRunBytes = 12;        // a thimble_octet_run
constexpr std::int64_t kMostOctetCopy = 128;  // inputs of a pixel

/// A convolution whose pieces of a pixel are no multiples of four inputs.
bool is_copied(const Graph &graph, const Op &op) {
  return graph.tensor(op.inputs[1]).shape.back() % 4 != 0;
}

std::int64_t octets_scratch(const Graph &graph, const Op &op, const Region &) {
  if (!op.is<Conv2D>() || is_dense(graph, op)) return 0;
  if (is_copied(graph, op)) return 2 * kRunBytes + packed_depth(graph, op);
  return kRunBytes * (3 * graph.tensor(op.inputs[1]).shape[1] + 1);
}

std::int64_t quads_scratch(const Graph &graph, const Op &op, const Region &) {
  const std::int64_t depth = packed_depth(graph, op);
  return (op.is<Conv2D>() && !is_dense(graph, op) && is_copied(graph, op) ? 5 : 4) * depth;
}

bool octets_apply(const Graph &graph, const Op &op) {
  if (!can_pack(graph, op, FilterPacking::octets)) return false;
  // Rows of features are read where they are.
  if (!op.is<Conv2D>() || is_dense(graph, op)) return !is_copied(graph, op);
  return !is_copied(graph, op) || packed_depth(graph, op) <= kMostOctetCopy;
}
bool quads_apply(const Graph &graph, const Op &op) {
  return can_pack(graph, op, FilterPacking::quads);
}
bool wide_applies(const Graph &graph, const Op &op) {
  return can_pack(graph, op, FilterPacking::wide);
}

/// Kernels that multiply pairs, from packed weights.
constexpr std::array<KernelVariant, 4> kFilters{{
    kReference,
    {"octets", octets_scratch, false, FilterPacking::octets, octets_apply},
    {"quads", quads_scratch, false, FilterPacking::quads, quads_apply},
    {"wide quads", quads_scratch, false, FilterPacking::wide, wide_applies},
}};

}  // namespace

bool is_dense(const Graph &graph, const Op &op) {
  const Conv2D &conv = op.as<Conv2D>();
  const Tensor &weights = graph.tensor(op.inputs[1]);
  return weights.shape[1] == 1 && weights.shape[2] == 1 &&
         weights.shape[3] == graph.tensor(op.inputs[0]).shape[3] && conv.stride == Step2D{} &&
         conv.padding == Padding2D{};
}

std::span<const KernelVariant> kernel_variants(const Op &op) {
  if (op.is<Conv2D>() || op.is<FullyConnected>()) return kFilters;
  return kReferenceOnly;
}

ElementType accumulator_type(const Graph &graph, const Op &op) {
  switch (graph.tensor(op.output()).type) {
    case ElementType::float32:
      return ElementType::float32;
    case ElementType::int16:
      return ElementType::int64;
    default:
      return ElementType::int32;
  }
}

}  // namespace thimble
