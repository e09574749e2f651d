// The walk of one stage as a small program: what `for_each_firing` does by recursion over regions, written
// out as functions of integers, so that it can be emitted as loops. The enumerator stays the definition:
// `lower_stage` runs the program against it, firing by firing, and what it sees while it runs tells which
// numbers never vary and which clips never bite; those are gone from the result.
//
//   stage { a conv 3x3, b conv 3x3; loops {row, 1}; a computed at row }      becomes, for 8 rows,
//
//     make a(row_end):  for (; rows_a < row_end; rows_a = rows_a + 1)  fire a [rows_a, rows_a + 1)
//     main:             rows_a = 0
//                       for (row = 0; row < 8; row = row + 1) { make a(min(row + 2, 8));  fire b [row, row +
//                       1) }
//
// In a stream the loop around it is the caller's. The program of a stage makes the element of time that is
// due, and counts them as far as their places in memory differ (time_loop.h):
//
//     main:             if (1 < count) fire a [count - 2, count - 1)
//                       count = count < 9 ? count + 1 : 4
#pragma once

#include <string>
#include <vector>

#include "thimble/schedule/firing.h"

namespace thimble::nest {

using Ref = std::int32_t;  ///< index of an expression
using Var = std::int32_t;  ///< index of a variable

enum class Kind : std::uint8_t {
  constant,
  variable,
  add,
  subtract,
  scale,
  floor_div,
  min,
  max,
  select,
  less
};

/// Booleans are 0 and 1; "and" is min, "or" is max.
struct Expression {
  Kind kind = Kind::constant;
  std::int64_t value = 0;  ///< the constant, the factor or the divisor
  Var variable = -1;
  Ref a = -1, b = -1, c = -1;  ///< select: a ? b : c
  // What evaluations showed:
  std::int64_t least = 0, most = 0, count = 0;
  bool a_below = true, b_below = true;  ///< a <= b, b <= a in every one

  bool constant() const { return kind == Kind::constant; }
};

enum class Role : std::uint8_t {
  state,      ///< survives the functions: a cursor of the stage
  scope,      ///< computed by main for everybody, again whenever main begins
  local,      ///< of main or of one function
  parameter,  ///< of one function
};

struct Variable {
  Role role = Role::local;
  std::string name;
  std::int64_t least = 0, most = 0, count = 0;  ///< of the values assigned
};

struct Statement {
  enum class Kind : std::uint8_t { assign, branch, loop, call, fire };
  Kind kind = Kind::assign;
  Var variable = -1;  ///< assign, loop
  Ref value = -1;     ///< assign; loop: the first value, or -1: as it is
  Ref condition = -1;
  Ref next = -1;                       ///< loop: assigned after each round
  std::vector<Statement> body;         ///< branch, loop
  std::int32_t local = -1;             ///< call: whose function; fire: which operator (position in the stage)
  std::vector<Ref> arguments;          ///< call, in the order of Function::parameters
  std::vector<Ref> tile;               ///< fire: begin, end per axis of the output
  Ref part_begin = -1, part_end = -1;  ///< fire: of the reduction
  // What runs showed:
  bool changes = false;  ///< assign: ever another value than before
  std::int64_t entries = 0, rounds = 0, most_rounds = 0, least_rounds = 1;
};

struct Function {
  std::vector<Var> parameters;
  std::vector<Statement> body;
};

/// What all firings of an operator in a stage have in common.
struct AxisFacts {
  std::int32_t least_begin = 0, most_begin = 0, least_end = 0, most_end = 0, least_size = 0, most_size = 0;
};
struct FireFacts {
  std::int64_t firings = 0;
  std::vector<AxisFacts> tile;  ///< per axis of the output
  AxisFacts part;               ///< of the reduction
  bool always_first = true, always_last = true;
  std::vector<Region> tiles;  ///< all different ones, in order of their first firing
  std::vector<Range> parts;   ///< the part of the reduction of each
};

struct Stage {
  std::vector<Expression> expressions;
  std::vector<Variable> variables;
  std::vector<Function> functions;  ///< by position in the stage; the driver's is the main one
  std::vector<FireFacts> facts;     ///< by position in the stage
  std::vector<Var> cursors;         ///< variables that live in the stage's cursors, wide ones first
  std::int32_t row_fed = kNone;     ///< position of the Input whose rows the caller pushes, or kNone
  bool computes = false;            ///< false: arrivals of whole inputs, the caller's doing
  bool called = false;              ///< of a stream: main runs in each call in which an element may be due

  const Expression &at(Ref ref) const { return expressions[static_cast<std::size_t>(ref)]; }
};

/// Whether a cursor needs more than 16 bits.
bool is_wide(const Variable &variable);
/// Bytes of the cursors: int32_t ones first, then int16_t ones; a multiple of their alignment.
std::int64_t cursor_bytes(const Stage &stage);
std::int32_t cursor_alignment(const Stage &stage);

/// Lowers stage `stage` of a schedule that has passed verify_structure. What a stage of a stream counts is 0
/// before the first call. Fails where rows cannot be pushed in
/// order: two inputs are fed to one stage, rows are asked for twice or across images of a batch.
Result<Stage> lower_stage(const Schedule &schedule, std::int32_t stage);

}  // namespace thimble::nest
