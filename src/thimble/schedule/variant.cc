#include "thimble/schedule/variant.h"

#include <array>

namespace thimble {
namespace {

std::int64_t no_scratch(const Graph &, const Op &, const Region &) {
  return 0;
}

/// The portable kernels: no working memory, and partial sums wherever the footprint has a reduction.
constexpr std::array<KernelVariant, 1> kReference{{{"reference", no_scratch, true}}};

}  // namespace

std::span<const KernelVariant> kernel_variants(const Op &) {
  return kReference;
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
