// TensorFlow Lite files become graphs.
//
// Format: FlatBuffers, schema version 3 (the part that we read is in tflite.fbs). A file is hostile input: it
// is verified whole before anything in it is used, and a bad one gives one clear line per problem. Never a
// crash, a hang or an allocation that the file's own length does not justify.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "thimble/graph/graph.h"

namespace thimble {

/// What a file may hold at most. Far above any network for a microcontroller, and low enough that every
/// index, size and sum fits the integers that it is kept in.
namespace tflite_limits {
constexpr std::uint64_t file_bytes = std::uint64_t{256} << 20;
constexpr std::size_t tensors = 65536;
constexpr std::size_t operators = 65536;
constexpr std::int64_t tensor_elements = 0x7fffffff;
constexpr std::uint32_t flatbuffer_depth = 16;  ///< the schema's own nesting is 5
constexpr std::uint32_t flatbuffer_tables = 1000000;
constexpr std::size_t name_characters = 256;  ///< longer tensor names are cut
constexpr std::size_t reported_lines = 1000;  ///< of one error; the rest is counted in a last line
}  // namespace tflite_limits

/// Reads a model. The graph holds the first subgraph, verified: data inputs only, explicit paddings,
/// operators in an order in which they can be executed (the file's, when it is one), constants shared with
/// nobody. A length of -1 in the first dimension (the batch) becomes 1.
///
/// Errors: one line per problem, each with the file, the operator's index and kind, the tensor, the reason
/// and what the user can do. All operators that cannot be supported are listed at once, for their kind, their
/// types or their options; one that only follows from another is not.
Result<Graph> read_tflite(const std::filesystem::path &path);

/// The same from memory; `file_name` is what diagnostics call it. The bytes are copied where they are kept.
Result<Graph> read_tflite(std::span<const std::uint8_t> bytes, std::string file_name);

}  // namespace thimble
