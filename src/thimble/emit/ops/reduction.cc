#include "thimble/emit/ops/reduction.h"

#include <algorithm>

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {
namespace {

/// The tile's box with the reduced axes of the input behind it, and the input's indices in that box.
struct Reduction {
  std::vector<BoxAxis> box;
  Access x;
  std::size_t kept = 0;     ///< axes of the tile
  std::int32_t extent = 1;  ///< of what a part of the reduction counts
};

Reduction reduction_of(OpEmission &emission, const ReducedAxes &reduced) {
  const auto &[axes, keep_dims, window] = reduced;
  const FiringText &firing = emission.firing();
  const Shape &shape = emission.input(0).shape;
  Reduction reduction{emission.box(), {emission.source(0), emission.source_layout(0), {}}};
  reduction.kept = reduction.box.size();
  const std::size_t firings = firing.facts->tiles.size();
  int output_axis = 0;
  bool first = true;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    ArrayIndex index;
    const auto axis = static_cast<std::int32_t>(a);
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) {
      index.axis = output_axis++;
      reduction.x.index.push_back(index);
      continue;
    }
    BoxAxis side;
    side.name = "j" + std::to_string(a);
    if (window > 0 && axis == axes[0]) {
      side.begin = firing.begin[static_cast<std::size_t>(output_axis)];
      side.end = side.begin + number(window);
      for (const Region &tile : firing.facts->tiles) {
        const std::int32_t begin = tile.axis[output_axis].begin;
        side.ranges.push_back({begin, begin + window});
      }
    } else {
      side.begin = first ? firing.part_begin : number(0);
      side.end = first ? firing.part_end : number(shape[a]);
      side.ranges.assign(firings, {0, shape[a]});
      if (first) side.ranges = firing.facts->parts;
      if (first) reduction.extent = shape[a];
      first = false;
    }
    if (keep_dims) ++output_axis;
    index.axis = static_cast<int>(reduction.box.size());
    reduction.box.push_back(std::move(side));
    reduction.x.index.push_back(index);
  }
  return reduction;
}

/// Loops over single elements; the present one's indices are the names of the axes.
std::vector<Term> open_loops(CodeLines &code, const std::vector<BoxAxis> &box, std::size_t begin,
                             std::size_t end, int &loops) {
  std::vector<Term> at;
  for (std::size_t a = begin; a < end; ++a) {
    const BoxAxis &axis = box[a];
    const bool one =
        std::all_of(axis.ranges.begin(), axis.ranges.end(), [](const Range &r) { return r.size() == 1; });
    at.push_back(one ? axis.begin : named(axis.name, axis.begin.least, axis.end.most - 1));
    if (one) continue;
    code.open("for (int32_t " + axis.name + " = " + axis.begin.text + "; " + axis.name + " < " +
              axis.end.text + "; ++" + axis.name + ")");
    ++loops;
  }
  return at;
}

std::string element(const Access &access, const std::vector<Term> &at) {
  return "(" + access.base + ")[" + element_of(access, at).text + "]";
}

std::string pointer(const Access &access, const std::vector<Term> &at) {
  return access.base + " + " + element_of(access, at).text;
}

/// Columns whose sums are held at once where the schedule keeps none: 32 bytes.
constexpr std::int32_t kHeldColumns = 8;

/// Whether the last kept axis is one of neighbours, in all arrays and wherever the other indices are: its
/// sums can be made several at once. Such sums do not wrap.
bool has_columns(const OpEmission &emission, const Reduction &reduction,
                 const std::vector<Access> &kept_arrays) {
  if (emission.output().type != ElementType::int8 || reduction.kept == 0) return false;
  if (emission.input(0).elements() >= std::int64_t{1} << 23) return false;
  if (emission.sums_in_parts() && emission.sums_layout().element_size != 4) return false;
  const std::size_t column = reduction.kept - 1, last = reduction.box.size() - 1;
  const std::vector<Range> &ranges = reduction.box[column].ranges;
  if (std::all_of(ranges.begin(), ranges.end(), [](const Range &range) { return range.size() <= 1; }))
    return false;
  std::vector<BoxAxis> box = reduction.box;
  std::rotate(box.begin() + static_cast<std::ptrdiff_t>(column),
              box.begin() + static_cast<std::ptrdiff_t>(column) + 1, box.end());
  std::vector<Access> arrays = kept_arrays;
  arrays.push_back(reduction.x);
  for (Access &array : arrays) {
    for (ArrayIndex &index : array.index) {
      if (index.axis == static_cast<int>(column)) {
        index.axis = static_cast<int>(last);
      } else if (index.axis > static_cast<int>(column)) {
        --index.axis;
      }
    }
  }
  const auto neighbours = [](const std::vector<std::int32_t> &steps) {
    return std::all_of(steps.begin(), steps.end(), [](std::int32_t step) { return step == 1; });
  };
  return find_run(box, arrays, neighbours, last).first_axis == last;
}

/// What follows the loops over the kept axes but the last: the sums of its columns.
class Columns {
 public:
  Columns(OpEmission &emission, const Reduction &reduction, const Access &output, const Access &sums,
          std::vector<Term> outer)
      : emission_(emission), reduction_(reduction), output_(output), sums_(sums), at_(std::move(outer)) {}

  /// Into the accumulator; with the last part into the output.
  void emit_in_parts(const std::string &first, const std::string &last,
                     const std::function<std::string(const std::string &)> &finish) {
    CodeLines &code = emission_.code();
    const BoxAxis &axis = reduction_.box[reduction_.kept - 1];
    at_.push_back(axis.begin);
    const std::string count = (axis.end - axis.begin).text;
    const std::string held = pointer(sums_, at_);
    if (first != "0") {
      if (first != "1") code.open("if (" + first + ")");
      emission_.call("thimble_movement.h", "thimble_fill_32", {count, "0", held});
      if (first != "1") code.close();
    }
    add_rows(count, held);
    if (last != "1") code.open("if (" + last + ")");
    at_.back() = named(axis.name, axis.begin.least, axis.end.most - 1);
    code.open("for (int32_t " + axis.name + " = " + axis.begin.text + "; " + axis.name + " < " +
              axis.end.text + "; ++" + axis.name + ")");
    code.line(element(output_, at_) + " = " + finish(element(sums_, at_)) + ";");
    code.close();
    if (last != "1") code.close();
  }

  /// Into the output, some at a time.
  void emit_whole(const std::function<std::string(const std::string &)> &finish) {
    CodeLines &code = emission_.code();
    const BoxAxis &axis = reduction_.box[reduction_.kept - 1];
    const std::string held = c_text::number(kHeldColumns);
    emission_.need_header("thimble_loops.h");
    at_.push_back(named(axis.name, axis.begin.least, axis.end.most - 1));
    code.open("for (int32_t " + axis.name + " = " + axis.begin.text + "; " + axis.name + " < " +
              axis.end.text + "; " + axis.name + " += " + held + ")");
    code.line("const int32_t count = thimble_least(" + axis.end.text + " - " + axis.name + ", " + held +
              ");");
    code.line("int32_t sums[" + held + "];");
    emission_.call("thimble_movement.h", "thimble_fill_32", {"count", "0", "sums"});
    add_rows("count", "sums");
    code.line("int8_t *const means = " + pointer(output_, at_) + ";");
    code.line("for (int32_t i = 0; i < count; ++i) means[i] = " + finish("sums[i]") + ";");
    code.close();
  }

 private:
  /// The longest runs of reduced axes on which the input has one step, for all columns.
  void add_rows(const std::string &count, const std::string &sums) {
    CodeLines &code = emission_.code();
    const std::vector<Access> arrays{reduction_.x};
    const Run run = find_run(
        reduction_.box, arrays, [](const auto &) { return true; }, reduction_.kept);
    int loops = 0;
    std::vector<Term> at = at_;
    for (const Term &index : open_loops(code, reduction_.box, reduction_.kept, run.first_axis, loops))
      at.push_back(index);
    Term rows = number(1);
    for (std::size_t a = run.first_axis; a < reduction_.box.size(); ++a) {
      at.push_back(reduction_.box[a].begin);
      rows = rows * (reduction_.box[a].end - reduction_.box[a].begin);
    }
    emission_.call("thimble_mean.h", "thimble_sum_rows_s8",
                   {count, rows.text, pointer(reduction_.x, at), c_text::number(run.steps[0]), sums});
    for (int i = 0; i < loops; ++i) code.close();
  }

  OpEmission &emission_;
  const Reduction &reduction_;
  const Access &output_, &sums_;
  std::vector<Term> at_;  ///< indices of the kept axes
};

}  // namespace

void emit_sums(OpEmission &emission, const ReducedAxes &axes,
               const std::function<std::string(const std::string &)> &finish) {
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  const bool real = y.type == ElementType::float32;
  const std::string type = real ? "float" : y.type == ElementType::int16 ? "int64_t" : "int32_t";
  const Reduction reduction = reduction_of(emission, axes);
  CodeLines &code = emission.code();
  int loops = 0;
  const bool in_parts = emission.sums_in_parts();
  const Access output = emission.output_access();
  const Access sums = in_parts ? Access::same(emission.sums(), emission.sums_layout()) : output;
  if (has_columns(emission, reduction, {output, sums})) {
    Columns columns(emission, reduction, output, sums,
                    open_loops(code, reduction.box, 0, reduction.kept - 1, loops));
    if (in_parts) {
      columns.emit_in_parts(emission.is_first(), emission.is_last(reduction.extent), finish);
    } else {
      columns.emit_whole(finish);
    }
    for (int i = 0; i < loops; ++i) code.close();
    return;
  }
  std::vector<Term> at = open_loops(code, reduction.box, 0, reduction.kept, loops);
  const std::vector<Term> kept = at;
  const std::string zero = real ? "0.0f" : "0";
  const std::string first = emission.is_first();
  std::string begin = zero;
  if (in_parts && first != "1") {
    begin = first == "0" ? element(sums, kept) : first + " ? " + zero + " : " + element(sums, kept);
  }
  code.line(type + " sum = " + begin + ";");
  // The longest run of reduced axes on which the input has one step.
  const std::vector<Access> arrays{reduction.x};
  const Run run = find_run(
      reduction.box, arrays, [](const auto &) { return true; }, reduction.kept);
  int inner = 0;
  for (const Term &index : open_loops(code, reduction.box, reduction.kept, run.first_axis, inner))
    at.push_back(index);
  Term count = number(1);
  for (std::size_t a = run.first_axis; a < reduction.box.size(); ++a) {
    at.push_back(reduction.box[a].begin);
    count = count * (reduction.box[a].end - reduction.box[a].begin);
  }
  const Term x = element_of(reduction.x, at);
  code.line("sum = " +
            emission.call_text(
                "thimble_mean.h", "thimble_sum_" + ending,
                {count.text, reduction.x.base + " + " + x.text, c_text::number(run.steps[0]), "sum"}) +
            ";");
  for (int i = 0; i < inner; ++i) code.close();
  const std::string target = element(output, kept);
  const std::string total = real                           ? "sum"
                            : y.type == ElementType::int16 ? "(int32_t)(uint32_t)(uint64_t)sum"
                                                           : "sum";
  const std::string finished = finish(total);
  const std::string last = emission.is_last(reduction.extent);
  if (last == "1") {
    code.line(target + " = " + finished + ";");
  } else {
    code.open("if (" + last + ")");
    code.line(target + " = " + finished + ";");
    code.close();
    code.open("else");
    code.line(element(sums, kept) + " = sum;");
    code.close();
  }
  for (int i = 0; i < loops; ++i) code.close();
}

}  // namespace thimble::emitters
