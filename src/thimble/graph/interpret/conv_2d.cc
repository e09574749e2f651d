#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

/// Per output pixel, the taps inside the map are gathered once into a patch, then every channel is a dot
/// product of the patch with its weights.
template <class A>
void convolve(const Conv2D &conv, const OpRun &run) {
  const View &x = run.inputs[0];
  const Shape &x_shape = x.layout.shape;
  const Shape &w_shape = run.inputs[1].layout.shape;
  const std::int32_t groups = x_shape[3] / w_shape[3];
  const std::int32_t group_outputs = w_shape[0] / groups;
  const bool sliced = reduction_extent(run.graph, run.op) == w_shape[3];
  const Range channels = sliced ? run.reduction : Range{0, w_shape[3]};
  const std::size_t stride = static_cast<std::size_t>(w_shape[1]) * w_shape[2] * w_shape[3];
  const auto *weights = run.inputs[1].at<typename A::Weight>({});

  Sums<A> sums(run);
  std::vector<Segment> segments;
  std::vector<typename A::Centred> patch;
  std::vector<typename A::Stored> scratch;

  // Gathers the taps of one group around output pixel `at`.
  const auto gather = [&](const Coordinates &at, std::int32_t group) {
    segments.clear();
    patch.clear();
    for (std::int32_t ky = 0; ky < w_shape[1]; ++ky) {
      const std::int64_t iy =
          std::int64_t{at[1]} * conv.stride.rows - conv.padding.top + std::int64_t{ky} * conv.dilation.rows;
      if (iy < 0 || iy >= x_shape[1]) continue;
      for (std::int32_t kx = 0; kx < w_shape[2]; ++kx) {
        const std::int64_t ix = std::int64_t{at[2]} * conv.stride.columns - conv.padding.left +
                                std::int64_t{kx} * conv.dilation.columns;
        if (ix < 0 || ix >= x_shape[2]) continue;
        const Coordinates from{at[0], static_cast<std::int32_t>(iy), static_cast<std::int32_t>(ix),
                               group * w_shape[3] + channels.begin};
        const auto *stored = load_run(x, from, channels.size(), scratch);
        const std::size_t begin = patch.size();
        patch.resize(begin + static_cast<std::size_t>(channels.size()));
        centre<A>(stored, channels.size(), sums.input_offset(), patch.data() + begin);
        const std::size_t tap = static_cast<std::size_t>(ky) * w_shape[2] + kx;
        append(segments,
               {begin, tap * w_shape[3] + channels.begin, static_cast<std::size_t>(channels.size())});
      }
    }
  };

  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    typename A::Sum *sum = sums.begin(at, length);
    for (std::int32_t done = 0; done < length;) {
      const std::int32_t channel = at[3] + done;
      const std::int32_t group = channel / group_outputs;
      const std::int32_t count = std::min(length - done, (group + 1) * group_outputs - channel);
      gather(at, group);
      add_dot_products<A>(segments, patch.data(), weights + channel * stride, stride, sum + done, count);
      done += count;
    }
    sums.end(at, length);
  });
}

}  // namespace

void run(const Conv2D &conv, const OpRun &firing) {
  with_arithmetic(firing.output.type, [&](auto arithmetic) { convolve<decltype(arithmetic)>(conv, firing); });
}

}  // namespace thimble::interpreter
