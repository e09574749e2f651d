// Means of a window that moves on with time, from sums that the stream's state keeps (running_window.h).
#pragma once

#include <functional>
#include <string>

#include "thimble/emit/emission.h"

namespace thimble::emitters {

/// Emits what the variant "running sums" does for the firing's one element of time. `store(sums, y)`: emits
/// what makes the outputs at `y` of the sums, one for one.
void emit_running_sums(OpEmission &emission,
                       const std::function<void(const std::string &sums, const std::string &y)> &store);

}  // namespace thimble::emitters
