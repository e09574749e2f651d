// Small networks that remember: one by a variable, one by an operator.
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

/// y = x + what x was one inference before; int8 [1,2] -> int8 [1,2], all with scale 0.5 and zero point 0.
/// CALL_ONCE runs the second subgraph, which makes the first value {10, -20}.
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

enum SvdfTensor { kSvdfX, kFeatures, kTimes, kSvdfBias, kMemory, kY };

/// x [1,2] -> SVDF of 4 filters, 2 of which make one output, over 3 inferences -> y [1,2], int8 with a memory
/// of int16. All scales are 1.
inline ModelBuilder svdf_model() {
  ModelBuilder b;
  b.int8("x", {1, 2}, 1.0f);
  b.int8("features", {4, 2}, 1.0f);
  b.fill(kFeatures, {1, 0, 0, 1, 1, 1, 2, 0});
  b.add_tensor("times", schema::TensorType::INT16, {4, 3});
  b.quantize(kTimes, {1.0f}, {0});
  b.fill(kTimes, bytes_of(std::vector<std::int16_t>{0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, -1}));
  b.int32_constant("bias", {2}, {5, 7});
  b.add_tensor("memory", schema::TensorType::INT16, {1, 12});
  b.quantize(kMemory, {1.0f}, {0});
  b.tensor(kMemory).is_variable = true;
  b.int8("y", {1, 2}, 1.0f);
  schema::SVDFOptionsT options;
  options.rank = 2;
  options.fused_activation_function = schema::ActivationFunctionType::RELU;
  b.add_op(kSvdf, {kSvdfX, kFeatures, kTimes, kSvdfBias, kMemory}, {kY}, options);
  b.ends({kSvdfX}, {kY});
  return b;
}

}  // namespace thimble::test
