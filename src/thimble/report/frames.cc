#include "thimble/report/frames.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "thimble/base/files.h"
#include "thimble/graph/parameters.h"
#include "thimble/report/npz.h"
#include "thimble/report/table.h"

namespace thimble::report {
namespace {

std::string tensor_text(const Tensor &tensor) {
  return std::string(name_of(tensor.type)) + " " + shape_text(tensor.shape);
}

/// Values as the input stores them: nearest, limited to its range.
void quantise(NpyArray &array, const Tensor &input) {
  const std::size_t count = array.bytes.size() / 4, size = static_cast<std::size_t>(size_of(input.type));
  const IntegerRange range = range_of(input.type);
  std::vector<std::uint8_t> stored(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    float value;
    std::memcpy(&value, array.bytes.data() + 4 * i, 4);
    const float scaled =
        std::round(value / input.quantization.scale()) + static_cast<float>(input.quantization.zero_point());
    const auto low = static_cast<float>(range.min), high = static_cast<float>(range.max);
    const auto integer = static_cast<std::int32_t>(std::isnan(scaled) ? low : std::clamp(scaled, low, high));
    std::memcpy(stored.data() + i * size, &integer, size);  // little-endian
  }
  array.type = input.type;
  array.bytes = std::move(stored);
}

bool can_be_quantised(const NpyArray &array, const Tensor &input) {
  return array.type == ElementType::float32 && input.quantization.present() &&
         (input.type == ElementType::int8 || input.type == ElementType::uint8 ||
          input.type == ElementType::int16);
}

/// Windows that the array holds one behind the other; 0 where it does not fit.
std::int64_t windows_in(const NpyArray &array, const Tensor &input, int axis) {
  if (array.shape == input.shape) return 1;
  Shape several = input.shape;
  several.insert(several.begin(), array.shape.empty() ? 0 : array.shape[0]);
  if (array.shape == several) return several[0];
  if (!input.shape.empty() && input.shape[0] == 1 && axis != 0) {
    several.erase(several.begin() + 1);
    if (array.shape == several) return several[0];
  }
  // A recording: what lies above the axis of time is one.
  const auto at = static_cast<std::size_t>(axis);
  const bool alone = std::all_of(input.shape.begin(), input.shape.begin() + axis,
                                 [](std::int32_t length) { return length == 1; });
  for (std::size_t dropped = 0; alone && dropped <= at; ++dropped) {
    Shape recording(input.shape.begin() + static_cast<std::ptrdiff_t>(dropped), input.shape.end());
    if (recording.size() != array.shape.size()) continue;
    const std::int32_t frames = array.shape[at - dropped];
    recording[at - dropped] = frames;
    if (array.shape == recording) return frames / input.shape[at];
  }
  return 0;
}

void cut(const NpyArray &array, std::int64_t windows, const Tensor &input, std::size_t most,
         std::vector<Bytes> &all) {
  const auto size = static_cast<std::ptrdiff_t>(input.bytes());
  for (std::int64_t w = 0; w < windows && all.size() < most; ++w) {
    const auto begin = array.bytes.begin() + w * size;
    all.emplace_back(begin, begin + size);
  }
}

Result<std::vector<Bytes>> cut_raw(const std::vector<std::uint8_t> &bytes, const std::string &file,
                                   const Tensor &input, std::size_t most) {
  const auto size = static_cast<std::size_t>(input.bytes());
  if (size == 0 || bytes.empty() || bytes.size() % size != 0)
    return file_failure(file,
                        "holds " + grouped(static_cast<std::int64_t>(bytes.size())) +
                            " bytes, which is no whole number of windows",
                        "each takes " + tensor_text(input) + " = " + grouped(input.bytes()) + " bytes");
  std::vector<Bytes> windows;
  const NpyArray all{input.type, {}, bytes};
  cut(all, static_cast<std::int64_t>(bytes.size() / size), input, most, windows);
  return windows;
}

}  // namespace

Result<std::vector<Bytes>> read_windows(const std::filesystem::path &path, const Tensor &input, int axis,
                                        std::size_t most) {
  const std::string file = path.string();
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!is_npy(path) && !is_npz(path)) return cut_raw(*bytes, file, input, most);
  std::vector<NpzMember> members;
  if (is_npz(path)) {
    auto parsed = parse_npz(*bytes, file);
    if (!parsed) return tl::unexpected(parsed.error());
    members = std::move(*parsed);
  } else {
    auto array = parse_npy(*bytes, file);
    if (!array) return tl::unexpected(array.error());
    members.push_back({"", std::move(*array)});
  }
  std::vector<Bytes> windows;
  std::string seen;
  for (NpzMember &member : members) {
    NpyArray &array = member.array;
    seen += (seen.empty() ? "" : ", ") + (member.name.empty() ? "" : member.name + " ") +
            name_of(array.type) + " " + shape_text(array.shape);
    if (can_be_quantised(array, input)) quantise(array, input);
    if (array.type == input.type) cut(array, windows_in(array, input, axis), input, most, windows);
  }
  if (!windows.empty()) return windows;
  return file_failure(file, "holds no window of the input: " + (seen.empty() ? "no array" : seen),
                      "the input is " + tensor_text(input) +
                          "; a leading axis may count windows, or the axis of time may be longer");
}

}  // namespace thimble::report
