// Reads and plans a model with the installed library.
#include <cstdio>
#include <memory>

#include "thimble/plan/plan.h"
#include "thimble/read/tflite.h"

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  auto graph = thimble::read_tflite(argv[1]);
  if (!graph) {
    std::fprintf(stderr, "%s\n", graph.error().text().c_str());
    return 1;
  }
  const auto schedule = thimble::plan(std::make_shared<const thimble::Graph>(std::move(*graph)));
  if (!schedule) {
    std::fprintf(stderr, "%s\n", schedule.error().text().c_str());
    return 1;
  }
  std::printf("arena %lld\n", static_cast<long long>(schedule->regions[0].size));
  return 0;
}
