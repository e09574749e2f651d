// Measures what kernels take on an emulated Cortex-M4 and writes the table that predicts it: random small
// networks under several plans, every kernel forced in turn, instructions and estimated cycles of each
// operator fitted to how often its kernel does what (schedule/kernel_cost.h). The same table at every run.
//
//   kernel_costs src/thimble/schedule/kernel_costs.inc
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "support/random_graph.h"
#include "support/stage_choice.h"
#include "thimble/plan/buffers.h"
#include "thimble/plan/candidate_orders.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/plan.h"
#include "thimble/report/execute_on.h"
#include "thimble/schedule/occurrences.h"

namespace thimble {
namespace {

using test::FilterOptions;
using test::GraphBuilder;
using test::PaddingRule;
using test::random_graph;
using test::RandomGraphOptions;

/// One operator of one program: what it does and what it took.
struct Sample {
  KernelWork work;
  std::int64_t instructions = 0, cycles = 0;
};

using GraphPtr = std::shared_ptr<const Graph>;

/// One program to measure.
struct Job {
  GraphPtr graph;
  PlanOptions plan;
  /// In each, operator i gets kernel i + turn of those that suit it; 0: all the portable ones, once.
  std::int32_t turns = 1;
  /// Above 0: operators 1 to 3 are one stage, which makes so many channels at a time; only the kernels that
  /// sum such slices are measured.
  std::int32_t slices = 0;
  /// Only kernels that widen rows; else only others.
  bool rows = false;
};

template <class T>
T pick(GraphBuilder &b, const std::vector<T> &from) {
  return from[static_cast<std::size_t>(b.random().integer(0, static_cast<int>(from.size()) - 1))];
}

/// Two weights of -128 cannot share halfwords.
void limit_weights(Graph &graph) {
  for (Tensor &tensor : graph.tensors) {
    if (!tensor.constant() || tensor.type != ElementType::int8) continue;
    Bytes bytes = *tensor.data;
    std::replace(bytes.begin(), bytes.end(), std::uint8_t{0x80}, std::uint8_t{0x81});
    tensor.data = std::make_shared<const Bytes>(std::move(bytes));
  }
}

/// Convolutions, depthwise ones and pointwise ones by turns.
Graph filters(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  const bool small = type != ElementType::int8;
  TensorId x = b.input({1, pick<std::int32_t>(b, {9, 12, 16}), pick<std::int32_t>(b, {8, 11, 16, 21}),
                        pick<std::int32_t>(b, {1, 3, 4, 8, 16})});
  const std::int32_t operators = small ? 5 : 7;
  std::vector<TensorId> filtered;
  for (std::int32_t i = 0; i < operators; ++i) {
    const std::int32_t rows = b.shape(x)[1], columns = b.shape(x)[2], channels = b.shape(x)[3];
    const std::int32_t stride = rows > 6 && columns > 6 && b.random().integer(0, 3) == 0 ? 2 : 1;
    FilterOptions options;
    options.per_channel = b.random().integer(0, 4) > 0;
    const PaddingRule padding =
        b.random().integer(0, 3) > 0 || rows < 6 || columns < 6 ? PaddingRule::same() : PaddingRule::valid();
    const auto outputs =
        pick<std::int32_t>(b, small ? std::vector<std::int32_t>{4, 6, 16}
                                    : std::vector<std::int32_t>{4, 8, 10, 16, 24, 32, 61, 64, 128});
    const int kind = b.random().integer(0, 5);
    if (kind < 2 && (!small || channels <= 16)) {
      x = b.conv_2d(x, outputs, {1, 1}, {}, {}, {}, Activation::none, options);
    } else if (kind < 4 && channels >= 4) {
      const auto size = pick<std::int32_t>(b, {3, 3, 3, 5, 2});
      x = b.depthwise_conv_2d(x, 1, {size, size}, {stride, stride}, {}, padding, Activation::none, options);
    } else {
      // Not too many products: deep maps get small filters.
      const auto size =
          channels > 32 ? Step2D{1, 3} : pick<Step2D>(b, {{3, 3}, {5, 4}, {10, 4}, {2, 2}, {7, 1}});
      if (size.rows > rows || size.columns > columns) continue;
      x = b.conv_2d(x, std::min(outputs, 32), size, {stride, stride}, {}, padding, Activation::none, options);
    }
    filtered.push_back(x);
  }
  Graph graph = b.build({x});
  if (type == ElementType::int8 && seed % 3 != 0) {
    for (const TensorId id : filtered)
      graph.tensors[static_cast<std::size_t>(id)].quantization.zero_points = {-128};  // as after a ReLU
  }
  return graph;
}

/// Images and spectra: few channels, and filters whose rows are no fours.
Graph first_layers(std::uint64_t seed) {
  GraphBuilder b(seed);
  const auto side = pick<std::int32_t>(b, {12, 16, 21, 28}), columns = pick<std::int32_t>(b, {10, 16, 24});
  const TensorId x = b.input({1, side, columns, pick<std::int32_t>(b, {1, 1, 3, 3, 2})});
  FilterOptions options;
  options.per_channel = seed % 3 != 0;
  const Step2D filter = pick<Step2D>(b, {{3, 3}, {3, 3}, {5, 5}, {7, 7}, {10, 4}});
  const Step2D stride = pick<Step2D>(b, {{1, 1}, {2, 2}, {2, 2}});
  const TensorId map = b.conv_2d(x, pick<std::int32_t>(b, {8, 16, 16, 12, 32}), filter, stride, {}, {},
                                 Activation::none, options);
  Graph graph = b.build({b.conv_2d(map, 4, {3, 3}, {2, 2})});
  if (seed % 4 != 0) graph.tensors[static_cast<std::size_t>(map)].quantization.zero_points = {-128};
  return graph;
}

/// Filters of few and many inputs, over rows that leave rests of strips.
Graph windows(std::uint64_t seed) {
  GraphBuilder b(seed);
  const TensorId x = b.input({1, pick<std::int32_t>(b, {8, 12, 16}), pick<std::int32_t>(b, {7, 16, 21, 32}),
                              pick<std::int32_t>(b, {1, 2, 3, 3, 8, 16})});
  FilterOptions options;
  options.per_channel = seed % 3 != 0;
  const Step2D filter = pick<Step2D>(b, {{3, 3}, {3, 3}, {5, 5}, {2, 2}, {7, 4}});
  const auto stride = pick<std::int32_t>(b, {1, 1, 2});
  const TensorId map = b.conv_2d(x, pick<std::int32_t>(b, {7, 8, 12, 16, 30}), filter, {stride, stride}, {},
                                 {}, Activation::none, options);
  Graph graph = b.build({b.conv_2d(map, pick<std::int32_t>(b, {6, 16, 32}), {3, 3}, {1, 1})});
  if (seed % 4 != 0) graph.tensors[static_cast<std::size_t>(map)].quantization.zero_points = {-128};
  return graph;
}

/// Depthwise convolutions whose outputs share input channels.
Graph multipliers(std::uint64_t seed) {
  GraphBuilder b(seed);
  const auto columns = pick<std::int32_t>(b, {8, 13, 20});
  const TensorId x =
      b.input({1, pick<std::int32_t>(b, {8, 12}), columns, pick<std::int32_t>(b, {2, 3, 8, 16})});
  const Step2D filter = pick<Step2D>(b, {{3, 3}, {3, 3}, {5, 5}, {8, 1}, {2, 2}});
  FilterOptions options;
  options.per_channel = seed % 4 != 0;
  const TensorId map = b.depthwise_conv_2d(x, pick<std::int32_t>(b, {2, 2, 3, 4, 6, 8}), filter, {}, {},
                                           seed % 3 == 0 ? PaddingRule::valid() : PaddingRule::same(),
                                           Activation::none, options);
  Graph graph = b.build({b.conv_2d(map, 4, {2, 2}, {2, 2})});
  if (seed % 2 == 0) graph.tensors[static_cast<std::size_t>(map)].quantization.zero_points = {-128};
  return graph;
}

/// Dense layers, of one row of features or of a few.
Graph dense(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  TensorId x = b.input({pick<std::int32_t>(b, {1, 1, 2, 5}), pick<std::int32_t>(b, {24, 64, 400, 640})});
  std::vector<TensorId> filtered;
  for (int i = 0; i < 6; ++i) {
    FilterOptions options;
    options.per_channel = i % 2 == 0;
    x = b.fully_connected(x, pick<std::int32_t>(b, {4, 8, 10, 32, 50, 128}), Activation::none, false, 0,
                          options);
    filtered.push_back(x);
  }
  Graph graph = b.build({b.softmax(x)});
  if (type == ElementType::int8 && seed % 2 == 0) {
    for (const TensorId id : filtered)
      if (id != x) graph.tensors[static_cast<std::size_t>(id)].quantization.zero_points = {-128};
  }
  return graph;
}

/// Everything else, on maps.
Graph others(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  const auto channels = pick<std::int32_t>(b, {3, 8, 16, 32});
  TensorId x = b.input({1, pick<std::int32_t>(b, {8, 12}), pick<std::int32_t>(b, {8, 10, 18}), channels});
  x = b.pad(x, {0, 1, 1, 0}, {0, 1, 1, 0});
  const TensorId y = b.max_pool_2d(x, {2, 2}, {2, 2});
  const TensorId z = b.average_pool_2d(x, {3, 3}, {2, 2}, PaddingRule::same());
  const TensorId sum = b.add(y, z);
  TensorId product = b.mul(sum, b.sub(y, z));
  if (b.random().integer(0, 1) == 0) product = b.mul(product, b.constant({1, 1, 1, channels}, type));
  const TensorId both = b.concatenation({y, z}, 3);
  const TensorId larger =
      b.resize_nearest_neighbor(product, b.shape(product)[1] * 2, b.shape(product)[2] * 2);
  const TensorId turned = b.transpose(larger, {0, 2, 1, 3});
  const TensorId mean = b.mean(turned, {1, 2});
  const TensorId squeezed = b.mul(b.logistic(sum), b.leaky_relu(sum, 0.1f));
  const TensorId pooled = b.average_pool_2d(squeezed, {b.shape(squeezed)[1], b.shape(squeezed)[2]}, {1, 1});
  return b.build({b.softmax(mean), both, b.reshape(pooled, {1, channels})});
}

/// Partial sums and few channels at a time are the planner's choice: such networks give it reasons.
Graph bottlenecks(std::uint64_t seed) {
  GraphBuilder b(seed);
  TensorId x = b.input({1, 6, 6, 16});
  for (int i = 0; i < 2; ++i) {
    const TensorId wide = b.conv_2d(x, pick<std::int32_t>(b, {64, 96}), {1, 1});
    const TensorId moved = b.depthwise_conv_2d(wide, 1, {3, 3});
    const TensorId narrow = b.conv_2d(moved, 16, {1, 1});
    x = b.add(narrow, x);
  }
  return b.build({b.fully_connected(x, 10)});
}

/// What slices are for: one stage of three operators.
Graph bottleneck(std::uint64_t seed) {
  GraphBuilder b(seed);
  TensorId x = b.input({1, pick<std::int32_t>(b, {4, 6}), pick<std::int32_t>(b, {4, 9}), 8});
  x = b.conv_2d(x, pick<std::int32_t>(b, {32, 48, 96, 136}), {1, 1});
  x = b.depthwise_conv_2d(x, 1, {3, 3});
  FilterOptions options;
  options.per_channel = seed % 3 != 0;
  x = b.conv_2d(x, pick<std::int32_t>(b, {8, 11, 16, 24, 32}), {1, 1}, {}, {}, {}, Activation::none, options);
  Graph graph = b.build({x});
  if (seed % 4 == 0) graph.tensors[static_cast<std::size_t>(x)].quantization.zero_points = {-128};
  return graph;
}

/// Pools whose columns fold, where the planner computes pixel by pixel.
Graph pools(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  TensorId x = b.input(
      {1, pick<std::int32_t>(b, {9, 12}), pick<std::int32_t>(b, {10, 17}), pick<std::int32_t>(b, {1, 4})});
  const Step2D stride = b.random().integer(0, 1) == 0 ? Step2D{1, 1} : Step2D{2, 2};
  x = b.conv_2d(x, pick<std::int32_t>(b, {8, 14, 32}), {3, 3});
  x = b.max_pool_2d(x, {3, 3}, {1, 1}, PaddingRule::same());
  x = b.average_pool_2d(x, pick<Step2D>(b, {{3, 3}, {2, 2}}), stride, PaddingRule::same());
  return b.build({b.conv_2d(x, 4, {1, 1})});
}

/// Dense layers on the channels of a map, as those are made: parts of their sums.
Graph heads(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  const TensorId x = b.input({1, pick<std::int32_t>(b, {6, 10}), pick<std::int32_t>(b, {5, 8}), 1});
  const TensorId map = b.conv_2d(x, pick<std::int32_t>(b, {6, 8, 17, 24}), {3, 3});
  return b.build({b.fully_connected(map, pick<std::int32_t>(b, {4, 10, 35}))});
}

/// Operands that repeat, slices and conversions. Conversions to unsigned data come from signed and back.
Graph rarities(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  const auto channels = pick<std::int32_t>(b, {3, 8, 16, 30});
  const auto rows = pick<std::int32_t>(b, {5, 9}), columns = pick<std::int32_t>(b, {8, 12});
  const TensorId x = b.input({1, rows, columns, channels});
  const auto constant = [&] { return b.constant({1, 1, 1, channels}, type); };
  const TensorId sum = b.add(x, constant());
  const TensorId product = b.mul(b.sub(sum, constant()), constant());
  std::vector<TensorId> outputs{
      b.strided_slice(product, {{0, 1, 1, 0}, {1, 1, 1, 1}, {1, rows - 2, columns - 2, channels}, {}}),
      b.strided_slice(product, {{0, 0, 1, 0}, {1, 2, 2, 1}, {1, (rows + 1) / 2, columns / 2, channels}, {}})};
  if (type == ElementType::float32) {
    outputs.push_back(b.dequantize(b.quantize(sum)));
    outputs.push_back(b.dequantize(b.quantize(sum, ElementType::int16)));
  } else {
    outputs.push_back(b.dequantize(sum));
    for (const ElementType to : {ElementType::int8, ElementType::int16, ElementType::int32})
      outputs.push_back(b.quantize(sum, to, 0.01f));
  }
  if (type == ElementType::int8) {
    const TensorId u = b.quantize(product, ElementType::uint8, 0.02f, 128);
    outputs.insert(outputs.end(), {b.dequantize(u), b.quantize(u)});
  }
  return b.build(outputs);
}

/// Transposed convolutions as decoders have them, from few channels to many and back.
Graph decoders(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  TensorId x = b.input({1, pick<std::int32_t>(b, {4, 6}), pick<std::int32_t>(b, {3, 5, 8}),
                        pick<std::int32_t>(b, {2, 8, 13})});
  for (int i = 0; i < 2; ++i) {
    const Step2D filter = pick<Step2D>(b, {{2, 2}, {3, 3}, {4, 4}, {1, 4}}),
                 stride = pick<Step2D>(b, {{1, 2}, {2, 2}});
    const Step2D size{b.shape(x)[1] * stride.rows, b.shape(x)[2] * stride.columns};
    x = b.transpose_conv(x, pick<std::int32_t>(b, {3, 4, 8, 17}), filter, stride, size,
                         {(filter.rows - 1) / 2, 0, (filter.columns - 1) / 2, 0});
    x = b.leaky_relu(x, 0.1f);
  }
  return b.build({x});
}

/// Memories over one step and over several; their states are inputs here.
Graph memories(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  const TensorId x = b.input({1, pick<std::int32_t>(b, {1, 1, 4, 7}), pick<std::int32_t>(b, {5, 16, 40})});
  return b.build({b.lstm_output(b.lstm_cells(x, pick<std::int32_t>(b, {6, 16, 33})))});
}

std::vector<Job> all_jobs() {
  std::vector<Job> jobs;
  const auto add = [&](Graph graph, std::int32_t turns, bool all_plans) {
    if (turns > 0) limit_weights(graph);
    const auto shared = std::make_shared<const Graph>(std::move(graph));
    for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines, PlanSpace::all}) {
      PlanOptions plan;
      plan.space = space;
      if (all_plans || space == PlanSpace::whole) jobs.push_back({shared, plan, turns});
    }
    PlanOptions fed;
    fed.input = InputMode::rows;
    if (turns == 1 && all_plans) jobs.push_back({shared, fed, turns});
  };
  for (std::uint64_t seed = 1; seed <= 9; ++seed) add(filters(seed, ElementType::int8), 7, true);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) add(first_layers(seed), 7, true);
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    Graph graph = windows(seed);
    limit_weights(graph);
    const auto shared = std::make_shared<const Graph>(std::move(graph));
    for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines}) {
      Job job{shared, {}, 10};
      job.plan.space = space;
      job.rows = true;
      jobs.push_back(job);
    }
  }
  for (std::uint64_t seed = 1; seed <= 12; ++seed) add(multipliers(seed), 7, true);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) add(dense(seed, ElementType::int8), 7, false);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) add(others(seed, ElementType::int8), 1, true);
  for (std::uint64_t seed = 1; seed <= 2; ++seed) add(bottlenecks(seed), 2, true);
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    Graph graph = bottleneck(seed);
    limit_weights(graph);
    jobs.push_back({std::make_shared<const Graph>(std::move(graph)), {}, 1, 4 << (seed % 4)});
  }
  for (const ElementType type : {ElementType::int16, ElementType::float32}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) add(filters(seed, type), 1, true);
    add(dense(1, type), 1, false);
    add(dense(2, type), 1, false);
    add(others(1, type), 1, true);
    // Plans of such networks sum in parts what few of the above do.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      RandomGraphOptions options;
      options.type = type;
      add(random_graph(seed, options), 0, true);
    }
  }
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      add(pools(seed, type), 0, true);
      add(heads(seed, type), 0, true);
      add(rarities(seed, type), 0, true);
    }
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      add(decoders(seed, type), 0, true);
      if (type != ElementType::int16) add(memories(seed, type), 0, false);
    }
  }
  return jobs;
}

void force_kernels(Schedule &schedule, std::int32_t turn, bool rows) {
  for (std::size_t id = 0; id < schedule.graph->ops.size(); ++id) {
    const std::span<const KernelVariant> variants = kernel_variants(schedule.graph->ops[id]);
    std::vector<std::int32_t> kernels;
    for (std::size_t v = 0; v < variants.size(); ++v) {
      if ((kernel_code(variants[v]) == "rows") == rows) kernels.push_back(static_cast<std::int32_t>(v));
    }
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const std::size_t next = (id + static_cast<std::size_t>(turn) + i) % kernels.size();
      if (use_kernel(schedule, static_cast<OpId>(id), kernels[next])) break;
    }
  }
}

/// What each operator does; nothing where it has several kernels.
std::vector<KernelWork> work_of(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<Occurrence>> occurrences = find_occurrences(schedule);
  std::vector<KernelWork> sums(graph.ops.size());
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    KernelWork &sum = sums[id];
    for (const Occurrence &in : occurrences[id]) {
      const StageOp &own = schedule.stages[static_cast<std::size_t>(in.stage)].ops[in.position];
      const KernelVariant &variant = kernel_variants(graph.ops[id])[static_cast<std::size_t>(own.variant)];
      for (const auto &[size, times] : in.tiles) {
        KernelWork work = kernel_work(graph, graph.ops[id], variant, size);
        for (WorkCount &count : work.counts) count.times *= times;
        if (sum.kernel.empty()) {
          sum = std::move(work);
        } else if (sum.kernel != work.kernel) {
          sum = {"several", {}};
        } else {
          for (std::size_t i = 0; i < sum.counts.size(); ++i) sum.counts[i].times += work.counts[i].times;
        }
      }
    }
  }
  return sums;
}

Result<void> add_samples(const report::Network &network, std::vector<Sample> &samples) {
  const auto program = report::emit_network(network);
  if (!program) return tl::unexpected(program.error());
  const auto figures =
      report::count_operators(network, *program, report::random_inputs(*network.graph, 1, 1), {});
  if (!figures) return tl::unexpected(figures.error());
  const std::vector<KernelWork> works = work_of(network.schedule);
  for (const report::OperatorFigures &one : *figures) {
    if (one.op < 0 || works[static_cast<std::size_t>(one.op)].counts.empty()) continue;
    samples.push_back({works[static_cast<std::size_t>(one.op)], one.instructions, one.cycles_estimate});
  }
  return {};
}

/// Both widths of the kernel for slices, with sums of 4 and 3 bytes by turns.
Result<std::vector<Sample>> measure_slices(const Job &job, report::Network &network) {
  constexpr OpId kSliced = 3;
  StageChoice choice{1, kSliced, {Grain::slices}};
  choice.form.channels = job.slices;
  std::vector<Sample> samples, all;
  for (choice.form.sum_bytes = 3; choice.form.sum_bytes <= 4; ++choice.form.sum_bytes) {
    network.schedule = test::schedule_of(job.graph, candidate_orders(*job.graph)[0], choice);
    if (auto ok = plan_buffers(network.schedule, {}); !ok) return tl::unexpected(ok.error());
    const std::span<const KernelVariant> variants = kernel_variants(job.graph->op(kSliced));
    for (std::size_t v = 1; v < variants.size(); ++v) {
      if (!variants[v].partial_reduction ||
          !use_kernel(network.schedule, kSliced, static_cast<std::int32_t>(v)))
        continue;
      if (auto ok = add_samples(network, all); !ok) return tl::unexpected(ok.error());
    }
  }
  for (Sample &sample : all) {
    if (sample.work.kernel.ends_with("slices")) samples.push_back(std::move(sample));
  }
  return samples;
}

Result<std::vector<Sample>> measure(const Job &job, const Profile &profile) {
  report::Network network;
  network.options.name = "measured";
  network.profile = profile;
  network.file = network.graph = job.graph;
  auto ends = match_ends(*job.graph, *job.graph);
  if (!ends) return tl::unexpected(ends.error());
  network.ends = std::move(*ends);
  if (job.slices > 0) return measure_slices(job, network);
  auto planned = search_plan(job.graph, job.plan);
  if (!planned) return tl::unexpected(planned.error());
  network.schedule = std::move(planned->schedule);
  std::vector<Sample> samples;
  for (std::int32_t turn = 0; turn < std::max(job.turns, 1); ++turn) {
    if (job.turns > 0) force_kernels(network.schedule, turn, job.rows);
    if (auto ok = add_samples(network, samples); !ok) return tl::unexpected(ok.error());
  }
  return samples;
}
using Row = std::vector<double>;

/// Least squares: solves for the columns in `used`, by the normal equations; a trace of ridge regression
/// keeps columns that always go together apart.
Row solve(const std::vector<Row> &rows, const Row &values, const std::vector<std::size_t> &used) {
  const std::size_t n = used.size();
  std::vector<Row> system(n, Row(n + 1, 0.0));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) system[i][j] += rows[r][used[i]] * rows[r][used[j]];
      system[i][n] += rows[r][used[i]] * values[r];
    }
  }
  for (std::size_t i = 0; i < n; ++i) system[i][i] *= 1.0 + 1e-7;
  for (std::size_t i = 0; i < n; ++i) {  // positive definite: no pivoting
    for (std::size_t k = i + 1; k < n; ++k) {
      const double factor = system[k][i] / system[i][i];
      for (std::size_t j = i; j <= n; ++j) system[k][j] -= factor * system[i][j];
    }
  }
  Row solution(n, 0.0);
  for (std::size_t i = n; i-- > 0;) {
    double rest = system[i][n];
    for (std::size_t j = i + 1; j < n; ++j) rest -= system[i][j] * solution[j];
    solution[i] = rest / system[i][i];
  }
  return solution;
}

double dot(const Row &a, const Row &b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The same without negative coefficients, after Lawson and Hanson: more work never takes less.
Row solve_positive(const std::vector<Row> &rows, const Row &values, std::size_t columns) {
  Row solution(columns, 0.0);
  std::vector<std::size_t> used;
  for (std::size_t round = 0; round < 3 * columns; ++round) {
    // The column that the residuals ask for most, whatever its unit.
    std::size_t best = columns;
    double most = 1e-9;
    for (std::size_t c = 0; c < columns; ++c) {
      if (std::find(used.begin(), used.end(), c) != used.end()) continue;
      double gradient = 0, square = 0;
      for (std::size_t r = 0; r < rows.size(); ++r) {
        gradient += rows[r][c] * (values[r] - dot(rows[r], solution));
        square += rows[r][c] * rows[r][c];
      }
      if (square == 0 || gradient / std::sqrt(square) <= most) continue;
      most = gradient / std::sqrt(square);
      best = c;
    }
    if (best == columns) break;
    used.push_back(best);
    for (;;) {
      const Row wanted = solve(rows, values, used);
      // As far towards it as nothing becomes negative; what becomes 0 is left out.
      double part = 1;
      for (std::size_t i = 0; i < used.size(); ++i) {
        const double now = solution[used[i]];
        if (wanted[i] <= 0) part = std::min(part, now / (now - wanted[i]));
      }
      for (std::size_t i = 0; i < used.size(); ++i)
        solution[used[i]] += part * (wanted[i] - solution[used[i]]);
      if (part == 1) break;
      std::erase_if(used, [&](std::size_t c) {
        if (solution[c] < 1e-9) solution[c] = 0;
        return solution[c] == 0;
      });
    }
  }
  return solution;
}

/// Rows relative to the value measured, so that small tiles count as much as large ones.
Row fit(const std::vector<Sample> &samples, std::int64_t Sample::*measured) {
  std::vector<Row> rows;
  for (const Sample &sample : samples) {
    Row row;
    for (const WorkCount &count : sample.work.counts)
      row.push_back(static_cast<double>(count.times) / static_cast<double>(sample.*measured));
    rows.push_back(std::move(row));
  }
  return solve_positive(rows, Row(rows.size(), 1.0), rows[0].size());
}

double largest_error(const std::vector<Sample> &samples, std::int64_t Sample::*measured, const Row &fitted,
                     double &mean) {
  double largest = 0;
  mean = 0;
  for (const Sample &sample : samples) {
    double predicted = 0;
    for (std::size_t i = 0; i < fitted.size(); ++i)
      predicted += fitted[i] * static_cast<double>(sample.work.counts[i].times);
    const double error = std::abs(predicted / static_cast<double>(sample.*measured) - 1.0);
    largest = std::max(largest, error);
    mean += error / static_cast<double>(samples.size());
  }
  return largest;
}

void write_table(const std::map<std::string, std::vector<Sample>> &by_kernel, std::ostream &table) {
  table << "// Written by bench/kernel_costs.cc: kernel, what it does, instructions and cycles of it in "
           "thousandths.\n"
           "// clang-format off\n";
  std::printf("%-32s %8s | instructions: mean, largest error | cycles\n", "kernel", "samples");
  for (const auto &[kernel, samples] : by_kernel) {
    const Row instructions = fit(samples, &Sample::instructions), cycles = fit(samples, &Sample::cycles);
    double mean = 0, mean_cycles = 0;
    const double largest = largest_error(samples, &Sample::instructions, instructions, mean);
    const double largest_cycles = largest_error(samples, &Sample::cycles, cycles, mean_cycles);
    std::printf("%-32s %8zu | %5.1f %% %5.1f %% | %5.1f %% %5.1f %%\n", kernel.c_str(), samples.size(),
                100 * mean, 100 * largest, 100 * mean_cycles, 100 * largest_cycles);
    for (std::size_t i = 0; i < instructions.size(); ++i) {
      table << "{\"" << kernel << "\", \"" << samples[0].work.counts[i].what << "\", "
            << std::llround(1000 * instructions[i]) << ", " << std::llround(1000 * cycles[i]) << "},\n";
    }
  }
}

int measure_all(const std::string &path) {
  const auto profile = load_profile("cortex-m4");
  if (!profile) return std::cerr << profile.error().text() << "\n", 1;
  const std::vector<Job> jobs = all_jobs();
  std::vector<Result<std::vector<Sample>>> results(jobs.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) results[i] = measure(jobs[i], *profile);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  for (std::thread &thread : threads) thread.join();
  std::map<std::string, std::vector<Sample>> by_kernel;
  for (const auto &result : results) {
    if (!result) return std::cerr << result.error().text() << "\n", 1;
    for (const Sample &sample : *result) by_kernel[sample.work.kernel].push_back(sample);
  }
  std::ofstream table(path);
  write_table(by_kernel, table);
  return table.good() ? 0 : 1;
}

}  // namespace
}  // namespace thimble

int main(int argc, char **argv) {
  if (argc != 2) return std::cerr << "usage: kernel_costs OUTPUT\n", 2;
  return thimble::measure_all(argv[1]);
}
