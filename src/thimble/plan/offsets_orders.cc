#include <algorithm>
#include <cmath>
#include <numeric>

#include "thimble/plan/offsets_search.h"

namespace thimble {
namespace {

using Ids = std::vector<std::int32_t>;

/// What the orders look at.
struct Traits {
  double width = 0;  ///< firings that it lives
  double area = 0;   ///< bytes x firings
  double total = 0;  ///< bytes of the fullest clique that it is in
};

std::vector<Traits> traits_of(const OffsetProblem &problem) {
  std::vector<double> load(static_cast<std::size_t>(problem.cliques), 0);
  for (const OffsetProblem::Item &item : problem.items) {
    for (std::int32_t c = item.first_clique; c < item.end_clique; ++c)
      load[static_cast<std::size_t>(c)] += static_cast<double>(item.padded);
  }
  std::vector<Traits> traits;
  for (const OffsetProblem::Item &item : problem.items) {
    Traits t{static_cast<double>(item.life), static_cast<double>(item.life) * static_cast<double>(item.size),
             0};
    for (std::int32_t c = item.first_clique; c < item.end_clique; ++c)
      t.total = std::max(t.total, load[static_cast<std::size_t>(c)]);
    traits.push_back(t);
  }
  return traits;
}

/// Moves each block behind those that it may share its offset with, being above them: of two neighbours at
/// one offset the search places the one with the lower rank first, and only the lower one of such a pair can
/// be.
Ids below_before_above(const OffsetProblem &problem, const Ids &order) {
  std::vector<char> done(order.size(), 0);
  Ids sorted;
  const auto waits = [&](std::int32_t id) {
    for (const Neighbour &n : problem.item(id).neighbours) {
      if (n.from_other == 0 && n.to_other > 0 && !done[static_cast<std::size_t>(n.block)]) return true;
    }
    return false;
  };
  // Almost always all blocks are taken in the first pass.
  for (bool moved = true; moved && sorted.size() < order.size();) {
    moved = false;
    for (std::int32_t id : order) {
      if (done[static_cast<std::size_t>(id)] || waits(id)) continue;
      sorted.push_back(id);
      done[static_cast<std::size_t>(id)] = 1;
      moved = true;
    }
  }
  for (std::int32_t id : order) {  // circular permissions: any order
    if (!done[static_cast<std::size_t>(id)]) sorted.push_back(id);
  }
  return sorted;
}

/// The orders by a comparison, for the search.
template <class Before>
Ids sorted(const OffsetProblem &problem, Before &&before) {
  Ids order(problem.items.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), before);
  return below_before_above(problem, order);
}

/// Logarithm to the base 2, by straight lines between powers of two: the same bits on every machine.
double magnitude(double value) {
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);  // in [0.5, 1)
  return value > 0 ? exponent + 2 * mantissa : 0;
}

}  // namespace

std::vector<SearchOrder> classic_search_orders(const OffsetProblem &problem) {
  const std::vector<Traits> traits = traits_of(problem);
  using Trait = double Traits::*;
  const Trait classic[][3] = {{&Traits::total, &Traits::width, &Traits::area},
                              {&Traits::total, &Traits::area, &Traits::width},
                              {&Traits::width, &Traits::area, &Traits::total}};
  std::vector<SearchOrder> orders;
  for (Focus focus : {Focus::lowest, Focus::fullest_then_lowest, Focus::lowest_then_fullest}) {
    for (const auto &keys : classic) {
      orders.push_back({sorted(problem,
                               [&](std::int32_t a, std::int32_t b) {
                                 const Traits &left = traits[static_cast<std::size_t>(a)];
                                 const Traits &right = traits[static_cast<std::size_t>(b)];
                                 for (Trait key : keys) {
                                   if (left.*key != right.*key) return left.*key > right.*key;
                                 }
                                 return false;
                               }),
                        focus});
    }
  }
  return orders;
}

SearchOrder blurred_search_order(const OffsetProblem &problem, std::uint32_t &generator) {
  const auto draw = [&] {
    generator = generator * 1664525u + 1013904223u;
    return generator >> 16;
  };
  const bool by_total = draw() % 2 == 0;
  const Focus focus = draw() % 2 == 0 ? Focus::lowest_then_fullest : Focus::fullest_then_lowest;
  std::vector<double> key;
  for (const Traits &t : traits_of(problem)) {
    const double noise = draw() / 65536.0;
    const double size = t.width > 0 ? t.area / t.width : 0;
    key.push_back(by_total
                      ? 10 * magnitude(t.total) + magnitude(t.width) + 0.3 * magnitude(size) + 0.7 * noise
                      : magnitude(t.width) + 1.4 * noise);
  }
  return {sorted(problem,
                 [&](std::int32_t a, std::int32_t b) {
                   return key[static_cast<std::size_t>(a)] > key[static_cast<std::size_t>(b)];
                 }),
          focus};
}

}  // namespace thimble
