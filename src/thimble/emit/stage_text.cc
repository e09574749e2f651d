#include "thimble/emit/stage_text.h"

#include <algorithm>
#include <limits>

#include "thimble/emit/render_memory.h"
#include "thimble/graph/rules.h"
#include "thimble/schedule/cursors.h"

namespace thimble {
namespace {

using nest::Expression;
using nest::Kind;
using nest::Ref;
using nest::Role;
using nest::Statement;

std::string describe(const Tensor &tensor) {
  return std::string(name_of(tensor.type)) + " " + c_text::shape(tensor.shape);
}

class Printer {
 public:
  Printer(Program &program, std::int32_t index, const nest::Stage &stage)
      : program_(program),
        schedule_(program.schedule),
        graph_(*program.schedule.graph),
        index_(index),
        stage_(stage),
        ops_(program.schedule.stages[static_cast<std::size_t>(index)].ops),
        fed_(stage.functions.size(), false) {
    // A function that reaches the row-fed input returns 0 when it must wait for a row.
    for (std::size_t f = 0; f < stage.functions.size(); ++f) {
      fed_[f] = static_cast<std::int32_t>(f) == stage.row_fed || calls_fed(stage.functions[f].body);
      counts_.push_back(reaches_cursors(stage.functions[f].body));
    }
  }

  Result<StageText> text() {
    StageText out;
    out.name = "stage_" + std::to_string(index_);
    for (std::size_t f = 0; f < stage_.functions.size(); ++f) {
      if (stage_.functions[f].body.empty()) continue;
      const bool main = f + 1 == stage_.functions.size();
      if (Result<void> ok = add_function(out, f, main); !ok) return tl::unexpected(ok.error());
    }
    if (!stage_.cursors.empty()) out.definitions = cursor_struct();
    return out;
  }

 private:
  bool calls_fed(const std::vector<Statement> &block) const {
    return std::any_of(block.begin(), block.end(), [&](const Statement &s) {
      return (s.kind == Statement::Kind::call && fed_[static_cast<std::size_t>(s.local)]) ||
             calls_fed(s.body);
    });
  }

  bool reads_cursor(Ref ref) const {
    if (ref < 0) return false;
    const Expression &e = stage_.at(ref);
    if (e.kind == Kind::variable && is_cursor(e.variable)) return true;
    return reads_cursor(e.a) || reads_cursor(e.b) || reads_cursor(e.c);
  }
  bool is_cursor(nest::Var v) const {
    return v >= 0 && stage_.variables[static_cast<std::size_t>(v)].role == Role::state;
  }
  /// Whether a function or one that it calls touches the stage's cursors.
  bool reaches_cursors(const std::vector<Statement> &block) const {
    return std::any_of(block.begin(), block.end(), [&](const Statement &s) {
      const auto any = [&](const std::vector<Ref> &refs) {
        return std::any_of(refs.begin(), refs.end(), [&](Ref ref) { return reads_cursor(ref); });
      };
      return is_cursor(s.variable) || any({s.value, s.condition, s.next, s.part_begin, s.part_end}) ||
             any(s.tile) || any(s.arguments) ||
             (s.kind == Statement::Kind::call && counts_[static_cast<std::size_t>(s.local)]) ||
             reaches_cursors(s.body);
    });
  }

  OpId op_id(std::int32_t local) const { return ops_[static_cast<std::size_t>(local)].op; }
  std::string label(OpId op) const {
    std::size_t stages = 0;
    for (const Stage &stage : schedule_.stages) {
      stages += static_cast<std::size_t>(std::count_if(stage.ops.begin(), stage.ops.end(),
                                                       [&](const StageOp &other) { return other.op == op; }));
    }
    return "op_" + std::to_string(op) + (stages > 1 ? "_in_" + std::to_string(index_) : "");
  }
  std::string function_name(std::int32_t local) const {
    return "stage_" + std::to_string(index_) + "_op_" + std::to_string(op_id(local));
  }

  // ---- expressions

  std::string helper(const char *name) {
    program_.headers.insert("thimble_loops.h");
    return name;
  }

  std::string place(nest::Var v) {
    const nest::Variable &variable = stage_.variables[static_cast<std::size_t>(v)];
    if (variable.role != Role::state) return variable.name;
    return (in_main_ && !cursors_in_arena() ? "at." : "at->") + variable.name;
  }

  Term term(Ref ref) {
    const Expression &e = stage_.at(ref);
    switch (e.kind) {
      case Kind::constant:
        return number(e.value);
      case Kind::variable:
        return bounded(place(e.variable), e, 2);
      case Kind::add:
        return narrowed(term(e.a) + term(e.b), e);
      case Kind::subtract:
        return narrowed(term(e.a) - term(e.b), e);
      case Kind::scale:
        return narrowed(term(e.a) * number(e.value), e);
      case Kind::floor_div: {
        const Term a = term(e.a);
        if (a.least >= 0) return narrowed(quotient(a, e.value), e);
        return bounded(helper("thimble_floor_div") + ("(" + a.text + ", " + c_text::number(e.value)) + ")", e,
                       2);
      }
      case Kind::min:
        return bounded(helper("thimble_least") + ("(" + term(e.a).text) + ", " + term(e.b).text + ")", e, 2);
      case Kind::max:
        return bounded(helper("thimble_most") + ("(" + term(e.a).text) + ", " + term(e.b).text + ")", e, 2);
      case Kind::select:
        return bounded("(" + condition(e.a) + " ? " + term(e.b).text + " : " + term(e.c).text + ")", e, 2);
      case Kind::less:
        return bounded("(" + condition(ref) + ")", e, 2);
    }
    return number(0);
  }

  static Term bounded(std::string text, const Expression &e, int binding) {
    // What was seen is what happens: the same firings in every run.
    return {std::move(text), e.least, e.most, binding};
  }
  static Term narrowed(Term term, const Expression &e) {
    if (e.count == 0) return term;
    term.least = std::max(term.least, e.least);
    term.most = std::min(term.most, e.most);
    return term;
  }

  std::string condition(Ref ref) {
    const Expression &e = stage_.at(ref);
    if (e.kind == Kind::less) return term(e.a).text + " < " + term(e.b).text;
    if (e.kind == Kind::min) return "(" + condition(e.a) + " && " + condition(e.b) + ")";
    if (e.kind == Kind::max) return "(" + condition(e.a) + " || " + condition(e.b) + ")";
    return term(ref).text;
  }

  // ---- functions

  bool cursors_in_arena() const { return cursors() != nullptr; }
  const Buffer *cursors() const { return cursors_of(schedule_, index_); }

  /// A row-fed stage that is ever left before its end.
  bool remembers_progress() const {
    return std::any_of(stage_.cursors.begin(), stage_.cursors.end(), [&](nest::Var v) {
      return stage_.variables[static_cast<std::size_t>(v)].name == "begun";
    });
  }

  std::string cursor_type() const { return "stage_" + std::to_string(index_) + "_cursors"; }

  std::string cursor_struct() const {
    std::string out = "/* How far stage " + std::to_string(index_) +
                      (stage_.called ? " has come: calls, as far as its elements of time are told apart."
                                     : " has come: row_3 is the next row of operator 3, and so on.") +
                      " */\ntypedef struct {\n";
    for (nest::Var v : stage_.cursors) {
      const nest::Variable &variable = stage_.variables[static_cast<std::size_t>(v)];
      out += std::string("  ") + (nest::is_wide(variable) ? "int32_t " : "int16_t ") + variable.name + ";\n";
    }
    return out + "} " + cursor_type() + ";\n\n";
  }

  Result<void> add_function(StageText &out, std::size_t f, bool main) {
    const nest::Function &function = stage_.functions[f];
    const std::int32_t local = static_cast<std::int32_t>(f);
    in_main_ = main;
    error_ = {};
    definitions_.clear();
    uses_arena_ = false;
    comment_ = op_comment(local);
    CodeLines code;
    single_.clear();
    count_assigns(function.body);
    CodeLines body;
    print(body, function.body);
    if (!error_) return error_;
    std::string parameters;
    for (nest::Var v : function.parameters)
      parameters += ", int32_t " + stage_.variables[static_cast<std::size_t>(v)].name;
    const bool fed = fed_[f];
    const bool hands_out = stage_.called && is_output();
    const std::string row = fed ? ", int32_t number, const " + row_type() + " *given" : caller_parameter();
    const std::string result = fed || hands_out ? "static int " : "static void ";
    const std::string cursors_parameter = main || !counts_[f] ? "" : ", " + cursor_type() + " *at";
    const std::string name = main ? "stage_" + std::to_string(index_) : function_name(local);
    code.open(result + name + "(" + inner_arena_argument(program_) + cursors_parameter + row + parameters +
              ")");
    if (main && !stage_.cursors.empty()) {
      if (cursors_in_arena()) {
        code.line(cursor_type() + " *const at = (" + cursor_type() + " *)(" +
                  inner_arena_base(schedule_, cursors()->region) + " + " +
                  offset_name(schedule_, *cursors()) + ");");
      } else {
        code.line(cursor_type() + " at;");
      }
      if (remembers_progress()) code.line("if (number == 0) at->begun = 0;");
    }
    if (hands_out) code.line("int due = 0;");
    for (nest::Var v : hoisted_)
      code.line("int32_t " + stage_.variables[static_cast<std::size_t>(v)].name + ";");
    hoisted_.clear();
    code.add(body.text());
    if (!uses_arena_) code.line("(void)arena;");
    if (fed) code.line("return 1;");
    if (hands_out) code.line("return due;");
    code.close();
    const bool computes = computes_;
    out.computes = out.computes || computes;
    std::string head = comment_;
    if (main) head = stage_head() + head;
    out.functions +=
        block_comment(head) + definitions_ + (definitions_.empty() ? "" : "\n") + code.text() + "\n";
    out.traces += traces_;
    out.comment += (out.comment.empty() ? "" : "\n") + head;
    traces_.clear();
    return {};
  }

  std::string stage_head() const {
    const Stage &stage = schedule_.stages[static_cast<std::size_t>(index_)];
    if (stage.loops.empty()) return "";
    std::string loops;
    for (const Loop &loop : stage.loops) {
      loops += (loops.empty() ? "" : ", ") + std::string(name_of(loop.level)) +
               (loop.reduction ? "s of the sum" : "s") + " by " + c_text::number(loop.step);
    }
    return "Stage " + std::to_string(index_) + ", driven by the operator below in " + loops + ".\n";
  }

  std::string row_type() const {
    return c_text::type_of(graph_.tensor(graph_.op(op_id(stage_.row_fed)).output()).type);
  }

  // ---- what the caller of a stream hands in and takes out in a call

  bool is_output() const { return contains(graph_.outputs, graph_.op(op_id(0)).output()); }

  /// "given", the frame, or "taken", where an element of the output goes.
  std::string caller_parameter() const {
    if (!stage_.called) return "";
    const Op &op = graph_.op(op_id(0));
    const std::string type = c_text::type_of(graph_.tensor(op.output()).type);
    if (op.is<Input>()) return ", const " + type + " *given";
    return is_output() ? ", " + type + " *taken" : "";
  }

  /// Copies the element of time that is made between the caller's memory and its place.
  void exchange(CodeLines &code, const FiringText &firing, bool arrives) {
    OpEmission copy(program_, firing, label(firing.op));
    const TimeSpan &time = schedule_.time->tensors[static_cast<std::size_t>(copy.op().output())];
    Layout element = Layout::whole(copy.output());
    element.fold[static_cast<std::size_t>(time.axis)] = time.grain;
    const Access caller = Access::same(arrives ? "given" : "taken", element);
    const Access place = copy.output_access();
    const std::vector<Access> arrays =
        arrives ? std::vector<Access>{caller, place} : std::vector<Access>{place, caller};
    const std::vector<BoxAxis> box = copy.box();
    const Run run = find_run(box, arrays, [](const auto &steps) { return steps[1] == 1; });
    const int bits = 8 * size_of(copy.output().type);
    emit_runs(copy.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
      copy.call("thimble_movement.h", "thimble_copy_" + std::to_string(bits),
                {count.text, at[0], c_text::number(run.steps[0]), at[1]});
    });
    code.add(copy.body());
    uses_arena_ = true;
  }

  // ---- statements

  void count_assigns(const std::vector<Statement> &block) {
    for (const Statement &s : block) {
      if (s.variable >= 0) ++single_[s.variable];
      count_assigns(s.body);
    }
  }

  void assign(CodeLines &code, nest::Var v, Ref value) {
    const nest::Variable &variable = stage_.variables[static_cast<std::size_t>(v)];
    const Term e = term(value);
    if (variable.role == Role::state) {
      const std::string target = place(v);
      if (nest::is_wide(variable) || e.constant()) {
        code.line(target + " = " + e.text + ";");
      } else {
        code.line(target + " = (int16_t)" + atom(e) + ";");
      }
      return;
    }
    if (single_[v] == 1) {
      code.line("const int32_t " + variable.name + " = " + e.text + ";");
      return;
    }
    hoist(v);
    code.line(variable.name + " = " + e.text + ";");
  }

  void hoist(nest::Var v) {
    if (std::find(hoisted_.begin(), hoisted_.end(), v) == hoisted_.end()) hoisted_.push_back(v);
  }

  std::string assignment(nest::Var v, Ref value) {
    const nest::Variable &variable = stage_.variables[static_cast<std::size_t>(v)];
    const Expression &e = stage_.at(value);
    const bool increments = e.kind == Kind::add && stage_.at(e.a).kind == Kind::variable &&
                            stage_.at(e.a).variable == v && stage_.at(e.b).constant();
    if (increments && stage_.at(e.b).value == 1) return "++" + place(v);
    const Term next = term(value);
    if (variable.role == Role::state && !nest::is_wide(variable) && !next.constant())
      return place(v) + " = (int16_t)" + atom(next);
    if (increments) return place(v) + " += " + term(e.b).text;
    return place(v) + " = " + next.text;
  }

  void print(CodeLines &code, const std::vector<Statement> &block) {
    for (const Statement &s : block) {
      if (!error_) return;
      print(code, s);
    }
  }

  void print(CodeLines &code, const Statement &s) {
    switch (s.kind) {
      case Statement::Kind::assign:
        assign(code, s.variable, s.value);
        return;
      case Statement::Kind::branch:
        code.open("if (" + condition(s.condition) + ")");
        print(code, s.body);
        code.close();
        return;
      case Statement::Kind::loop: {
        const nest::Variable &variable = stage_.variables[static_cast<std::size_t>(s.variable)];
        const bool own = variable.role == Role::local && s.value >= 0 && single_[s.variable] == 1;
        if (!own && variable.role == Role::local) hoist(s.variable);
        const std::string first = s.value < 0 ? "" : place(s.variable) + " = " + term(s.value).text;
        const std::string stop = condition(s.condition);
        code.open("for (" + std::string(own ? "int32_t " : "") + first + "; " + stop + "; " +
                  assignment(s.variable, s.next) + ")");
        print(code, s.body);
        code.close();
        return;
      }
      case Statement::Kind::call: {
        const bool fed = fed_[static_cast<std::size_t>(s.local)];
        uses_arena_ = true;
        std::string call = function_name(s.local) + "(arena";
        if (counts_[static_cast<std::size_t>(s.local)])
          call += in_main_ && !cursors_in_arena() ? ", &at" : ", at";
        if (fed) call += ", number, given";
        for (Ref argument : s.arguments) call += ", " + term(argument).text;
        code.line(fed ? "if (!" + call + ")) return 0;" : call + ");");
        return;
      }
      case Statement::Kind::fire:
        fire(code, s);
        return;
    }
  }

  /// Bounds that are long are named, since they are used more than once.
  Term bound(CodeLines &code, Ref ref, const std::string &name) {
    Term e = term(ref);
    if (e.constant() || e.text.size() <= 24) return e;
    code.line("const int32_t " + name + " = " + e.text + ";");
    return named(name, e.least, e.most);
  }

  void fire(CodeLines &code, const Statement &s) {
    const OpId id = op_id(s.local);
    const nest::FireFacts &facts = stage_.facts[static_cast<std::size_t>(s.local)];
    FiringText firing{index_, id, {}, {}, number(0), number(1), &facts};
    const std::size_t rank = s.tile.size() / 2;
    for (std::size_t a = 0; a < rank; ++a) {
      const std::string axis = "tile_" + std::to_string(a);
      firing.begin.push_back(bound(code, s.tile[2 * a], axis + "_begin"));
      firing.end.push_back(bound(code, s.tile[2 * a + 1], axis + "_end"));
      const nest::AxisFacts &seen = facts.tile[a];
      clip(firing.begin.back(), seen.least_begin, seen.most_begin);
      clip(firing.end.back(), seen.least_end, seen.most_end);
    }
    firing.part_begin = bound(code, s.part_begin, "part_begin");
    firing.part_end = bound(code, s.part_end, "part_end");
    OpEmission emission(program_, firing, label(id));
    const Op &op = graph_.op(id);
    if (s.local == stage_.row_fed) {
      wait_for_row(code, firing);
    }
    if (error_) {
      error_ = std::visit([&](const auto &kind) { return emitters::emit_op(kind, emission); }, op.attributes);
    }
    if (!error_) return;
    emission.finish();
    const std::string trace = trace_line(firing);
    code.line(trace);
    traces_ += "  " + trace + "\n";
    code.add(emission.body());
    if (stage_.called && op.is<Input>()) exchange(code, firing, true);
    if (stage_.called && is_output()) {
      exchange(code, firing, false);
      code.line("due = 1;");
    }
    definitions_ += emission.definitions();
    uses_arena_ = uses_arena_ || emission.computes();
    computes_ = computes_ || emission.computes();
  }

  static void clip(Term &term, std::int64_t least, std::int64_t most) {
    term.least = std::max(term.least, least);
    term.most = std::min(term.most, most);
    if (term.constant()) term = number(term.least);
  }

  /// The caller pushes rows in order; a tile of several rows waits for the last of them.
  void wait_for_row(CodeLines &code, const FiringText &firing) {
    const Tensor &input = graph_.tensor(graph_.op(firing.op).output());
    const int axis = axis_with(AxisRole::row, input.rank());
    uses_arena_ = true;
    computes_ = true;
    // The trace comes when the rows are there, too late for what their arrival costs.
    code.line("MARK(" + std::to_string(firing.op) + ");");
    if (axis == kNone) {
      code.line("(void)number;");
      OpEmission arrival(program_, firing, label(firing.op));
      emit_arrival(arrival, true);
      code.add(arrival.body());
      return;
    }
    const auto a = static_cast<std::size_t>(axis);
    const bool one = firing.facts->tile[a].most_size == 1;
    if (one) code.line("if (number < " + firing.begin[a].text + ") return 0;");
    OpEmission arrival(program_, firing, label(firing.op));
    emit_arrival(arrival, one);
    if (!one) code.open("if (number >= " + firing.begin[a].text + ")");
    code.add(arrival.body());
    if (!one) {
      code.close();
      code.line("if (number < " + (firing.end[a] - number(1)).text + ") return 0;");
    }
  }

  void emit_arrival(OpEmission &arrival, bool one) {
    const Tensor &input = arrival.output();
    const int axis = axis_with(AxisRole::row, input.rank());
    std::vector<BoxAxis> box = arrival.box();
    if (!one) {
      BoxAxis &rows = box[static_cast<std::size_t>(axis)];
      // One row of the tile: the one that is given. Every row of it in turn.
      rows.begin = named("number", 0, std::int64_t{input.shape[static_cast<std::size_t>(axis)]} - 1);
      rows.end = rows.begin + number(1);
      std::vector<BoxAxis> all = box;
      for (BoxAxis &side : box) side.ranges.clear();
      for (std::size_t f = 0; f < all[0].ranges.size(); ++f) {
        const Range range = all[static_cast<std::size_t>(axis)].ranges[f];
        for (std::int32_t r = range.begin; r < range.end; ++r) {
          for (std::size_t i = 0; i < box.size(); ++i)
            box[i].ranges.push_back(static_cast<int>(i) == axis ? Range{r, r + 1} : all[i].ranges[f]);
        }
      }
    }
    Layout row = Layout::whole(input);
    for (int a = 0; a <= axis; ++a) row.fold[static_cast<std::size_t>(a)] = 1;
    const std::vector<Access> arrays{Access::same("given", row), arrival.output_access()};
    const Run run = find_run(box, arrays, [](const auto &steps) { return steps[1] == 1; });
    const int bits = 8 * size_of(input.type);
    emit_runs(arrival.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
      arrival.call("thimble_movement.h", "thimble_copy_" + std::to_string(bits),
                   {count.text, at[0], c_text::number(run.steps[0]), at[1]});
    });
  }

  static std::string trace_line(const FiringText &firing) {
    std::string line = "TRACE(" + std::to_string(firing.op) + ", " + firing.part_begin.text + ", " +
                       firing.part_end.text + ", " + std::to_string(firing.begin.size());
    for (std::size_t a = 0; a < firing.begin.size(); ++a)
      line += ", " + firing.begin[a].text + ", " + firing.end[a].text;
    if (firing.begin.empty()) line += ", 0";
    return line + ");";
  }

  // ---- comments

  std::string place_text(TensorId id) const {
    const Buffer *buffer = buffer_of(schedule_, id, index_);
    if (buffer == nullptr) return " constant";
    const bool whole = buffer->layout.is_whole();
    return (whole ? " at " : ", " + layout_text(buffer->layout) + " at ") + c_text::number(buffer->offset) +
           ".." + c_text::number(buffer->offset + buffer->size - 1);
  }

  std::string op_comment(std::int32_t local) const {
    const OpId id = op_id(local);
    const Op &op = graph_.op(id);
    const nest::FireFacts &facts = stage_.facts[static_cast<std::size_t>(local)];
    const bool looped = !schedule_.stages[static_cast<std::size_t>(index_)].loops.empty();
    std::string out =
        looped ? "Operator " + std::to_string(id) + ": " + name_of(op)
               : "Stage " + std::to_string(index_) + ", operator " + std::to_string(id) + ": " + name_of(op);
    std::int64_t count = 0;
    // Of a stream, those of one call.
    const std::size_t counted = stage_.called ? 1 : facts.tiles.size();
    for (std::size_t f = 0; f < counted; ++f) count += macs(graph_, op, facts.tiles[f], facts.parts[f]);
    if (count > 0) out += ", " + c_text::grouped(count) + " multiply-accumulates";
    if (facts.firings > 1 && !stage_.called) out += ", in " + c_text::grouped(facts.firings) + " tiles";
    for (TensorId input : op.inputs) {
      if (input == kNone || graph_.tensor(input).constant()) continue;
      out += "\n  reads  " + describe(graph_.tensor(input)) + place_text(input);
    }
    return out + "\n  writes " + describe(graph_.tensor(op.output())) + place_text(op.output()) + " " +
           c_text::quoted(graph_.tensor(op.output()).name);
  }

  Program &program_;
  const Schedule &schedule_;
  const Graph &graph_;
  std::int32_t index_;
  const nest::Stage &stage_;
  const std::vector<StageOp> &ops_;
  std::vector<bool> fed_;     ///< per function: waits for rows of the input
  std::vector<bool> counts_;  ///< per function: needs the cursors
  bool in_main_ = false, uses_arena_ = false, computes_ = false;
  std::map<nest::Var, int> single_;  ///< assignments in the present function
  std::vector<nest::Var> hoisted_;
  std::string definitions_, comment_, traces_;
  Result<void> error_;
};

Result<void> check_cursors(const Schedule &schedule, std::int32_t index, const nest::Stage &stage) {
  const std::int64_t need = nest::cursor_bytes(stage);
  const Buffer *buffer = cursors_of(schedule, index);
  const std::string place =
      "stage " + std::to_string(index) + " needs " + std::to_string(need) + " bytes of cursors";
  if (buffer == nullptr) {
    if ((stage.row_fed != kNone || stage.called) && need > 0)
      return failure(place + ", which must stay between " + (stage.called ? "calls" : "rows") +
                     ", and has no buffer for them");
    if (need > kMostLocalCursors) return failure(place + " and has no buffer for them");
    return {};
  }
  if (buffer->size < need) return failure(place + ", but its buffer has " + std::to_string(buffer->size));
  if (buffer->offset % nest::cursor_alignment(stage) != 0)
    return failure(place + ", and their buffer is misaligned");
  return {};
}

}  // namespace

Result<StageText> stage_text(Program &program, std::int32_t index, const nest::Stage &stage) {
  if (!stage.computes) return StageText{};
  if (Result<void> ok = check_cursors(program.schedule, index, stage); !ok) return tl::unexpected(ok.error());
  return Printer(program, index, stage).text();
}

}  // namespace thimble
