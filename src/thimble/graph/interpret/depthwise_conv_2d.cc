#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

template <class A>
void convolve(const DepthwiseConv2D &conv, const OpRun &run) {
  const View &x = run.inputs[0];
  const Shape &x_shape = x.layout.shape;
  const Shape &w_shape = run.inputs[1].layout.shape;
  const std::int32_t multiplier = conv.depth_multiplier;
  const auto *weights = run.inputs[1].at<typename A::Weight>({});

  Sums<A> sums(run);
  std::vector<typename A::Stored> scratch;
  std::vector<typename A::Centred> centred;

  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    typename A::Sum *sum = sums.begin(at, length);
    const std::int32_t first_channel = at[3] / multiplier;
    const std::int32_t channels = (at[3] + length - 1) / multiplier - first_channel + 1;
    centred.resize(static_cast<std::size_t>(channels));
    for (std::int32_t ky = 0; ky < w_shape[1]; ++ky) {
      const std::int64_t iy =
          std::int64_t{at[1]} * conv.stride.rows - conv.padding.top + std::int64_t{ky} * conv.dilation.rows;
      if (iy < 0 || iy >= x_shape[1]) continue;
      for (std::int32_t kx = 0; kx < w_shape[2]; ++kx) {
        const std::int64_t ix = std::int64_t{at[2]} * conv.stride.columns - conv.padding.left +
                                std::int64_t{kx} * conv.dilation.columns;
        if (ix < 0 || ix >= x_shape[2]) continue;
        const Coordinates from{at[0], static_cast<std::int32_t>(iy), static_cast<std::int32_t>(ix),
                               first_channel};
        centre<A>(load_run(x, from, channels, scratch), channels, sums.input_offset(), centred.data());
        const auto *w = weights + (static_cast<std::size_t>(ky) * w_shape[2] + kx) * w_shape[3] + at[3];
        if (multiplier == 1) {
          for (std::int32_t c = 0; c < length; ++c)
            sum[c] += A::product(centred[static_cast<std::size_t>(c)], w[c]);
        } else {
          for (std::int32_t c = 0; c < length; ++c) {
            const std::int32_t channel = (at[3] + c) / multiplier - first_channel;
            sum[c] += A::product(centred[static_cast<std::size_t>(channel)], w[c]);
          }
        }
      }
    }
    sums.end(at, length);
  });
}

}  // namespace

void run(const DepthwiseConv2D &conv, const OpRun &firing) {
  with_arithmetic(firing.output.type, [&](auto arithmetic) { convolve<decltype(arithmetic)>(conv, firing); });
}

}  // namespace thimble::interpreter
