// Operators whose output bytes are functions of one input byte each, so that a table of 256 says it all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "thimble/graph/graph.h"

namespace thimble {

/// results[byte]: the output's byte for a byte of the input, both taken as unsigned.
using ByteTable = std::array<std::uint8_t, 256>;

/// The index of the one input that is no constant, of an element-wise operator from 8-bit data to 8-bit data
/// whose constants are one number for the whole tensor each; nothing for any other operator.
std::optional<std::size_t> byte_operand(const Graph &graph, const Op &op);

/// Of an operator that has a byte operand: what the interpreter makes of every byte. Nothing for any other.
std::optional<ByteTable> byte_table(const Graph &graph, const Op &op);

}  // namespace thimble
