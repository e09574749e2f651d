// Short names of a network's parts, shared by the reports.
#pragma once

#include <string>

#include "thimble/schedule/schedule.h"

namespace thimble::report {

/// "3:CONV_2D"
std::string op_label(const Graph &graph, OpId op);

/// Names of the kernel variants that an operator has in the plan, several joined by " + ".
std::string variants_text(const Schedule &schedule, OpId op);

/// "int8 [1,28,28,1]"
std::string tensor_text(const Tensor &tensor);

/// The tensors' texts joined by " + ".
std::string tensors_text(const Graph &graph, const std::vector<TensorId> &tensors);

/// Who made the bytes of a buffer: "input 0", "3:CONV_2D", "scratch of 3:CONV_2D".
std::string buffer_label(const Graph &graph, const Buffer &buffer);

/// Network operators: all but the arrivals of inputs.
std::int64_t operator_count(const Graph &graph);

}  // namespace thimble::report
