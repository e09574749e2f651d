#include <algorithm>
#include <functional>

#include "thimble/schedule/nest_build.h"

namespace thimble::nest {
namespace {

class Simplifier {
 public:
  explicit Simplifier(Stage &program) : program_(program), known_(program.expressions.size(), -1) {}

  void run() {
    for (Function &function : program_.functions) function.body = simplified(std::move(function.body));
    do {
      remove_unread();
    } while (inline_once());
    settle_roles();
  }

 private:
  using Block = std::vector<Statement>;

  Expression &at(Ref ref) { return program_.expressions[static_cast<std::size_t>(ref)]; }
  Variable &variable(Var v) { return program_.variables[static_cast<std::size_t>(v)]; }

  Ref constant(std::int64_t value) {
    Expression e;
    e.value = value;
    program_.expressions.push_back(e);
    known_.push_back(static_cast<Ref>(program_.expressions.size() - 1));
    return known_.back();
  }

  /// The same value, as seen while the program ran, with less arithmetic.
  Ref simplified(Ref ref) {
    if (ref < 0) return ref;
    if (known_[static_cast<std::size_t>(ref)] >= 0) return known_[static_cast<std::size_t>(ref)];
    const Ref result = simplify(ref);
    known_[static_cast<std::size_t>(ref)] = result;
    known_[static_cast<std::size_t>(result)] = result;
    return result;
  }

  Ref simplify(Ref ref) {
    const Expression e = at(ref);
    if (e.constant()) return ref;
    if (e.count == 0) return constant(0);  // never reached
    if (e.least == e.most) return constant(e.least);
    switch (e.kind) {
      case Kind::min:
        if (e.a_below) return simplified(e.a);
        if (e.b_below) return simplified(e.b);
        break;
      case Kind::max:
        if (e.b_below) return simplified(e.a);
        if (e.a_below) return simplified(e.b);
        break;
      case Kind::select:
        if (at(e.b).count == 0 && !at(e.b).constant()) return simplified(e.c);
        if (at(e.c).count == 0 && !at(e.c).constant()) return simplified(e.b);
        if (const Ref condition = simplified(e.a); at(condition).constant())
          return simplified(at(condition).value != 0 ? e.b : e.c);
        break;
      case Kind::scale:
      case Kind::floor_div:
        if (e.value == 1) return simplified(e.a);
        break;
      case Kind::add:
        return sum(ref);
      default:
        break;
    }
    Expression result = e;
    result.a = simplified(e.a);
    result.b = simplified(e.b);
    result.c = simplified(e.c);
    at(ref) = result;
    return ref;
  }

  /// x + constant, constants gathered.
  Ref sum(Ref ref) {
    Expression e = at(ref);
    e.a = simplified(e.a);
    e.b = simplified(e.b);
    if (at(e.a).constant()) std::swap(e.a, e.b);
    if (at(e.b).constant()) {
      std::int64_t value = at(e.b).value;
      if (at(e.a).kind == Kind::add && at(at(e.a).b).constant()) {
        value += at(at(e.a).b).value;
        e.a = at(e.a).a;
      }
      if (value == 0) return e.a;
      e.b = constant(value);
    }
    at(ref) = e;
    return ref;
  }

  Block simplified(Block block) {
    Block out;
    for (Statement &s : block) {
      if (s.entries == 0) continue;
      s.value = simplified(s.value);
      s.condition = simplified(s.condition);
      s.next = simplified(s.next);
      s.part_begin = simplified(s.part_begin);
      s.part_end = simplified(s.part_end);
      for (Ref &ref : s.arguments) ref = simplified(ref);
      for (Ref &ref : s.tile) ref = simplified(ref);
      s.body = simplified(std::move(s.body));
      add(out, std::move(s));
    }
    return out;
  }

  static Statement assignment(Var variable, Ref value) {
    Statement s;
    s.variable = variable;
    s.value = value;
    s.entries = 1;
    s.changes = true;
    return s;
  }
  static void append(Block &out, Block body) { std::move(body.begin(), body.end(), std::back_inserter(out)); }

  void add(Block &out, Statement s) {
    switch (s.kind) {
      case Statement::Kind::assign:
        if (s.changes) out.push_back(std::move(s));
        return;
      case Statement::Kind::branch:
        if (s.rounds == 0) return;
        if (s.rounds == s.entries && at(s.condition).constant()) return append(out, std::move(s.body));
        out.push_back(std::move(s));
        return;
      case Statement::Kind::loop:
        add_loop(out, std::move(s));
        return;
      default:
        out.push_back(std::move(s));
    }
  }

  void add_loop(Block &out, Statement s) {
    if (s.most_rounds > 1) {
      out.push_back(std::move(s));
      return;
    }
    if (s.value >= 0 && s.changes) out.push_back(assignment(s.variable, s.value));
    if (s.most_rounds == 0) return;
    s.body.push_back(assignment(s.variable, s.next));
    if (s.least_rounds == 1) return append(out, std::move(s.body));
    s.kind = Statement::Kind::branch;
    s.variable = -1;
    s.value = -1;
    s.next = -1;
    out.push_back(std::move(s));
  }

  // ---- what nobody reads

  void count(Ref ref) {
    if (ref < 0) return;
    const Expression &e = at(ref);
    if (e.kind == Kind::variable) ++reads_[static_cast<std::size_t>(e.variable)];
    count(e.a);
    count(e.b);
    count(e.c);
  }

  void count(const Block &block) {
    for (const Statement &s : block) {
      if (s.kind == Statement::Kind::assign) {
        // A counter that nobody reads but its own step is not read.
        int &own = reads_[static_cast<std::size_t>(s.variable)];
        const int before = own;
        count(s.value);
        own = before;
        continue;
      }
      count(s.value);
      count(s.condition);
      count(s.next);
      count(s.part_begin);
      count(s.part_end);
      for (Ref ref : s.tile) count(ref);
      for (Ref ref : s.arguments) count(ref);
      count(s.body);
    }
  }

  void count_reads() {
    reads_.assign(program_.variables.size(), 0);
    for (const Function &function : program_.functions) count(function.body);
  }

  bool prune(Block &block) {
    bool changed = false;
    for (std::size_t i = 0; i < block.size();) {
      Statement &s = block[i];
      changed = prune(s.body) || changed;
      const bool unread =
          s.kind == Statement::Kind::assign && reads_[static_cast<std::size_t>(s.variable)] == 0;
      const bool nothing = s.kind == Statement::Kind::branch && s.body.empty();
      if (unread || nothing) {
        block.erase(block.begin() + static_cast<std::ptrdiff_t>(i));
        changed = true;
      } else {
        ++i;
      }
    }
    return changed;
  }

  /// Drops the parameters of a function that it does not read, with their arguments.
  bool drop_parameters(std::size_t f) {
    std::vector<Var> &parameters = program_.functions[f].parameters;
    bool changed = false;
    for (std::size_t i = parameters.size(); i-- > 0;) {
      if (reads_[static_cast<std::size_t>(parameters[i])] > 0) continue;
      parameters.erase(parameters.begin() + static_cast<std::ptrdiff_t>(i));
      for (Function &function : program_.functions) drop_argument(function.body, f, i);
      changed = true;
    }
    return changed;
  }

  static void drop_argument(Block &block, std::size_t f, std::size_t argument) {
    for (Statement &s : block) {
      drop_argument(s.body, f, argument);
      if (s.kind != Statement::Kind::call || s.local != static_cast<std::int32_t>(f)) continue;
      s.arguments.erase(s.arguments.begin() + static_cast<std::ptrdiff_t>(argument));
    }
  }

  void remove_unread() {
    for (bool changed = true; changed;) {
      count_reads();
      changed = false;
      for (Function &function : program_.functions) changed = prune(function.body) || changed;
      for (std::size_t f = 0; f < program_.functions.size(); ++f) changed = drop_parameters(f) || changed;
    }
  }

  // ---- what is read once

  struct Use {
    int assigns = 0, functions = 0, last_function = -1;
    Ref value = -1;
  };

  void find_uses(const Block &block, int function, std::vector<Use> &uses) {
    const auto touch = [&](Var v) {
      Use &use = uses[static_cast<std::size_t>(v)];
      if (use.last_function != function) ++use.functions;
      use.last_function = function;
    };
    const std::function<void(Ref)> read = [&](Ref ref) {
      if (ref < 0) return;
      if (at(ref).kind == Kind::variable) touch(at(ref).variable);
      read(at(ref).a);
      read(at(ref).b);
      read(at(ref).c);
    };
    for (const Statement &s : block) {
      for (Ref ref : {s.value, s.condition, s.next, s.part_begin, s.part_end}) read(ref);
      for (Ref ref : s.tile) read(ref);
      for (Ref ref : s.arguments) read(ref);
      if (s.variable >= 0) {
        touch(s.variable);
        Use &use = uses[static_cast<std::size_t>(s.variable)];
        use.assigns += s.kind == Statement::Kind::assign ? 1 : 2;
        use.value = s.value;
      }
      find_uses(s.body, function, uses);
    }
  }

  std::vector<Use> find_uses() {
    std::vector<Use> uses(program_.variables.size());
    for (std::size_t f = 0; f < program_.functions.size(); ++f)
      find_uses(program_.functions[f].body, static_cast<int>(f), uses);
    return uses;
  }

  /// Scopes depend on loop indices only, which stay while the scopes are used: a scope that main reads once
  /// needs no name. One at a time, since uses change.
  bool inline_once() {
    const std::vector<Use> uses = find_uses();
    count_reads();
    for (std::size_t v = 0; v < uses.size(); ++v) {
      const Use &use = uses[v];
      if (program_.variables[v].role != Role::scope || use.assigns != 1 || use.functions != 1) continue;
      const bool trivial = at(use.value).kind == Kind::variable || at(use.value).constant();
      if (reads_[v] != 1 && !trivial) continue;
      for (Expression &e : program_.expressions) {
        if (e.kind == Kind::variable && e.variable == static_cast<Var>(v)) e = at(use.value);
      }
      return true;
    }
    return false;
  }

  void settle_roles() {
    const std::vector<Use> uses = find_uses();
    const int main = static_cast<int>(program_.functions.size()) - 1;
    for (std::size_t v = 0; v < uses.size(); ++v) {
      Variable &variable = program_.variables[v];
      const bool only_main = uses[v].functions == 1 && uses[v].last_function == main;
      const bool persists = variable.role == Role::state && (program_.row_fed != kNone || program_.called);
      if (variable.role == Role::local || variable.role == Role::parameter || uses[v].functions == 0)
        continue;
      variable.role = only_main && !persists ? Role::local : Role::state;
      if (variable.role == Role::state) program_.cursors.push_back(static_cast<Var>(v));
    }
    std::stable_sort(program_.cursors.begin(), program_.cursors.end(),
                     [&](Var a, Var b) { return is_wide(variable(a)) && !is_wide(variable(b)); });
  }

  Stage &program_;
  std::vector<Ref> known_;
  std::vector<int> reads_;
};

}  // namespace

void simplify(Stage &program) {
  Simplifier(program).run();
}

}  // namespace thimble::nest
