#include "thimble/plan/cuts.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace thimble {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t kPixelSteps[] = {1, 2, 4, 8, 16};
constexpr std::int32_t kLineSteps[] = {1, 2, 4};
constexpr std::int32_t kStrips[] = {2, 3, 4, 6, 8};  // in a row

std::vector<NestForm> forms_of(std::int32_t length, const CutLimits &limits) {
  std::vector<NestForm> forms;
  if (length == 1) forms.push_back({});
  if (limits.lines) {
    for (const std::int32_t step : kLineSteps) {
      if (step > 1 && !limits.steps) break;
      forms.push_back({.grain = Grain::lines, .sweep = Sweep::rows, .step = step});
      forms.push_back({.grain = Grain::lines, .sweep = Sweep::columns, .step = step});
    }
  }
  if (limits.pixels) {
    for (const std::int32_t pixels : kPixelSteps) forms.push_back({Grain::pixels, Sweep::rows, pixels});
  }
  return forms;
}

}  // namespace

CutSearch::CutSearch(StageCosts &costs, const CutLimits &limits)
    : costs_(costs),
      first_(costs.first_position()),
      end_(static_cast<std::int32_t>(costs.order().size())),
      extra_macs_(limits.extra_macs),
      most_bytes_(limits.bytes) {
  edges_.resize(static_cast<std::size_t>(end_));
  for (std::int32_t last = first_; last < end_; ++last) {
    std::vector<Edge> &into = edges_[static_cast<std::size_t>(last)];
    std::vector<NestForm> too_large;  // however much earlier they begin
    for (std::int32_t first = last; first >= first_; --first) {
      if (costs.floor(first, last) > limits.bytes) continue;
      std::vector<Edge> forms;
      for (const NestForm &form : forms_of(last - first + 1, limits)) {
        const StageChoice choice{first, last, form};
        if (std::find(too_large.begin(), too_large.end(), form) != too_large.end()) continue;
        const auto cost = costs.estimate(choice);
        if (cost && cost->inner_bytes > limits.bytes) too_large.push_back(form);
        if (cost && cost->bytes <= limits.bytes) {
          forms.push_back({choice, *cost, form.grain != Grain::pixels});
        } else if (form.grain == Grain::pixels) {
          // The more pixels at a time, the more bytes.
          break;
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
    if (limits.pixels) add_slices(last, limits.bytes);
    if (limits.pixels && limits.extra_macs > 0) add_windows(last, limits.bytes);
    if (limits.lines && limits.extra_macs > 0) add_strips(last, limits.bytes);
  }
}

void CutSearch::add_windows(std::int32_t last, std::int64_t bytes) {
  std::vector<Edge> &into = edges_[static_cast<std::size_t>(last)];
  for (const WindowChoice &found : costs_.windows(last, {extra_macs_, bytes})) {
    StageChoice choice{found.first, last, {Grain::pixels, Sweep::rows, 1}};
    if (!costs_.estimate(choice)) continue;
    choice.form.windows = found.windows;
    const StageCost cost = costs_.estimate(choice, found);
    if (cost.bytes <= bytes) into.push_back({std::move(choice), cost, false});
  }
}

void CutSearch::add_strips(std::int32_t last, std::int64_t bytes) {
  std::vector<Edge> &into = edges_[static_cast<std::size_t>(last)];
  const std::int32_t columns = costs_.columns(last);
  std::int32_t previous = columns;
  for (const std::int32_t count : kStrips) {
    const std::int32_t strip = (columns + count - 1) / count;
    if (strip >= previous) continue;
    previous = strip;
    for (std::int32_t first = last; first >= first_; --first) {
      if (costs_.floor(first, last) > bytes) continue;
      const StageChoice choice{first, last, {.grain = Grain::lines, .strip = strip}};
      const auto cost = costs_.estimate(choice);
      if (!cost) break;
      if (cost->bytes <= bytes && cost->extra_macs <= extra_macs_) into.push_back({choice, *cost, true});
    }
  }
}

void CutSearch::add_slices(std::int32_t last, std::int64_t bytes) {
  const std::vector<std::int32_t> widths = costs_.sum_widths(last);
  for (std::int32_t first = last - 1; first >= first_; --first) {
    if (costs_.floor(first, last) > bytes) continue;
    bool possible = false;
    for (const Grain grain : {Grain::slices, Grain::slices_of_lines, Grain::lines_of_slices}) {
      if (grain == Grain::lines_of_slices && extra_macs_ == 0) continue;
      for (const std::int32_t width : widths) {
        StageChoice choice{first, last, {grain}};
        if (width != widths.front()) choice.form.sum_bytes = width;
        possible = add_slices(choice, bytes) || possible;
      }
    }
    if (!possible) break;
  }
}

/// Slices of all powers of two below the whole reduction; whether there can be any.
bool CutSearch::add_slices(StageChoice choice, std::int64_t bytes) {
  std::vector<Edge> &into = edges_[static_cast<std::size_t>(choice.last)];
  const std::int32_t reduction = costs_.reduction(choice.last);
  bool possible = false;
  for (std::int32_t channels = 1; channels < reduction; channels *= 2) {
    choice.form.channels = channels;
    bool fits = false;
    for (const std::int32_t step : kLineSteps) {
      if (choice.form.grain == Grain::slices && step > 1) break;
      choice.form.step = step;
      const auto cost = costs_.estimate_slices(choice);
      if (!cost) return possible;
      possible = true;
      if (cost->bytes > bytes) break;
      fits = true;
      // The more rows at a time, the fewer are computed again.
      if (cost->extra_macs <= extra_macs_) into.push_back({choice, *cost, false});
    }
    // The more channels at a time, the more bytes.
    if (!fits) break;
  }
  return possible;
}

std::int64_t CutSearch::least_estimate() const {
  std::vector<std::int64_t> best(static_cast<std::size_t>(end_) + 1, kNever);
  best[static_cast<std::size_t>(first_)] = 0;
  for (std::int32_t last = first_; last < end_; ++last) {
    std::int64_t &reached = best[static_cast<std::size_t>(last) + 1];
    for (const Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      if (edge.cost.extra_macs > extra_macs_) continue;
      const std::int64_t before = best[static_cast<std::size_t>(edge.choice.first)];
      reached = std::min(reached, std::max(before, edge.cost.bytes));
    }
  }
  return best[static_cast<std::size_t>(end_)];
}

/// A path whose largest stage is as small as it can be, by what is known.
std::vector<CutSearch::Edge *> CutSearch::bottleneck_path() {
  const std::int64_t most = least_estimate();
  std::vector<Edge *> by(static_cast<std::size_t>(end_) + 1, nullptr);
  for (std::int32_t last = first_; last < end_; ++last) {
    for (Edge &edge : edges_[static_cast<std::size_t>(last)]) {
      const bool reached =
          edge.choice.first == first_ || by[static_cast<std::size_t>(edge.choice.first)] != nullptr;
      if (reached && usable(edge, most)) by[static_cast<std::size_t>(last) + 1] = &edge;
    }
  }
  std::vector<Edge *> path;
  for (std::int32_t at = end_; at > first_ && by[static_cast<std::size_t>(at)] != nullptr;
       at = path.back()->choice.first) {
    path.push_back(by[static_cast<std::size_t>(at)]);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<ChainStep> CutSearch::steps(std::int64_t bytes) const {
  std::vector<ChainStep> steps;
  for (const std::vector<Edge> &into : edges_) {
    for (const Edge &edge : into) {
      if (usable(edge, bytes)) steps.push_back({edge.choice.first, edge.choice.last + 1, edge.cost});
    }
  }
  return steps;
}

/// Whether a chain in so many bytes recomputes no more than it may.
bool CutSearch::fits(std::int64_t bytes) const {
  const std::vector<ChainStep> all = steps(bytes);
  if (extra_macs_ == 0) return chain_fits(all, first_, end_, bytes);
  const std::vector<std::size_t> chain = cheapest_chain(all, first_, end_, bytes);
  std::int64_t macs = 0;
  for (const std::size_t step : chain) macs += all[step].cost.extra_macs;
  return !chain.empty() && macs <= extra_macs_;
}

/// Bytes of the smallest arena that holds a chain.
std::int64_t CutSearch::least_chain() const {
  std::int64_t low = least_estimate();
  if (low == kNever) return kNever;
  std::int64_t high = low;
  while (!fits(high)) {
    // More bytes would help, but not to become better than a plan without recomputation.
    if (extra_macs_ > 0 && high > most_bytes_) return kNever;
    high += high / 4 + 16;
  }
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (fits(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

std::vector<CutSearch::Edge *> CutSearch::cheapest_path(std::int64_t bytes) {
  std::vector<Edge *> all;
  for (std::vector<Edge> &into : edges_) {
    for (Edge &edge : into) {
      if (usable(edge, bytes)) all.push_back(&edge);
    }
  }
  std::vector<Edge *> path;
  for (const std::size_t step : cheapest_chain(steps(bytes), first_, end_, bytes)) path.push_back(all[step]);
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

Cuts CutSearch::to_cuts(const std::vector<Edge *> &path) {
  Cuts cuts;
  for (const Edge *edge : path) {
    cuts.stages.push_back(edge->choice);
    cuts.firings += edge->cost.firings;
    cuts.extra_macs += edge->cost.extra_macs;
    cuts.peak_bytes = std::max(cuts.peak_bytes, edge->cost.bytes);
  }
  return cuts;
}

Cuts CutSearch::least_peak() {
  std::vector<Edge *> path = bottleneck_path();
  while (refine(path)) path = bottleneck_path();
  return to_cuts(path);
}

Cuts CutSearch::least_arena() {
  while (true) {
    const std::int64_t bytes = least_chain();
    if (bytes == kNever) return {};
    const std::vector<Edge *> path = cheapest_path(bytes);
    if (refine(path)) continue;
    Cuts cuts = to_cuts(path);
    cuts.peak_bytes = bytes;
    return cuts;
  }
}

Cuts CutSearch::fewest_firings(std::int64_t bytes) {
  std::vector<Edge *> path = cheapest_path(bytes);
  while (refine(path)) path = cheapest_path(bytes);
  return to_cuts(path);
}

}  // namespace thimble
