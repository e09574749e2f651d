#include "thimble/emit/ops/support.h"
#include "thimble/graph/fixed_point.h"

namespace thimble::emitters {
namespace {

/// e^(-d * scale * beta) for the differences d = 0, 1, ... of int8 values that do not count as zero.
std::vector<std::int32_t> exponentials(const SoftmaxParameters &parameters) {
  constexpr int integer_bits = 5;
  std::vector<std::int32_t> table;
  for (std::int32_t d = 0; d <= 255 && -d >= parameters.diff_min; ++d) {
    table.push_back(
        exp_on_negative_values(multiply_by_quantized_multiplier(-d, parameters.input), integer_bits));
  }
  return table;
}

}  // namespace

Result<void> emit_op(const Softmax &softmax, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &y = emission.output();
  Fields fields;
  fields.set("depth", x.shape.back());
  std::string ending = suffix_of(x.type);
  if (x.type == ElementType::float32) {
    fields.set("beta", softmax.beta);
  } else if (x.type == ElementType::int8) {
    const std::vector<std::int32_t> table = exponentials(softmax_parameters(emission.graph(), emission.op()));
    fields.set("entries", static_cast<std::int64_t>(table.size()));
    fields.set("exponentials",
               emission.table<std::int32_t>("exponentials", table, "e^(-d * scale * beta), Q0.31"));
  } else {
    const QuantizedMultiplier m = softmax_int16_multiplier(emission.graph(), emission.op());
    fields.set("multiplier", m.multiplier).set("shift", m.shift);
    fields.set("exponentials",
               emission.table<std::int16_t>("exponentials", softmax_tables().exp, "e^x over [-10,0], Q0.15"));
    fields.set("reciprocals", emission.table<std::int16_t>("reciprocals", softmax_tables().reciprocal,
                                                           "1/(1+x) over [0,1], Q0.15"));
  }
  const std::string address = emission.parameters("thimble_softmax_" + ending + "_params", fields);
  if (x.type == ElementType::int8 && y.type == ElementType::int16) ending = "s8_s16";
  if (channels_wrap(emission, emission.destination_layout())) {
    if (emission.shares_bytes(0))
      return emission.refuse("makes channels that wrap around their slice in place");
    emission.split_channels();
  }
  // One row after the other; all its channels are read, whichever are made.
  const std::size_t last = x.shape.size() - 1;
  std::vector<BoxAxis> box = emission.box();
  box.pop_back();
  std::vector<Access> arrays{Access::same(emission.source(0), emission.source_layout(0)),
                             emission.output_access()};
  arrays[0].index[last] = {};
  arrays[1].index[last] = {};
  arrays[1].index[last].fixed = emission.firing().begin[last];
  Run rows;
  rows.first_axis = box.size();
  emit_runs(emission.code(), box, arrays, rows, [&](const Term &, const std::vector<std::string> &at) {
    emission.call(
        "thimble_softmax.h", "thimble_softmax_" + ending,
        {address, emission.firing().begin[last].text, emission.firing().end[last].text, at[0], at[1]});
  });
  return {};
}

}  // namespace thimble::emitters
