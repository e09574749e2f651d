// In-process emulation with Unicorn.
//
// Instructions and cycles are counted per translated block, with the block's cost looked up by its address: a
// hook per instruction would cost several times as much. (Its count would also leave out instructions skipped
// by their IT block, which take a cycle on the core and which QEMU's plugins count.) Memory hooks see every
// access. When one leaves the program's memory, the whole run is repeated with a hook per instruction, which
// knows the exact address.
//
// Where the program marks its operators, a hook at each mark changes what is counted for, and moves the part
// of the block that is still to come:
//
//   block of 5 instructions        counted for A at its beginning: 5
//     ldr, add                     A keeps 2 ...
//     mark of B: mov, mov, bl      ... and 3 go to B
#include <unicorn/unicorn.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "thimble/target/cycles.h"
#include "thimble/target/engines.h"
#include "thimble/target/memory_map.h"

namespace thimble {
namespace {

constexpr std::uint8_t kPoison = 0xA5;

struct CpuName {
  const char *name;
  int model;
  bool has_fpu;
};
constexpr CpuName kArmCpus[] = {{"cortex-m0", UC_CPU_ARM_CORTEX_M0, false},
                                {"cortex-m3", UC_CPU_ARM_CORTEX_M3, false},
                                {"cortex-m4", UC_CPU_ARM_CORTEX_M4, true},
                                {"cortex-m7", UC_CPU_ARM_CORTEX_M7, true},
                                {"cortex-m33", UC_CPU_ARM_CORTEX_M33, true}};

struct CloseEngine {
  void operator()(uc_engine *engine) const { uc_close(engine); }
};
using EngineHandle = std::unique_ptr<uc_engine, CloseEngine>;

/// Everything the hooks touch.
struct Machine {
  const Profile *profile = nullptr;
  const ElfSection *text = nullptr;
  std::vector<MemoryRange> map;
  EngineHandle engine;
  std::uint32_t stop_address = 0;  ///< where NAME_run returns to
  std::uint32_t taken_cycles = 0;

  // Costs of the blocks seen so far; by_halfword[(address - text) / 2] is an index into them, or -1.
  std::vector<BlockCost> blocks;
  std::vector<std::int32_t> by_halfword;

  // What is counted apart: by operator, where the program has marks.
  std::vector<std::int32_t> operators;
  std::map<std::uint32_t, std::size_t> slot_at;  ///< by a mark's address, index into `operators`
  std::map<std::pair<std::uint32_t, std::uint32_t>, BlockCost>
      before_mark;  ///< by beginnings of block and mark

  // Of the current inference.
  std::vector<Counts> counts;  ///< parallel to `operators`
  Counts *now = nullptr;       ///< the one of them that counts
  std::uint64_t executed = 0;  ///< instructions
  const BlockCost *block = nullptr;
  std::uint32_t block_address = 0;
  std::uint32_t lowest_stack = 0;
  std::uint32_t fall_through = 0;      ///< of the conditional branch that ended the last block, or 0
  std::uint32_t last_instruction = 0;  ///< exact with the hook per instruction, else the start of its block
  std::optional<Violation> violation;
  std::optional<Error> internal_error;

  void stop(const Violation &found) {
    if (!violation) violation = found;
    uc_emu_stop(engine.get());
  }
};

const BlockCost *find_block(Machine &machine, std::uint32_t address, std::uint32_t size) {
  const auto offset = static_cast<std::uint32_t>(address - machine.text->address);
  std::int32_t &index = machine.by_halfword[offset / 2];
  if (index >= 0 && machine.blocks[static_cast<std::size_t>(index)].bytes == size) {
    return &machine.blocks[static_cast<std::size_t>(index)];
  }
  auto cost = block_cost(*machine.profile, machine.text->bytes.data() + offset, size, address);
  if (!cost) {
    machine.internal_error = cost.error();
    return nullptr;
  }
  index = static_cast<std::int32_t>(machine.blocks.size());
  machine.blocks.push_back(*cost);
  return &machine.blocks.back();
}

void on_block(uc_engine *engine, std::uint64_t raw_address, std::uint32_t size, void *data) {
  Machine &machine = *static_cast<Machine *>(data);
  const auto address = static_cast<std::uint32_t>(raw_address);
  if (machine.fall_through != 0 && machine.fall_through != address) {
    machine.now->cycles_estimate += machine.taken_cycles;
  }
  machine.fall_through = 0;
  if (address == machine.stop_address) return;
  if (address < machine.text->address ||
      address + std::uint64_t{size} > machine.text->address + machine.text->size) {
    machine.stop({ViolationKind::jump, address, 0, machine.last_instruction});
    return;
  }
  const BlockCost *cost = find_block(machine, address, size);
  if (cost == nullptr) {
    uc_emu_stop(engine);
    return;
  }
  machine.last_instruction = address;
  machine.fall_through = cost->fall_through;
  machine.block = cost;
  machine.block_address = address;
  machine.now->instructions += cost->instructions;
  machine.now->cycles_estimate += cost->cycles;
  machine.executed += cost->instructions;
  if (machine.executed > static_cast<std::uint64_t>(machine.profile->emulator.instruction_limit)) {
    machine.stop({ViolationKind::limit, 0, 0, address});
  }
}

/// Cost of the current block up to a mark in it.
const BlockCost *cost_before(Machine &machine, std::uint32_t address) {
  const auto [found, is_new] = machine.before_mark.try_emplace({machine.block_address, address});
  if (is_new) {
    const std::uint8_t *code = machine.text->bytes.data() +
                               (machine.block_address - static_cast<std::uint32_t>(machine.text->address));
    auto cost = block_cost(*machine.profile, code, address - machine.block_address, machine.block_address);
    if (!cost) {
      machine.internal_error = cost.error();
      return nullptr;
    }
    found->second = *cost;
  }
  return &found->second;
}

void on_mark(uc_engine *engine, std::uint64_t raw_address, std::uint32_t, void *data) {
  Machine &machine = *static_cast<Machine *>(data);
  const auto address = static_cast<std::uint32_t>(raw_address);
  const BlockCost *before = cost_before(machine, address);
  if (before == nullptr) {
    uc_emu_stop(engine);
    return;
  }
  Counts &next = machine.counts[machine.slot_at.at(address)];
  const std::uint32_t instructions = machine.block->instructions - before->instructions;
  const std::uint32_t cycles = machine.block->cycles - before->cycles;
  machine.now->instructions -= instructions;
  machine.now->cycles_estimate -= cycles;
  next.instructions += instructions;
  next.cycles_estimate += cycles;
  machine.now = &next;
}

void on_instruction(uc_engine *, std::uint64_t address, std::uint32_t, void *data) {
  static_cast<Machine *>(data)->last_instruction = static_cast<std::uint32_t>(address);
}

void on_memory(uc_engine *, uc_mem_type type, std::uint64_t raw_address, int size, std::int64_t, void *data) {
  Machine &machine = *static_cast<Machine *>(data);
  const auto address = static_cast<std::uint32_t>(raw_address);
  const auto bytes = static_cast<std::uint32_t>(size);
  const bool is_store = type == UC_MEM_WRITE;
  for (const MemoryRange &range : machine.map) {
    if (address < range.begin || address >= range.end || bytes > range.end - address) continue;
    if (is_store && !range.writable) break;
    if (!machine.profile->emulator.unaligned_access && (address & (std::min(bytes, 4u) - 1)) != 0) {
      machine.stop({ViolationKind::unaligned, address, bytes, machine.last_instruction});
      return;
    }
    AccessCounts &counts = machine.now->parts[static_cast<std::size_t>(range.part)];
    ++(is_store ? counts.stores : counts.loads);
    if (range.part == MemoryPart::arena) {
      AccessCounts &arena = machine.now->arenas[range.arena];
      ++(is_store ? arena.stores : arena.loads);
    }
    if (range.part == MemoryPart::stack) machine.lowest_stack = std::min(machine.lowest_stack, address);
    return;
  }
  machine.stop(
      {is_store ? ViolationKind::write : ViolationKind::read, address, bytes, machine.last_instruction});
}

/// Memory that is not mapped at all, or may not be executed.
bool on_invalid(uc_engine *, uc_mem_type type, std::uint64_t address, int size, std::int64_t, void *data) {
  Machine &machine = *static_cast<Machine *>(data);
  ViolationKind kind = ViolationKind::read;
  if (type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT) kind = ViolationKind::write;
  if (type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT) kind = ViolationKind::jump;
  machine.stop({kind, static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(size),
                machine.last_instruction});
  return false;
}

tl::unexpected<Error> unicorn_failure(const Profile &profile, const char *what, uc_err code) {
  return failure(profile.name + ": the emulator could not " + what + ": " + uc_strerror(code));
}

Result<EngineHandle> open_engine(const Profile &profile) {
  uc_engine *raw = nullptr;
  if (profile.architecture == Architecture::riscv32) {
    const uc_err code = uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &raw);
    if (code != UC_ERR_OK) return unicorn_failure(profile, "open", code);
    return EngineHandle(raw);
  }
  const uc_err opened = uc_open(UC_ARCH_ARM, static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS), &raw);
  if (opened != UC_ERR_OK) return unicorn_failure(profile, "open", opened);
  EngineHandle engine(raw);
  const auto cpu = std::find_if(std::begin(kArmCpus), std::end(kArmCpus),
                                [&](const CpuName &known) { return profile.emulator.cpu == known.name; });
  if (cpu == std::end(kArmCpus)) return failure(profile.name + ": no CPU '" + profile.emulator.cpu + "'");
  if (const uc_err code = uc_ctl_set_cpu_model(raw, cpu->model); code != UC_ERR_OK) {
    return unicorn_failure(profile, "choose the CPU", code);
  }
  if (cpu->has_fpu) {
    std::uint32_t access = 0xFu << 20;  // CPACR: coprocessors 10 and 11
    std::uint32_t enable = 1u << 30;    // FPEXC.EN
    uc_reg_write(raw, UC_ARM_REG_C1_C0_2, &access);
    uc_reg_write(raw, UC_ARM_REG_FPEXC, &enable);
  }
  return engine;
}

Result<void> load_image(Machine &machine, const Elf &elf) {
  const EmulatorProfile &emulator = machine.profile->emulator;
  uc_engine *engine = machine.engine.get();
  uc_err code = uc_mem_map(engine, emulator.flash_base, emulator.flash_bytes, UC_PROT_READ | UC_PROT_EXEC);
  if (code == UC_ERR_OK) {
    code = uc_mem_map(engine, emulator.ram_base, emulator.ram_bytes, UC_PROT_READ | UC_PROT_WRITE);
  }
  constexpr std::uint32_t kPage = 4096;
  for (const MemoryProfile &memory : machine.profile->memories) {
    const auto bytes = static_cast<std::uint32_t>(memory.bytes + kPage - 1) / kPage * kPage;
    if (code == UC_ERR_OK) code = uc_mem_map(engine, memory.address, bytes, UC_PROT_READ | UC_PROT_WRITE);
  }
  for (const ElfSection &section : elf.sections) {
    if (code != UC_ERR_OK || !section.allocated || section.bytes.empty()) continue;
    code = uc_mem_write(engine, section.address, section.bytes.data(), section.bytes.size());
  }
  for (const MemoryRange &range : machine.map) {
    if (range.part != MemoryPart::arena && range.part != MemoryPart::stack) continue;
    const std::vector<std::uint8_t> poison(range.end - range.begin, kPoison);
    if (code == UC_ERR_OK && !poison.empty()) {
      code = uc_mem_write(engine, range.begin, poison.data(), poison.size());
    }
  }
  if (code != UC_ERR_OK) return unicorn_failure(*machine.profile, "load the image", code);
  return {};
}

Result<void> add_hooks(Machine &machine, bool precise) {
  uc_engine *engine = machine.engine.get();
  uc_hook hook = 0;
  // begin > end: everywhere.
  uc_err code = uc_hook_add(engine, &hook, UC_HOOK_BLOCK, reinterpret_cast<void *>(on_block), &machine, 1, 0);
  if (code == UC_ERR_OK) {
    code = uc_hook_add(engine, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                       reinterpret_cast<void *>(on_memory), &machine, 1, 0);
  }
  if (code == UC_ERR_OK) {
    code =
        uc_hook_add(engine, &hook, UC_HOOK_MEM_INVALID, reinterpret_cast<void *>(on_invalid), &machine, 1, 0);
  }
  if (code == UC_ERR_OK && precise) {
    code = uc_hook_add(engine, &hook, UC_HOOK_CODE, reinterpret_cast<void *>(on_instruction), &machine, 1, 0);
  }
  // After the hook per block, which comes first where a block begins with a mark.
  for (const auto &[address, slot] : machine.slot_at) {
    if (code != UC_ERR_OK) break;
    code = uc_hook_add(engine, &hook, UC_HOOK_CODE, reinterpret_cast<void *>(on_mark), &machine, address,
                       address);
  }
  if (code != UC_ERR_OK) return unicorn_failure(*machine.profile, "observe", code);
  return {};
}

struct Registers {
  int stack_pointer, return_address, argument;
};

/// Calls NAME_run(arena); its return value.
Result<std::uint32_t> call(Machine &machine, const Firmware &firmware, std::size_t inference) {
  const bool arm = machine.profile->architecture == Architecture::arm_m;
  const Registers registers = arm ? Registers{UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_R0}
                                  : Registers{UC_RISCV_REG_SP, UC_RISCV_REG_RA, UC_RISCV_REG_A0};
  const std::uint32_t thumb = arm ? 1 : 0;
  std::uint32_t stack_top = range_of(machine.map, MemoryPart::stack).end;
  std::uint32_t return_to = machine.stop_address | thumb;
  auto arena = static_cast<std::uint32_t>(firmware.elf.symbol(firmware.name + "_arena")->address);
  const auto entry = static_cast<std::uint32_t>(firmware.elf.symbol(firmware.name + "_run")->address);
  uc_engine *engine = machine.engine.get();
  uc_reg_write(engine, registers.stack_pointer, &stack_top);
  uc_reg_write(engine, registers.return_address, &return_to);
  uc_reg_write(engine, registers.argument, &arena);

  machine.counts.assign(machine.operators.size(), Counts{});
  machine.now = machine.counts.data();
  machine.executed = 0;
  machine.lowest_stack = stack_top;
  machine.fall_through = 0;
  machine.last_instruction = entry;
  const uc_err code = uc_emu_start(engine, entry | thumb, machine.stop_address, 0, 0);
  if (machine.internal_error) return tl::unexpected(*machine.internal_error);
  if (code != UC_ERR_OK && !machine.violation) {
    machine.violation = Violation{ViolationKind::instruction, 0, 0, machine.last_instruction};
  }
  if (machine.violation) return violation_failure(*machine.profile, firmware, inference, *machine.violation);

  std::uint32_t returned = 0;
  uc_reg_read(engine, registers.argument, &returned);
  return returned;
}

/// One whole run; `imprecise` tells whether it failed by a violation that a precise run locates better.
Result<Emulation> run(const Profile &profile, const Firmware &firmware, const ArenaInterface &interface,
                      const std::vector<TensorBytes> &inferences, bool precise, bool &imprecise) {
  Machine machine;
  machine.profile = &profile;
  machine.text = firmware.elf.section(".text");
  machine.map = memory_map(firmware.elf);
  machine.stop_address = profile.emulator.flash_base + profile.emulator.flash_bytes - 16;
  machine.taken_cycles = taken_branch_cycles(profile.cycles.model);
  if (machine.text == nullptr) return failure(profile.name + ": the image has no code");
  machine.operators = marked_operators(firmware);
  for (const Mark &mark : firmware.marks) machine.slot_at[mark.address] = slot_of(machine.operators, mark.op);
  machine.by_halfword.assign(machine.text->size / 2 + 1, -1);
  auto engine = open_engine(profile);
  if (!engine) return tl::unexpected(engine.error());
  machine.engine = std::move(*engine);
  if (auto loaded = load_image(machine, firmware.elf); !loaded) return tl::unexpected(loaded.error());
  if (auto added = add_hooks(machine, precise); !added) return tl::unexpected(added.error());

  auto address_of = [&](const ArenaRange &range) {
    return firmware.arenas[range.arena].address + static_cast<std::uint64_t>(range.offset);
  };
  Emulation emulation;
  for (std::size_t i = 0; i < inferences.size(); ++i) {
    for (std::size_t k = 0; k < interface.inputs.size(); ++k) {
      const auto &bytes = inferences[i][k];
      uc_mem_write(machine.engine.get(), address_of(interface.inputs[k]), bytes.data(), bytes.size());
    }
    const auto returned = call(machine, firmware, i);
    imprecise = !precise && machine.violation && machine.violation->kind != ViolationKind::limit;
    if (!returned) return tl::unexpected(returned.error());
    if (*returned != 0) {
      return failure(profile.name + ": inference " + std::to_string(i) + ": " + firmware.name +
                     "_run returned " + std::to_string(static_cast<std::int32_t>(*returned)));
    }
    TensorBytes outputs;
    for (const ArenaRange &range : interface.outputs) {
      auto &bytes = outputs.emplace_back(static_cast<std::size_t>(range.bytes));
      uc_mem_read(machine.engine.get(), address_of(range), bytes.data(), bytes.size());
    }
    emulation.outputs.push_back(std::move(outputs));
    add_inference(emulation, firmware, static_cast<std::uint64_t>(profile.cycles.flash_wait_states),
                  machine.operators, machine.counts,
                  range_of(machine.map, MemoryPart::stack).end - std::int64_t{machine.lowest_stack});
  }
  return emulation;
}

}  // namespace

Result<Emulation> emulate_unicorn(const Profile &profile, const Firmware &firmware,
                                  const ArenaInterface &interface,
                                  const std::vector<TensorBytes> &inferences) {
  bool imprecise = false;
  auto emulation = run(profile, firmware, interface, inferences, false, imprecise);
  if (!imprecise) return emulation;
  return run(profile, firmware, interface, inferences, true, imprecise);
}

}  // namespace thimble
