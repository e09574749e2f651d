#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {

std::string packed_name(const OpEmission &emission) {
  switch (*emission.variant().packing) {
    case FilterPacking::octets:
    case FilterPacking::wide_octets:
      return "octets";
    case FilterPacking::quads:
    case FilterPacking::wide_quads:
      return "quads";
    case FilterPacking::taps:
      return "taps";
    case FilterPacking::strips:
      break;
  }
  return "strips";
}

void set_packed_fields(OpEmission &emission, Fields &fields) {
  const FilterPacking packing = *emission.variant().packing;
  const PackedFilter filter = pack_filter(emission.graph(), emission.op(), packing);
  const std::string name = packed_name(emission);
  const IntegerRange limits = filter_parameters(emission.graph(), emission.op()).activation;
  fields.set("kind", static_cast<std::int32_t>(filter.kind));
  fields.set("limits", "{" + c_text::number(limits.min) + ", " + c_text::number(limits.max) + "}");
  const bool depthwise = packing == FilterPacking::taps || packing == FilterPacking::strips;
  if (!depthwise) fields.set("wide", is_wide(packing) ? 1 : 0);
  fields.set("group_words", filter.group_words);
  fields.set("stream",
             emission.table<std::int32_t>(is_wide(packing) ? "wide_" + name : name, filter.words,
                                          "sums to begin with, weights and scales (thimble_pairs.h)"));
  emission.need_kernel("thimble_" + name + (depthwise ? "_s8" : ""));
}

void set_outside(OpEmission &emission, Fields &fields, std::int32_t count) {
  const std::vector<std::int8_t> zeros(static_cast<std::size_t>(count),
                                       static_cast<std::int8_t>(emission.input(0).quantization.zero_point()));
  fields.set("outside", emission.table<std::int8_t>("outside", zeros, "what taps outside the map read"));
}

}  // namespace thimble::emitters
