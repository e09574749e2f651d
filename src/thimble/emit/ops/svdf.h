// What the two halves of an SVDF share: kernels that make a part of one row and read whole rows.
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

/// Calls `kernel(parameters, begin, end, row of each input of `read`, output)` for every row of the tile.
/// Refuses rows that do not lie in one piece.
Result<void> emit_svdf_rows(OpEmission &emission, const std::string &kernel, const std::string &parameters,
                            const std::vector<std::size_t> &read);

}  // namespace thimble::emitters
