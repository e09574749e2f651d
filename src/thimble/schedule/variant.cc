#include "thimble/schedule/variant.h"

#include <array>

namespace thimble {
namespace {

std::int64_t no_scratch(const Graph &, const Op &, const Region &) {
  return 0;
}

constexpr std::array<KernelVariant, 1> kWhole{{{"reference", no_scratch, false}}};
/// Kernels that can start from partial sums and leave partial sums.
constexpr std::array<KernelVariant, 1> kInParts{{{"reference", no_scratch, true}}};

}  // namespace

std::span<const KernelVariant> kernel_variants(const Op &op) {
  // A grouped convolution has no accumulate axis in its footprint, so that nothing asks for parts of it.
  if (op.is<Conv2D>() || op.is<FullyConnected>() || op.is<Mean>()) return kInParts;
  return kWhole;
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
