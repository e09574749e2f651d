// What several operators' emitters share.
#pragma once

#include <optional>
#include <vector>

#include "thimble/emit/emission.h"
#include "thimble/graph/parameters.h"

namespace thimble::emitters {

/// "s8", "s16", "f32": the ending of the arithmetic kernels' names for a type.
const char *suffix_of(ElementType type);

/// The struct thimble_window, nested in a parameter struct.
Fields window_fields(const Tensor &input, const Tensor &output, Step2D filter, Step2D stride, Step2D dilation,
                     const Padding2D &padding);

/// The struct thimble_map of a tensor [n, rows, columns, channels].
Fields map_fields(const Layout &layout);
/// The same as one line: "{size, row_step, pixel_step, columns}".
std::string map_initialiser(const Layout &layout);
/// Whether columns fold; the faster kernels do.
bool columns_fold(const Layout &layout);
/// Whether some tile's channels wrap around the slice of them that a layout keeps.
bool channels_wrap(const OpEmission &emission, const Layout &layout);
/// Makes firings fit a thimble_tile: splits those whose channels wrap around a slice, refuses parts of a
/// batch. `multiplier`: output channels per input channel, 0 where every output channel reads a range of its
/// own.
Result<void> fit_tiles(OpEmission &emission, std::int32_t multiplier);

/// Weights, bias and scaling of a convolution or dense layer: the fields at the end of their parameter
/// structs. `fold_input`: the input's zero point goes into the bias, for kernels that have no input_offset.
void set_filter_fields(OpEmission &emission, Fields &fields, bool fold_input);
/// Of these the scaling alone.
void set_scale_field(OpEmission &emission, Fields &fields);

/// Whether a filter's kernel gets a bias with the input's zero point folded in, beside the other: for Helium.
bool has_whole_bias(const OpEmission &emission);

/// Whether a kernel for Helium gets what it would make of the layer whenever it is called: with many firings
/// of few pixels, as this takes flash, and all outputs in each of them.
bool is_known_layer(const OpEmission &emission);
/// The place of that, which thimble_mve_set_rows (runtime/thimble_mve_row_s8.c) makes for others. `bias`: the
/// table's name.
std::string known_rows(OpEmission &emission, std::string_view bias, std::int32_t filter_rows);

/// Input `i` of an element-wise operator by NumPy's broadcasting rules.
Access broadcast_access(OpEmission &emission, std::size_t i);

/// find_run (box_loops.h); for Helium, whose kernels have much to set up, runs in pieces where these are
/// longer.
Run find_firing_run(OpEmission &emission, const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
                    const std::function<bool(const std::vector<std::int32_t> &)> &suits);

/// Calls `kernel(parameters, count, input, output)` for runs of an element-wise operator that reads no other
/// input.
void emit_unary(OpEmission &emission, std::string_view header, std::string_view kernel,
                const std::string &parameters, std::size_t input = 0);

/// Row-major strides in elements.
std::vector<std::int32_t> strides_of(const Shape &shape);

/// Copies the elements of a box of the output: `thimble_copy_<bits>` for runs.
void emit_copy(OpEmission &emission, const std::vector<BoxAxis> &box, const Access &from);

/// Whether the box has an element in some firing.
bool is_ever_there(const std::vector<BoxAxis> &box);

/// The part of the output's tile within [begin, end) along an axis.
void clip_axis(std::vector<BoxAxis> &box, std::size_t axis, std::int32_t begin, std::int32_t end,
               OpEmission &emission);

}  // namespace thimble::emitters
