#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {

std::string packed_name(const OpEmission &emission) {
  return *emission.variant().packing == FilterPacking::octets ? "octets" : "quads";
}

void set_packed_fields(OpEmission &emission, Fields &fields) {
  const FilterPacking packing = *emission.variant().packing;
  const PackedFilter filter = pack_filter(emission.graph(), emission.op(), packing);
  fields.set("kind", static_cast<std::int32_t>(filter.kind));
  fields.set("wide", packing == FilterPacking::wide ? 1 : 0);
  fields.set("group_words", filter.group_words);
  const std::string suffix = packing == FilterPacking::wide ? "wide_quads" : packed_name(emission);
  fields.set("stream", emission.table<std::int32_t>(
                           suffix, filter.words, "sums to begin with, weights and scales (thimble_pairs.h)"));
  emission.need_kernel("thimble_" + packed_name(emission));
}

}  // namespace thimble::emitters
