// Private to the layer: what becomes of a float filter's weights and bias when a MUL, ADD or SUB per channel
// beside it goes. Each function tells whether the filter can take the step; when not, what it has left in
// `filter` means nothing.
#pragma once

#include "thimble/rewrite/float_filter.h"
#include "thimble/rewrite/float_values.h"

namespace thimble {

/// The step behind a filter without activation, or before one whose input has the values `x`: every result
/// keeps its bits.
bool fold_behind(FloatFilter &filter, const ChannelStep &step, const FloatValues &x);
bool fold_before(FloatFilter &filter, const ChannelStep &step, const FloatValues &x);

/// Results round differently. `padded`: some taps may lie outside the map, where no offset is added.
bool fold_behind_rounded(FloatFilter &filter, const ChannelStep &step);
bool fold_before_rounded(FloatFilter &filter, const ChannelStep &step, bool padded);

}  // namespace thimble
