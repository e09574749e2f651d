// The order of operators that needs the least memory: a pure algorithm on an abstract graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thimble {

struct OrderTensor {
  std::int64_t bytes = 0;
  bool kept = false;  ///< lives to the end: a network output
};

struct OrderOp {
  std::vector<std::int32_t> inputs;  ///< tensors that are read; one may be named twice
  std::int32_t output = 0;           ///< the tensor that is written
  std::int64_t workspace = 0;        ///< bytes needed only while the operator runs
  /// Per input (or empty for none): the output may take its place if it dies with this operator, so that only
  /// the larger of the two counts.
  std::vector<char> in_place;
};

/// Operators in an order in which they can be executed. Each tensor has one producer at most; one without is
/// a network input, which lives from the start to its last reader.
struct OrderProblem {
  std::vector<OrderTensor> tensors;
  std::vector<OrderOp> ops;
};

struct OrderOptions {
  std::int64_t states = 500'000;  ///< limit of stored states, of each part that is searched alone
  std::int64_t beam = 1'000;      ///< states kept per level beyond that limit
};

struct OrderResult {
  std::vector<std::int32_t> order;
  std::int64_t peak = 0;         ///< of this order
  std::int64_t lower_bound = 0;  ///< no order has a smaller peak
  bool exact = false;            ///< the peak is the lower bound
  std::int64_t states = 0;       ///< stored by the search; 0 when greedy runs met the bound
};

/// Most bytes that are live at once when the operators run in this order.
std::int64_t peak_of(const OrderProblem &problem, std::span<const std::int32_t> order);

/// An order of least peak, as far as the limit allows. Deterministic.
OrderResult search_order(const OrderProblem &problem, const OrderOptions &options = {});

}  // namespace thimble
