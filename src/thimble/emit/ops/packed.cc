#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {

std::string packed_name(const OpEmission &emission) {
  return std::string(kernel_code(emission.variant()));
}

namespace {

/// Where the kernel of one pixel at a time enters its written-out loops.
std::string single_code(OpEmission &emission, const PackedFilter &filter) {
  const std::string ending = c_text::number(static_cast<std::int32_t>(filter.kind));
  const std::string behind = ending + (is_wide(*emission.variant().packing) ? ", 1" : ", 0");
  const std::string layer = c_text::number(packed_depth(emission.graph(), emission.op())) + ", " + behind;
  Fields code;
  code.set("first", "THIMBLE_SINGLES_FIRST(" + layer + ")")
      .set("entry", "THIMBLE_SINGLES_ENTRY(" + layer + ")");
  code.set("behind", "THIMBLE_SINGLES_BEHIND(" + behind + ")");
  code.set("ending", "THIMBLE_SINGLES_ENDING(" + ending + ")");
  code.set("kind", static_cast<std::int32_t>(filter.kind));
  code.set("wide", is_wide(*emission.variant().packing) ? 1 : 0).set("group_words", filter.group_words);
  emission.need_header("thimble_pairs_code.h");
  return emission.parameters("thimble_single_code", code);
}

}  // namespace

void set_packed_fields(OpEmission &emission, Fields &fields) {
  const FilterPacking packing = *emission.variant().packing;
  const PackedFilter filter = pack_filter(emission.graph(), emission.op(), packing);
  const std::string name = packed_name(emission);
  const IntegerRange limits = filter_parameters(emission.graph(), emission.op()).activation;
  fields.set("kind", static_cast<std::int32_t>(filter.kind));
  fields.set("limits", "{" + c_text::number(limits.min) + ", " + c_text::number(limits.max) + "}");
  if (!is_depthwise(packing)) fields.set("wide", is_wide(packing) ? 1 : 0);
  fields.set("group_words", filter.group_words);
  fields.set("stream",
             emission.table<std::int32_t>(is_wide(packing) ? "wide_" + name : name, filter.words,
                                          "sums to begin with, weights and scales (thimble_pairs.h)"));
  if (name == "singles") fields.set("code", single_code(emission, filter));
  // Spread taps are taps, rows of pairs are quads; slices have their loops with them.
  const std::string loops = packing == FilterPacking::taps ? "taps" : name == "rows" ? "quads" : name;
  if (name == "rows") emission.need_kernel("thimble_quad_pairs");
  if (name == "quads" && is_dense(emission.graph(), emission.op()))
    emission.need_kernel("thimble_quad_pixels");
  if (name != "slices") emission.need_kernel("thimble_" + loops + (is_depthwise(packing) ? "_s8" : ""));
}

void set_outside(OpEmission &emission, Fields &fields, std::int32_t count) {
  const std::vector<std::int8_t> zeros(static_cast<std::size_t>(count),
                                       static_cast<std::int8_t>(emission.input(0).quantization.zero_point()));
  fields.set("outside", emission.table<std::int8_t>("outside", zeros, "what taps outside the map read"));
}

}  // namespace thimble::emitters
