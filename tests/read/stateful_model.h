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

/// Tensors of lstm_model(): the constants in the file's order of inputs, then the states and the output.
enum LstmTensor { kLstmX, kLstmFirstConstant, kLstmH = kLstmFirstConstant + 12, kLstmC, kLstmY };

/// x [1,steps,2] -> UNIDIRECTIONAL_SEQUENCE_LSTM of 3 units -> y [1,steps,3], float32. All weights are 0.25,
/// all biases 0.5. `inputs`: 24, or 20 as old files have them.
inline ModelBuilder lstm_model(int steps = 2, std::size_t inputs = 24) {
  ModelBuilder b;
  b.float32("x", {1, steps, 2});
  std::vector<std::int32_t> ids(inputs, -1);
  ids[0] = kLstmX;
  const auto constant = [&](std::size_t position, std::vector<std::int32_t> shape, float value) {
    const std::size_t count = shape.size() == 1 ? 3 : static_cast<std::size_t>(shape[0] * shape[1]);
    const int id = b.float32("constant" + std::to_string(position), std::move(shape));
    b.fill(id, bytes_of(std::vector<float>(count, value)));
    ids[position] = id;
  };
  for (std::size_t gate = 0; gate < 4; ++gate) constant(1 + gate, {3, 2}, 0.25f);
  for (std::size_t gate = 0; gate < 4; ++gate) constant(5 + gate, {3, 3}, 0.25f);
  for (std::size_t gate = 0; gate < 4; ++gate) constant(12 + gate, {3}, 0.5f);
  b.float32("h", {1, 3});
  b.float32("c", {1, 3});
  b.tensor(kLstmH).is_variable = b.tensor(kLstmC).is_variable = true;
  ids[18] = kLstmH;
  ids[19] = kLstmC;
  b.float32("y", {1, steps, 3});
  schema::UnidirectionalSequenceLSTMOptionsT options;
  options.fused_activation_function = schema::ActivationFunctionType::TANH;
  b.add_op(kUnidirectionalSequenceLstm, ids, {kLstmY}, options);
  b.ends({kLstmX}, {kLstmY});
  return b;
}

}  // namespace thimble::test
