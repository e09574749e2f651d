// When the bytes of whole tensors are read and written: what decides whether one may be written over another.
#pragma once

#include <span>
#include <vector>

#include "thimble/plan/offsets.h"
#include "thimble/schedule/firing.h"

namespace thimble {

/// An access to a tensor: at which firing, by which operator (a position in the order), from or to which
/// byte.
struct TensorAccess {
  std::int64_t firing = 0;
  std::int32_t position = 0;
  std::int64_t byte = 0;  ///< reads: the first byte needed; writes: one past the last byte written
  bool ahead = false;     ///< a read that counts a firing earlier: its bytes may be written by its own firing
};

/// Whether an operator may write element i of its output over element i of this input, which it has just
/// read: such a read does not keep the firing's own writes away.
bool reads_ahead(const Graph &graph, const Op &op, TensorId input);

/// Byte of a box's first element, or one past its last one, in the whole tensor.
std::int64_t byte_of(const Tensor &tensor, const Region &box, bool end);

/// Smallest distance at which a tensor that dies may lie above one that is born (both whole), so that every
/// byte is read before it is written over:
///
///   max over firings f of (bytes of the new one written up to f - first byte of the old one needed from f
///   on)
///
/// `reads` and `writes` are in order of firings. Never negative.
std::int64_t overlap_distance(std::span<const TensorAccess> reads, std::span<const TensorAccess> writes);

/// Pairs of blocks (block_of: by buffer) of which one may begin inside the other while both live, because its
/// bytes are read before they are written over, counted from the firings. Only whole tensors are paired, and
/// the sums of a whole tensor with it.
std::vector<Overlap> allowed_overlaps(const Schedule &schedule, std::span<const std::int32_t> block_of,
                                      std::span<const Block> blocks);

}  // namespace thimble
