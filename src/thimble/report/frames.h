// Recorded frames for a network over time: .npy, .npz or raw files become windows of its input.
#pragma once

#include <filesystem>

#include "thimble/graph/graph.h"
#include "thimble/graph/interpret.h"

namespace thimble::report {

/// The first `most` windows of a file, cut one behind the other. `axis` is that of time in `input`. An array
/// is one window, several of them along one leading axis more (or the first axis), or a recording: of the
/// input's shape but for its length along the axis of time, with or without leading axes of 1. It has the
/// input's type, or float32, which is quantised as the input is. All arrays of a .npz file that fit are
/// taken; a raw file holds windows of the input's type.
Result<std::vector<Bytes>> read_windows(const std::filesystem::path &path, const Tensor &input, int axis,
                                        std::size_t most);

}  // namespace thimble::report
