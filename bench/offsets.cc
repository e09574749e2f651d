// Offset allocation on problems in CSV files (id,lower,upper,size with lifetimes [lower, upper)):
//
//   bench_offsets [--enough BYTES] [--nodes N] FILE...
//
// Files in a folder named `vela` have inclusive ends. Prints one line per file.
#include "thimble/plan/offsets.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/allocation_problems.h"

int main(int argc, char **argv) {
  thimble::ExactOptions options;
  std::printf("%-24s %7s %12s %12s %12s %7s %10s %8s\n", "instance", "buffers", "bound", "found", "lower",
              "proved", "nodes", "seconds");
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--enough" && i + 1 < argc) {
      options.enough = std::atoll(argv[++i]);
      continue;
    }
    if (argument == "--nodes" && i + 1 < argc) {
      options.nodes = std::atoll(argv[++i]);
      continue;
    }
    const std::vector<thimble::Block> blocks = thimble::test::read_blocks(argument);
    const auto start = std::chrono::steady_clock::now();
    const thimble::ExactPlacement placement = thimble::place_exact(blocks, {}, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%-24s %7zu %12lld %12lld %12lld %7s %10lld %8.3f\n",
                argument.substr(argument.rfind('/') + 1).c_str(), blocks.size(),
                static_cast<long long>(thimble::live_bound(blocks)), static_cast<long long>(placement.size),
                static_cast<long long>(placement.lower_bound), placement.proved ? "yes" : "no",
                static_cast<long long>(placement.nodes), seconds);
    std::fflush(stdout);
  }
}
