#include "thimble/write/operator_target.h"

#include <algorithm>

namespace thimble::tflite {
namespace {

/// Rows or columns of TensorFlow Lite's SAME, before and after; the odd one goes after.
struct Same {
  std::int32_t before, after;
};
Same same(std::int32_t length, std::int32_t filter, std::int32_t stride, std::int32_t dilation) {
  const std::int64_t positions = (length + stride - 1) / stride;
  const std::int64_t reach = (positions - 1) * stride + (std::int64_t{filter} - 1) * dilation + 1;
  const auto total = static_cast<std::int32_t>(std::max<std::int64_t>(reach - length, 0));
  return {total / 2, total - total / 2};
}

}  // namespace

void OperatorTarget::add_integers(const char *meaning, const std::vector<std::int32_t> &values) {
  const auto length = static_cast<std::int32_t>(values.size());
  inputs.push_back(file_.add_integers(output().name + "/" + meaning, values, {length}));
}

void OperatorTarget::add_pairs(const char *meaning, const std::vector<std::int32_t> &values) {
  const auto rows = static_cast<std::int32_t>(values.size() / 2);
  inputs.push_back(file_.add_integers(output().name + "/" + meaning, values, {rows, 2}));
}

Padding2D same_padding(const Shape &map, Step2D filter, Step2D stride, Step2D dilation) {
  const Same rows = same(map[1], filter.rows, stride.rows, dilation.rows),
             columns = same(map[2], filter.columns, stride.columns, dilation.columns);
  return {rows.before, rows.after, columns.before, columns.after};
}

bool OperatorTarget::pad(const Padding2D &padding, Step2D filter, Step2D stride, Step2D dilation, bool zeros,
                         schema::Padding &written) {
  written = schema::Padding::VALID;
  if (padding == Padding2D{}) return true;
  if (padding == same_padding(input(0).shape, filter, stride, dilation)) {
    written = schema::Padding::SAME;
    return true;
  }
  if (!zeros)
    return refuse("has padding that is neither SAME nor VALID, which a file cannot say of this operator");
  pad_in_front({0, 0, padding.top, padding.bottom, padding.left, padding.right, 0, 0});
  return true;
}

void OperatorTarget::pad_in_front(const std::vector<std::int32_t> &amounts) {
  Tensor padded = input(0);
  padded.name = output().name + "/padded";
  for (std::size_t a = 0; a < padded.shape.size(); ++a)
    padded.shape[a] += amounts[2 * a] + amounts[2 * a + 1];
  const std::int32_t paddings = file_.add_integers(padded.name + "/paddings", amounts,
                                                   {static_cast<std::int32_t>(amounts.size() / 2), 2});
  const std::int32_t id = file_.add_tensor(padded);
  OperatorTarget usual(graph_, op_, file_);
  usual.version_by_type();
  file_.add_operator("PAD", usual.version, {inputs[0], paddings}, {id});
  inputs[0] = id;
}

void OperatorTarget::version_by_type() {
  const ElementType type = input(0).type;
  version = type == ElementType::int16 ? 3 : type == ElementType::int8 ? 2 : 1;
}

bool OperatorTarget::refuse(std::string reason, std::string hint) {
  error_.lines.push_back(at_op(graph_, op_, std::move(reason), std::move(hint)));
  return false;
}

schema::ActivationFunctionType activation_code(Activation activation) {
  switch (activation) {
    case Activation::none:
      return schema::ActivationFunctionType::NONE;
    case Activation::relu:
      return schema::ActivationFunctionType::RELU;
    case Activation::relu_n1_to_1:
      return schema::ActivationFunctionType::RELU_N1_TO_1;
    case Activation::relu6:
      return schema::ActivationFunctionType::RELU6;
  }
  return schema::ActivationFunctionType::NONE;
}

}  // namespace thimble::tflite
