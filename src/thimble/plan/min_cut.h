// Least cut between a source and a sink (Dinic's algorithm).
#pragma once

#include <cstdint>
#include <vector>

namespace thimble {

class FlowNetwork {
 public:
  static constexpr std::int64_t kInfinite = std::int64_t{1} << 60;

  explicit FlowNetwork(std::size_t nodes) : edges_of_(nodes) {}

  void add_edge(std::size_t from, std::size_t to, std::int64_t capacity);
  /// Capacity of the least cut; kInfinite or more when there is no finite one. Uses the network up.
  std::int64_t min_cut(std::size_t source, std::size_t sink);

 private:
  struct Edge {
    std::size_t to;
    std::int64_t capacity;  ///< what is left
  };
  bool find_levels(std::size_t source, std::size_t sink);
  std::int64_t push(std::size_t node, std::size_t sink, std::int64_t limit);

  std::vector<Edge> edges_;  ///< an edge and its reverse are neighbours: 2i and 2i + 1
  std::vector<std::vector<std::size_t>> edges_of_;
  std::vector<int> level_;
  std::vector<std::size_t> next_;
};

}  // namespace thimble
