// The emitter's inside: what the operators' emitters (ops/<kind>.cc) put the program together with.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "thimble/emit/box_loops.h"
#include "thimble/emit/c_text.h"
#include "thimble/emit/emit.h"
#include "thimble/schedule/nest.h"
#include "thimble/schedule/variant.h"

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
  std::vector<ConstantTable> tables = {};  ///< in order of first use
  std::map<TensorId, std::string> raw_tables =
      {};  ///< symbols of constant tensors that are in `tables` as they are
  std::map<std::string, std::size_t> own_tables = {};  ///< of operators: index into `tables` by symbol
  std::set<std::string> headers = {};                  ///< of the runtime, e.g. "thimble_conv.h"
  std::set<std::string> kernels = {};  ///< functions of the runtime, e.g. "thimble_conv_2d_s8"
  std::int32_t row_fed_stage = kNone;  ///< the stage whose input the caller hands in row by row
  OpId row_fed_input = kNone;
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
  const std::string &lines() const { return lines_; }

 private:
  Fields &text(std::string_view name, const std::string &value);
  int nested_;
  std::string lines_;
};

/// What an operator's emitter is asked for: one statement that fires it, for all its firings in a stage.
struct FiringText {
  std::int32_t stage = 0;
  OpId op = kNone;
  std::vector<Term> begin, end;                       ///< of the tile, per axis of the output
  Term part_begin = number(0), part_end = number(1);  ///< of the reduction
  const nest::FireFacts *facts = nullptr;
};

/// One operator's part of a stage.
class OpEmission {
 public:
  OpEmission(Program &program, const FiringText &firing, std::string label)
      : program_(program), firing_(firing), label_(std::move(label)) {}

  const Graph &graph() const { return *program_.schedule.graph; }
  const EmitOptions &options() const { return program_.options; }
  const Op &op() const { return graph().op(firing_.op); }
  /// The firing, or since it was split the piece of it that the statements to come are for.
  const FiringText &firing() const { return firing_; }
  const nest::FireFacts &facts() const { return *firing_.facts; }
  bool has_input(std::size_t i) const { return i < op().inputs.size() && op().inputs[i] != kNone; }
  const Tensor &input(std::size_t i) const { return graph().tensor(op().inputs[i]); }
  const Tensor &output() const { return graph().tensor(op().output()); }

  /// C expressions of pointers to input `i` (in the arena, or a constant table), to the output and to the
  /// accumulator, and how their elements lie there.
  std::string source(std::size_t i);
  std::string destination() const;
  std::string sums() const;
  /// The working memory of the operator's kernel.
  std::string scratch() const;
  /// The kernel that the schedule chose.
  const KernelVariant &variant() const;
  Layout source_layout(std::size_t i) const;
  Layout destination_layout() const;
  Layout sums_layout() const;
  /// Whether the output lies on the very bytes of input `i`, both whole.
  bool in_place(std::size_t i) const;
  /// Whether the output has bytes in common with input `i`.
  bool shares_bytes(std::size_t i) const;
  /// Whether some firing covers a part of the reduction only.
  bool sums_in_parts() const { return !firing_.facts->always_first || !firing_.facts->always_last; }
  /// Conditions of the first and last part of a reduction of `extent`.
  std::string is_first() const;
  std::string is_last(std::int32_t extent) const;

  /// For kernels that cannot do a tile at once, since its channels wrap around a slice: opens a loop over the
  /// tile's channels, or over the indices of the part of the reduction. `finish` closes it.
  void split_channels();
  void split_part();
  void finish();

  /// The output's tile as loops see it.
  std::vector<BoxAxis> box() const;
  Access output_access() const { return Access::same(destination(), destination_layout()); }

  /// Adds a constant array that belongs to this operator, once for all stages; returns its symbol.
  template <class T>
  std::string table(std::string_view suffix, std::span<const T> elements, std::string_view what);
  /// A constant tensor's own elements, shared between the operators that use it; the first one names it.
  std::string constant(TensorId id, std::string_view suffix);

  /// Adds `static const TYPE op_N_...` before the stage's functions; returns its address as an expression.
  std::string parameters(std::string_view type, const Fields &fields);
  /// The tile of a map [n, rows, columns, channels] as a thimble_tile: its address.
  std::string tile();
  /// Adds a call of a kernel that is declared in `header`.
  void call(std::string_view header, std::string_view kernel, std::initializer_list<std::string> arguments);
  /// The same as text, for the inside of loops.
  std::string call_text(std::string_view header, std::string_view kernel,
                        std::initializer_list<std::string> arguments);
  CodeLines &code() { return code_; }
  void need_kernel(std::string_view kernel) { program_.kernels.insert(std::string(kernel)); }
  void need_header(std::string_view header) { program_.headers.insert(std::string(header)); }

  tl::unexpected<Error> refuse(std::string reason, std::string hint = "") const {
    return failure(at_op(graph(), op(), std::move(reason), std::move(hint)));
  }

  const std::string &definitions() const { return definitions_; }
  const std::string &body() const { return code_.text(); }
  /// Whether there is anything to execute.
  bool computes() const { return !body().empty(); }

 private:
  const Buffer *buffer_of_sums() const;

  Program &program_;
  FiringText firing_;
  nest::FireFacts pieces_;  ///< facts of the split firing
  int splits_ = 0;
  std::string label_;  ///< "op_3" or "op_3_in_2": prefix of what belongs to this operator
  int parameter_count_ = 0;
  std::string definitions_;  ///< file scope, before the functions
  CodeLines code_;           ///< statements
};

namespace emitters {
#define THIMBLE_DECLARE_EMITTER(Kind, name) Result<void> emit_op(const Kind &, OpEmission &);
THIMBLE_OPS(THIMBLE_DECLARE_EMITTER)
#undef THIMBLE_DECLARE_EMITTER
}  // namespace emitters

/// Name of the enumerator in NAME.c that holds the offset of a buffer: "AT_3_CONV_2D", "AT_INPUT_0",
/// "AT_STATE_2", "SUMS_4_MEAN", "CURSORS_2", "CALLS" of a stream; with "_IN_2" behind it where it is private
/// to stage 2.
std::string offset_name(const Schedule &schedule, const Buffer &buffer);

/// "ring of 3 of 8 rows", "whole", ...: how a buffer folds a tensor.
std::string layout_text(const Layout &layout);

}  // namespace thimble
