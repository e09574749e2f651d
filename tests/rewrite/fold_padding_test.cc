// PAD goes into the operators behind it exactly where that changes no byte.
#include "thimble/rewrite/fold_padding.h"

#include <limits>

#include "rewrite/rewriting.h"
#include "support/random_graph.h"
#include "thimble/graph/rules.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

constexpr ElementType kTypes[] = {ElementType::int8, ElementType::int16, ElementType::float32};

std::int64_t all_macs(const Graph &graph) {
  std::int64_t sum = 0;
  for (const Op &op : graph.ops) sum += macs(graph, op);
  return sum;
}

/// The graph after the pass; its outputs are compared.
Graph folded(const Graph &built, std::uint64_t seed = 1) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  Graph after = value_or_die(fold_padding(before));
  expect_same_outputs(before, after, seed);
  EXPECT_EQ(all_macs(after), all_macs(before)) << "padding taps count";
  return after;
}

TEST(FoldPadding, GoesIntoAStridedConvolution) {
  for (const ElementType type : kTypes) {
    GraphBuilder b(1, type);
    const TensorId x = b.input({1, 8, 8, 3});
    const TensorId padded = b.pad(x, {0, 0, 0, 0}, {0, 1, 1, 0});
    const Graph before =
        b.build({b.conv_2d(padded, 5, {3, 3}, {2, 2}, {}, PaddingRule::valid(), Activation::relu)});
    const Graph after = folded(before);
    EXPECT_EQ(count<Pad>(after), 0);
    EXPECT_EQ(after.ops.back().as<Conv2D>().padding, (Padding2D{0, 1, 0, 1}));
    EXPECT_EQ(after.ops.back().inputs[0], after.inputs[0]);
  }
}

TEST(FoldPadding, AddsToThePaddingThatIsThere) {
  GraphBuilder b;
  const TensorId x = b.input({1, 6, 7, 4});
  const TensorId padded = b.pad(x, {0, 1, 0, 0}, {0, 0, 2, 0});
  const TensorId y = b.depthwise_conv_2d(padded, 2, {5, 5}, {1, 2}, {}, Padding2D{2, 2, 1, 1});
  const Graph after = folded(b.build({y}));
  EXPECT_EQ(count<Pad>(after), 0);
  EXPECT_EQ(after.ops.back().as<DepthwiseConv2D>().padding, (Padding2D{3, 2, 1, 3}));
}

TEST(FoldPadding, PadsInARowGoTogether) {
  GraphBuilder b;
  TensorId x = b.input({1, 6, 7, 4});
  x = b.pad(b.pad(x, {0, 1, 0, 0}, {0, 0, 0, 0}), {0, 0, 1, 0}, {0, 1, 0, 0});
  const Graph after = folded(b.build({b.conv_2d(x, 2, {3, 3}, {}, {}, PaddingRule::valid())}));
  EXPECT_EQ(count<Pad>(after), 0);
  EXPECT_EQ(after.ops.back().as<Conv2D>().padding, (Padding2D{1, 1, 1, 0}));
}

TEST(FoldPadding, AllReadersTakeItOrNone) {
  for (const bool pointwise : {false, true}) {
    GraphBuilder b;
    const TensorId x = b.input({1, 6, 6, 4});
    const TensorId padded = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 0});
    const TensorId one = b.conv_2d(padded, 2, {3, 3}, {}, {}, PaddingRule::valid());
    const TensorId two = pointwise ? b.conv_2d(padded, 2, {1, 1}, {}, {}, PaddingRule::valid())
                                   : b.depthwise_conv_2d(padded, 1, {2, 2}, {}, {}, PaddingRule::valid());
    EXPECT_EQ(count<Pad>(folded(b.build({one, two}))), pointwise ? 1 : 0)
        << "a filter of one tap has no room for padding";
  }
}

TEST(FoldPadding, StaysWhereTheBytesWouldDiffer) {
  GraphBuilder b;
  const TensorId x = b.input({1, 6, 6, 4});
  const auto expect_kept = [&b](TensorId padded, TensorId y, const char *why) {
    EXPECT_EQ(count<Pad>(folded(b.build({y}))), 1) << why;
    EXPECT_EQ(count<Pad>(folded(b.build({padded, y}))), 1) << why;
  };
  const auto conv = [&b](TensorId from) { return b.conv_2d(from, 3, {3, 3}, {}, {}, PaddingRule::valid()); };
  const TensorId channels = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 1});
  expect_kept(channels, conv(channels), "channels are padded");
  const TensorId batch = b.pad(x, {1, 1, 1, 0}, {0, 1, 1, 0});
  expect_kept(batch, conv(batch), "images are padded");
  const TensorId rows = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 0});
  expect_kept(rows, b.average_pool_2d(rows, {3, 3}, {1, 1}), "the average would not count the padding");
  expect_kept(rows, b.max_pool_2d(rows, {3, 3}, {1, 1}), "the padding is not the least value");
  expect_kept(rows, b.add(rows, rows), "no window");
  EXPECT_EQ(count<Pad>(folded(b.build({rows, conv(rows)}))), 1) << "it is a network output";

  Quantization other = b.tensor(x).quantization;
  other.zero_points[0] += 3;
  const TensorId shifted = b.op(Pad{{0, 1, 1, 0}, {0, 1, 1, 0}}, {x}, other);
  expect_kept(shifted, conv(shifted), "the convolution reads values that the input does not have");
}

TEST(FoldPadding, InfiniteWeightsNeedThePad) {
  GraphBuilder b(1, ElementType::float32);
  const TensorId x = b.input({1, 4, 4, 1});
  const TensorId padded = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 0});
  Graph graph = b.build({b.conv_2d(padded, 1, {3, 3}, {}, {}, PaddingRule::valid())});
  auto data = *graph.tensor(graph.ops.back().inputs[1]).data;
  const float infinity = std::numeric_limits<float>::infinity();
  std::memcpy(data.data(), &infinity, 4);
  graph.tensors[static_cast<std::size_t>(graph.ops.back().inputs[1])].data =
      std::make_shared<const Bytes>(std::move(data));
  EXPECT_EQ(count<Pad>(value_or_die(fold_padding(graph))), 1) << "0 * infinity is no number";
}

TEST(FoldPadding, MaximaPassOverTheLeastValue) {
  for (const std::int32_t zero_point : {-128, -127}) {
    GraphBuilder b;
    const TensorId x = b.input({1, 7, 7, 3}, ElementType::int8, 0.1f, zero_point);
    const TensorId padded = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 0});
    const Graph after = folded(b.build({b.max_pool_2d(padded, {3, 3}, {2, 2})}));
    EXPECT_EQ(count<Pad>(after), zero_point == -128 ? 0 : 1);
  }
}

TEST(FoldPadding, APadByNothingGoes) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 4, 2});
  const Graph before = b.build({b.logistic(b.pad(x, {0, 0, 0, 0}, {0, 0, 0, 0}))});
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(after.ops.size(), 2u);
  expect_same_outputs(before, after, 3);
}

/// Random pads in front of random windows, several of them on one pad.
TEST(FoldPadding, RandomWindowsKeepTheirBytes) {
  int pads = 0, left = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    GraphBuilder b(seed, kTypes[seed % 3]);
    Random random(seed ^ 0x9e37u);
    const auto small = [&random](std::int32_t most) { return random.integer(0, most); };
    const TensorId x = b.input({1, random.integer(3, 8), random.integer(3, 8), random.integer(1, 4)});
    const std::int32_t channels = random.chance(90) ? 0 : 1;
    const TensorId padded = b.pad(x, {0, small(2), small(2), 0}, {0, small(1), small(2), channels});
    std::vector<TensorId> outputs;
    for (std::int32_t readers = random.integer(1, 2); readers > 0; --readers) {
      const Step2D filter{random.integer(2, 5), random.integer(2, 5)},
          stride{random.integer(1, 2), random.integer(1, 2)};
      const Step2D dilation = random.chance(30) ? Step2D{2, 1} : Step2D{};
      const std::int32_t extent = (filter.rows - 1) * dilation.rows + 1;
      const Padding2D padding{small(extent / 2), small(extent / 2), small(1), small(1)};
      const Shape shape = b.shape(padded);
      if (shape[1] + padding.top + padding.bottom < extent ||
          shape[2] + padding.left + padding.right < filter.columns)
        continue;
      switch (random.integer(0, 3)) {
        case 0:
          outputs.push_back(
              b.depthwise_conv_2d(padded, random.integer(1, 2), filter, stride, dilation, padding));
          break;
        case 1:
          outputs.push_back(dilation.rows == 1 ? b.max_pool_2d(padded, filter, stride, padding)
                                               : b.logistic(padded));
          break;
        default:
          outputs.push_back(b.conv_2d(padded, 3, filter, stride, dilation, padding, Activation::relu6));
      }
    }
    if (outputs.empty()) continue;
    const Graph after = folded(b.build(outputs), seed);
    ++pads;
    left += count<Pad>(after);
  }
  EXPECT_GT(pads, 500);
  EXPECT_GT(left, pads / 10) << "both cases occur";
  EXPECT_LT(left, pads - pads / 10);
}

}  // namespace
}  // namespace thimble::test
