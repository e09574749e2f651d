// How many instructions a kernel executes for a tile, on a core with the DSP extension.
#pragma once

#include <compare>

#include "thimble/schedule/variant.h"

namespace thimble {

struct TileSize {
  std::int64_t pixels = 1;
  std::int32_t columns = 1;
  std::int32_t channels = 1;
  auto operator<=>(const TileSize &) const = default;
};

/// Of one firing, an estimate.
std::int64_t kernel_instructions(const Graph &graph, const Op &op, const KernelVariant &variant,
                                 TileSize size);

}  // namespace thimble
