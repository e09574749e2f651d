// TensorFlow Lite files for TensorFlow Lite Micro with the order of operators and the place of every tensor
// decided beforehand: existing runtimes take both with no change.
//
// The offsets travel as metadata named "OfflineMemoryAllocation"; its buffer holds little-endian 32-bit
// integers
//
//   1, 0, n, offset of tensor 0, ..., offset of tensor n-1
//
// (format version, subgraph, count), offsets from the beginning of the arena's planned part and -1 for
// tensors that the runtime places itself, around the others.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/read/outline.h"

namespace thimble {

/// The model file with its operators in `order` (a permutation of those of the subgraph) and an offset for
/// each tensor. Everything else is kept, byte by byte: a new root is put in front of the old file, and all
/// else stays where it is in it, with what Thimble does not know about. Offsets that the file had are
/// replaced.
///
/// Refuses files of several subgraphs (the runtime would apply one list to all of them), files with data
/// behind the FlatBuffer (it is found by its position), and roots with fields of a later format.
Result<std::vector<std::uint8_t>> write_offline_plan(std::span<const std::uint8_t> model,
                                                     std::span<const std::int32_t> order,
                                                     std::span<const std::int64_t> offsets,
                                                     const std::string &file_name);

/// The offsets in a file, per tensor. Fails when it has none or they are no list as above.
Result<std::vector<std::int64_t>> read_offline_plan(std::span<const std::uint8_t> model,
                                                    const std::string &file_name);

/// Proves that offsets are right for a file: walks its operators in the file's order and shows that each
/// finds in its inputs what their makers, or the caller, wrote, and that the outputs are whole at the end.
/// Shares no code with the planner.
Result<void> check_offline_plan(const FileOutline &outline, std::span<const std::int64_t> offsets);

}  // namespace thimble
