// Maxima of maxima become one.
#include "thimble/rewrite/merge_max_pools.h"

#include "rewrite/channel_steps.h"
#include "rewrite/planting.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

int left(const Graph &built) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  const Graph after = value_or_die(merge_max_pools(before));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) expect_same_outputs(before, after, seed);
  return count<MaxPool2D>(after);
}

struct Pool {
  Step2D filter, stride;
  PaddingRule padding = PaddingRule::valid();
  Activation activation = Activation::none;
};

Graph chain(const Shape &shape, const std::vector<Pool> &pools, ElementType type = ElementType::int8) {
  GraphBuilder b(3, type);
  TensorId x = b.conv_2d(b.input(shape), 3, {1, 1});
  for (const Pool &pool : pools)
    x = b.max_pool_2d(x, pool.filter, pool.stride, pool.padding, pool.activation);
  return b.build({x});
}

TEST(MergeMaxPools, OneWindowForTwo) {
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    EXPECT_EQ(left(chain({1, 48, 1, 2}, {{{2, 1}, {1, 1}}, {{2, 1}, {2, 1}}}, type)), 1) << name_of(type);
    EXPECT_EQ(left(chain({1, 8, 8, 2}, {{{2, 1}, {2, 1}}, {{1, 2}, {1, 2}}}, type)), 1);
  }
  const Graph three = value_or_die(
      merge_max_pools(chain({1, 8, 8, 2}, {{{2, 1}, {2, 1}}, {{1, 2}, {1, 1}}, {{1, 2}, {1, 3}}})));
  EXPECT_EQ(three.ops.back().as<MaxPool2D>(), (MaxPool2D{{2, 3}, {2, 3}, {}, Activation::none}));
}

TEST(MergeMaxPools, PaddingOfBoth) {
  const PaddingRule one({0, 0, 1, 0}), two({0, 0, 0, 1});
  const Graph before = chain({1, 1, 9, 2}, {{{1, 2}, {1, 1}, one}, {{1, 2}, {1, 2}, two}});
  EXPECT_EQ(left(before), 1);
  EXPECT_EQ(value_or_die(merge_max_pools(before)).ops.back().as<MaxPool2D>().padding,
            (Padding2D{0, 0, 1, 1}));
}

TEST(MergeMaxPools, WindowsThatWouldBeLongerStay) {
  EXPECT_EQ(left(chain({1, 16, 16, 2}, {{{2, 2}, {2, 2}}, {{2, 2}, {2, 2}}})), 2)
      << "4 rows for 2 and 2 halves";
  EXPECT_EQ(left(chain({1, 1, 48, 2}, {{{1, 2}, {1, 2}}, {{1, 2}, {1, 2}}})), 2) << "4 pixels for 2 and 2";
  EXPECT_EQ(left(chain({1, 1, 9, 2}, {{{1, 1}, {1, 2}}, {{1, 2}, {1, 1}}})), 2) << "with a gap";
  EXPECT_EQ(left(chain({1, 9, 9, 2}, {{{1, 2}, {1, 1}}, {{2, 1}, {2, 1}}})), 2) << "11 pixels for 2 and 9";
  EXPECT_EQ(left(chain({1, 16, 16, 2}, {{{3, 3}, {1, 1}}, {{3, 3}, {1, 1}}})), 2) << "25 reads for 18";
}

TEST(MergeMaxPools, Clamps) {
  const auto two = [](Activation first, Activation second) {
    return left(chain({1, 1, 8, 2}, {{{1, 2}, {1, 1}, PaddingRule::valid(), first},
                                     {{1, 2}, {1, 2}, PaddingRule::valid(), second}}));
  };
  EXPECT_EQ(two(Activation::none, Activation::relu6), 1);
  EXPECT_EQ(two(Activation::relu, Activation::relu), 1);
  EXPECT_EQ(two(Activation::relu, Activation::none), 2);
  EXPECT_EQ(two(Activation::relu6, Activation::relu), 2);
}

TEST(MergeMaxPools, OthersThatReadTheFirstKeepIt) {
  GraphBuilder b(3);
  const TensorId one = b.max_pool_2d(b.input({1, 1, 8, 2}), {1, 2}, {1, 1});
  const TensorId two = b.max_pool_2d(one, {1, 2}, {1, 2});
  EXPECT_EQ(left(b.build({two})), 1);
  EXPECT_EQ(left(b.build({two, one})), 2);
  EXPECT_EQ(left(b.build({two, b.logistic(one)})), 2);
}

TEST(MergeMaxPools, MinusZeroKeepsFloats) {
  // Columns first: the windows see the zeros in another order.
  GraphBuilder b(3, ElementType::float32);
  const TensorId x = b.input({1, 2, 2, 1});
  const Graph before = b.build({b.max_pool_2d(b.max_pool_2d(x, {2, 1}, {2, 1}), {1, 2}, {1, 2})});
  EXPECT_EQ(left(before), 2) << "a caller may hand in -0";
  const std::vector<Bytes> zeros{bytes_of_floats({-1.0f, 0.0f, -0.0f, -1.0f})};
  expect_same_outputs(before, value_or_die(merge_max_pools(before)), zeros);
}

/// A pool that fits a map.
Pool random_pool(Random &random, const Shape &map) {
  Pool pool;
  const std::int32_t rows = random.integer(1, std::min(3, map[1])),
                     columns = random.integer(1, std::min(3, map[2]));
  pool.filter = {rows, columns};
  const std::int32_t down = random.integer(1, 3), right = random.integer(1, 3);
  pool.stride = {down, right};
  Padding2D padding;
  for (std::int32_t *side : {&padding.top, &padding.bottom}) *side = random.integer(0, rows - 1);
  for (std::int32_t *side : {&padding.left, &padding.right}) *side = random.integer(0, columns - 1);
  pool.padding = padding;
  if (random.chance(20)) pool.activation = Activation::relu6;
  return pool;
}

TEST(MergeMaxPools, RandomChains) {
  int merges = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    GraphBuilder b(seed, seed % 2 == 0 ? ElementType::int8 : ElementType::float32);
    const std::int32_t rows = random.chance(60) ? 1 : random.integer(2, 14), columns = random.integer(2, 30);
    TensorId x = b.conv_2d(b.input({1, rows, columns, 2}), 2, {1, 1});
    for (int i = 0; i < 3; ++i) {
      const Pool pool = random_pool(random, b.shape(x));
      x = b.max_pool_2d(x, pool.filter, pool.stride, pool.padding, pool.activation);
    }
    merges += 3 - left(b.build({x}));
    if (HasFailure()) return;
  }
  EXPECT_GT(merges, 300);
}

}  // namespace
}  // namespace thimble::test
