#include "thimble/target/exchange.h"

#include "thimble/base/files.h"

namespace thimble {
namespace {

/// All machines concerned are little-endian.
void put_word(std::vector<std::uint8_t> &bytes, std::uint64_t word) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
}

}  // namespace

Result<void> write_inputs(const std::filesystem::path &path, const Firmware &firmware,
                          const ArenaInterface &interface, const std::vector<TensorBytes> &inferences) {
  std::vector<std::uint8_t> bytes;
  put_word(bytes, firmware.arenas.size());
  put_word(bytes, inferences.size());
  put_word(bytes, interface.inputs.size());
  put_word(bytes, interface.outputs.size());
  for (const LinkedArena &arena : firmware.arenas) put_word(bytes, static_cast<std::uint64_t>(arena.bytes));
  for (const auto *ranges : {&interface.inputs, &interface.outputs}) {
    for (const ArenaRange &range : *ranges) {
      put_word(bytes, range.arena);
      put_word(bytes, static_cast<std::uint64_t>(range.offset));
      put_word(bytes, static_cast<std::uint64_t>(range.bytes));
    }
  }
  for (const TensorBytes &inference : inferences) {
    for (const auto &input : inference) bytes.insert(bytes.end(), input.begin(), input.end());
  }
  return write_file(path, bytes);
}

Result<std::vector<TensorBytes>> read_outputs(const std::filesystem::path &path,
                                              const ArenaInterface &interface, std::size_t count) {
  const auto bytes = read_file(path, std::uint64_t{1} << 32);
  if (!bytes) return tl::unexpected(bytes.error());
  std::uint64_t expected = 0;
  for (const ArenaRange &range : interface.outputs)
    expected += static_cast<std::uint64_t>(range.bytes) * count;
  if (bytes->size() != expected) {
    return file_failure(path.string(), "holds " + std::to_string(bytes->size()) + " bytes instead of " +
                                           std::to_string(expected));
  }
  std::vector<TensorBytes> outputs(count);
  auto at = bytes->begin();
  for (TensorBytes &inference : outputs) {
    for (const ArenaRange &range : interface.outputs) {
      inference.emplace_back(at, at + range.bytes);
      at += range.bytes;
    }
  }
  return outputs;
}

}  // namespace thimble
