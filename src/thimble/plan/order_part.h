// A part of an order problem that is solved alone, with what both searches need to know about it.
#pragma once

#include "thimble/plan/op_set.h"
#include "thimble/plan/order.h"

namespace thimble {

/// Operators between two moments that every order passes through. All numbers are local to the part.
struct OrderPart {
  struct Tensor {
    std::int64_t bytes = 0;
    bool dies = false;      ///< its last reader is in this part
    bool arrives = false;   ///< live when the part begins
    bool persists = false;  ///< somebody wants it after its producer
    std::int32_t producer = -1;
    std::vector<std::int32_t> readers;
  };
  struct Read {
    std::int32_t tensor = 0;
    bool in_place = false;
  };
  struct Op {
    std::int32_t id = 0;  ///< in the problem
    std::vector<Read> reads;
    std::int32_t output = 0;
    std::int64_t workspace = 0;
  };
  std::vector<Op> ops;  ///< in an executable order
  std::vector<Tensor> tensors;
  OpSets before;                ///< per operator: those in this part that must have run
  OpSets readers;               ///< per tensor
  std::int64_t passing = 0;     ///< bytes of tensors that are live throughout and that nobody here reads
  std::int64_t start_live = 0;  ///< live when the part begins, with `passing`

  const Tensor &tensor(std::int32_t id) const { return tensors[static_cast<std::size_t>(id)]; }
  bool ready(const Word *done, std::size_t op) const;
};

/// Bytes while an operator runs and after it.
struct OrderStep {
  std::int64_t during = 0, after = 0;
};

/// What running `op` costs after the operators `done`, when `live` bytes are live.
OrderStep step_of(const OrderPart &part, const Word *done, std::int64_t live, std::size_t op);

/// Cuts the problem where every order passes through one state: before and after an operator that is an
/// ancestor or a descendant of every other one.
std::vector<OrderPart> cut_into_parts(const OrderProblem &problem);

struct PartOrder {
  std::vector<std::int32_t> order;  ///< local numbers
  std::int64_t peak = 0;
  std::int64_t lower_bound = 0;  ///< of this part
  std::int64_t states = 0;
};

/// The best of a fixed number of greedy runs, at least one; stops at `floor`.
PartOrder greedy_order(const OrderPart &part, std::int64_t floor);

/// For each operator, the least live bytes of any set of finished operators after which it can run, by a
/// minimum cut; the largest of these.
std::int64_t order_bound(const OrderPart &part);

/// An order of least peak, given that peaks up to `floor` make no difference.
PartOrder search_part(const OrderPart &part, std::int64_t floor, const OrderOptions &options);

}  // namespace thimble
