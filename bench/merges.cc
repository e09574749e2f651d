// What passes that merge operators do to the least arena:
//
//   bench_merges [MODEL...]
//
// plans random networks that merge_filters and merge_max_pools change, with and without them, then the models
// that they change.
#include <cstdio>

#include "support/graph_builder.h"
#include "thimble/plan/plan.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/merge_filters.h"
#include "thimble/rewrite/merge_max_pools.h"
#include "thimble/rewrite/passes.h"
#include "thimble/schedule/cost.h"

namespace {

using namespace thimble;

std::int64_t arena(const Graph &graph) {
  const auto plan = search_plan(std::make_shared<const Graph>(graph));
  return plan ? memory_cost(plan->schedule).arena_bytes : -1;
}

/// CONV_2D, two or three MAX_POOL_2Ds, CONV_2D.
Graph pools(std::uint64_t seed) {
  test::Random random(seed);
  test::GraphBuilder b(seed);
  const std::int32_t rows = random.chance(50) ? 1 : random.integer(16, 96), columns = random.integer(32, 128);
  TensorId x = b.input({1, rows, columns, 3});
  x = b.conv_2d(x, 4 * random.integer(2, 8), {std::min(3, rows), 3});
  for (int i = random.integer(2, 3); i > 0; --i) {
    const Shape map = b.shape(x);
    const std::int32_t high = random.integer(1, std::min(3, map[1]));
    const std::int32_t wide = random.integer(1, std::min(3, map[2]));
    const std::int32_t down = random.integer(1, high), right = random.integer(1, wide);
    x = b.max_pool_2d(x, {high, wide}, {down, right});
  }
  return b.build({b.conv_2d(x, random.integer(2, 12), {1, 1})});
}

/// CONV_2D, two to five CONV_2Ds of 3x3 or 1x1 side by side, CONCATENATION, CONV_2D.
Graph branches(std::uint64_t seed) {
  test::Random random(seed);
  test::GraphBuilder b(seed);
  const std::int32_t side = random.integer(9, 40), step = random.integer(1, 2);
  const TensorId x = b.conv_2d(b.input({1, side, side, 3}), 4 * random.integer(2, 8), {3, 3});
  std::vector<TensorId> parts;
  for (int i = random.integer(2, 5); i > 0; --i) {
    const std::int32_t taps = random.chance(70) ? 3 : 1;
    parts.push_back(b.conv_2d(x, 4 * random.integer(1, 6), {taps, taps}, {step, step}));
  }
  const TensorId joined = b.concatenation(parts, 3);
  Graph graph = b.build({b.conv_2d(joined, 4 * random.integer(1, 8), {1, 1})});
  for (const TensorId id : parts)
    graph.tensors[static_cast<std::size_t>(id)].quantization = graph.tensor(joined).quantization;
  return graph;
}

void compare(const char *name, Graph (*make)(std::uint64_t), Result<Graph> (*pass)(Graph)) {
  int smaller = 0, same = 0, larger = 0;
  std::int64_t before_all = 0, after_all = 0;
  double worst = 0.0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Graph graph = make(seed);
    const auto merged = pass(graph);
    if (!merged || merged->ops.size() == graph.ops.size()) continue;
    const std::int64_t before = arena(graph), after = arena(*merged);
    (after < before ? smaller : after > before ? larger : same) += 1;
    before_all += before;
    after_all += after;
    worst = std::max(worst, static_cast<double>(after) / static_cast<double>(before));
  }
  std::printf("%s: %d smaller, %d same, %d larger (at most %.3f times), %lld -> %lld B over all\n", name,
              smaller, same, larger, worst, static_cast<long long>(before_all),
              static_cast<long long>(after_all));
}

/// Why chains of pools of 2x2 stay.
void print_two_against_one() {
  for (const std::int32_t side : {32, 64}) {
    test::GraphBuilder b(3);
    const TensorId x = b.conv_2d(b.input({1, side, side, 3}), 8, {3, 3});
    const TensorId two = b.max_pool_2d(b.max_pool_2d(x, {2, 2}, {2, 2}), {2, 2}, {2, 2});
    const Graph chain = b.build({two});
    test::GraphBuilder c(3);
    const TensorId y = c.conv_2d(c.input({1, side, side, 3}), 8, {3, 3});
    const Graph one = c.build({c.max_pool_2d(y, {4, 4}, {4, 4})});
    std::printf("CONV_2D of %d x %d, two maxima of 2x2: %lld B, one of 4x4: %lld B\n", side, side,
                static_cast<long long>(arena(chain)), static_cast<long long>(arena(one)));
  }
}

}  // namespace

int main(int argc, char **argv) {
  compare("merge_max_pools", pools, merge_max_pools);
  compare("merge_filters", branches, merge_filters);
  print_two_against_one();
  int networks = 0, changed = 0;
  for (int i = 1; i < argc; ++i) {
    const auto file = read_tflite(std::filesystem::path(argv[i]));
    if (!file) continue;
    const auto with = rewrite(*file, {}),
               without = rewrite(*file, {.without = {"merge_filters", "merge_max_pools"}});
    if (!with || !without) continue;
    ++networks;
    if (with->ops.size() == without->ops.size()) continue;
    ++changed;
    std::printf("%s: %lld -> %lld B\n", argv[i], static_cast<long long>(arena(*without)),
                static_cast<long long>(arena(*with)));
  }
  if (argc > 1) std::printf("%d networks, %d of them changed\n", networks, changed);
  return 0;
}
