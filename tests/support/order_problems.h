// Order problems for tests and benchmarks: random ones, cell networks, random-wired networks.
#pragma once

#include <algorithm>
#include <set>
#include <utility>

#include "support/random.h"
#include "thimble/plan/order.h"

namespace thimble::test {

/// Any executable graph: several network inputs and outputs, tensors that nobody reads, inputs named twice,
/// empty tensors, workspace, in-place permissions.
inline OrderProblem random_order_problem(Random &random, int count) {
  OrderProblem problem;
  const int inputs = random.integer(0, 2);
  for (int i = 0; i < inputs; ++i) problem.tensors.push_back({random.integer(0, 30), random.chance(15)});
  const int density = random.integer(10, 55);
  const bool in_place = random.chance(60), workspace = random.chance(40);
  for (int i = 0; i < count; ++i) {
    OrderOp op;
    for (std::int32_t t = 0; t < static_cast<std::int32_t>(problem.tensors.size()); ++t) {
      if (!random.chance(density)) continue;
      op.inputs.push_back(t);
      if (random.chance(5)) op.inputs.push_back(t);
    }
    if (in_place) {
      for (std::size_t j = 0; j < op.inputs.size(); ++j) op.in_place.push_back(random.chance(50) ? 1 : 0);
    }
    op.output = static_cast<std::int32_t>(problem.tensors.size());
    if (workspace) op.workspace = random.integer(0, 25);
    problem.tensors.push_back({random.chance(20) ? 0 : random.integer(1, 50), random.chance(12)});
    problem.ops.push_back(std::move(op));
  }
  return problem;
}

/// Builds networks in which every operator makes one tensor.
class NetworkBuilder {
 public:
  std::int32_t add(std::vector<std::int32_t> inputs, std::int64_t bytes) {
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    problem_.ops.push_back({std::move(inputs), static_cast<std::int32_t>(problem_.tensors.size()), 0, {}});
    problem_.tensors.push_back({bytes, false});
    return problem_.ops.back().output;
  }
  OrderProblem finish(std::int32_t output) {
    problem_.tensors[static_cast<std::size_t>(output)].kept = true;
    return std::move(problem_);
  }

 private:
  OrderProblem problem_;
};

/// NASNet-like cells: each reads the two cells before it; a block joins two chains of operators that begin at
/// earlier blocks; the cell's output concatenates its blocks.
inline OrderProblem cell_network(Random &random, int cells, int blocks, int chain) {
  NetworkBuilder network;
  std::int32_t before = network.add({}, blocks * 100), last = network.add({before}, blocks * 100);
  for (int cell = 0; cell < cells; ++cell) {
    std::vector<std::int32_t> sources{network.add({before}, 100), network.add({last}, 100)}, joined;
    for (int block = 0; block < blocks; ++block) {
      std::int32_t x = random.pick(sources), y = random.pick(sources);
      for (int i = 0; i < chain; ++i) x = network.add({x}, 100);
      for (int i = 0; i < chain; ++i) y = network.add({y}, 100);
      sources.push_back(network.add({x, y}, 100));
      joined.push_back(sources.back());
    }
    before = last;
    last = network.add(joined, blocks * 100);
  }
  return network.finish(last);
}

/// Watts-Strogatz networks as in random-wired networks: a ring of `count` nodes, each joined to its two next
/// ones, three quarters of the edges rewired; edges point to the higher number.
inline OrderProblem random_wired(Random &random, int count) {
  std::set<std::pair<int, int>> edges;
  for (int from = 0; from < count; ++from) {
    for (int step = 1; step <= 2; ++step) {
      int to = (from + step) % count;
      if (random.chance(75)) {
        do {
          to = random.integer(0, count - 1);
        } while (to == from || edges.count({std::min(from, to), std::max(from, to)}) != 0);
      }
      edges.insert({std::min(from, to), std::max(from, to)});
    }
  }
  NetworkBuilder network;
  const std::int32_t source = network.add({}, 100);
  std::vector<std::int32_t> nodes, ends;
  for (int node = 0; node < count; ++node) {
    std::vector<std::int32_t> inputs;
    bool read = false;
    for (const auto &[from, to] : edges) {
      if (to == node) inputs.push_back(nodes[static_cast<std::size_t>(from)]);
      read = read || from == node;
    }
    if (inputs.empty()) inputs.push_back(source);
    nodes.push_back(network.add(inputs, 100));
    if (!read) ends.push_back(nodes.back());
  }
  return network.finish(network.add(ends, 100));
}

}  // namespace thimble::test
