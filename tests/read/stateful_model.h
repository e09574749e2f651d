// A small network that remembers: y = x + what x was one inference before.
#pragma once

#include "read/model_builder.h"

namespace thimble::test {

/// Tensors and operators of stateful_model(), by their place in the first subgraph, and those of the second.
enum StatefulTensor { kNow, kHandle, kBefore, kSumOfBoth };
enum StatefulOp { kOnceOp, kHandleOp, kReadOp, kAddOp, kAssignOp };
enum FirstValueTensor { kFirstHandle, kFirstValue };
enum FirstValueOp { kFirstHandleOp, kFirstAssignOp };

inline schema::VarHandleOptionsT variable(const std::string &name, const std::string &container = "") {
  schema::VarHandleOptionsT options;
  options.container = container;
  options.shared_name = name;
  return options;
}

/// int8 [1,2] -> int8 [1,2], all with scale 0.5 and zero point 0. CALL_ONCE runs the second subgraph, which
/// makes the first value {10, -20}.
inline ModelBuilder stateful_model() {
  ModelBuilder b;
  b.int8("now", {1, 2});
  b.add_tensor("handle", schema::TensorType::RESOURCE, {});
  b.int8("before", {1, 2});
  b.int8("sum", {1, 2});
  schema::CallOnceOptionsT once;
  once.init_subgraph_index = 1;
  b.add_op(kCallOnce, {}, {}, once);
  b.add_op(kVarHandle, {}, {kHandle}, variable("memory"));
  b.add_op(kReadVariable, {kHandle}, {kBefore});
  b.add_op(kAdd, {kNow, kBefore}, {kSumOfBoth}, schema::AddOptionsT());
  b.add_op(kAssignVariable, {kHandle, kNow}, {});
  b.ends({kNow}, {kSumOfBoth});

  b.begin_subgraph();
  b.add_tensor("first_handle", schema::TensorType::RESOURCE, {});
  b.int8("first_value", {1, 2});
  b.fill(kFirstValue, {10, 236});
  b.add_op(kVarHandle, {}, {kFirstHandle}, variable("memory"));
  b.add_op(kAssignVariable, {kFirstHandle, kFirstValue}, {});
  b.current = 0;
  return b;
}

}  // namespace thimble::test
