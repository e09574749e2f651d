#include "thimble/emit/ops/support.h"

namespace thimble::emitters {
namespace {

/// Axes of more than one element, which are what a reshape that only adds or drops others keeps.
std::vector<std::size_t> long_axes(const Shape &shape) {
  std::vector<std::size_t> axes;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    if (shape[a] != 1) axes.push_back(a);
  }
  return axes;
}

/// Element by element: the number of an element in row-major order is the same on both sides.
void emit_renumbered(OpEmission &emission) {
  const Shape &from = emission.input(0).shape;
  const Shape &to = emission.output().shape;
  const std::vector<Access> arrays{emission.output_access()};
  const std::vector<BoxAxis> box = emission.box();
  Run single;
  single.first_axis = box.size();
  single.steps = {1};
  CodeLines &code = emission.code();
  std::vector<Term> at;
  for (const BoxAxis &axis : box) {
    code.open("for (int32_t " + axis.name + " = " + axis.begin.text + "; " + axis.name + " < " +
              axis.end.text + "; ++" + axis.name + ")");
    at.push_back(named(axis.name, axis.begin.least, axis.end.most));
  }
  Term flat = number(0);
  for (std::size_t a = 0; a < to.size(); ++a) flat = flat * number(to[a]) + at[a];
  code.line("const int32_t element = " + flat.text + ";");
  const std::int64_t all = element_count(to);
  Access source{emission.source(0), emission.source_layout(0), {}};
  std::int64_t below = all;
  for (std::size_t a = 0; a < from.size(); ++a) {
    below /= from[a];
    ArrayIndex index;
    index.fixed = modulo(quotient(named("element", 0, all - 1), below), from[a]);
    source.index.push_back(index);
  }
  code.line("(" + emission.destination() + ")[" + element_of(arrays[0], at).text + "] = (" + source.base +
            ")[" + element_of(source, at).text + "];");
  for (std::size_t a = 0; a < box.size(); ++a) code.close();
}

}  // namespace

Result<void> emit_op(const Reshape &, OpEmission &emission) {
  if (emission.in_place(0)) return {};  // the same bytes under another shape
  const Shape &from = emission.input(0).shape;
  const Shape &to = emission.output().shape;
  const std::vector<std::size_t> source_axes = long_axes(from);
  const std::vector<std::size_t> target_axes = long_axes(to);
  bool same = source_axes.size() == target_axes.size();
  for (std::size_t i = 0; same && i < source_axes.size(); ++i)
    same = from[source_axes[i]] == to[target_axes[i]];
  if (same) {
    Access source{emission.source(0), emission.source_layout(0), std::vector<ArrayIndex>(from.size())};
    for (std::size_t i = 0; i < source_axes.size(); ++i)
      source.index[source_axes[i]].axis = static_cast<int>(target_axes[i]);
    emit_copy(emission, emission.box(), source);
    return {};
  }
  if (emission.source_layout(0).is_whole()) {
    Layout as_output = Layout::whole(emission.output());
    emit_copy(emission, emission.box(), Access::same(emission.source(0), as_output));
    return {};
  }
  emit_renumbered(emission);
  return {};
}

}  // namespace thimble::emitters
