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

Reduction reduction_of(const Mean &mean, OpEmission &emission) {
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
    if (std::find(mean.axes.begin(), mean.axes.end(), axis) == mean.axes.end()) {
      index.axis = output_axis++;
      reduction.x.index.push_back(index);
      continue;
    }
    if (mean.keep_dims) ++output_axis;
    BoxAxis side;
    side.name = "j" + std::to_string(a);
    side.begin = first ? firing.part_begin : number(0);
    side.end = first ? firing.part_end : number(shape[a]);
    side.ranges.assign(firings, {0, shape[a]});
    if (first) side.ranges = firing.facts->parts;
    if (first) reduction.extent = shape[a];
    first = false;
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

std::string parameters_of(OpEmission &emission, const Mean &mean) {
  const Tensor &y = emission.output();
  if (y.type == ElementType::float32) {
    float count = 1.0f;
    std::int64_t product = 1;
    for (std::int32_t axis : mean.axes) product *= emission.input(0).shape[static_cast<std::size_t>(axis)];
    count = static_cast<float>(static_cast<std::int32_t>(product));
    return c_text::number(count);
  }
  const MeanParameters parameters = mean_parameters(emission.graph(), emission.op());
  const IntegerRange range = range_of(y.type);
  Fields fields;
  fields.set("sum_offset", parameters.input_sum_offset);
  fields.set("multiplier", parameters.output.multiplier);
  fields.set("shift", parameters.output.shift);
  fields.set("zero_point", parameters.output_offset);
  fields.set("minimum", range.min).set("maximum", range.max);
  return emission.parameters("thimble_mean_params", fields);
}

}  // namespace

Result<void> emit_op(const Mean &mean, OpEmission &emission) {
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  const bool real = y.type == ElementType::float32;
  const std::string type = real ? "float" : y.type == ElementType::int16 ? "int64_t" : "int32_t";
  const Reduction reduction = reduction_of(mean, emission);
  const std::string parameters = parameters_of(emission, mean);
  CodeLines &code = emission.code();
  int loops = 0;
  std::vector<Term> at = open_loops(code, reduction.box, 0, reduction.kept, loops);
  const std::vector<Term> kept = at;
  const Access sums = Access::same(emission.sums(), emission.sums_layout());
  const std::string zero = real ? "0.0f" : "0";
  const std::string first = emission.is_first();
  std::string begin = zero;
  if (emission.sums_in_parts() && first != "1") {
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
  const std::string target = element(emission.output_access(), kept);
  const std::string finished =
      real ? "sum / " + parameters
           : std::string("(") + c_text::type_of(y.type) + ")thimble_mean_of_sum(" + parameters +
                 ", (int32_t)" + (y.type == ElementType::int16 ? "(uint32_t)(uint64_t)" : "") + "sum)";
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
  return {};
}

}  // namespace thimble::emitters
