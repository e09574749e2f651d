#include "thimble/soi/search.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <tuple>

#include "thimble/soi/hold.h"

namespace thimble::soi {
namespace {

/// A limit as a function that must not be above it.
struct Bound {
  const char *name;
  std::optional<double> limit;
  std::function<double(const Candidate &)> value;
};

std::vector<Bound> bounds(const Limits &limits) {
  const auto number = [](const std::optional<std::int64_t> &value) {
    return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
  };
  const auto negative = [](std::optional<double> value) {
    return value ? std::optional<double>(-*value) : std::nullopt;
  };
  return {
      {"average", limits.average, [](const Candidate &c) { return c.cost.average; }},
      {"peak", limits.peak, [](const Candidate &c) { return static_cast<double>(c.cost.peak); }},
      {"critical", limits.critical, [](const Candidate &c) { return static_cast<double>(c.cost.critical); }},
      {"state", number(limits.state_bytes),
       [](const Candidate &c) { return static_cast<double>(c.cost.state_bytes); }},
      {"latency", number(limits.latency),
       [](const Candidate &c) { return static_cast<double>(c.cost.latency); }},
      {"snr", negative(limits.least_decibels), [](const Candidate &c) {
         return -Deviation{1, c.error}.decibels();
       }}};
}

/// The best of the candidates, by their error. Of equal ones the first stays.
std::vector<Candidate> pareto(const std::vector<Candidate> &candidates) {
  std::vector<Candidate> front;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool beaten = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate &other) {
      const bool earlier = &other < &candidates[i];
      return &other != &candidates[i] && at_least_as_good(other, candidates[i]) &&
             (earlier || !at_least_as_good(candidates[i], other));
    });
    if (!beaten) front.push_back(candidates[i]);
  }
  std::stable_sort(front.begin(), front.end(),
                   [](const Candidate &a, const Candidate &b) { return a.error < b.error; });
  return front;
}

class Search {
 public:
  Search(const Timed &network, const std::vector<Position> &positions, const SearchRequest &request,
         const Windows &windows)
      : network_(network), positions_(positions), request_(request), windows_(windows) {}

  Result<SearchResult> run() {
    const auto sets = all_sets();
    if (!sets) return tl::unexpected(sets.error());
    auto baseline = run_windows(network_.graph, windows_);
    if (!baseline) return tl::unexpected(baseline.error());
    baseline_ = std::move(*baseline);
    std::vector<Candidate> all;
    for (const std::vector<std::int32_t> &numbers : *sets) {
      if (auto ok = add(numbers, all); !ok) return tl::unexpected(ok.error());
    }
    result_.candidates = all.size();
    check_limits(all);
    std::vector<Candidate> feasible;
    std::copy_if(all.begin(), all.end(), std::back_inserter(feasible),
                 [&](const Candidate &candidate) { return keeps(request_.limits, candidate); });
    result_.feasible = feasible.size();
    std::vector<Candidate> front = pareto(feasible), kept;
    for (Candidate &candidate : front) {
      if (auto ok = measure(candidate); !ok) return tl::unexpected(ok.error());
      if (keeps(request_.limits, candidate)) kept.push_back(std::move(candidate));
    }
    result_.front = pareto(kept);
    return std::move(result_);
  }

 private:
  Result<std::vector<std::vector<std::int32_t>>> all_sets() const {
    const std::string &file = network_.graph.file;
    if (positions_.empty()) return file_failure(file, "has no position to search", "see: thimble soi --list");
    auto sets = pair_sets(positions_, request_.most_pairs);
    const std::size_t each = request_.factors.size() * (request_.training_free ? 1 : request_.shifts.size());
    if (sets.size() * each <= kMostPlans) return sets;
    return file_failure(file,
                        "has more than " + std::to_string(kMostPlans) + " plans of up to " +
                            std::to_string(request_.most_pairs) + " pairs",
                        "ask for fewer pairs or shifts");
  }

  Result<void> add(const std::vector<std::int32_t> &numbers, std::vector<Candidate> &all) {
    const std::vector<std::int32_t> unshifted = {0};
    for (const std::int32_t factor : request_.factors) {
      for (const std::int32_t shift : request_.training_free ? unshifted : request_.shifts) {
        Candidate candidate;
        candidate.pairs = {numbers, shift, factor, request_.extrapolation, request_.fresh_skips};
        const auto made = rewritten(candidate.pairs);
        const auto cost =
            made ? stream_cost(made->graph, network_.axes.input_axis) : tl::unexpected(made.error());
        if (!cost) {
          ++result_.refused;
          continue;
        }
        candidate.cost = *cost;
        if (auto ok = guess(candidate); !ok) return ok;
        all.push_back(std::move(candidate));
      }
    }
    return {};
  }

  Result<Compressed> rewritten(const Pairs &pairs) const {
    return request_.training_free ? hold(network_, positions_, pairs) : compress(network_, positions_, pairs);
  }

  /// One pair is measured, of several the errors are added.
  Result<void> guess(Candidate &candidate) {
    for (const std::int32_t number : candidate.pairs.numbers) {
      Pairs alone = candidate.pairs;
      alone.numbers = {number};
      const auto key = std::make_tuple(number, alone.shift, alone.factor);
      if (single_.count(key) == 0) {
        const auto error = joint_error(alone);
        if (!error) return tl::unexpected(error.error());
        const auto held =
            held_error(network_, positions_[static_cast<std::size_t>(number - 1)], alone, baseline_);
        if (!held) return tl::unexpected(held.error());
        single_[key] = {error->share(), held->share()};
      }
      const auto [error, held] = single_[key];
      candidate.error += error;
      candidate.held_error = std::max(candidate.held_error, held);
    }
    candidate.measured = candidate.pairs.numbers.size() == 1;
    return {};
  }

  Result<Deviation> joint_error(const Pairs &pairs) const {
    if (!request_.training_free) return injected_error(network_, positions_, pairs, windows_, baseline_);
    const auto made = hold(network_, positions_, pairs);
    if (!made) return tl::unexpected(made.error());
    return output_error(network_.graph, made->graph, windows_, baseline_);
  }

  Result<void> measure(Candidate &candidate) const {
    if (candidate.measured) return {};
    const auto error = joint_error(candidate.pairs);
    if (!error) return tl::unexpected(error.error());
    candidate.error = error->share();
    candidate.measured = true;
    return {};
  }

  void check_limits(const std::vector<Candidate> &all) {
    for (const Bound &bound : bounds(request_.limits)) {
      if (!bound.limit || all.empty()) continue;
      LimitCheck check{bound.name, *bound.limit, 0, std::numeric_limits<double>::infinity(), {}};
      for (const Candidate &candidate : all) {
        const double value = bound.value(candidate);
        if (value <= *bound.limit) ++check.kept;
        if (value >= check.best) continue;
        check.best = value;
        check.nearest = candidate.pairs;
      }
      if (check.name == "snr") {  // a lower limit
        check.limit = -check.limit;
        check.best = -check.best;
      }
      result_.limits.push_back(std::move(check));
    }
  }

  const Timed &network_;
  const std::vector<Position> &positions_;
  const SearchRequest &request_;
  const Windows &windows_;
  Baseline baseline_;
  SearchResult result_;
  /// By position, shift and factor: error of the output, and of the way out by itself.
  std::map<std::tuple<std::int32_t, std::int32_t, std::int32_t>, std::pair<double, double>> single_;
};

struct SetLimits {
  std::size_t most, sets;
};

void extend(const std::vector<Position> &positions, const SetLimits &limits, std::size_t first,
            std::vector<std::int32_t> &set, std::vector<std::vector<std::int32_t>> &all) {
  if (set.size() == limits.most) return;
  for (std::size_t p = first; p < positions.size() && all.size() < limits.sets; ++p) {
    const bool fits = std::all_of(set.begin(), set.end(), [&](std::int32_t number) {
      return compatible(positions[static_cast<std::size_t>(number - 1)], positions[p]);
    });
    if (!fits) continue;
    set.push_back(positions[p].number);
    all.push_back(set);
    extend(positions, limits, p + 1, set, all);
    set.pop_back();
  }
}

}  // namespace

std::vector<std::vector<std::int32_t>> pair_sets(const std::vector<Position> &positions, std::size_t most,
                                                 std::size_t limit) {
  std::vector<std::vector<std::int32_t>> all;
  std::vector<std::int32_t> set;
  extend(positions, {most, limit}, 0, set, all);
  return all;
}

bool at_least_as_good(const Candidate &a, const Candidate &b) {
  return a.cost.average <= b.cost.average && a.cost.peak <= b.cost.peak &&
         a.cost.critical <= b.cost.critical && a.cost.state_bytes <= b.cost.state_bytes &&
         a.cost.latency <= b.cost.latency && a.error <= b.error;
}

bool keeps(const Limits &limits, const Candidate &candidate) {
  for (const Bound &bound : bounds(limits)) {
    if (bound.limit && bound.value(candidate) > *bound.limit) return false;
  }
  return true;
}

Result<SearchResult> search(const Timed &network, const std::vector<Position> &positions,
                            const SearchRequest &request, const Windows &windows) {
  return Search(network, positions, request, windows).run();
}

}  // namespace thimble::soi
