#include "thimble/plan/chain.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace thimble {
namespace {

constexpr std::size_t kMostPlaces = 24;  // alternatives that are kept per cut
constexpr std::size_t kNoStep = std::numeric_limits<std::size_t>::max();

/// Offsets low .. high at which the tensor that the last stage made may begin, and how it came there.
struct Place {
  TensorId tensor = kNone;
  std::int64_t low = 0, high = 0;
  std::int64_t macs = 0, firings = 0, stages = 0;  ///< macs: recomputed
  std::size_t step = kNoStep, before = 0;          ///< index of the place at the step's beginning

  std::tuple<std::int64_t, std::int64_t, std::int64_t> effort() const { return {macs, firings, stages}; }
};

/// Whether whatever `b` can do, `a` can do with no more effort.
bool dominates(const Place &a, const Place &b) {
  return a.tensor == b.tensor && a.low <= b.low && b.high <= a.high && a.effort() <= b.effort();
}

void add_place(std::vector<Place> &places, const Place &place) {
  if (place.low > place.high) return;
  for (const Place &other : places) {
    if (dominates(other, place)) return;
  }
  std::erase_if(places, [&](const Place &other) { return dominates(place, other); });
  places.push_back(place);
}

/// Where the step's output may begin when its input begins somewhere in `from`.
void follow(const ChainStep &step, const Place &from, std::int64_t bytes, Place next,
            std::vector<Place> &into) {
  const Handover &pair = step.cost.handover;
  if (pair.in == kNone) {
    next.high = std::numeric_limits<std::int64_t>::max();
    add_place(into, next);
    return;
  }
  next.tensor = pair.out;
  const std::int64_t top = bytes - pair.out_bytes;
  const bool known = from.tensor == pair.in;
  const std::int64_t low = known ? from.low : 0;
  const std::int64_t high = known ? from.high : bytes - pair.in_bytes;
  const auto add = [&](std::int64_t begin, std::int64_t end) {
    next.low = std::max<std::int64_t>(0, begin);
    next.high = std::min(top, end);
    add_place(into, next);
  };
  const std::int64_t together = std::max(pair.in_bytes + pair.distance, pair.out_bytes);
  const std::int64_t rest = step.cost.bytes - together;
  const std::int64_t farthest = bytes - rest - pair.in_bytes;
  if (pair.distance <= farthest) add(low - farthest, high - pair.distance);
  if (pair.in_bytes + pair.out_bytes + rest <= bytes) {
    add(low + pair.in_bytes, top);
    add(0, high - pair.out_bytes);
  }
}

/// Places at every cut; `with_effort`: the cheapest first, else only whether there are any.
std::vector<std::vector<Place>> walk(std::span<const ChainStep> steps, std::int32_t first, std::int32_t last,
                                     std::int64_t bytes, bool with_effort) {
  std::vector<std::vector<Place>> places(static_cast<std::size_t>(last) + 1);
  places[static_cast<std::size_t>(first)].push_back({kNone, 0, 0});
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const ChainStep &step = steps[s];
    if (step.cost.bytes > bytes) continue;
    std::vector<Place> &into = places[static_cast<std::size_t>(step.to)];
    const std::vector<Place> &from = places[static_cast<std::size_t>(step.from)];
    for (std::size_t p = 0; p < from.size(); ++p) {
      Place next;
      next.step = s;
      next.before = p;
      if (with_effort) {
        next.macs = from[p].macs + step.cost.extra_macs;
        next.firings = from[p].firings + step.cost.firings;
        next.stages = from[p].stages + 1;
      }
      follow(step, from[p], bytes, next, into);
    }
    const bool complete = s + 1 == steps.size() || steps[s + 1].to != step.to;
    if (!complete) continue;
    // The cheapest, and the widest: where tensors can go on.
    std::stable_sort(into.begin(), into.end(), [](const Place &a, const Place &b) {
      return a.effort() != b.effort() ? a.effort() < b.effort() : a.high - a.low > b.high - b.low;
    });
    if (into.size() <= kMostPlaces) continue;
    std::stable_sort(into.begin() + kMostPlaces / 2, into.end(),
                     [](const Place &a, const Place &b) { return a.high > b.high; });
    into.resize(kMostPlaces);
  }
  return places;
}

}  // namespace

std::vector<std::size_t> cheapest_chain(std::span<const ChainStep> steps, std::int32_t first,
                                        std::int32_t last, std::int64_t bytes) {
  std::vector<std::vector<Place>> places = walk(steps, first, last, bytes, true);
  if (places[static_cast<std::size_t>(last)].empty()) places = walk(steps, first, last, bytes, false);
  std::vector<std::size_t> chain;
  if (places[static_cast<std::size_t>(last)].empty()) return chain;
  for (const Place *at = &places[static_cast<std::size_t>(last)].front(); at->step != kNoStep;) {
    chain.push_back(at->step);
    at = &places[static_cast<std::size_t>(steps[at->step].from)][at->before];
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

bool chain_fits(std::span<const ChainStep> steps, std::int32_t first, std::int32_t last, std::int64_t bytes) {
  return !walk(steps, first, last, bytes, false)[static_cast<std::size_t>(last)].empty();
}

}  // namespace thimble
