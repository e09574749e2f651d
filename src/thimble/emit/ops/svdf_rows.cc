#include "thimble/emit/ops/svdf.h"

namespace thimble::emitters {

Result<void> emit_svdf_rows(OpEmission &emission, const std::string &kernel, const std::string &parameters,
                            const std::vector<std::size_t> &read) {
  if (channels_wrap(emission, emission.destination_layout()))
    return emission.refuse("makes channels that wrap around their slice, which its kernel cannot");
  std::vector<BoxAxis> box = emission.box();
  box.pop_back();
  std::vector<Access> arrays;
  for (const std::size_t i : read) {
    const Layout layout = emission.source_layout(i);
    if (layout.fifo_pixels > 0 || layout.fold[1] != layout.shape[1])
      return emission.refuse("reads rows that do not lie in one piece, which its kernel cannot");
    arrays.push_back(Access::same(emission.source(i), layout));
    arrays.back().index[1] = {};
  }
  arrays.push_back(emission.output_access());
  arrays.back().index[1] = {};
  arrays.back().index[1].fixed = emission.firing().begin[1];
  Run rows;
  rows.first_axis = box.size();
  emit_runs(emission.code(), box, arrays, rows, [&](const Term &, const std::vector<std::string> &at) {
    const std::string begin = emission.firing().begin[1].text, end = emission.firing().end[1].text;
    if (read.size() == 2) {
      emission.call("thimble_svdf.h", kernel, {parameters, begin, end, at[0], at[1], at[2]});
    } else {
      emission.call("thimble_svdf.h", kernel, {parameters, begin, end, at[0], at[1]});
    }
  });
  return {};
}

}  // namespace thimble::emitters
