#include "thimble/emit/box_loops.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace thimble {
namespace {

using Coordinates = std::vector<std::int32_t>;

using Indices = std::array<std::int32_t, kMaxRank>;

Indices indices_at(const Access &array, const Coordinates &at) {
  Indices index{};
  for (std::size_t a = 0; a < array.index.size(); ++a) {
    const ArrayIndex &map = array.index[a];
    if (map.axis == ArrayIndex::kNoAxis) continue;  // the same for the whole run
    const std::int32_t i = at[static_cast<std::size_t>(map.axis)];
    index[a] = map.table.empty() ? map.stride * i + map.offset : map.table[static_cast<std::size_t>(i)];
  }
  return index;
}

std::int64_t element_at(const Access &array, const Coordinates &at) {
  return array.layout.offset(indices_at(array, at)) / array.layout.element_size;
}

/// Along an axis of the box memory of an array begins again after so many places: indices of the array's
/// `axis`, in a FIFO pixels, whose numbers go on from row to row.
struct Circle {
  std::size_t axis;
  std::int32_t places;
};

std::optional<Circle> circle_of(const Access &array, std::size_t box_axis) {
  const Layout &layout = array.layout;
  for (std::size_t a = 0; a < array.index.size(); ++a) {
    if (array.index[a].axis != static_cast<int>(box_axis)) continue;
    if (layout.fifo_pixels > 0 && a + 2 == layout.shape.size()) return Circle{a, layout.fifo_pixels};
    if (layout.fifo_pixels == 0 && layout.fold[a] < layout.shape[a]) return Circle{a, layout.fold[a]};
  }
  return std::nullopt;
}

/// Whether memory of any array begins again where the axis of the box has come to.
bool begins_again(const std::vector<Access> &arrays, std::size_t box_axis, const Coordinates &at) {
  return std::any_of(arrays.begin(), arrays.end(), [&](const Access &array) {
    const std::optional<Circle> circle = circle_of(array, box_axis);
    if (!circle) return false;
    const Indices index = indices_at(array, at);
    std::int64_t place = 0;
    for (std::size_t a = array.layout.fifo_pixels > 0 ? 0 : circle->axis; a <= circle->axis; ++a)
      place = place * array.layout.shape[a] + index[a];
    return place % circle->places == 0;
  });
}

/// Steps through the box in row-major order, the axes from `first` on only; false at the end.
bool next(Coordinates &at, const std::vector<BoxAxis> &box, std::size_t firing, std::size_t first,
          std::size_t end) {
  for (std::size_t a = end; a-- > first;) {
    if (++at[a] < box[a].ranges[firing].end) return true;
    at[a] = box[a].ranges[firing].begin;
  }
  return false;
}

/// Whether arrays whose memory begins again along the axis are read and written place by place.
bool goes_by_one(const std::vector<Access> &arrays, std::size_t box_axis) {
  return std::all_of(arrays.begin(), arrays.end(), [&](const Access &array) {
    const std::optional<Circle> circle = circle_of(array, box_axis);
    if (!circle) return true;
    const ArrayIndex &index = array.index[circle->axis];
    return index.stride == 1 && index.table.empty();
  });
}

/// Steps of all arrays along the run that begins at `first`, or nothing. kAny where no run has two elements.
constexpr std::int64_t kAny = INT64_MIN;

/// `pieces`: where memory begins again along `first`, steps may be any.
bool find_steps(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays, std::size_t first,
                std::vector<std::int64_t> &steps, bool pieces = false) {
  steps.assign(arrays.size(), kAny);
  const std::size_t firings = box.empty() ? 0 : box[0].ranges.size();
  for (std::size_t f = 0; f < firings; ++f) {
    Coordinates at;
    for (const BoxAxis &axis : box) at.push_back(axis.ranges[f].begin);
    if (std::any_of(box.begin(), box.end(), [&](const BoxAxis &axis) { return axis.ranges[f].empty(); }))
      continue;
    do {
      std::vector<std::int64_t> before;
      for (const Access &array : arrays) before.push_back(element_at(array, at));
      for (Coordinates last = at; next(at, box, f, first, box.size()); last = at) {
        const bool apart = pieces && at[first] != last[first] && begins_again(arrays, first, at);
        for (std::size_t i = 0; i < arrays.size(); ++i) {
          const std::int64_t element = element_at(arrays[i], at);
          const std::int64_t step = element - std::exchange(before[i], element);
          if (apart) continue;
          if (steps[i] == kAny) steps[i] = step;
          if (step != steps[i]) return false;
        }
      }
    } while (next(at, box, f, 0, first));
  }
  return true;
}

}  // namespace

void CodeLines::line(const std::string &text) {
  text_.append(static_cast<std::size_t>(2 * depth_), ' ');
  text_ += text + "\n";
}

void CodeLines::open(const std::string &text) {
  line(text + " {");
  ++depth_;
}

void CodeLines::close() {
  --depth_;
  line("}");
}

void CodeLines::add(const std::string &lines) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    line(lines.substr(at, end - at));
    at = end + 1;
  }
}

Access Access::same(std::string base, const Layout &layout) {
  Access access{std::move(base), layout, {}};
  for (std::size_t a = 0; a < layout.shape.size(); ++a) {
    ArrayIndex index;
    index.axis = static_cast<int>(a);
    access.index.push_back(index);
  }
  return access;
}

Run find_run(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
             const std::function<bool(const std::vector<std::int32_t> &)> &suits, std::size_t outermost) {
  Run run;
  std::vector<std::int64_t> steps;
  for (std::size_t first = outermost; first < box.size(); ++first) {
    if (!find_steps(box, arrays, first, steps)) continue;
    run.first_axis = first;
    run.steps.clear();
    for (std::int64_t step : steps) run.steps.push_back(step == kAny ? 1 : static_cast<std::int32_t>(step));
    if (suits(run.steps)) return run;
  }
  run.first_axis = box.size();
  run.steps.assign(arrays.size(), 1);
  return run;
}

Run find_pieces(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
                const std::function<bool(const std::vector<std::int32_t> &)> &suits) {
  Run run = find_run(box, arrays, suits);
  if (run.first_axis == 0) return run;
  Run pieces;
  pieces.first_axis = run.first_axis - 1;
  pieces.in_pieces = true;
  const std::vector<Range> &ranges = box[pieces.first_axis].ranges;
  std::vector<std::int64_t> steps;
  const bool fifo = std::any_of(arrays.begin(), arrays.end(),
                                [](const Access &array) { return array.layout.fifo_pixels > 0; });
  if (!fifo ||
      std::none_of(ranges.begin(), ranges.end(), [](const Range &range) { return range.size() > 1; }) ||
      !goes_by_one(arrays, pieces.first_axis) || !find_steps(box, arrays, pieces.first_axis, steps, true)) {
    return run;
  }
  for (std::int64_t step : steps) pieces.steps.push_back(step == kAny ? 1 : static_cast<std::int32_t>(step));
  return suits(pieces.steps) ? pieces : run;
}

namespace {

std::vector<Term> indices_of(const Access &array, const std::vector<Term> &at) {
  std::vector<Term> index;
  for (const ArrayIndex &map : array.index) {
    if (map.axis == ArrayIndex::kNoAxis) {
      index.push_back(map.fixed);
      continue;
    }
    const Term &i = at[static_cast<std::size_t>(map.axis)];
    if (map.table.empty()) {
      index.push_back(i * number(map.stride) + number(map.offset));
    } else {
      const auto [least, most] = std::minmax_element(map.table.begin(), map.table.end());
      index.push_back(i.constant() ? number(map.table[static_cast<std::size_t>(i.least)])
                                   : named(map.table_symbol + "[" + i.text + "]", *least, *most));
    }
  }
  return index;
}

/// The number of a FIFO's pixel, before memory begins again.
Term pixel_of(const Layout &layout, const std::vector<Term> &index) {
  Term pixel = number(0);
  for (std::size_t a = 0; a + 1 < index.size(); ++a) pixel = pixel * number(layout.shape[a]) + index[a];
  return pixel;
}

/// How far a run along an axis of the box goes before memory of an array begins again.
Term room_of(const Access &array, const Circle &circle, const std::vector<Term> &at) {
  const std::vector<Term> index = indices_of(array, at);
  const Term place = array.layout.fifo_pixels > 0 ? pixel_of(array.layout, index) : index[circle.axis];
  return number(circle.places) - modulo(place, circle.places);
}

}  // namespace

Term element_of(const Access &array, const std::vector<Term> &at) {
  const std::vector<Term> index = indices_of(array, at);
  const Layout &layout = array.layout;
  if (layout.fifo_pixels > 0) {
    const std::size_t last = index.size() - 1;
    return modulo(pixel_of(layout, index), layout.fifo_pixels) * number(layout.shape[last]) + index[last];
  }
  Term element = number(0);
  std::int64_t stride = element_count(layout.fold);
  for (std::size_t a = 0; a < index.size(); ++a) {
    stride /= layout.fold[a];
    element = element + modulo(index[a], layout.fold[a]) * number(stride);
  }
  return element;
}

void emit_runs(CodeLines &code, const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
               const Run &run,
               const std::function<void(const Term &, const std::vector<std::string> &)> &body) {
  std::vector<Term> at;
  Term count = number(1);
  int loops = 0;
  int guards = 0;
  // Lengths below zero, of axes that are clipped away, must not cancel each other.
  const std::ptrdiff_t sometimes_empty = std::count_if(
      box.begin() + static_cast<std::ptrdiff_t>(run.first_axis), box.end(), [](const BoxAxis &axis) {
        return std::any_of(axis.ranges.begin(), axis.ranges.end(), [](const Range &r) { return r.empty(); });
      });
  for (std::size_t a = 0; a < box.size(); ++a) {
    const BoxAxis &axis = box[a];
    std::int32_t shortest = INT32_MAX, longest = 0;
    std::int64_t last = axis.begin.least;
    for (const Range &range : axis.ranges) {
      shortest = std::min(shortest, range.size());
      longest = std::max(longest, range.size());
      last = std::max<std::int64_t>(last, std::int64_t{range.end} - 1);
    }
    if (a == run.first_axis && run.in_pieces) {
      at.push_back(named(axis.name, axis.begin.least, last));
      count = named("run", 1, longest);
      code.open("for (int32_t " + axis.name + " = " + axis.begin.text + ", run; " + axis.name + " < " +
                axis.end.text + "; " + axis.name + " += run)");
      ++loops;
    } else if (a >= run.first_axis) {
      at.push_back(axis.begin);
      if (shortest == 0 && sometimes_empty > 1) {
        code.open("if (" + axis.begin.text + " < " + axis.end.text + ")");
        ++guards;
      }
      // Where the length never varies it is a number, whatever the bounds look like.
      count = count * (shortest == longest ? number(longest) : axis.end - axis.begin);
    } else if (shortest == 1 && longest == 1) {
      at.push_back(axis.begin);
    } else {
      at.push_back(named(axis.name, axis.begin.least, last));
      if (at.back().constant()) {  // there or not, at one place
        code.open("if (" + axis.begin.text + " < " + axis.end.text + ")");
        ++guards;
        continue;
      }
      code.open("for (int32_t " + axis.name + " = " + axis.begin.text + "; " + axis.name + " < " +
                axis.end.text + "; ++" + axis.name + ")");
      ++loops;
    }
  }
  if (run.in_pieces) {
    const BoxAxis &axis = box[run.first_axis];
    std::string least = (axis.end - at[run.first_axis]).text;
    for (const Access &array : arrays) {
      const std::optional<Circle> circle = circle_of(array, run.first_axis);
      if (circle) least = "thimble_least(" + least + ", " + room_of(array, *circle, at).text + ")";
    }
    code.line("run = " + least + ";");
  }
  std::vector<std::string> pointers;
  for (const Access &array : arrays) {
    const Term element = element_of(array, at);
    pointers.push_back(element.constant() && element.least == 0 ? array.base
                                                                : array.base + " + " + element.text);
  }
  body(count, pointers);
  for (int i = 0; i < loops + guards; ++i) code.close();
}

}  // namespace thimble
