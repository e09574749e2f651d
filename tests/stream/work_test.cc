// Multiply-accumulates by phase: the U-Nets of scattered online inference, whose costs are known.
#include "thimble/stream/work.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stream/stream_graphs.h"
#include "thimble/stream/rings.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

struct Streamed {
  TimeAxes axes;
  Rates rates;
  Rings rings;
  StreamWork work;
};

Streamed streamed(const Graph &graph) {
  Streamed result;
  result.axes = find_time(graph).value();
  result.rates = stream_rates(graph, result.axes).value();
  result.rings = stream_rings(graph, result.axes, result.rates);
  result.work = stream_work(graph, result.axes, result.rates);
  return result;
}

/// Per cent of `whole`, to one digit.
double share(double part, double whole) {
  return std::round(1000.0 * part / whole) / 10.0;
}

Graph seven_levels(std::vector<std::int32_t> compressed, std::int32_t shift = 0) {
  UNetOptions options;
  options.channels = {16, 24, 32, 48, 64, 64, 64};
  options.compressed = std::move(compressed);
  options.shift = shift;
  return u_net(options);
}

TEST(Work, SevenLevelUNetsCostWhatTheirPairsSave) {
  const Streamed full = streamed(seven_levels({}));
  EXPECT_EQ(full.work.total(), 90'440);
  EXPECT_EQ(full.rates.period, 1);
  struct Row {
    std::vector<std::int32_t> compressed;
    double average, critical;  ///< critical: with the compressed part shifted by one frame
  };
  const std::vector<Row> rows = {{{1}, 50.0, 0.1},    {{2}, 50.5, 1.1},    {{3}, 52.0, 4.0},
                                 {{4}, 55.0, 10.0},   {{5}, 60.9, 21.9},   {{6}, 72.8, 45.7},
                                 {{7}, 88.7, 77.4},   {{1, 3}, 26.1, 0.1}, {{2, 4}, 28.0, 1.1},
                                 {{1, 5}, 30.5, 0.1}, {{3, 6}, 38.4, 4.0}, {{1, 2, 3}, 13.3, 0.1}};
  for (const Row &row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.compressed));
    const Streamed predicted = streamed(seven_levels(row.compressed));
    EXPECT_EQ(share(predicted.work.average(), 90'440), row.average);
    EXPECT_EQ(predicted.work.peak(), 90'440) << "all rates meet";
    EXPECT_EQ(predicted.work.critical_peak(), 90'440);
    EXPECT_EQ(predicted.rates.period, std::int64_t{1} << row.compressed.size());

    const Graph shifted_graph = seven_levels(row.compressed, 1);
    const Streamed shifted = streamed(shifted_graph);
    EXPECT_EQ(share(shifted.work.average(), 90'440), row.average);
    EXPECT_EQ(share(shifted.work.critical_peak(), 90'440), row.critical);
    EXPECT_EQ(shifted.rates.of(shifted_graph.outputs[0]).offset, 0) << "no latency";
  }
}

/// Five levels: phases, latency and elements of the rings.
struct ToyRow {
  std::vector<std::int32_t> compressed;
  std::int32_t shift, late;
  std::int64_t latency;
  std::vector<double> phases;
  std::int64_t elements;
};

TEST(Work, FiveLevelUNetsHaveTheirPhases) {
  const std::vector<ToyRow> rows = {
      {{}, 0, 0, 0, {1.0}, 222},
      {{1}, 0, 0, 0, {1.0, 0.009}, 222},
      {{3}, 0, 0, 0, {1.0, 0.185}, 222},
      {{1, 3}, 0, 0, 0, {1.0, 0.009, 0.185, 0.009}, 222},
      {{2}, 0, 1, 1, {0.055, 1.0}, 222},
      {{2}, 1, 0, 0, {0.055, 1.0}, 222},
      {{1, 3}, 1, 0, 0, {0.009, 0.185, 0.009, 1.0}, 222},
      {{2}, 2, 0, 0, {1.0, 0.055}, 228},
      {{1, 3}, 4, 0, 0, {1.0, 0.009, 0.185, 0.009}, 226},
  };
  for (const ToyRow &row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.compressed) + " shift " + std::to_string(row.shift) + " late " +
                 std::to_string(row.late));
    UNetOptions options{{6, 8, 10, 12, 12}, row.compressed, row.shift, row.late, 4, 48};
    const Graph graph = u_net(options);
    const Streamed net = streamed(graph);
    EXPECT_EQ(net.rates.of(graph.outputs[0]).offset, row.latency);
    const double full =
        static_cast<double>(*std::max_element(net.work.phases.begin(), net.work.phases.end()));
    std::vector<double> phases;
    for (const std::int64_t macs : net.work.phases) {
      phases.push_back(std::round(1000.0 * static_cast<double>(macs) / full) / 1000.0);
    }
    EXPECT_EQ(phases, row.phases);
    std::int64_t elements = 0;
    for (const Ring &ring : net.rings.rings) elements += ring.length * ring.element_bytes;  // int8
    EXPECT_EQ(elements, row.elements);
  }
}

TEST(Work, AStrideAloneLeavesAPeakAndLowersTheAverage) {
  GraphBuilder builder;
  TensorId x = builder.input({1, 32, 1, 4});
  x = causal_conv(builder, x, 4, 3);     // 48 in every step
  x = causal_conv(builder, x, 8, 3, 2);  // 96 in every second
  x = causal_conv(builder, x, 8, 2, 2);  // 128 in every fourth
  const Streamed net = streamed(builder.build({x}));
  EXPECT_EQ(net.work.phases, (std::vector<std::int64_t>{272, 48, 144, 48}));
  EXPECT_EQ(net.work.average(), 128.0);
}

}  // namespace
}  // namespace thimble::test
