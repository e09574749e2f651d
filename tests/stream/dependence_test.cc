// The calculus of steps and offsets against the networks themselves: which frames change which elements.
#include <gtest/gtest.h>

#include <iostream>
#include <limits>

#include "stream/stream_graphs.h"
#include "stream/time_parts.h"
#include "thimble/stream/rates.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

/// Earliest and latest frame that changes an element of a tensor, relative to its step S*m.
struct Measured {
  std::int64_t oldest = std::numeric_limits<std::int64_t>::max();
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
};

/// Where the bytes of each element of a tensor lie.
using Parts = std::vector<std::vector<std::pair<std::size_t, std::size_t>>>;

Parts parts_of(const Tensor &tensor, const TimeAxis &time) {
  Parts parts(static_cast<std::size_t>(time.length));
  for (std::int32_t m = 0; m < time.length; ++m) {
    for_each_bytes(tensor, time, m, [&](std::size_t at, std::size_t count) {
      parts[static_cast<std::size_t>(m)].emplace_back(at, count);
    });
  }
  return parts;
}

/// Changes one frame after the other and compares all elements of all tensors. Each change must lie within
/// what the calculus says.
std::vector<Measured> measure(const Graph &graph, const TimeAxes &axes, const Rates &rates) {
  std::vector<Measured> measured(graph.tensors.size());
  std::vector<Parts> parts;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    parts.push_back(parts_of(graph.tensors[t], axes.tensors[t]));
  }
  const Tensor &x = graph.tensor(graph.inputs[0]);
  const TimeAxis &frames = axes.of(graph.inputs[0]);
  const std::vector<Bytes> inputs = random_inputs(graph, 1);
  const auto before = interpret(graph, inputs);
  Random random(2);
  for (std::int32_t frame = 0; frame < frames.length; ++frame) {
    std::vector<Bytes> changed = inputs;
    const Bytes other = random_bytes(random, x.type, x.elements());
    for (const auto &[at, count] :
         parts[static_cast<std::size_t>(graph.inputs[0])][static_cast<std::size_t>(frame)]) {
      std::memcpy(&changed[0][at], &other[at], count);
    }
    const auto after = interpret(graph, changed);
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      for (std::int32_t m = 0; m < axes.tensors[t].length; ++m) {
        bool differs = false;
        for (const auto &[at, count] : parts[t][static_cast<std::size_t>(m)]) {
          differs |= std::memcmp(&(*before)[t][at], &(*after)[t][at], count) != 0;
        }
        if (!differs) continue;
        const std::int64_t at = frame - rates.tensors[t].step * m;
        EXPECT_LE(at, rates.tensors[t].offset) << "tensor " << t << " element " << m;
        EXPECT_GE(at, rates.tensors[t].oldest) << "tensor " << t << " element " << m;
        measured[t].oldest = std::min(measured[t].oldest, at);
        measured[t].newest = std::max(measured[t].newest, at);
      }
    }
  }
  return measured;
}

/// By tensor: whether offsets are upper limits only. A filter with a stride over repeated elements may always
/// end with the last copy of one, never with the first:
///
///   v  0 1 2    u = v repeated twice  0 0 1 1 2 2    filter of 2 taps, stride 2: [0 0] [1 1] [2 2]
std::vector<bool> strides_over_copies(const Graph &graph, const TimeAxes &axes) {
  std::vector<bool> copies(graph.tensors.size(), false), strided(graph.tensors.size(), false);
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    const std::size_t made = static_cast<std::size_t>(graph.ops[o].output());
    for (std::size_t j = 0; j < graph.ops[o].inputs.size(); ++j) {
      const auto &map = axes.maps[o][j];
      if (!map) continue;
      const std::size_t from = static_cast<std::size_t>(graph.ops[o].inputs[j]);
      copies[made] = copies[made] || copies[from] || map->den > 1;
      strided[made] = strided[made] || strided[from] || (copies[from] && map->num > 1);
    }
  }
  return strided;
}

struct Counts {
  int graphs = 0, multirate = 0, tensors = 0, exact = 0, limits = 0;
};

/// Every offset and receptive field is exact, except those of windows that padding cuts and the limits above.
Counts expect_exact(const StreamGraphOptions &options, std::uint64_t first_seed, int graphs) {
  Counts counts;
  for (std::uint64_t seed = first_seed; seed < first_seed + static_cast<std::uint64_t>(graphs); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = random_stream_graph(seed, options);
    const auto axes = follow_time(graph, 1);
    EXPECT_TRUE(axes) << axes.error().text();
    if (!axes) continue;
    const auto rates = stream_rates(graph, *axes);
    EXPECT_TRUE(rates) << rates.error().text();
    if (!rates) continue;
    const std::vector<Measured> measured = measure(graph, *axes, *rates);
    const std::vector<bool> limited = strides_over_copies(graph, *axes);
    ++counts.graphs;
    counts.multirate += rates->period > 1;
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      if (!axes->tensors[t].over_time()) continue;
      ++counts.tensors;
      const TensorRate &rate = rates->tensors[t];
      if (limited[t] || (options.padded && axes->tensors[t].length == 1)) {
        ++counts.limits;
        continue;
      }
      ++counts.exact;
      EXPECT_EQ(measured[t].newest, rate.offset) << "tensor " << t;
      EXPECT_EQ(measured[t].oldest, rate.oldest) << "tensor " << t;
    }
  }
  std::cout << counts.graphs << " graphs, " << counts.multirate << " multirate, " << counts.tensors
            << " tensors, " << counts.exact << " exact, " << counts.limits << " limits\n";
  return counts;
}

TEST(Dependence, OffsetsAndReceptiveFieldsAreThoseOfRandomNetworks) {
  StreamGraphOptions options;
  options.type = ElementType::float32;
  options.even = true;
  const Counts counts = expect_exact(options, 0, 300);
  EXPECT_GE(counts.multirate, 100);
  EXPECT_GE(counts.exact, 2000);
  EXPECT_LE(counts.limits, counts.tensors / 10);
}

TEST(Dependence, WithoutPaddingEveryWindowIsExactToo) {
  StreamGraphOptions options;
  options.type = ElementType::float32;
  options.padded = options.repeats = false;
  options.maxima = false;  // of the one last frame of a window they would hide it
  const Counts counts = expect_exact(options, 1000, 150);
  EXPECT_EQ(counts.limits, 0);
}

}  // namespace
}  // namespace thimble::test
