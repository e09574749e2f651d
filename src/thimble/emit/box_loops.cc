#include "thimble/emit/box_loops.h"

#include <algorithm>

namespace thimble {
namespace {

using Coordinates = std::vector<std::int32_t>;

std::int64_t element_at(const Access &array, const Coordinates &at) {
  std::array<std::int32_t, kMaxRank> index{};
  for (std::size_t a = 0; a < array.index.size(); ++a) {
    const ArrayIndex &map = array.index[a];
    if (map.axis == ArrayIndex::kNoAxis) continue;  // the same for the whole run
    const std::int32_t i = at[static_cast<std::size_t>(map.axis)];
    index[a] = map.table.empty() ? map.stride * i + map.offset : map.table[static_cast<std::size_t>(i)];
  }
  return array.layout.offset(index) / array.layout.element_size;
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

/// Steps of all arrays along the run that begins at `first`, or nothing. kAny where no run has two elements.
constexpr std::int64_t kAny = INT64_MIN;

bool find_steps(const std::vector<BoxAxis> &box, const std::vector<Access> &arrays, std::size_t first,
                std::vector<std::int64_t> &steps) {
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
      while (next(at, box, f, first, box.size())) {
        for (std::size_t i = 0; i < arrays.size(); ++i) {
          const std::int64_t element = element_at(arrays[i], at);
          if (steps[i] == kAny) steps[i] = element - before[i];
          if (element - before[i] != steps[i]) return false;
          before[i] = element;
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

Term element_of(const Access &array, const std::vector<Term> &at) {
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
  const Layout &layout = array.layout;
  Term element = number(0);
  if (layout.fifo_pixels > 0) {
    const std::size_t last = index.size() - 1;
    for (std::size_t a = 0; a < last; ++a) element = element * number(layout.shape[a]) + index[a];
    return modulo(element, layout.fifo_pixels) * number(layout.shape[last]) + index[last];
  }
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
  for (std::size_t a = 0; a < box.size(); ++a) {
    const BoxAxis &axis = box[a];
    std::int32_t shortest = INT32_MAX, longest = 0;
    std::int64_t last = axis.begin.least;
    for (const Range &range : axis.ranges) {
      shortest = std::min(shortest, range.size());
      longest = std::max(longest, range.size());
      last = std::max<std::int64_t>(last, std::int64_t{range.end} - 1);
    }
    if (a >= run.first_axis) {
      at.push_back(axis.begin);
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
