#include "thimble/device/profile.h"

#include <algorithm>
#include <filesystem>

#include "thimble/base/embedded.h"
#include "thimble/base/files.h"
#include "thimble/device/toml_reader.h"

namespace thimble {

namespace devices {
const std::vector<EmbeddedFile> &embedded_files();
}

namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::int64_t kAddressEnd = std::int64_t{1} << 32;
constexpr std::int64_t kLargeCount = std::int64_t{1} << 50;

std::uint32_t address(TomlReader &reader, const char *path) {
  return static_cast<std::uint32_t>(reader.integer(path, 0, kAddressEnd - kPage, kPage));
}

std::uint32_t memory_size(TomlReader &reader, const char *path) {
  return static_cast<std::uint32_t>(reader.integer(path, kPage, std::int64_t{1} << 31, kPage));
}

void read_memory_map(TomlReader &reader, EmulatorProfile &emulator) {
  emulator.flash_base = address(reader, "emulator.flash_base");
  emulator.flash_bytes = memory_size(reader, "emulator.flash_bytes");
  emulator.ram_base = address(reader, "emulator.ram_base");
  emulator.ram_bytes = memory_size(reader, "emulator.ram_bytes");
  emulator.stack_bytes =
      static_cast<std::uint32_t>(reader.integer("emulator.stack_bytes", 256, std::int64_t{1} << 24, 16));
  const std::int64_t flash_end = std::int64_t{emulator.flash_base} + emulator.flash_bytes;
  const std::int64_t ram_end = std::int64_t{emulator.ram_base} + emulator.ram_bytes;
  if (flash_end > kAddressEnd) reader.fault("emulator.flash_bytes", "flash ends beyond 4 GiB");
  if (ram_end > kAddressEnd) reader.fault("emulator.ram_bytes", "RAM ends beyond 4 GiB");
  if (emulator.ram_base < flash_end && emulator.flash_base < ram_end) {
    reader.fault("emulator.ram_base", "flash and RAM overlap");
  }
  if (emulator.stack_bytes >= emulator.ram_bytes) {
    reader.fault("emulator.stack_bytes", "the stack does not fit into RAM");
  }
}

void read_emulator(TomlReader &reader, Profile &profile) {
  EmulatorProfile &emulator = profile.emulator;
  if (profile.architecture == Architecture::host) {
    reader.choice("emulator.engine", {"host"});
    emulator.engine = Engine::host;
  } else {
    emulator.engine =
        reader.choice("emulator.engine", {"unicorn", "qemu"}) == 0 ? Engine::unicorn : Engine::qemu;
    read_memory_map(reader, emulator);
    emulator.unaligned_access = reader.boolean("emulator.unaligned_access");
    emulator.instruction_limit = reader.integer("emulator.instruction_limit", 1, kLargeCount);
  }
  if (emulator.engine != Engine::unicorn) {
    emulator.timeout_seconds = reader.integer("emulator.timeout_seconds", 1, 1'000'000);
  }
  if (emulator.engine == Engine::unicorn) {
    emulator.cpu = reader.string("emulator.cpu");
    if (profile.architecture == Architecture::riscv32) {
      reader.choice("emulator.cpu", {"riscv32"});
    } else {
      reader.choice("emulator.cpu", {"cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"});
    }
  }
  if (emulator.engine == Engine::qemu) {
    emulator.command = reader.string("emulator.command");
    emulator.package = reader.string("emulator.package");
    emulator.machine = reader.string("emulator.machine");
    emulator.vectors_base = address(reader, "emulator.vectors_base");
    if (profile.architecture != Architecture::arm_m) {
      reader.fault("emulator.engine", "qemu is there for architecture arm-m only");
    }
    // The plugin counts; it does not disassemble.
    if (profile.cycles.model != CycleModel::instructions || profile.cycles.flash_wait_states != 0) {
      reader.fault("cycles.model", "with engine qemu only 'instructions' without wait states is there");
    }
  }
}

void read_board(TomlReader &reader, Profile &profile) {
  profile.clock_hz = reader.integer("clock_hz", 1, 100'000'000'000);
  profile.ram_bytes = reader.integer("ram_bytes", 1, kAddressEnd);
  profile.flash_bytes = reader.integer("flash_bytes", 1, kAddressEnd);
  constexpr CycleModel kModels[] = {CycleModel::instructions, CycleModel::cortex_m0plus,
                                    CycleModel::cortex_m4};
  profile.cycles.model =
      kModels[reader.choice("cycles.model", {"instructions", "cortex-m0plus", "cortex-m4"})];
  profile.cycles.flash_wait_states =
      static_cast<std::int32_t>(reader.integer("cycles.flash_wait_states", 0, 15));
  profile.cycles.per_1000_macs = reader.integer("cycles.per_1000_macs", 1, 100'000'000);
  if (profile.architecture == Architecture::riscv32 && profile.cycles.model != CycleModel::instructions) {
    reader.fault("cycles.model", "riscv32 has 'instructions' only");
  }
}

struct AddressRange {
  std::int64_t begin = 0, end = 0;
  bool meets(const AddressRange &other) const { return begin < other.end && other.begin < end; }
};

void read_memories(TomlReader &reader, Profile &profile) {
  const std::size_t count = reader.tables("memories");
  if (count > kMostMemories)
    reader.fault("memories", "at most " + std::to_string(kMostMemories) + " memories are possible");
  const EmulatorProfile &emulator = profile.emulator;
  const auto range = [](std::int64_t base, std::int64_t bytes) {
    return AddressRange{base, base + (bytes + kPage - 1) / kPage * kPage};
  };
  std::vector<AddressRange> taken = {range(emulator.flash_base, emulator.flash_bytes),
                                     range(emulator.ram_base, emulator.ram_bytes)};
  for (std::size_t i = 0; i < count && i < kMostMemories; ++i) {
    const std::string path = "memories[" + std::to_string(i) + "].";
    MemoryProfile memory;
    memory.name = reader.string(path + "name");
    memory.bytes = reader.integer(path + "bytes", kLeastMemoryBytes, std::int64_t{1} << 28);
    memory.wait_cycles = static_cast<std::int32_t>(reader.integer(path + "wait_cycles", 0, kMostWaitCycles));
    if (reader.has(path + "section")) memory.section = reader.string(path + "section");
    if (const std::string fault = memory_name_fault(memory.name); !fault.empty())
      reader.fault(path + "name", fault);
    const bool section_good = std::all_of(memory.section.begin(), memory.section.end(), [](char c) {
      return c == '.' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (c >= '0' && c <= '9');
    });
    if (!section_good) reader.fault(path + "section", "expected letters, digits, '.' and '_'");
    for (const MemoryProfile &other : profile.memories) {
      if (other.name == memory.name) reader.fault(path + "name", "is the name of another memory, too");
    }
    if (profile.architecture != Architecture::host) {
      memory.address = address(reader, (path + "address").c_str());
      const AddressRange here = range(memory.address, memory.bytes);
      if (here.end > kAddressEnd) reader.fault(path + "address", "the memory ends beyond 4 GiB");
      if (std::any_of(taken.begin(), taken.end(), [&](const AddressRange &one) { return one.meets(here); }))
        reader.fault(path + "address", "overlaps flash, RAM or another memory");
      taken.push_back(here);
    }
    profile.memories.push_back(std::move(memory));
  }
}

}  // namespace

std::string memory_name_fault(const std::string &name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool good = !name.empty() && name.size() <= 16 && letter(name[0]) &&
                    std::all_of(name.begin(), name.end(),
                                [&](char c) { return letter(c) || c == '_' || (c >= '0' && c <= '9'); });
  return good ? "" : "expected at most 16 small letters, digits and underscores, a letter first";
}

const char *name_of(KernelSet kernels) {
  switch (kernels) {
    case KernelSet::portable:
      return "portable";
    case KernelSet::pairs:
      return "pairs";
    case KernelSet::helium:
      break;
  }
  return "helium";
}

Result<Profile> parse_profile(const std::string &text, const std::string &file) {
  auto reader = TomlReader::parse(text, file);
  if (!reader) return tl::unexpected(reader.error());
  Profile profile;
  profile.name = std::filesystem::path(file).stem().string();
  profile.description = reader->string("description");
  profile.core = reader->string("core");
  constexpr Architecture kArchitectures[] = {Architecture::host, Architecture::arm_m, Architecture::riscv32};
  profile.architecture = kArchitectures[reader->choice("architecture", {"host", "arm-m", "riscv32"})];
  constexpr KernelSet kKernels[] = {KernelSet::portable, KernelSet::pairs, KernelSet::helium};
  profile.kernels = kKernels[reader->choice("kernels", {"portable", "pairs", "helium"})];
  profile.compiler.command = reader->string("compiler.command");
  profile.compiler.package = reader->string("compiler.package");
  profile.compiler.flags = reader->strings("compiler.flags");
  if (profile.architecture != Architecture::host) read_board(*reader, profile);
  read_emulator(*reader, profile);
  read_memories(*reader, profile);
  if (auto finished = reader->finish(); !finished) return tl::unexpected(finished.error());
  return profile;
}

Result<Profile> load_profile(const std::string &name_or_path) {
  for (const EmbeddedFile &file : devices::embedded_files()) {
    if (file.name == name_or_path + ".toml") return parse_profile(file.text, file.name);
  }
  const bool is_path = name_or_path.find('/') != std::string::npos ||
                       std::filesystem::path(name_or_path).extension() == ".toml";
  if (!is_path) {
    std::string names;
    for (const std::string &name : profile_names()) names += (names.empty() ? "" : ", ") + name;
    return failure("unknown device '" + name_or_path + "'", "use one of " + names + ", or a path to a .toml");
  }
  const auto bytes = read_file(name_or_path, std::uint64_t{1} << 20);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_profile(std::string(bytes->begin(), bytes->end()), name_or_path);
}

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile &file : devices::embedded_files()) {
    names.push_back(std::filesystem::path(file.name).stem().string());
  }
  std::sort(names.begin(), names.end());
  std::stable_partition(names.begin(), names.end(), [](const std::string &name) { return name == "host"; });
  return names;
}

}  // namespace thimble
