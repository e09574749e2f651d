#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Pad &pad, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &y = emission.output();
  // Fill everything, then copy the inside: simple, and the border is small in every network that we know.
  const int bits = 8 * size_of(y.type);
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  const std::int64_t zero_point = y.type == ElementType::float32 ? 0 : y.quantization.zero_point();
  const std::string value = c_text::number_unsigned(static_cast<std::uint64_t>(zero_point) & mask);
  std::vector<BoxAxis> box = emission.box();
  const std::vector<Access> all{emission.output_access()};
  const Run run = find_run(box, all, [](const auto &steps) { return steps[0] == 1; });
  emit_runs(emission.code(), box, all, run, [&](const Term &count, const std::vector<std::string> &at) {
    emission.call("thimble_movement.h", "thimble_fill_" + std::to_string(bits), {count.text, value, at[0]});
  });
  Access from = Access::same(emission.source(0), emission.source_layout(0));
  for (std::size_t a = 0; a < x.shape.size(); ++a) {
    from.index[a].offset = -pad.before[a];
    clip_axis(box, a, pad.before[a], pad.before[a] + x.shape[a], emission);
  }
  if (is_ever_there(box)) emit_copy(emission, box, from);
  return {};
}

}  // namespace thimble::emitters
