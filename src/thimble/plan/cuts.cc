#include "thimble/plan/cuts.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace thimble {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t kPixelSteps[] = {1, 2, 4, 8, 16};

std::vector<NestForm> forms_of(std::int32_t length, const CutLimits &limits) {
  std::vector<NestForm> forms;
  if (length == 1) forms.push_back({});
  if (limits.lines) {
    forms.push_back({Grain::lines, Sweep::rows});
    forms.push_back({Grain::lines, Sweep::columns});
  }
  if (limits.pixels) {
    for (const std::int32_t pixels : kPixelSteps) forms.push_back({Grain::pixels, Sweep::rows, pixels});
  }
  return forms;
}

}  // namespace

CutSearch::CutSearch(StageCosts &costs, const CutLimits &limits)
    : costs_(costs), first_(costs.first_position()), end_(static_cast<std::int32_t>(costs.order().size())) {
  edges_.resize(static_cast<std::size_t>(end_));
  for (std::int32_t last = first_; last < end_; ++last) {
    std::vector<Edge> &into = edges_[static_cast<std::size_t>(last)];
    for (std::int32_t first = last; first >= first_; --first) {
      std::vector<Edge> forms;
      for (const NestForm &form : forms_of(last - first + 1, limits)) {
        const StageChoice choice{first, last, form};
        if (const auto cost = costs.estimate(choice)) {
          forms.push_back({choice, *cost, form.grain != Grain::pixels});
        }
      }
      // Cheapest first; a later one is worth while only if it fires less than what is known to be cheaper.
      std::stable_sort(forms.begin(), forms.end(), [](const Edge &a, const Edge &b) {
        return a.cost.bytes != b.cost.bytes ? a.cost.bytes < b.cost.bytes : a.cost.firings < b.cost.firings;
      });
      std::int64_t fewest = kNever;
      for (const Edge &edge : forms) {
        if (edge.cost.firings >= fewest) continue;
        if (edge.exact) fewest = edge.cost.firings;
        into.push_back(edge);
      }
    }
  }
}

std::int64_t CutSearch::least_estimate() const {
  std::vector<std::int64_t> best(static_cast<std::size_t>(end_) + 1, kNever);
  best[static_cast<std::size_t>(first_)] = 0;
  for (std::int32_t last = first_; last < end_; ++last) {
    std::int64_t &reached = best[static_cast<std::size_t>(last) + 1];
    for (const Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      const std::int64_t before = best[static_cast<std::size_t>(edge.choice.first)];
      reached = std::min(reached, std::max(before, edge.cost.bytes));
    }
  }
  return best[static_cast<std::size_t>(end_)];
}

/// The path of fewest firings below a limit, from its last stage to its first; empty when there is none.
std::vector<CutSearch::Edge *> CutSearch::shortest(std::int64_t bytes) {
  // Among equals the fewest stages: tensors between them need places that rings do without.
  using Effort = std::pair<std::int64_t, std::int64_t>;
  const Effort never{kNever, 0};
  std::vector<Effort> best(static_cast<std::size_t>(end_) + 1, never);
  std::vector<Edge *> by(best.size(), nullptr);
  best[static_cast<std::size_t>(first_)] = {0, 0};
  for (std::int32_t last = first_; last < end_; ++last) {
    const auto to = static_cast<std::size_t>(last) + 1;
    for (Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      const Effort &before = best[static_cast<std::size_t>(edge.choice.first)];
      if (edge.cost.bytes > bytes || before == never) continue;
      const Effort effort{before.first + edge.cost.firings, before.second + 1};
      if (effort >= best[to]) continue;
      best[to] = effort;
      by[to] = &edge;
    }
  }
  std::vector<Edge *> path;
  if (best[static_cast<std::size_t>(end_)] == never) return path;
  for (std::int32_t at = end_; at > first_; at = path.back()->choice.first) {
    path.push_back(by[static_cast<std::size_t>(at)]);
  }
  return path;
}

/// Counts what was only estimated; whether there was any.
bool CutSearch::refine(const std::vector<Edge *> &path) {
  bool refined = false;
  for (Edge *edge : path) {
    if (edge->exact) continue;
    edge->cost = costs_.measure(edge->choice);
    edge->exact = refined = true;
  }
  return refined;
}

Cuts CutSearch::least_peak() {
  std::vector<Edge *> path = shortest(least_estimate());
  while (refine(path)) path = shortest(least_estimate());
  return fewest_firings(least_estimate());
}

Cuts CutSearch::fewest_firings(std::int64_t bytes) {
  std::vector<Edge *> path = shortest(bytes);
  while (refine(path)) path = shortest(bytes);
  Cuts cuts;
  for (const Edge *edge : path) {
    cuts.stages.push_back(edge->choice);
    cuts.firings += edge->cost.firings;
    cuts.peak_bytes = std::max(cuts.peak_bytes, edge->cost.bytes);
  }
  std::reverse(cuts.stages.begin(), cuts.stages.end());
  return cuts;
}

std::vector<std::int64_t> CutSearch::candidate_peaks() const {
  std::vector<std::int64_t> peaks;
  for (const std::vector<Edge> &into : edges_) {
    for (const Edge &edge : into) peaks.push_back(edge.cost.bytes);
  }
  std::sort(peaks.begin(), peaks.end());
  peaks.erase(std::unique(peaks.begin(), peaks.end()), peaks.end());
  return peaks;
}

}  // namespace thimble
