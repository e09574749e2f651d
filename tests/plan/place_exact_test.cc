#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/allocation_problems.h"
#include "support/random.h"
#include "support/shared_data.h"
#include "thimble/plan/offsets.h"

namespace thimble {
namespace {

struct Case {
  std::vector<Block> blocks;
  std::vector<Overlap> overlaps;
};

bool live_together(const Block &a, const Block &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The definition, pair by pair: may `low` lie at `at_low` and `high` at `at_high` >= `at_low`?
bool apart(const Case &c, std::size_t low, std::int64_t at_low, std::size_t high, std::int64_t at_high) {
  if (at_high >= at_low + c.blocks[low].size) return true;
  return std::any_of(c.overlaps.begin(), c.overlaps.end(), [&](const Overlap &o) {
    return o.below == static_cast<std::int32_t>(low) && o.above == static_cast<std::int32_t>(high) &&
           at_high >= at_low + o.distance;
  });
}

bool compatible(const Case &c, std::size_t i, std::int64_t at_i, std::size_t j, std::int64_t at_j) {
  if (!live_together(c.blocks[i], c.blocks[j]) || c.blocks[i].size == 0 || c.blocks[j].size == 0) return true;
  return (at_i <= at_j && apart(c, i, at_i, j, at_j)) || (at_j <= at_i && apart(c, j, at_j, i, at_i));
}

void expect_valid(const Case &c, const Placement &placement) {
  ASSERT_EQ(placement.offsets.size(), c.blocks.size());
  std::int64_t size = 0;
  for (std::size_t i = 0; i < c.blocks.size(); ++i) {
    const std::int64_t offset = placement.offsets[i];
    ASSERT_GE(offset, 0);
    ASSERT_EQ(offset % c.blocks[i].alignment, 0);
    size = std::max(size, offset + c.blocks[i].size);
    for (std::size_t j = 0; j < i; ++j)
      ASSERT_TRUE(compatible(c, i, offset, j, placement.offsets[j])) << i << " and " << j;
  }
  ASSERT_EQ(placement.size, size);
}

/// Tries every block at every aligned offset within the capacity.
bool feasible(const Case &c, std::int64_t capacity, std::vector<std::int64_t> &offsets) {
  const std::size_t i = offsets.size();
  if (i == c.blocks.size()) return true;
  for (std::int64_t offset = 0; offset + c.blocks[i].size <= capacity; offset += c.blocks[i].alignment) {
    bool free = true;
    for (std::size_t j = 0; j < i && free; ++j) free = compatible(c, i, offset, j, offsets[j]);
    if (!free) continue;
    offsets.push_back(offset);
    if (feasible(c, capacity, offsets)) return true;
    offsets.pop_back();
  }
  return false;
}

Case random_case(test::Random &random, int count, bool overlaps, bool alignments) {
  Case c;
  for (int i = 0; i < count; ++i) {
    Block block;
    block.size = random.integer(random.chance(10) ? 0 : 1, 6);
    block.alignment = alignments ? 1 << random.integer(0, 2) : 1;
    block.first = random.integer(0, 7);
    block.last = block.first + random.integer(0, 4);
    c.blocks.push_back(block);
  }
  if (!overlaps) return c;
  for (std::int32_t below = 0; below < count; ++below) {
    for (std::int32_t above = 0; above < count; ++above) {
      // Permissions point one way, as from the output of an operator to its input.
      if (below <= above || !random.chance(25)) continue;
      c.overlaps.push_back({below, above, random.chance(40) ? 0 : random.integer(0, 6)});
    }
  }
  return c;
}

TEST(PlaceExact, EqualsBruteForce) {
  int searched = 0, above_bound = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    test::Random random(seed);
    const Case c =
        random_case(random, random.integer(1, seed % 25 == 0 ? 7 : 6), seed % 2 == 1, seed % 4 >= 2);
    const ExactPlacement placement = place_exact(c.blocks, c.overlaps);
    expect_valid(c, placement);
    ASSERT_TRUE(placement.proved) << "seed " << seed;
    std::vector<std::int64_t> offsets;
    ASSERT_FALSE(feasible(c, placement.size - 1, offsets)) << "seed " << seed;
    ASSERT_LE(placement_bound(c.blocks, c.overlaps), placement.size) << "seed " << seed;
    searched += placement.nodes > 0 ? 1 : 0;
    above_bound += placement_bound(c.blocks, c.overlaps) < placement.size ? 1 : 0;
  }
  // The search was needed, and it proved bounds that counting does not give.
  EXPECT_GT(searched, 100);
  EXPECT_GT(above_bound, 50);
}

TEST(PlaceExact, IsValidOnLargerProblems) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    test::Random random(9000 + seed);
    const Case c = random_case(random, random.integer(20, 40), seed % 2 == 1, seed % 4 >= 2);
    const ExactPlacement placement = place_exact(c.blocks, c.overlaps, {3'000, 0});
    expect_valid(c, placement);
    EXPECT_LE(placement.lower_bound, placement.size);
    EXPECT_EQ(placement.proved, placement.lower_bound == placement.size);
  }
}

TEST(PlaceExact, OverlapsByItsDistance) {
  // Output of 100 bytes below an input of 90 that dies row by row, one row of 8 bytes behind.
  const std::vector<Block> blocks{{100, 4, 0, 1}, {90, 4, 0, 0}};
  EXPECT_EQ(place_exact(blocks).size, 190);
  const std::vector<Overlap> overlaps{{0, 1, 8}};
  const ExactPlacement placement = place_exact(blocks, overlaps);
  EXPECT_EQ(placement.size, 100);
  EXPECT_EQ(placement.offsets[1] - placement.offsets[0], 8);
  EXPECT_EQ(place_exact(blocks, std::vector<Overlap>{{0, 1, 17}}).size, 110);
}

TEST(PlaceExact, AlignmentCountsInTheBound) {
  // Three blocks of 5 bytes at multiples of 8: 8 + 8 + 5.
  const std::vector<Block> blocks(3, {5, 8, 0, 0});
  EXPECT_EQ(placement_bound(blocks, {}), 21);
  EXPECT_EQ(place_exact(blocks).size, 21);
  EXPECT_EQ(place_exact(blocks).nodes, 0);
}

TEST(PlaceExact, StopsWhenItIsEnough) {
  std::vector<Block> blocks(9, {10, 1, 0, 0});
  const ExactPlacement placement = place_exact(blocks, {}, {1000, 200});
  EXPECT_LE(placement.size, 200);
  EXPECT_EQ(placement.nodes, 0);
}

TEST(PlaceExact, IsDeterministic) {
  test::Random random(4);
  const Case c = random_case(random, 60, true, true);
  EXPECT_EQ(place_exact(c.blocks, c.overlaps, {5000, 0}).offsets,
            place_exact(c.blocks, c.overlaps, {5000, 0}).offsets);
}

TEST(PlaceExact, SolvesPublishedProblems) {
  THIMBLE_NEEDS_SHARED_DATA();
  struct Published {
    const char *file;
    std::int64_t capacity;
  };
  const std::filesystem::path folder = test::shared_data() / "allocation";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto &[file, capacity] : {Published{"vela/vela1.csv", 16016},
                                       {"vela/vela2.csv", 216096},
                                       {"examples/input.12.csv", 12},
                                       {"challenging/A.1048576.csv", 1048576},
                                       {"challenging/B.1048576.csv", 1048576},
                                       {"challenging/C.1048576.csv", 1048576},
                                       {"challenging/D.1048576.csv", 1048576},
                                       {"challenging/F.1048576.csv", 1048576},
                                       {"challenging/J.1048576.csv", 1048576},
                                       {"challenging/K.1048576.csv", 1048576},
                                       {"iopddl/G_1.csv", 3030937746}}) {
    const Case c{test::read_blocks(folder / file), {}};
    ASSERT_FALSE(c.blocks.empty()) << file;
    ExactOptions options;
    options.enough = capacity;
    const ExactPlacement placement = place_exact(c.blocks, {}, options);
    expect_valid(c, placement);
    EXPECT_LE(placement.size, capacity) << file;
    EXPECT_LE(placement.nodes, 100'000) << file;
  }
}

}  // namespace
}  // namespace thimble
