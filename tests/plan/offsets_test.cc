#include "thimble/plan/offsets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace thimble {
namespace {

std::vector<Block> random_blocks(std::uint32_t seed, int count) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  for (int i = 0; i < count; ++i) {
    Block block;
    block.size = 1 + random() % 40;
    block.alignment = 1 << (random() % 3);
    block.first = random() % 10;
    block.last = block.first + random() % 5;
    blocks.push_back(block);
  }
  return blocks;
}

/// The largest sum of live sizes, the slow way: firing by firing.
std::int64_t live_by_firing(const std::vector<Block> &blocks) {
  std::int64_t most = 0;
  for (std::int64_t firing = 0; firing < 20; ++firing) {
    std::int64_t live = 0;
    for (const Block &block : blocks) live += block.first <= firing && firing <= block.last ? block.size : 0;
    most = std::max(most, live);
  }
  return most;
}

void expect_legal(const std::vector<Block> &blocks, const Placement &placement) {
  ASSERT_EQ(placement.offsets.size(), blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_GE(placement.offsets[i], 0);
    EXPECT_EQ(placement.offsets[i] % blocks[i].alignment, 0);
    EXPECT_LE(placement.offsets[i] + blocks[i].size, placement.size);
    for (std::size_t j = 0; j < i; ++j) {
      const bool together = blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last;
      const bool overlap = placement.offsets[i] < placement.offsets[j] + blocks[j].size &&
                           placement.offsets[j] < placement.offsets[i] + blocks[i].size;
      EXPECT_FALSE(together && overlap) << i << " and " << j;
    }
  }
}

TEST(LiveBound, IsTheLargestSumAtAnyFiring) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const auto blocks = random_blocks(seed, 12);
    EXPECT_EQ(live_bound(blocks), live_by_firing(blocks));
  }
}

TEST(Place, IsLegalAndNeverBelowTheBound) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const auto blocks = random_blocks(seed, 1 + static_cast<int>(seed % 20));
    const Placement placement = place(blocks);
    expect_legal(blocks, placement);
    EXPECT_GE(placement.size, live_bound(blocks));
  }
}

TEST(Place, IsAsGoodAsEveryOrderOfFirstFitOnSmallProblems) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const auto blocks = random_blocks(1000 + seed, 6);
    std::vector<std::int32_t> order(blocks.size());
    std::iota(order.begin(), order.end(), 0);
    std::int64_t best = first_fit(blocks, order).size;
    while (std::next_permutation(order.begin(), order.end())) {
      best = std::min(best, first_fit(blocks, order).size);
    }
    EXPECT_EQ(place(blocks).size, best) << "seed " << seed;
  }
}

TEST(Place, HandlesNothing) {
  EXPECT_EQ(place({}).size, 0);
  EXPECT_EQ(live_bound({}), 0);
}

TEST(Place, IsDeterministic) {
  const auto blocks = random_blocks(7, 40);
  EXPECT_EQ(place(blocks).offsets, place(blocks).offsets);
}

}  // namespace
}  // namespace thimble
