#include "thimble/emit/ops/support.h"

namespace thimble::emitters {
namespace {

/// The thimble_addend of one of the sums.
std::string addend_initialiser(const SumMap &map, const Tensor &sums, const Layout &layout) {
  std::string text = "{";
  for (const std::int32_t number : {sums.shape[1], sums.shape[2], map.num.rows, map.num.columns, map.den.rows,
                                    map.den.columns, map.offset_rows, map.offset_columns})
    text += c_text::number(number) + ", ";
  return text + map_initialiser(layout) + "}";
}

}  // namespace

Result<void> emit_op(const ConvPart &part, OpEmission &emission) {
  if (Result<void> ok = fit_tiles(emission, part.depth_multiplier); !ok) return ok;
  const Tensor &x = emission.input(0);
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  std::string addends, pointers;
  for (std::size_t i = 0; i < part.sums.size(); ++i) {
    const Layout layout = emission.source_layout(3 + i);
    if (channels_wrap(emission, layout))
      return emission.refuse("adds sums whose channels wrap around a slice, which its kernel cannot");
    addends += (i > 0 ? ", " : "") + addend_initialiser(part.sums[i], emission.input(3 + i), layout);
    pointers += (i > 0 ? ", " : "") + emission.source(3 + i);
  }
  Fields fields;
  fields.set("window", window_fields(x, y, {weights.shape[1], weights.shape[2]}, part.stride, part.dilation,
                                     part.padding));
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
  fields.set("multiplier", part.depth_multiplier);
  fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  fields.set("addend_count", part.sums.size());
  if (!part.sums.empty()) fields.set("addends", "{" + addends + "}");
  fields.set("weights", emission.constant(emission.op().inputs[1], "weights"));
  if (emission.has_input(2)) fields.set("bias", emission.constant(emission.op().inputs[2], "bias"));
  fields.set("scaled", y.type == ElementType::int8 ? 1 : 0);
  if (y.type == ElementType::int8) set_scale_field(emission, fields);
  const std::string parameters = emission.parameters("thimble_conv_part_s8_params", fields);
  if (!part.sums.empty())
    emission.code().line("const int32_t *const sums[" + c_text::number(part.sums.size()) + "] = {" +
                         pointers + "};");
  emission.call("thimble_conv_part.h",
                part.depth_multiplier > 0 ? "thimble_depthwise_conv_part_s8" : "thimble_conv_part_s8",
                {parameters, emission.tile(), emission.source(0), part.sums.empty() ? "0" : "sums",
                 emission.destination()});
  return {};
}

}  // namespace thimble::emitters
