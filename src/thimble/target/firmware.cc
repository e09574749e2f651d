#include "thimble/target/firmware.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <sstream>
#include <thread>

#include "thimble/base/files.h"
#include "thimble/target/process.h"
#include "thimble/target/support_files.h"

namespace thimble {
namespace {

std::string weights_prefix(const FirmwareRequest &request) {
  return request.weights.empty() ? request.name + "_weights" : request.weights;
}

namespace fs = std::filesystem;
using Flags = std::vector<std::string>;

constexpr int kCompileTimeoutSeconds = 1800;
constexpr std::size_t kShownComplaints = 5;
constexpr std::uint32_t kReservedFlash = 4096;  ///< the last page holds the emulator's return address

void append(Flags &flags, const Flags &more) {
  flags.insert(flags.end(), more.begin(), more.end());
}

bool is_identifier(const std::string &name) {
  const auto letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), letter);
}

/// The *.c files of the folder but main.c, in alphabetical order.
Result<std::vector<fs::path>> sources_of(const fs::path &folder) {
  std::error_code code;
  std::vector<fs::path> sources;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    const fs::path &path = entry->path();
    if (path.extension() == ".c" && path.filename() != "main.c") sources.push_back(path);
  }
  if (code) return file_failure(folder.string(), "cannot be listed: " + code.message());
  if (sources.empty()) return file_failure(folder.string(), "holds no C sources");
  std::sort(sources.begin(), sources.end());
  return sources;
}

/// A compiler's first complaints, one line each, after a line that names the step.
tl::unexpected<Error> complaints(const std::string &step, const ProcessOutcome &outcome) {
  Error error;
  auto add = [&](std::string text) { error.lines.push_back(failure(std::move(text)).value().lines[0]); };
  const std::string how =
      outcome.timed_out ? "was stopped after " + std::to_string(kCompileTimeoutSeconds) + " s" : "failed";
  add(step + " " + how);
  std::istringstream stream(outcome.err);
  std::vector<std::string> all, errors;
  for (std::string line; std::getline(stream, line);) {
    all.push_back(line.substr(0, 300));
    const bool complaint = line.find("error") != std::string::npos ||
                           line.find("undefined reference") != std::string::npos ||
                           line.find("overflowed") != std::string::npos;
    if (complaint) errors.push_back(all.back());
  }
  std::vector<std::string> &shown = errors.empty() ? all : errors;
  const std::size_t dropped = shown.size() > kShownComplaints ? shown.size() - kShownComplaints : 0;
  shown.resize(shown.size() - dropped);
  for (const std::string &line : shown) add("  " + line);
  if (dropped > 0) add("  ... and " + std::to_string(dropped) + " more");
  return tl::unexpected(error);
}

std::string arena_section(std::size_t index) {
  return index == 0 ? ".arena" : ".arena_" + std::to_string(index);
}

/// The request's arenas, or the one that there always is.
std::vector<ArenaPlace> arenas_of(const FirmwareRequest &request) {
  if (!request.arenas.empty()) return request.arenas;
  return {{request.name + "_arena"}};
}

/// Linker script: memories that arenas have to themselves, and the arenas' sections.
struct ArenaScript {
  std::string memories, sections;
};

ArenaScript arena_script(const FirmwareRequest &request) {
  ArenaScript script;
  const std::vector<ArenaPlace> arenas = arenas_of(request);
  for (std::size_t i = 0; i < arenas.size(); ++i) {
    const ArenaPlace &arena = arenas[i];
    const bool own = arena.bytes > 0;
    const std::string memory = own ? "ARENA_" + std::to_string(i) : "RAM";
    if (own) {
      script.memories += "  " + memory + " (rw) : ORIGIN = " + hex_address(arena.address) +
                         ", LENGTH = " + std::to_string(arena.bytes) + "\n";
    }
    script.sections += "  " + arena_section(i) + " (NOLOAD) : ALIGN(64) { *(.bss." + arena.symbol +
                       " .sbss." + arena.symbol + ")";
    if (!arena.section.empty()) script.sections += " *(" + arena.section + ")";
    if (i == 0) script.sections += " *(.arena .arena.*)";
    script.sections += " } > " + memory + "\n";
    if (!own) script.sections += "  .gap_arena_" + std::to_string(i) + " (NOLOAD) : { . += 4096; } > RAM\n";
  }
  return script;
}

struct Compilation {
  fs::path source, object;
  Flags flags;
};

Result<void> compile_one(const CompilerProfile &compiler, const Compilation &unit) {
  ProcessRequest request;
  request.arguments = {compiler.command};
  append(request.arguments, unit.flags);
  append(request.arguments, {"-c", unit.source.filename().string(), "-o", unit.object.string()});
  request.folder = unit.source.parent_path();  // so that complaints name the file without folders
  request.timeout_seconds = kCompileTimeoutSeconds;
  request.package = compiler.package;
  const auto outcome = run_process(request);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code == 0) return {};
  return complaints(compiler.command + " on " + unit.source.filename().string(), *outcome);
}

/// Compiles all units, as many at a time as there are processors; the first failure in their order counts.
Result<void> compile_all(const CompilerProfile &compiler, const std::vector<Compilation> &units) {
  std::vector<Result<void>> results(units.size());
  // The longest first: weights that start last would be waited for with the other processors idle.
  std::vector<std::pair<std::uintmax_t, std::size_t>> order;
  for (std::size_t i = 0; i < units.size(); ++i) {
    std::error_code code;
    const std::uintmax_t size = fs::file_size(units[i].source, code);
    order.emplace_back(code ? 0 : size, i);
  }
  std::sort(order.rbegin(), order.rend());
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (std::size_t n; (n = next++) < order.size();) {
      const std::size_t i = order[n].second;
      results[i] = compile_one(compiler, units[i]);
    }
  };
  std::vector<std::thread> helpers;
  const std::size_t wanted = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, units.size());
  for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers) helper.join();
  for (const Result<void> &result : results) {
    if (!result) return result;
  }
  return {};
}

/// Flags that make a compilation independent of any installed C library. -fbuiltin: freestanding alone would
/// keep the compiler from expanding a memcpy of four bytes.
Flags bare_metal_flags(const fs::path &work) {
  return {"-ffreestanding",
          "-fbuiltin",
          "-fno-common",
          "-fno-unwind-tables",
          "-fno-asynchronous-unwind-tables",
          "-isystem",
          (work / "include").string()};
}

Result<void> write_support(const Profile &profile, const FirmwareRequest &request, const fs::path &work) {
  std::map<std::string, std::string> files;
  if (profile.architecture == Architecture::host) {
    files["support/host_main.c"] = support_file("host_main.c");
    return write_files(work, files);
  }
  const EmulatorProfile &emulator = profile.emulator;
  const bool qemu = emulator.engine == Engine::qemu;
  files["include/string.h"] = support_file("string.h");
  files["support/memory.c"] = support_file("memory.c");
  const ArenaScript arenas = arena_script(request);
  files["firmware.ld"] =
      support_file("firmware.ld.in", {{"VECTORS", hex_address(emulator.vectors_base)},
                                      {"FLASH", hex_address(emulator.flash_base)},
                                      {"FLASH_BYTES", hex_address(emulator.flash_bytes - kReservedFlash)},
                                      {"RAM", hex_address(emulator.ram_base)},
                                      {"RAM_BYTES", hex_address(emulator.ram_bytes)},
                                      {"STACK_BYTES", std::to_string(emulator.stack_bytes)},
                                      {"GAP", "4096"},
                                      {"ARENA_MEMORIES", arenas.memories},
                                      {"ARENA_SECTIONS", arenas.sections},
                                      {"WEIGHTS", weights_prefix(request)},
                                      {"ENTRY", qemu ? "thimble_reset" : request.name + "_run"}});
  if (qemu) {
    files["support/qemu_host.c"] = support_file("qemu_host.c");
    files["support/qemu_start.S"] = support_file("qemu_start.S");
  }
  return write_files(work, files);
}

/// The files beside the network: what feeds it, and memcpy.
std::vector<Compilation> support_units(const Profile &profile, const FirmwareRequest &request,
                                       const fs::path &work, const Flags &flags) {
  std::vector<Compilation> units;
  auto add = [&](const std::string &file, const Flags &more) {
    Compilation unit{work / "support" / file, work / "objects" / ("support_" + file + ".o"), flags};
    append(unit.flags, more);
    units.push_back(std::move(unit));
  };
  const Flags names = {"-DTHIMBLE_RUN=" + request.name + "_run", "-DTHIMBLE_ARENA=" + request.name + "_arena",
                       "-DTHIMBLE_ARENAS=" + std::to_string(arenas_of(request).size())};
  if (profile.architecture == Architecture::host) {
    add("host_main.c", names);
    return units;
  }
  add("memory.c", {"-fno-tree-loop-distribute-patterns"});
  if (profile.emulator.engine == Engine::qemu) {
    add("qemu_host.c", names);
    add("qemu_start.S", names);
  }
  return units;
}

Result<void> link(const Profile &profile, const FirmwareRequest &request, const fs::path &work,
                  const std::vector<Compilation> &units, const fs::path &image) {
  ProcessRequest process;
  process.arguments = {profile.compiler.command};
  append(process.arguments, profile.compiler.flags);
  append(process.arguments, request.extra_flags);
  if (profile.architecture != Architecture::host) {
    append(process.arguments, {"-nostdlib", "-nostartfiles", "-static", "-Wl,--gc-sections",
                               "-Wl,--build-id=none", "-T", (work / "firmware.ld").string()});
    // What a user's firmware calls is kept, even though nothing calls it here.
    for (const char *kept : {"_run", "_arena", "_input", "_output"}) {
      process.arguments.push_back("-Wl,-u," + request.name + kept);
    }
  }
  append(process.arguments, {"-o", image.string()});
  for (const Compilation &unit : units) process.arguments.push_back(unit.object.string());
  if (profile.architecture != Architecture::host) process.arguments.emplace_back("-lgcc");
  process.timeout_seconds = kCompileTimeoutSeconds;
  process.package = profile.compiler.package;
  const auto outcome = run_process(process);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code == 0) return {};
  return complaints("linking " + request.name, *outcome);
}

std::int64_t size_of(const Elf &elf, const std::string &section) {
  const ElfSection *found = elf.section(section);
  return found == nullptr ? 0 : static_cast<std::int64_t>(found->size);
}

bool holds_weights(const FirmwareRequest &request, const fs::path &source) {
  return source.filename().string().rfind(weights_prefix(request), 0) == 0;
}

void add_object(const Elf &object, bool weights, Sizes &sizes) {
  for (const ElfSection &section : object.sections) {
    const auto size = static_cast<std::int64_t>(section.size);
    if (!section.allocated || section.name.rfind(".ARM.", 0) == 0) continue;
    if (section.executable) {
      sizes.text += size;
    } else if (section.writable) {
      (section.bytes.empty() ? sizes.bss : sizes.data) += size;
    } else {
      (weights ? sizes.weights : sizes.rodata) += size;
    }
  }
}

/// Adds up the objects of the program's own sources.
Result<Sizes> measure_objects(const FirmwareRequest &request, const std::vector<Compilation> &own) {
  Sizes sizes;
  for (const Compilation &unit : own) {
    const auto object = read_elf(unit.object);
    if (!object) return tl::unexpected(object.error());
    add_object(*object, holds_weights(request, unit.source), sizes);
  }
  return sizes;
}

Result<void> measure(const FirmwareRequest &request, const std::vector<Compilation> &own,
                     Firmware &firmware) {
  firmware.linked.text = size_of(firmware.elf, ".text");
  firmware.linked.rodata = size_of(firmware.elf, ".rodata");
  firmware.linked.weights = size_of(firmware.elf, ".weights");
  firmware.linked.data = size_of(firmware.elf, ".data");
  firmware.linked.bss = size_of(firmware.elf, ".bss");
  for (std::size_t i = 0; i < firmware.arenas.size(); ++i)
    firmware.linked.bss += size_of(firmware.elf, arena_section(i));
  const auto objects = measure_objects(request, own);
  if (!objects) return tl::unexpected(objects.error());
  firmware.objects = *objects;
  return {};
}

/// What both entry points begin with: the program's own sources and how to compile them.
struct Preparation {
  fs::path work;
  Flags flags;
  std::vector<Compilation> own;
};

Result<Preparation> prepare(const Profile &profile, const FirmwareRequest &request) {
  if (request.arenas.size() > kMostArrays)
    return failure("more than " + std::to_string(kMostArrays) + " arenas");
  if (!is_identifier(request.name)) return failure("'" + request.name + "' is not a C identifier");
  const auto sources = sources_of(fs::absolute(request.folder));
  if (!sources) return tl::unexpected(sources.error());
  Preparation result{fs::absolute(request.work_folder), profile.compiler.flags, {}};
  std::error_code code;
  fs::create_directories(result.work / "objects", code);
  if (code) return file_failure(result.work.string(), "cannot be made: " + code.message());
  if (auto written = write_support(profile, request, result.work); !written) {
    return tl::unexpected(written.error());
  }
  if (profile.architecture != Architecture::host) append(result.flags, bare_metal_flags(result.work));
  append(result.flags, request.extra_flags);
  for (const ArenaPlace &arena : request.arenas) {
    // The sanitizers watch no array in a section of its own.
    if (profile.architecture == Architecture::host && !arena.section.empty())
      result.flags.push_back("-D" + arena.attribute + "=");
  }
  for (const fs::path &source : *sources) {
    result.own.push_back({source, result.work / "objects" / (source.stem().string() + ".o"), result.flags});
  }
  return result;
}

}  // namespace

Result<Sizes> measure_code(const Profile &profile, const FirmwareRequest &request) {
  auto prepared = prepare(profile, request);
  if (!prepared) return tl::unexpected(prepared.error());
  std::erase_if(prepared->own, [&](const Compilation &unit) { return holds_weights(request, unit.source); });
  if (auto done = compile_all(profile.compiler, prepared->own); !done) return tl::unexpected(done.error());
  return measure_objects(request, prepared->own);
}

Result<Firmware> build_firmware(const Profile &profile, const FirmwareRequest &request) {
  const auto prepared = prepare(profile, request);
  if (!prepared) return tl::unexpected(prepared.error());
  const fs::path &work = prepared->work;
  const std::vector<Compilation> &own = prepared->own;
  const bool bare_metal = profile.architecture != Architecture::host;
  std::vector<Compilation> units = own;
  for (Compilation &unit : support_units(profile, request, work, prepared->flags)) {
    units.push_back(std::move(unit));
  }
  if (auto done = compile_all(profile.compiler, units); !done) return tl::unexpected(done.error());

  Firmware firmware;
  firmware.name = request.name;
  firmware.work_folder = work;
  firmware.image = work / (request.name + (bare_metal ? ".elf" : "_host"));
  if (auto done = link(profile, request, work, units, firmware.image); !done) {
    return tl::unexpected(done.error());
  }
  auto elf = read_elf(firmware.image);
  if (!elf) return tl::unexpected(elf.error());
  firmware.elf = std::move(*elf);
  if (bare_metal) firmware.marks = read_marks(firmware.elf);
  for (const char *needed : {"_run", "_arena"}) {
    if (firmware.elf.symbol(request.name + needed) == nullptr) {
      return file_failure(request.folder.string(), "does not define " + request.name + needed,
                          "check the name that the sources were emitted with");
    }
  }
  for (const ArenaPlace &arena : arenas_of(request)) {
    const ElfSymbol *symbol = firmware.elf.symbol(arena.symbol);
    if (symbol == nullptr) return file_failure(request.folder.string(), "does not define " + arena.symbol);
    firmware.arenas.push_back({symbol->address, static_cast<std::int64_t>(symbol->size), arena.wait_cycles});
  }
  if (bare_metal) {
    if (auto done = measure(request, own, firmware); !done) return tl::unexpected(done.error());
  }
  return firmware;
}

}  // namespace thimble
