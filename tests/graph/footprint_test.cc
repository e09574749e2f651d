// The property that everything is built on: changing one input element changes no output outside the inverse
// footprint.
#include <gtest/gtest.h>

#include <map>

#include "graph/single_op.h"

namespace thimble::test {
namespace {

using Coordinates = std::array<std::int32_t, kMaxRank>;

Coordinates coordinates(const Shape &shape, std::int64_t index) {
  Coordinates at{};
  for (std::size_t a = shape.size(); a-- > 0;) {
    at[a] = static_cast<std::int32_t>(index % shape[a]);
    index /= shape[a];
  }
  return at;
}

Region one_element(const Shape &shape, std::int64_t index) {
  const Coordinates at = coordinates(shape, index);
  Region region = Region::whole(shape);
  for (int a = 0; a < region.rank; ++a)
    region.axis[a] = {at[static_cast<std::size_t>(a)], at[static_cast<std::size_t>(a)] + 1};
  return region;
}

class FootprintProperty : public testing::TestWithParam<ElementType> {};

TEST_P(FootprintProperty, ChangingOneInputElementChangesNothingOutsideItsInverse) {
  std::map<std::string, int> changes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for_each_single_op(seed, GetParam(), [&](const char *name, const Graph &graph) {
      const Op &op = single_op(graph);
      const Tensor &output = graph.tensor(op.output());
      const std::vector<Bytes> inputs = random_inputs(graph, seed);
      const auto before = interpret_outputs(graph, inputs);
      ASSERT_TRUE(before);
      Random random(seed);
      for (int trial = 0; trial < 12; ++trial) {
        const std::size_t which =
            static_cast<std::size_t>(random.integer(0, static_cast<std::int32_t>(inputs.size()) - 1));
        const Tensor &input = graph.tensor(graph.inputs[which]);
        const std::int64_t element =
            static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(input.elements()));
        std::vector<Bytes> changed = inputs;
        const Bytes value = random_bytes(random, input.type, 1);
        std::memcpy(changed[which].data() + element * size_of(input.type), value.data(), value.size());
        const auto after = interpret_outputs(graph, changed);
        ASSERT_TRUE(after);
        const int position = static_cast<int>(
            std::find(op.inputs.begin(), op.inputs.end(), graph.inputs[which]) - op.inputs.begin());
        const Footprint maps = footprint(graph, op, position);
        ASSERT_EQ(static_cast<int>(maps.size()), input.rank()) << name;
        const std::size_t size = static_cast<std::size_t>(size_of(output.type));
        for (std::int64_t o = 0; o < output.elements(); ++o) {
          const std::size_t at = static_cast<std::size_t>(o) * size;
          if (std::memcmp((*before)[0].data() + at, (*after)[0].data() + at, size) == 0) continue;
          ++changes[name];
          const Region read =
              input_region(maps, input.shape, one_element(output.shape, o), {0, reduction_extent(graph, op)});
          EXPECT_TRUE(read.contains(one_element(input.shape, element)))
              << name << ", seed " << seed << ", output " << o;
        }
      }
    });
  }
  changes["INPUT"] = 1000;  // it reads nothing
#define THIMBLE_EXPECT_CHANGES(Kind, name) EXPECT_GT(changes[name], 20) << name;
  THIMBLE_OPS(THIMBLE_EXPECT_CHANGES)
#undef THIMBLE_EXPECT_CHANGES
}

TEST_P(FootprintProperty, OfATileHoldsThatOfEachElementAndStaysInside) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for_each_single_op(seed, GetParam(), [&](const char *name, const Graph &graph) {
      const Op &op = single_op(graph);
      const Tensor &output = graph.tensor(op.output());
      Random random(seed);
      Region tile = Region::whole(output.shape);
      for (int a = 0; a < tile.rank; ++a) {
        tile.axis[a].begin = random.integer(0, tile.axis[a].end - 1);
        tile.axis[a].end = random.integer(tile.axis[a].begin + 1, tile.axis[a].end);
      }
      for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] == kNone) continue;
        const Shape &shape = graph.tensor(op.inputs[i]).shape;
        const Footprint maps = footprint(graph, op, static_cast<int>(i));
        const Range all{0, reduction_extent(graph, op)};
        const Region of_tile = input_region(maps, shape, tile, all);
        EXPECT_TRUE(Region::whole(shape).contains(of_tile)) << name;
        for (std::int64_t o = 0; o < output.elements(); ++o) {
          const Region element = one_element(output.shape, o);
          if (!tile.contains(element)) continue;
          EXPECT_TRUE(of_tile.contains(input_region(maps, shape, element, all))) << name << ", seed " << seed;
        }
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Types, FootprintProperty, testing::Values(ElementType::int8, ElementType::float32),
                         [](const auto &type) { return name_of(type.param); });

/// The region of input 0 that is read for a box of the output.
Region read_for(const Graph &graph, std::vector<Range> box, Range reduction = {0, 1 << 30}) {
  const Op &op = single_op(graph);
  Region tile;
  tile.rank = static_cast<int>(box.size());
  std::copy(box.begin(), box.end(), tile.axis.begin());
  return input_region(footprint(graph, op, 0), graph.tensor(op.inputs[0]).shape, tile, reduction);
}

Region box(std::vector<Range> ranges) {
  Region region;
  region.rank = static_cast<int>(ranges.size());
  std::copy(ranges.begin(), ranges.end(), region.axis.begin());
  return region;
}

TEST(Footprint, OfConvolutionsIsTight) {
  GraphBuilder b;
  const Graph graph =
      b.build({b.conv_2d(b.input({1, 9, 9, 4}), 8, {3, 3}, {2, 2})});  // SAME: one row of padding
  EXPECT_EQ(read_for(graph, {{0, 1}, {0, 1}, {1, 3}, {0, 8}}), box({{0, 1}, {0, 2}, {1, 6}, {0, 4}}));
  EXPECT_EQ(read_for(graph, {{0, 1}, {4, 5}, {4, 5}, {2, 3}}), box({{0, 1}, {7, 9}, {7, 9}, {0, 4}}));
  EXPECT_EQ(read_for(graph, {{0, 1}, {1, 2}, {1, 2}, {0, 8}}, {1, 3}), box({{0, 1}, {1, 4}, {1, 4}, {1, 3}}));
  EXPECT_EQ(reduction_extent(graph, single_op(graph)), 4);
}

TEST(Footprint, OfFloatConvolutionsKeepsTheOrderOfSummation) {
  // Channels are summed innermost: only with one tap is a range of them a contiguous part of the sum.
  GraphBuilder b(1, ElementType::float32);
  const TensorId x = b.input({1, 9, 9, 4});
  const Graph taps = b.build({b.conv_2d(x, 8, {3, 3})});
  EXPECT_EQ(reduction_extent(taps, single_op(taps)), 1);
  GraphBuilder p(1, ElementType::float32);
  const Graph pointwise = p.build({p.conv_2d(p.input({1, 9, 9, 4}), 8, {1, 1})});
  EXPECT_EQ(reduction_extent(pointwise, single_op(pointwise)), 4);
}

TEST(Footprint, OfDepthwiseConvolutionsFollowsTheChannel) {
  GraphBuilder b;
  const Graph graph = b.build({b.depthwise_conv_2d(b.input({1, 5, 5, 4}), 2, {3, 3})});
  EXPECT_EQ(read_for(graph, {{0, 1}, {2, 3}, {2, 3}, {3, 6}}), box({{0, 1}, {1, 4}, {1, 4}, {1, 3}}));
}

TEST(Footprint, OfReshapesFollowsTheFirstAxisOfEachGroup) {
  GraphBuilder b;
  const Graph split = b.build({b.reshape(b.input({1, 6, 4}), {6, 2, 2})});
  EXPECT_EQ(read_for(split, {{2, 4}, {1, 2}, {0, 1}}), box({{0, 1}, {2, 4}, {2, 4}}));
  GraphBuilder c;
  const Graph mixed = c.build({c.reshape(c.input({6, 4}), {8, 3})});
  EXPECT_EQ(read_for(mixed, {{2, 3}, {0, 3}}), box({{1, 3}, {0, 4}}));  // elements 6, 7, 8
}

TEST(Footprint, OfResizeIsOneRowWhenRowsRepeat) {
  GraphBuilder b;
  const Graph graph = b.build({b.resize_nearest_neighbor(b.input({1, 4, 4, 2}), 8, 8)});
  EXPECT_EQ(read_for(graph, {{0, 1}, {5, 6}, {0, 8}, {0, 2}}), box({{0, 1}, {2, 3}, {0, 4}, {0, 2}}));
}

TEST(Footprint, OfConcatenationIsEmptyOutsideItsBranch) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 4, 2});
  const TensorId y = b.input({1, 4, 4, 3});
  const Graph graph = b.build({b.concatenation({x, y}, 3)});
  const Op &op = single_op(graph);
  const Region tile = box({{0, 1}, {0, 4}, {1, 2}, {1, 2}});
  EXPECT_EQ(input_region(footprint(graph, op, 0), {1, 4, 4, 2}, tile, {0, 1}),
            box({{0, 1}, {0, 4}, {1, 2}, {1, 2}}));
  EXPECT_TRUE(input_region(footprint(graph, op, 1), {1, 4, 4, 3}, tile, {0, 1}).empty());
}

TEST(Footprint, OfReversedSlicesReadsFromTheOtherEnd) {
  GraphBuilder b;
  StridedSlice slice;
  slice.begin = {7};
  slice.stride = {-2};
  slice.extent = {4};
  const Graph graph = b.build({b.strided_slice(b.input({8}), slice)});
  EXPECT_EQ(read_for(graph, {{0, 2}}), box({{5, 8}}));
}

TEST(Footprint, OfFlattenedFeaturesIsReducedAlongTheirFirstAxis) {
  GraphBuilder b;
  const Graph graph = b.build({b.fully_connected(b.input({1, 4, 4, 3}), 5)});
  EXPECT_EQ(reduction_extent(graph, single_op(graph)), 4);
  EXPECT_EQ(read_for(graph, {{0, 1}, {0, 5}}, {1, 2}), box({{0, 1}, {1, 2}, {0, 4}, {0, 3}}));
}

TEST(Macs, CountPaddingTapsAndParts) {
  GraphBuilder b;
  const Graph conv = b.build({b.conv_2d(b.input({1, 8, 8, 4}), 6, {3, 3})});
  const Op &op = single_op(conv);
  EXPECT_EQ(macs(conv, op), 8 * 8 * 6 * 9 * 4);
  EXPECT_EQ(macs(conv, op, box({{0, 1}, {0, 1}, {0, 8}, {0, 6}}), {0, 1}), 8 * 6 * 9);
  GraphBuilder d;
  const Graph dense = d.build({d.fully_connected(d.input({1, 4, 4, 3}), 5)});
  EXPECT_EQ(macs(dense, single_op(dense)), 48 * 5);
  GraphBuilder s;
  const Graph softmax = s.build({s.softmax(s.input({1, 10}))});
  EXPECT_EQ(macs(softmax, single_op(softmax)), 0);
}

}  // namespace
}  // namespace thimble::test
