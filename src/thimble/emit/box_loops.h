// Loops over a box of elements, cut into runs on which memory is regular: how operators that work element by
// element, and copies, reach into any layout.
#pragma once

#include <functional>
#include <vector>

#include "thimble/emit/term.h"
#include "thimble/graph/view.h"

namespace thimble {

/// Lines of C with their indentation.
class CodeLines {
 public:
  void line(const std::string &text);
  void open(const std::string &text);
  void close();
  /// Adds text that is indented for itself.
  void add(const std::string &lines);
  const std::string &text() const { return text_; }

 private:
  int depth_ = 0;
  std::string text_;
};

/// An axis of the box, with its range in every firing.
struct BoxAxis {
  std::string name;  ///< of the loop variable
  Term begin, end;
  std::vector<Range> ranges;  ///< per firing
};

/// How an array is read or written for an element of the box: per axis of the array, the index is
/// stride * (index on `axis` of the box) + offset, or table[index on `axis`], or without an axis just
/// `fixed`.
struct ArrayIndex {
  int axis = kNoAxis;
  std::int32_t stride = 1, offset = 0;
  std::vector<std::int32_t> table;
  std::string table_symbol;
  Term fixed = number(0);
  static constexpr int kNoAxis = -1;
};

struct Access {
  std::string base;  ///< pointer to element 0, of the element's type
  Layout layout;
  std::vector<ArrayIndex> index;  ///< per axis of the array

  /// Every axis of the array follows the box's axis of the same number.
  static Access same(std::string base, const Layout &layout);
};

/// The axes from `first_axis` on are one run; steps[i] elements of array i from one element to the next.
/// `in_pieces`: as far as no array's circular memory begins again along the first of them.
struct Run {
  std::size_t first_axis = 0;
  std::vector<std::int32_t> steps;
  bool in_pieces = false;
};

/// The longest run, of axes from `outermost` on, on which every array has a constant step that `suits` likes;
/// at worst single elements.
Run find_run(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
             const std::function<bool(const std::vector<std::int32_t> &)> &suits, std::size_t outermost = 0);

/// The same, or a run in pieces where these are of one axis more: in FIFOs, where other runs are single
/// pixels.
Run find_pieces(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
                const std::function<bool(const std::vector<std::int32_t> &)> &suits);

/// Writes the loops around the runs and calls `body(count, pointers)` inside, to add the statement for a run.
void emit_runs(CodeLines &code, const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
               const Run &run,
               const std::function<void(const Term &, const std::vector<std::string> &)> &body);

/// The array's element for box indices.
Term element_of(const Access &array, const std::vector<Term> &at);

}  // namespace thimble
