// Kernel variants: which implementations of an operator exist and what working memory each needs. The planner
// chooses, the checker and the emitter look up, so that no second place knows a scratch size.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "thimble/graph/packed_filter.h"
#include "thimble/graph/rules.h"

namespace thimble {

struct KernelVariant {
  const char *name;  ///< stable, shown in reports
  /// Bytes of scratch for a firing on `tile`; the emitted kernel uses exactly these.
  std::int64_t (*scratch_bytes)(const Graph &, const Op &, const Region &tile);
  /// Whether a firing may cover a part of the reduction, with an accumulator, where the operator's footprint
  /// has one (an accumulate axis). With packed weights every firing does, from one multiple of 4 inputs to
  /// another.
  bool partial_reduction;
  /// How weights are laid out; nothing: as in the graph.
  std::optional<FilterPacking> packing = {};
  /// Outputs of a row that are made together, at most: tiles are whole rows of maps whose columns do not
  /// fold, or of several `pixels` parts of rows that are as long. 0: any tile of any map will do.
  std::int32_t strip = 0;
  /// Whether the operator is one that the kernel computes exactly; null: every operator is.
  bool (*applies)(const Graph &, const Op &) = nullptr;
  /// Outputs of a row that share what is loaded of the weights.
  std::int32_t pixels = 1;
  /// Tiles have all channels.
  bool whole_pixels = false;
  /// Strips lie along columns of the map, which does not fold at all: tiles are whole maps.
  bool down = false;
  /// In a stream, what it leaves in its scratch is there when it fires for the next element of time. Zeros
  /// are there before the first one.
  bool remembers = false;
};

/// The part of its name that tells the code: "octets", "strips" and the like.
std::string_view kernel_code(const KernelVariant &variant);

/// All variants of an operator; StageOp::variant is an index into them. Never empty.
std::span<const KernelVariant> kernel_variants(const Op &op);

/// Outputs of a strip, at most.
std::int32_t strip_outputs(const KernelVariant &variant, const Tensor &output);
/// Words of one channel's inputs under so many outputs of a strip (thimble_strip_plane of the runtime).
std::int32_t strip_plane_words(const KernelVariant &variant, const Op &op, std::int32_t outputs);
/// Outputs of a strip of CONV_2D, an even number; how many inputs those of neighbours are apart; and words of
/// two inputs of a row of the map that the first pixels of its pairs read.
std::int32_t row_strip_outputs(const KernelVariant &variant, const Tensor &output);
std::int32_t row_strip_step(const Graph &graph, const Op &op);
std::int32_t row_strip_words(const Graph &graph, const Op &op, std::int32_t outputs);
/// Whether strips of so many outputs have words that first and second pixels share.
bool shares_row_words(const Graph &graph, const Op &op, std::int32_t outputs);

/// Whether a filter is a dense layer over rows of inputs: FULLY_CONNECTED, or a CONV_2D of 1x1 for every
/// pixel.
bool is_dense(const Graph &graph, const Op &op);
/// Whether the last axis of a filter's weights has whole fours of inputs, as the loops take them; else the
/// inputs of pixels or rows are copied first, and a rest is filled up.
bool has_whole_fours(const Graph &graph, const Op &op);

/// Element type of the accumulator of a reduction done in parts: int32 for 8-bit data, int64 for 16-bit,
/// float.
ElementType accumulator_type(const Graph &graph, const Op &op);

}  // namespace thimble
