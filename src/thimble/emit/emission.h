// The emitter's inside: what the operators' emitters (ops/<kind>.cc) put the program together with.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "thimble/emit/c_text.h"
#include "thimble/emit/emit.h"
#include "thimble/schedule/firing.h"

namespace thimble {

/// A constant array of the program, in flash.
struct ConstantTable {
  std::string symbol;
  std::string type;     ///< C element type
  std::string comment;  ///< what it holds; safe inside a comment
  std::string values;   ///< inside of the initialiser
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
};

/// What has been collected so far, over all stages.
struct Program {
  const Schedule &schedule;
  const EmitOptions &options;
  std::vector<ConstantTable> tables;  ///< in order of first use
  std::map<TensorId, std::string>
      raw_tables;                 ///< symbols of constant tensors that are in `tables` as they are
  std::set<std::string> headers;  ///< of the runtime, e.g. "thimble_conv.h"
  std::set<std::string> kernels;  ///< functions of the runtime, e.g. "thimble_conv_2d_s8"
};

/// C initialiser of a struct, one designated field per line.
class Fields {
 public:
  /// `nested` is the depth of the braces in which the struct stands.
  explicit Fields(int nested = 0) : nested_(nested) {}
  Fields &set(std::string_view name, std::integral auto value) { return text(name, c_text::number(value)); }
  Fields &set(std::string_view name, float value) { return text(name, c_text::number(value)); }
  Fields &set(std::string_view name, std::string_view expression) {
    return text(name, std::string(expression));
  }
  Fields &set(std::string_view name, const Fields &inner);
  /// Several on one line.
  Fields &line(std::initializer_list<std::pair<std::string_view, std::int32_t>> fields);
  Fields &set(std::string_view name, std::span<const std::int32_t> array);
  const std::string &lines() const { return lines_; }

 private:
  Fields &text(std::string_view name, const std::string &value);
  int nested_;
  std::string lines_;
};

/// One operator's part of a stage function.
class OpEmission {
 public:
  OpEmission(Program &program, const Firing &firing, std::string label)
      : program_(program), firing_(firing), label_(std::move(label)) {}

  const Graph &graph() const { return *program_.schedule.graph; }
  const Op &op() const { return graph().op(firing_.op); }
  const Firing &firing() const { return firing_; }
  bool has_input(std::size_t i) const { return i < op().inputs.size() && op().inputs[i] != kNone; }
  const Tensor &input(std::size_t i) const { return graph().tensor(op().inputs[i]); }
  const Tensor &output() const { return graph().tensor(op().output()); }

  /// C expressions of pointers to input `i` (in the arena, or a constant table) and to the output, moved by a
  /// number of elements.
  std::string source(std::size_t i, std::int64_t element = 0);
  std::string destination(std::int64_t element = 0) const;
  /// Whether the output lies on the very bytes of input `i`.
  bool in_place(std::size_t i) const;

  /// Adds a constant array that belongs to this operator; returns its symbol.
  template <class T>
  std::string table(std::string_view suffix, std::span<const T> elements, std::string_view what);
  /// A constant tensor's own elements, shared between the operators that use it; the first one names it.
  std::string constant(TensorId id, std::string_view suffix);

  /// Adds `static const TYPE op_N_...` before the stage's function; returns its address as an expression.
  std::string parameters(std::string_view type, const Fields &fields);
  /// Adds a call of a kernel that is declared in `header`.
  void call(std::string_view header, std::string_view kernel, std::initializer_list<std::string> arguments);

  tl::unexpected<Error> refuse(std::string reason, std::string hint = "") const {
    return failure(at_op(graph(), op(), std::move(reason), std::move(hint)));
  }

  const std::string &definitions() const { return definitions_; }
  const std::string &body() const { return body_; }
  /// Whether there is anything to execute.
  bool computes() const { return !body_.empty(); }

 private:
  Program &program_;
  const Firing &firing_;
  std::string label_;  ///< "op_3": prefix of what belongs to this operator
  int parameter_count_ = 0;
  std::string definitions_;  ///< file scope, before the function
  std::string body_;         ///< statements
};

namespace emitters {
#define THIMBLE_DECLARE_EMITTER(Kind, name) Result<void> emit_op(const Kind &, OpEmission &);
THIMBLE_OPS(THIMBLE_DECLARE_EMITTER)
#undef THIMBLE_DECLARE_EMITTER
}  // namespace emitters

/// Name of the enumerator in NAME.c that holds the offset of a tensor's buffer: "AT_3_CONV_2D", "AT_INPUT_0".
std::string offset_name(const Graph &graph, TensorId tensor);

}  // namespace thimble
