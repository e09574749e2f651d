// Emulation by a QEMU machine: the firmware reads its inputs and writes its outputs through semihosting
// (support/qemu_host.c), a plugin that is compiled on the spot counts and watches (support/qemu_plugin.c).
#include <cstring>
#include <locale>
#include <sstream>

#include "thimble/base/files.h"
#include "thimble/target/engines.h"
#include "thimble/target/exchange.h"
#include "thimble/target/memory_map.h"
#include "thimble/target/process.h"
#include "thimble/target/support_files.h"

namespace thimble {
namespace {

namespace fs = std::filesystem;

constexpr int kCompileTimeoutSeconds = 300;

Result<void> build_plugin(const fs::path &folder) {
  if (auto written = write_file(folder / "qemu_plugin.c", support_file("qemu_plugin.c")); !written) {
    return written;
  }
  ProcessRequest request;
  request.arguments = {"gcc",           "-O2", "-shared",          "-fPIC", "-fvisibility=hidden",
                       "qemu_plugin.c", "-o",  "libqemu_plugin.so"};
  request.folder = folder;
  request.package = "gcc";
  request.timeout_seconds = kCompileTimeoutSeconds;
  const auto outcome = run_process(request);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code == 0) return {};
  return failure("gcc cannot build QEMU's counting plugin: " + outcome->err.substr(0, 300));
}

Result<std::uint64_t> address_of(const Firmware &firmware, const std::string &name) {
  const ElfSymbol *symbol = firmware.elf.symbol(name);
  if (symbol != nullptr) return symbol->address;
  return failure("the image has no " + name, "build it with the profile that it is run with");
}

Result<void> write_config(const fs::path &path, const Profile &profile, const Firmware &firmware,
                          const std::vector<std::int32_t> &operators) {
  const auto begin = address_of(firmware, firmware.name + "_run");
  const auto end = address_of(firmware, "thimble_returned");
  const auto fault = address_of(firmware, "thimble_fault");
  for (const auto *known : {&begin, &end, &fault}) {
    if (!*known) return tl::unexpected(known->error());
  }
  const std::vector<MemoryRange> map = memory_map(firmware.elf);
  const MemoryRange &text = range_of(map, MemoryPart::code);
  std::string config = "begin " + hex_address(*begin) + "\nend " + hex_address(*end & ~std::uint64_t{1}) +
                       "\nfault " + hex_address(*fault) + "\ntext " + hex_address(text.begin) + " " +
                       hex_address(text.end) + "\nlimit " +
                       std::to_string(profile.emulator.instruction_limit) + "\naligned " +
                       (profile.emulator.unaligned_access ? "0" : "1") + "\n";
  for (const MemoryRange &range : map) {
    // Parts, and behind them the arenas but the first.
    const std::size_t region =
        range.arena == 0 ? static_cast<std::size_t>(range.part) : kMemoryParts + range.arena - 1;
    config += "range " + hex_address(range.begin) + " " + hex_address(range.end) + " " +
              std::to_string(region) + (range.writable ? " 1" : " 0") +
              (range.part == MemoryPart::stack ? " 1\n" : " 0\n");
  }
  for (const Mark &mark : firmware.marks)
    config += "mark " + hex_address(mark.address) + " " + std::to_string(slot_of(operators, mark.op)) + "\n";
  return write_file(path, config);
}

std::string text_of(const fs::path &path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "";
}

/// The plugin's line on why it stopped the machine.
Violation parse_stop(std::istream &line, const fs::path &folder) {
  std::string kind;
  std::uint64_t address = 0, size = 0, instruction = 0;
  line >> kind >> address >> size >> instruction;
  Violation violation{ViolationKind::instruction, static_cast<std::uint32_t>(address),
                      static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(instruction)};
  if (kind == "read") violation.kind = ViolationKind::read;
  if (kind == "write") violation.kind = ViolationKind::write;
  if (kind == "unaligned") violation.kind = ViolationKind::unaligned;
  if (kind == "jump") violation.kind = ViolationKind::jump;
  if (kind == "limit") violation.kind = ViolationKind::limit;
  if (kind != "fault") return violation;
  if (const auto record = read_file(folder / "thimble_fault.bin"); record && record->size() == 12) {
    std::uint32_t words[3];
    std::memcpy(words, record->data(), sizeof words);
    if (words[0] != 0) violation.instruction = words[0];
    if (words[1] != 0) {
      violation.kind = ViolationKind::access;
      violation.address = words[2];
    }
  }
  return violation;
}

/// Fills in the emulation's counts.
Result<void> parse_result(const Profile &profile, const Firmware &firmware,
                          const std::vector<std::int32_t> &operators, Emulation &emulation) {
  std::istringstream stream(text_of(firmware.work_folder / "thimble_counts.txt"));
  const std::vector<MemoryRange> map = memory_map(firmware.elf);
  const std::uint32_t stack_top = range_of(map, MemoryPart::stack).end;
  std::vector<Counts> by_slot;  // of the inference whose lines are read
  for (std::string text; std::getline(stream, text);) {
    std::istringstream line(text);
    line.imbue(std::locale::classic());
    std::string kind;
    line >> kind;
    if (kind == "stop") {
      return violation_failure(profile, firmware, emulation.counts.size(),
                               parse_stop(line, firmware.work_folder));
    }
    if (kind == "run") {
      std::uint64_t lowest = 0;
      line >> lowest;
      if (!line || by_slot.size() != operators.size())
        return failure(profile.name + ": QEMU's counts cannot be read");
      add_inference(emulation, firmware, 0, operators, std::move(by_slot),
                    lowest < stack_top ? stack_top - static_cast<std::int64_t>(lowest) : 0);
      by_slot.clear();
      continue;
    }
    Counts counts;
    line >> counts.instructions;
    for (AccessCounts &part : counts.parts) line >> part.loads >> part.stores;
    AccessCounts &arena = counts.parts[static_cast<std::size_t>(MemoryPart::arena)];
    counts.arenas[0] = arena;
    for (std::size_t i = 1; i < firmware.arenas.size(); ++i) {
      line >> counts.arenas[i].loads >> counts.arenas[i].stores;
      arena.loads += counts.arenas[i].loads;
      arena.stores += counts.arenas[i].stores;
    }
    counts.cycles_estimate = counts.instructions;
    if (kind != "slot" || !line) return failure(profile.name + ": QEMU's counts cannot be read");
    by_slot.push_back(counts);
  }
  return {};
}

}  // namespace

Result<Emulation> emulate_qemu(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences) {
  const fs::path &folder = firmware.work_folder;
  std::error_code ignored;
  for (const char *stale : {"thimble_counts.txt", "thimble_output.bin", "thimble_fault.bin"}) {
    fs::remove(folder / stale, ignored);
  }
  if (auto built = build_plugin(folder); !built) return tl::unexpected(built.error());
  const std::vector<std::int32_t> operators = marked_operators(firmware);
  if (auto done = write_config(folder / "thimble_config.txt", profile, firmware, operators); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = write_inputs(folder / "thimble_input.bin", firmware, interface, inferences); !done) {
    return tl::unexpected(done.error());
  }
  ProcessRequest request;
  request.arguments = {profile.emulator.command,
                       "-M",
                       profile.emulator.machine,
                       "-nographic",
                       "-monitor",
                       "none",
                       "-serial",
                       "null",
                       "-semihosting-config",
                       "enable=on,target=native",
                       "-kernel",
                       firmware.image.filename().string(),
                       "-plugin",
                       "./libqemu_plugin.so,config=thimble_config.txt,result=thimble_counts.txt"};
  request.folder = folder;
  request.package = profile.emulator.package;
  request.timeout_seconds = static_cast<int>(profile.emulator.timeout_seconds);
  const auto outcome = run_process(request);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->timed_out) {
    return failure(profile.name + ": QEMU did not end within " + std::to_string(request.timeout_seconds) +
                   " s");
  }
  Emulation emulation;
  if (auto done = parse_result(profile, firmware, operators, emulation); !done)
    return tl::unexpected(done.error());
  const std::size_t runs = emulation.counts.size();
  if (outcome->exit_code == 3) {
    return failure(profile.name + ": inference " + std::to_string(runs == 0 ? 0 : runs - 1) + ": " +
                   firmware.name + "_run returned an error");
  }
  if (outcome->exit_code != 0 || runs != inferences.size()) {
    return failure(profile.name + ": QEMU ended early with exit code " + std::to_string(outcome->exit_code) +
                   (outcome->err.empty() ? "" : ": " + outcome->err.substr(0, outcome->err.find('\n'))));
  }
  auto outputs = read_outputs(folder / "thimble_output.bin", interface, inferences.size());
  if (!outputs) return tl::unexpected(outputs.error());
  emulation.outputs = std::move(*outputs);
  return emulation;
}

}  // namespace thimble
