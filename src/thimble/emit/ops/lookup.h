// Functions of one byte as tables of 256 results.
#pragma once

#include <array>

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

/// Emits output = function(input) for an 8-bit input; `Stored` is the signed or unsigned type of the input's
/// bytes. `function` takes a stored value and gives the stored output.
template <class Stored, class Function>
void emit_lookup(OpEmission &emission, std::string_view what, Function &&function) {
  std::array<std::int32_t, 256> results;
  for (int byte = 0; byte < 256; ++byte) {
    results[static_cast<std::size_t>(byte)] = function(std::int32_t{static_cast<Stored>(byte)});
  }
  const int bits = 8 * size_of(emission.output().type);
  std::string table;
  if (bits == 8) {
    // Signed or not, a byte is a byte.
    const std::vector<std::uint8_t> narrow(results.begin(), results.end());
    table = emission.table<std::uint8_t>("table", narrow, what);
  } else if (bits == 16) {
    const std::vector<std::int16_t> narrow(results.begin(), results.end());
    table = emission.table<std::int16_t>("table", narrow, what);
  } else {
    table = emission.table<std::int32_t>("table", results, what);
  }
  emit_unary(emission, "thimble_lookup.h", "thimble_lookup_" + std::to_string(bits), table);
}

/// Emits an operator that is a function of one byte, by the interpreter's results (graph/byte_function.h);
/// false, and nothing done, where it is none.
bool emit_byte_function(OpEmission &emission, std::string_view what);

}  // namespace thimble::emitters
