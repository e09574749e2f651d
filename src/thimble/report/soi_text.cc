#include "thimble/report/soi_text.h"

#include <cmath>

#include "thimble/graph/rules.h"
#include "thimble/report/describe.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"

namespace thimble::report {
namespace {

constexpr Align L = Align::left;
constexpr Align R = Align::right;

/// Of what the network itself takes.
std::string percent(double part, double whole) {
  return whole == 0 ? "-" : fixed(100.0 * part / whole, 1);
}
std::string percent(std::int64_t part, std::int64_t whole) {
  return percent(static_cast<double>(part), static_cast<double>(whole));
}

/// The operator that makes a tensor: names of tensors are long.
std::string maker(const SoiNetwork &network, TensorId tensor) {
  return op_label(*network.graph, producers(*network.graph)[static_cast<std::size_t>(tensor)]);
}

std::string decibels(double share) {
  const double value = soi::Deviation{1, share}.decibels();
  return std::isfinite(value) ? fixed(value, 1) : "exact";
}

std::string met_text(const SoiNetwork &network, const soi::Position &position) {
  return std::string(soi::name_of(position.meets)) + " " + op_label(*network.graph, position.met);
}

void add_cost(Table &table, const char *what, const soi::Cost &cost) {
  table.add({what, fixed(cost.average, 1), grouped(cost.peak), grouped(cost.critical),
             bytes_text(cost.state_bytes), grouped(cost.latency), grouped(cost.period)});
}

std::string value_text(const soi::LimitCheck &check, double value) {
  if (check.name == "state") return bytes_text(static_cast<std::int64_t>(value));
  if (check.name == "snr") return fixed(value, 1) + " dB";
  if (check.name == "latency") return grouped(static_cast<std::int64_t>(value)) + " frames";
  return grouped(static_cast<std::int64_t>(std::llround(value))) + " MACs";
}

std::string limits_text(const soi::SearchRequest &request, const soi::SearchResult &result) {
  std::string text;
  for (const soi::LimitCheck &check : result.limits) {
    text += check.name + " " + (check.name == "snr" ? "at least " : "at most ") +
            value_text(check, check.limit) + ": " + std::to_string(check.kept) + " of " +
            std::to_string(result.candidates) + " keep to it";
    if (check.kept == 0)
      text += "; the best is " + value_text(check, check.best) + ", with " +
              pairs_options(check.nearest, request.training_free);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string soi_positions_text(const SoiNetwork &network) {
  const Graph &graph = *network.graph;
  std::string text = headline(graph, macs(graph));
  if (network.positions.empty())
    return text + "\nno position: no part has one way in, read by filters over time, and one way out\n";
  Table table({R, L, L, L, R, R});
  table.add({"position", "way in", "way out", "meets", "MACs", "share %"});
  for (const soi::Position &position : network.positions) {
    const double step = static_cast<double>(network.rates.of(position.exit).step);
    table.add({std::to_string(position.number), maker(network, position.entry), maker(network, position.exit),
               met_text(network, position), grouped(position.macs),
               percent(static_cast<double>(position.macs) / step, network.cost.average)});
  }
  return text + "\n" + table.text();
}

std::string soi_text(const SoiNetwork &network, const SoiModel &model) {
  Table regions({R, L, L, R, R, L, R});
  regions.add({"pair", "from", "to", "runs in one of", "shift", "fresh", "taps over time"});
  for (const soi::CompressedRegion &region : model.regions) {
    regions.add({std::to_string(region.position.number), maker(network, region.position.entry),
                 maker(network, region.position.exit), std::to_string(region.divisor) + " frames",
                 std::to_string(region.shift),
                 region.fresh_skip                          ? "skip added"
                 : region.position.meets == soi::Exit::join ? met_text(network, region.position)
                                                            : "none",
                 model.request.training_free ? "as they were"
                                             : std::to_string(region.dilated) + " operators, further apart"});
  }
  Table costs({L, R, R, R, R, R, R});
  costs.add({"", "MACs a step", "at most", "after a frame", "state", "latency", "period"});
  add_cost(costs, "before", network.cost);
  add_cost(costs, "after", model.cost);
  costs.add({"%", percent(model.cost.average, network.cost.average),
             percent(model.cost.peak, network.cost.peak),
             percent(model.cost.critical, network.cost.critical)});
  const char *what = model.request.training_free
                         ? "hold: no training, another function; measure what it is worth on your data\n"
                         : "weights are as they were, the function is another one: train the written file's "
                           "network before use\n";
  return regions.text() + "\n" + costs.text() + "\n" + what;
}

std::string soi_search_text(const SoiNetwork &network, const soi::SearchRequest &request,
                            const soi::SearchResult &result, std::size_t windows) {
  std::string text = headline(*network.graph, macs(*network.graph)) + std::to_string(result.candidates) +
                     " plans, " + std::to_string(result.feasible) + " within the limits" +
                     (result.refused > 0 ? ", " + std::to_string(result.refused) + " not possible" : "") +
                     "; " + std::to_string(windows) + " windows of data\n" + limits_text(request, result);
  if (result.front.empty()) return text + "\nno plan keeps to all limits\n";
  Table table({L, R, R, R, R, R, R, R, R});
  table.add({"pairs", "shift", "factor", "MACs %", "peak %", "after a frame %", "state B", "latency",
             request.training_free ? "SNR dB" : "injected SNR dB"});
  for (const soi::Candidate &candidate : result.front) {
    table.add({soi::pairs_text(candidate.pairs.numbers), std::to_string(candidate.pairs.shift),
               std::to_string(candidate.pairs.factor), percent(candidate.cost.average, network.cost.average),
               percent(candidate.cost.peak, network.cost.peak),
               percent(candidate.cost.critical, network.cost.critical), grouped(candidate.cost.state_bytes),
               grouped(candidate.cost.latency), decibels(candidate.error)});
  }
  text += "\n" + table.text() + "\n";
  return text + (request.training_free
                     ? "SNR: of the held network's output, as it is\n"
                     : "injected SNR: of the untrained output when the ways out are held; ranks positions, "
                       "forecasts no trained quality\n");
}

}  // namespace thimble::report
