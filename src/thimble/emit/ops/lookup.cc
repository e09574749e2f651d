#include "thimble/emit/ops/lookup.h"

#include "thimble/graph/byte_function.h"

namespace thimble::emitters {

Result<void> emit_op(const Lookup &lookup, OpEmission &emission) {
  emit_unary(emission, "thimble_lookup.h", "thimble_lookup_8",
             emission.table<std::uint8_t>("table", lookup.table, "several steps in one"));
  return {};
}

bool emit_byte_function(OpEmission &emission, std::string_view what) {
  const std::optional<ByteTable> results = byte_table(emission.graph(), emission.op());
  if (!results) return false;
  const std::vector<std::uint8_t> bytes(results->begin(), results->end());
  emit_unary(emission, "thimble_lookup.h", "thimble_lookup_8",
             emission.table<std::uint8_t>("table", bytes, what),
             *byte_operand(emission.graph(), emission.op()));
  return true;
}

}  // namespace thimble::emitters
