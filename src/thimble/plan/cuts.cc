#include "thimble/plan/cuts.h"

#include <algorithm>
#include <limits>

namespace thimble {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t kPixelSteps[] = {1, 2, 4, 8, 16};

std::vector<NestForm> forms_of(std::int32_t length, const CutLimits &limits) {
  std::vector<NestForm> forms;
  if (length == 1) forms.push_back({});
  forms.push_back({Grain::lines, Sweep::rows});
  if (limits.columns) forms.push_back({Grain::lines, Sweep::columns});
  if (limits.pixels) {
    for (const std::int32_t pixels : kPixelSteps) forms.push_back({Grain::pixels, Sweep::rows, pixels});
  }
  return forms;
}

}  // namespace

CutSearch::CutSearch(StageCosts &costs, const CutLimits &limits)
    : first_(costs.first_position()), end_(static_cast<std::int32_t>(costs.order().size())) {
  edges_.resize(static_cast<std::size_t>(end_));
  for (std::int32_t last = first_; last < end_; ++last) {
    std::vector<Edge> &into = edges_[static_cast<std::size_t>(last)];
    for (std::int32_t first = last; first >= first_; --first) {
      std::vector<Edge> forms;
      for (const NestForm &form : forms_of(last - first + 1, limits)) {
        const StageChoice choice{first, last, form};
        if (const auto cost = costs.cost(choice)) forms.push_back({choice, *cost});
      }
      // Cheapest first; a later one is worth while only if it fires less.
      std::stable_sort(forms.begin(), forms.end(), [](const Edge &a, const Edge &b) {
        return a.cost.bytes != b.cost.bytes ? a.cost.bytes < b.cost.bytes : a.cost.firings < b.cost.firings;
      });
      std::int64_t fewest = kNever;
      for (const Edge &edge : forms) {
        if (edge.cost.firings >= fewest) continue;
        fewest = edge.cost.firings;
        into.push_back(edge);
      }
    }
  }
}

Cuts CutSearch::least_peak() const {
  std::vector<std::int64_t> best(static_cast<std::size_t>(end_) + 1, kNever);
  best[static_cast<std::size_t>(first_)] = 0;
  for (std::int32_t last = first_; last < end_; ++last) {
    std::int64_t &reached = best[static_cast<std::size_t>(last) + 1];
    for (const Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      const std::int64_t before = best[static_cast<std::size_t>(edge.choice.first)];
      reached = std::min(reached, std::max(before, edge.cost.bytes));
    }
  }
  return fewest_firings(best[static_cast<std::size_t>(end_)]);
}

Cuts CutSearch::fewest_firings(std::int64_t bytes) const {
  std::vector<std::int64_t> best(static_cast<std::size_t>(end_) + 1, kNever);
  std::vector<const Edge *> by(best.size(), nullptr);
  best[static_cast<std::size_t>(first_)] = 0;
  for (std::int32_t last = first_; last < end_; ++last) {
    const auto to = static_cast<std::size_t>(last) + 1;
    for (const Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      const std::int64_t before = best[static_cast<std::size_t>(edge.choice.first)];
      if (edge.cost.bytes > bytes || before == kNever || before + edge.cost.firings >= best[to]) continue;
      best[to] = before + edge.cost.firings;
      by[to] = &edge;
    }
  }
  Cuts cuts;
  if (best[static_cast<std::size_t>(end_)] == kNever) return cuts;
  cuts.firings = best[static_cast<std::size_t>(end_)];
  for (std::int32_t at = end_; at > first_; at = cuts.stages.back().first) {
    const Edge &edge = *by[static_cast<std::size_t>(at)];
    cuts.stages.push_back(edge.choice);
    cuts.peak_bytes = std::max(cuts.peak_bytes, edge.cost.bytes);
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
