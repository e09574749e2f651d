#include "thimble/plan/min_cut.h"

#include <algorithm>

namespace thimble {

void FlowNetwork::add_edge(std::size_t from, std::size_t to, std::int64_t capacity) {
  edges_of_[from].push_back(edges_.size());
  edges_.push_back({to, capacity});
  edges_of_[to].push_back(edges_.size());
  edges_.push_back({from, 0});
}

bool FlowNetwork::find_levels(std::size_t source, std::size_t sink) {
  level_.assign(edges_of_.size(), -1);
  level_[source] = 0;
  std::vector<std::size_t> queue{source};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (std::size_t index : edges_of_[queue[i]]) {
      const Edge &edge = edges_[index];
      if (edge.capacity == 0 || level_[edge.to] >= 0) continue;
      level_[edge.to] = level_[queue[i]] + 1;
      queue.push_back(edge.to);
    }
  }
  return level_[sink] >= 0;
}

std::int64_t FlowNetwork::push(std::size_t node, std::size_t sink, std::int64_t limit) {
  if (node == sink) return limit;
  for (; next_[node] < edges_of_[node].size(); ++next_[node]) {
    const std::size_t index = edges_of_[node][next_[node]];
    const std::size_t to = edges_[index].to;
    if (edges_[index].capacity == 0 || level_[to] != level_[node] + 1) continue;
    const std::int64_t flow = push(to, sink, std::min(limit, edges_[index].capacity));
    if (flow == 0) continue;
    edges_[index].capacity -= flow;
    edges_[index ^ 1].capacity += flow;
    return flow;
  }
  return 0;
}

std::int64_t FlowNetwork::min_cut(std::size_t source, std::size_t sink) {
  std::int64_t total = 0;
  while (total < kInfinite && find_levels(source, sink)) {
    next_.assign(edges_of_.size(), 0);
    for (std::int64_t flow; total < kInfinite && (flow = push(source, sink, kInfinite)) > 0;) total += flow;
  }
  return total;
}

}  // namespace thimble
