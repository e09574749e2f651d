#include "thimble/emit/ops/running_sums.h"

#include "thimble/schedule/running_window.h"

namespace thimble::emitters {
namespace {

/// Where an element of time begins.
std::string element_at(const Access &map, int axis, const Term &time) {
  std::vector<Term> at(map.layout.shape.size(), number(0));
  at[static_cast<std::size_t>(axis)] = time;
  return map.base + " + " + element_of(map, at).text;
}

}  // namespace

void emit_running_sums(OpEmission &emission,
                       const std::function<void(const std::string &sums, const std::string &y)> &store) {
  const RunningWindow window = *running_window(emission.graph(), emission.op());
  const Access input = Access::same(emission.source(0), emission.source_layout(0));
  const Term oldest = emission.firing().begin[static_cast<std::size_t>(window.axis)];
  const std::string count = c_text::number(window.sums), rows = c_text::number(window.rows);
  CodeLines &code = emission.code();
  const auto count_in = [&](std::string_view kernel, const Term &time) {
    emission.call("thimble_mean.h", kernel,
                  {count, rows, element_at(input, window.axis, time), count, "sums"});
  };
  code.line("int32_t *const sums = (int32_t *)" + emission.scratch() + ";");
  code.open("if (sums[" + count + "] == 0)");
  code.open("for (int32_t i = 0; i < " + c_text::number(window.length - 1) + "; ++i)");
  count_in("thimble_sum_rows_s8", oldest + named("i", 0, window.length - 2));
  code.close();
  code.line("sums[" + count + "] = 1;");
  code.close();
  count_in("thimble_sum_rows_s8", oldest + number(window.length - 1));
  store("sums", element_at(emission.output_access(), window.axis, oldest));
  // It has counted for the last time.
  count_in("thimble_subtract_rows_s8", oldest);
}

}  // namespace thimble::emitters
