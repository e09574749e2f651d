// Which tensors of a stage are windows: kept for one row of their reader only and computed again for the
// next.
//
// A stage of pixels is a chain of blocks. A block ends at a tensor that is computed once, pixel by pixel, and
// kept in a FIFO (or at the driver); the tensors inside it are windows that slide along one of its rows:
//
//   a     -->  w1  -->  w2  -->  b                 block (a, b]; b's row y needs t rows of w2, and so on
//   FIFO       windows           FIFO              back: t(l) = (t(l+1) - 1) stride + kernel, clipped
//
// A row of b is made as a whole, so that the windows of different blocks take turns in the same bytes.
//
// Windows need t rows times their reader's kernel width instead of rows of the whole map, and cost the rows
// that neighbouring rows of b share. The fewest bytes for so many multiply-accumulates are found by following
// labels (bytes of FIFOs, of the largest block's windows, MACs) from the driver backwards, block by block
// (fusion.md, 5.2 and 5.3).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "thimble/plan/profile.h"

namespace thimble {

/// Windows of the block that ends at one position, going backwards from it. Entry i is the operator at
/// position `end - 1 - i` as a further window.
struct WindowBlock {
  struct Entry {
    std::int64_t rows = 0;        ///< most rows at once
    std::int64_t extra_macs = 0;  ///< of all windows so far, beyond once each
  };
  struct Read {
    std::int32_t reader = 0;  ///< position
    TensorId tensor = kNone;  ///< made before the reader
    std::int64_t rows = 0;    ///< most rows at once
  };
  std::vector<Entry> windows;
  std::vector<Read> reads;
};

/// What the operators' order says about every tensor: the position of its maker (kNone: none of its own) and
/// of its last reader.
struct WindowUse {
  std::int32_t producer = kNone, last = kNone;
};

/// Blocks by the position at which they end, no larger than `extra_macs` allow.
std::vector<WindowBlock> window_blocks(const Graph &graph, std::span<const OpId> order,
                                       std::span<const WindowUse> uses, std::int32_t first,
                                       std::int64_t extra_macs);

/// Windows of a stage that begins at `first`, by estimate.
struct WindowChoice {
  std::int32_t first = 0;
  std::vector<TensorId> windows;
  std::vector<std::int64_t> bytes;  ///< of the tensors made at positions first .. driver - 1
  std::int64_t extra_macs = 0;
};

struct WindowLimits {
  std::int64_t extra_macs = 0;
  std::int64_t bytes = 0;  ///< of FIFOs and windows together
};

/// The choices for stages that end with position `driver`, none dominated by another one of the same stage.
/// `bytes(tensor, profile, window)` are those of a tensor with so many lines and such a spread.
using InnerBytes = std::function<std::int64_t(TensorId, const TensorProfile &, bool window)>;
std::vector<WindowChoice> window_choices(const Graph &graph, std::span<const OpId> order,
                                         std::span<const WindowUse> uses, std::span<const WindowBlock> blocks,
                                         const StageProfile &profile, std::int32_t first, std::int32_t driver,
                                         const WindowLimits &limits, const InnerBytes &bytes);

}  // namespace thimble
