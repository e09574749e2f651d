// Operators whose output bytes are functions of one input byte each, so that a table of 256 says it all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "thimble/graph/graph.h"

namespace thimble {

/// results[byte]: the output's byte for a byte of the input, both taken as unsigned.
using ByteTable = std::array<std::uint8_t, 256>;

/// The function that changes nothing.
ByteTable every_byte();

/// The index of the one input that is no constant, of an element-wise operator from 8-bit data to 8-bit data
/// whose constants are one number for the whole tensor each; nothing for any other operator.
std::optional<std::size_t> byte_operand(const Graph &graph, const Op &op);

/// Whether the operator is element-wise on 8-bit data alone, in tensors of one shape and constants that are
/// one number each: bytes of its inputs give a byte of its output, wherever they are.
bool combines_bytes(const Graph &graph, const Op &op);

/// Of such an operator: what the interpreter makes of 256 bytes of each input that is no constant (others are
/// not looked at). Nothing for any other.
std::optional<ByteTable> combined_bytes(const Graph &graph, const Op &op,
                                        const std::vector<ByteTable> &inputs);

/// Of an operator that has a byte operand: what the interpreter makes of every byte. Nothing for any other.
std::optional<ByteTable> byte_table(const Graph &graph, const Op &op);

}  // namespace thimble
