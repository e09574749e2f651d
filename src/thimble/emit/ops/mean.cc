#include <algorithm>
#include <array>

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {
namespace {

/// Extents and strides of up to three axes, the last ones used.
struct JoinedAxes {
  std::array<std::int32_t, 3> extent{1, 1, 1}, stride{};

  /// Adds the next axis outwards; joins it with the one before where it goes on without a gap.
  void add_outer(std::int32_t length, std::int32_t step, bool neighbour) {
    if (neighbour && used > 0) {
      extent[extent.size() - used] *= length;
      return;
    }
    ++used;
    extent[extent.size() - used] = length;
    stride[stride.size() - used] = step;
  }
  std::size_t used = 0;
};

Fields reduction_fields(const Mean &mean, const Shape &shape) {
  const std::vector<std::int32_t> strides = strides_of(shape);
  JoinedAxes kept, reduced;
  const JoinedAxes *previous = nullptr;
  for (std::size_t a = shape.size(); a-- > 0;) {
    if (shape[a] == 1) continue;
    const bool averaged =
        std::find(mean.axes.begin(), mean.axes.end(), static_cast<std::int32_t>(a)) != mean.axes.end();
    JoinedAxes &axes = averaged ? reduced : kept;
    axes.add_outer(shape[a], strides[a], previous == &axes);
    previous = &axes;
  }
  Fields fields(1);
  fields.set("kept_extent", kept.extent).set("kept_stride", kept.stride);
  fields.set("reduced_extent", reduced.extent).set("reduced_stride", reduced.stride);
  return fields;
}

}  // namespace

Result<void> emit_op(const Mean &mean, OpEmission &emission) {
  const Tensor &y = emission.output();
  Fields fields;
  fields.set("reduction", reduction_fields(mean, emission.input(0).shape));
  const MeanParameters parameters = mean_parameters(emission.graph(), emission.op());
  std::string type = "thimble_mean_params";
  if (y.type == ElementType::float32) {
    type = "thimble_mean_f32_params";
    fields.set("count", static_cast<float>(parameters.count));
  } else {
    const IntegerRange range = range_of(y.type);
    fields.set("sum_offset", parameters.input_sum_offset);
    fields.set("multiplier", parameters.output.multiplier);
    fields.set("shift", parameters.output.shift);
    fields.set("zero_point", parameters.output_offset);
    fields.set("minimum", range.min).set("maximum", range.max);
  }
  const std::string address = emission.parameters(type, fields);
  emission.call("thimble_mean.h", std::string("thimble_mean_") + suffix_of(y.type),
                {address, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
