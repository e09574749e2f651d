// Order search on cell networks and random-wired networks: states and time of each.
#include <chrono>
#include <cstdio>
#include <numeric>

#include "support/order_problems.h"

namespace {

void run(const char *name, const thimble::OrderProblem &problem) {
  std::vector<std::int32_t> file_order(problem.ops.size());
  std::iota(file_order.begin(), file_order.end(), 0);
  const auto start = std::chrono::steady_clock::now();
  const thimble::OrderResult result = thimble::search_order(problem);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%-22s %5zu %10lld %10lld %10lld %6s %9lld %9.2f\n", name, problem.ops.size(),
              static_cast<long long>(thimble::peak_of(problem, file_order)),
              static_cast<long long>(result.peak), static_cast<long long>(result.lower_bound),
              result.exact ? "yes" : "no", static_cast<long long>(result.states), seconds * 1e3);
}

}  // namespace

int main() {
  std::printf("%-22s %5s %10s %10s %10s %6s %9s %9s\n", "network", "ops", "file order", "peak", "bound",
              "exact", "states", "ms");
  char name[64];
  for (int cells = 1; cells <= 8; cells *= 2) {
    for (int chain = 1; chain <= 2; ++chain) {
      thimble::test::Random random(7);
      std::snprintf(name, sizeof name, "%d cells, chains of %d", cells, chain);
      run(name, thimble::test::cell_network(random, cells, 5, chain));
    }
  }
  for (int nodes : {16, 24, 32, 40, 48}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      thimble::test::Random random(seed);
      std::snprintf(name, sizeof name, "random-wired, %d", nodes);
      run(name, thimble::test::random_wired(random, nodes));
    }
  }
}
