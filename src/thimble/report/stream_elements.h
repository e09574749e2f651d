// Elements of time in the bytes of a tensor: frames of a recording, outputs of calls.
#pragma once

#include "thimble/report/stream.h"

namespace thimble::report {

/// The part of a tensor whose bytes are `all` within `range` of an axis.
Bytes part_of(const Tensor &tensor, int axis, const Range &range, const Bytes &all);

/// Element `m` of time of a tensor whose bytes are `all`, one behind the other as a caller has them.
Bytes element_of(const Tensor &tensor, const TimeSpan &time, std::int64_t m, const Bytes &all);

/// Bytes of one element of a tensor of the recording.
std::int64_t bytes_of_element(const StreamNetwork &stream, TensorId tensor);

/// All elements of a tensor of the recording that calls hand in or out.
std::vector<Bytes> elements_of(const StreamNetwork &stream, TensorId tensor, const Bytes &all,
                               std::int64_t count);

}  // namespace thimble::report
