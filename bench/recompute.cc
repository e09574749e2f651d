// What recomputation buys: arena and msf bytes of a model at several limits on the MAC overhead, or its whole
// front.
//
//   recompute MODEL [--stream-input] [--peaks] [F ...]      without limits: the front up to 4.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "thimble/plan/plan.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/passes.h"
#include "thimble/schedule/cost.h"

namespace {

void print(const thimble::Plan &plan, double limit, double seconds) {
  const thimble::MemoryCost memory = thimble::memory_cost(plan.schedule);
  const thimble::ComputeCost compute = thimble::compute_cost(plan.schedule);
  std::printf("%6.2f %8.4f %9lld %9lld %9lld %10lld %3zu %7.2f s\n", limit,
              static_cast<double>(compute.macs) / static_cast<double>(compute.macs_unplanned),
              static_cast<long long>(memory.arena_bytes), static_cast<long long>(memory.msf_bytes),
              static_cast<long long>(plan.lower_bound_bytes), static_cast<long long>(compute.firings),
              plan.schedule.stages.size(), seconds);
  std::fflush(stdout);
}

/// What is there when most is.
void print_peak(const thimble::Schedule &schedule) {
  const std::vector<thimble::StagePeak> peaks = thimble::stage_peaks(schedule);
  const auto most = std::max_element(peaks.begin(), peaks.end(),
                                     [](const auto &a, const auto &b) { return a.bytes < b.bytes; });
  std::printf("    stage %d of %zu operators\n", most->stage,
              schedule.stages[static_cast<std::size_t>(most->stage)].ops.size());
  for (const std::int32_t index : most->buffers) {
    const thimble::Buffer &buffer = schedule.buffers[static_cast<std::size_t>(index)];
    std::printf("    %7lld %-8s", static_cast<long long>(buffer.size), thimble::name_of(buffer.kind));
    if (buffer.tensor == thimble::kNone) {
      std::printf("\n");
      continue;
    }
    for (const std::int32_t length : schedule.graph->tensor(buffer.tensor).shape) std::printf(" %d", length);
    std::printf("  kept");
    for (const std::int32_t length : buffer.layout.fold) std::printf(" %d", length);
    std::printf("  pixels %d\n", buffer.layout.fifo_pixels);
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  auto file = thimble::read_tflite(argv[1]);
  auto graph = file ? thimble::rewrite(*file, thimble::RewriteOptions{}) : file;
  if (!graph) {
    std::fprintf(stderr, "%s\n", graph.error().text().c_str());
    return 1;
  }
  const auto shared = std::make_shared<const thimble::Graph>(std::move(*graph));
  thimble::PlanOptions options;
  std::vector<double> limits;
  bool peaks = false;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--stream-input") == 0) {
      options.input = thimble::InputMode::rows;
    } else if (std::strcmp(argv[i], "--peaks") == 0) {
      peaks = true;
    } else {
      limits.push_back(std::atof(argv[i]));
    }
  }
  std::printf("%6s %8s %9s %9s %9s %10s %3s\n", "limit", "overhead", "arena", "msf", "bound", "firings",
              "stg");
  const auto timed = [](auto &&work) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    return std::make_pair(std::move(result), seconds.count());
  };
  for (const double limit : limits) {
    options.max_overhead = limit;
    const auto [plan, seconds] = timed([&] { return thimble::search_plan(shared, options); });
    if (!plan) {
      std::fprintf(stderr, "%s\n", plan.error().text().c_str());
      return 1;
    }
    print(*plan, limit, seconds);
    if (peaks) print_peak(plan->schedule);
  }
  if (!limits.empty()) return 0;
  options.max_overhead = 4.0;
  const auto [front, seconds] = timed([&] { return thimble::search_front(shared, options); });
  if (!front) return 1;
  for (const thimble::Plan &plan : *front) print(plan, 4.0, seconds);
}
