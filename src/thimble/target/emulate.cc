#include "thimble/target/emulate.h"

#include <algorithm>

#include "thimble/target/engines.h"

namespace thimble {
namespace {

constexpr std::size_t kMaxTensors = 256;  ///< MAX_RANGES of support/host_main.c and qemu_host.c

Result<void> check_arguments(const Firmware &firmware, const ArenaInterface &interface,
                             const std::vector<TensorBytes> &inferences) {
  if (interface.inputs.size() + interface.outputs.size() > kMaxTensors) {
    return failure("more than " + std::to_string(kMaxTensors) + " inputs and outputs");
  }
  for (const auto *ranges : {&interface.inputs, &interface.outputs}) {
    for (const ArenaRange &range : *ranges) {
      if (range.arena >= firmware.arenas.size())
        return failure("a tensor lies in an arena that is not there");
      const std::int64_t arena = firmware.arenas[range.arena].bytes;
      if (range.offset >= 0 && range.bytes >= 0 && range.offset <= arena &&
          range.bytes <= arena - range.offset) {
        continue;
      }
      return failure("a tensor of " + std::to_string(range.bytes) + " bytes at offset " +
                     std::to_string(range.offset) + " leaves the arena of " + std::to_string(arena) +
                     " bytes");
    }
  }
  for (std::size_t i = 0; i < inferences.size(); ++i) {
    bool good = inferences[i].size() == interface.inputs.size();
    for (std::size_t k = 0; good && k < interface.inputs.size(); ++k) {
      good = inferences[i][k].size() == static_cast<std::size_t>(interface.inputs[k].bytes);
    }
    if (!good)
      return failure("inference " + std::to_string(i) + ": its inputs have the wrong number or size");
  }
  return {};
}

/// Cycles that accesses wait for arenas in slow memories.
std::uint64_t arena_waits(const Firmware &firmware, const Counts &counts) {
  std::uint64_t cycles = 0;
  for (std::size_t i = 0; i < firmware.arenas.size(); ++i) {
    const AccessCounts &arena = counts.arenas[i];
    cycles += (arena.loads + arena.stores) * static_cast<std::uint64_t>(firmware.arenas[i].wait_cycles);
  }
  return cycles;
}

std::uint64_t flash_loads(const Counts &counts) {
  std::uint64_t loads = 0;
  for (const MemoryPart part : {MemoryPart::code, MemoryPart::constants, MemoryPart::weights})
    loads += counts.parts[static_cast<std::size_t>(part)].loads;
  return loads;
}

void add(AccessCounts &sum, const AccessCounts &more) {
  sum.loads += more.loads;
  sum.stores += more.stores;
}

void add(Counts &sum, const Counts &more) {
  sum.instructions += more.instructions;
  sum.cycles_estimate += more.cycles_estimate;
  sum.loads += more.loads;
  sum.stores += more.stores;
  for (std::size_t i = 0; i < kMemoryParts; ++i) add(sum.parts[i], more.parts[i]);
  for (std::size_t i = 0; i < kMostArrays; ++i) add(sum.arenas[i], more.arenas[i]);
}

}  // namespace

std::vector<std::int32_t> marked_operators(const Firmware &firmware) {
  std::vector<std::int32_t> operators{-1};
  for (const Mark &mark : firmware.marks) operators.push_back(mark.op);
  std::sort(operators.begin(), operators.end());
  operators.erase(std::unique(operators.begin(), operators.end()), operators.end());
  return operators;
}

std::size_t slot_of(const std::vector<std::int32_t> &operators, std::int32_t op) {
  return static_cast<std::size_t>(std::lower_bound(operators.begin(), operators.end(), op) -
                                  operators.begin());
}

void add_inference(Emulation &emulation, const Firmware &firmware, std::uint64_t cycles_per_flash_load,
                   const std::vector<std::int32_t> &operators, std::vector<Counts> by_slot,
                   std::int64_t stack_bytes) {
  Counts total;
  std::vector<OperatorCounts> apart;
  for (std::size_t slot = 0; slot < by_slot.size(); ++slot) {
    Counts &counts = by_slot[slot];
    for (const AccessCounts &part : counts.parts) {
      counts.loads += part.loads;
      counts.stores += part.stores;
    }
    counts.cycles_estimate += flash_loads(counts) * cycles_per_flash_load + arena_waits(firmware, counts);
    add(total, counts);
    apart.push_back({operators[slot], counts});
  }
  total.stack_bytes = stack_bytes;
  emulation.counts.push_back(total);
  if (!firmware.marks.empty()) emulation.operators.push_back(std::move(apart));
}

std::optional<Counts> Emulation::maximum() const {
  if (counts.empty()) return std::nullopt;
  Counts most = counts[0];
  for (const Counts &one : counts) {
    most.instructions = std::max(most.instructions, one.instructions);
    most.loads = std::max(most.loads, one.loads);
    most.stores = std::max(most.stores, one.stores);
    most.cycles_estimate = std::max(most.cycles_estimate, one.cycles_estimate);
    most.stack_bytes = std::max(most.stack_bytes, one.stack_bytes);
    const auto raise = [](AccessCounts &figure, const AccessCounts &other) {
      figure = {std::max(figure.loads, other.loads), std::max(figure.stores, other.stores)};
    };
    for (std::size_t i = 0; i < kMemoryParts; ++i) raise(most.parts[i], one.parts[i]);
    for (std::size_t i = 0; i < kMostArrays; ++i) raise(most.arenas[i], one.arenas[i]);
  }
  return most;
}

Result<Emulation> emulate(const Profile &profile, const Firmware &firmware, const ArenaInterface &interface,
                          const std::vector<TensorBytes> &inferences) {
  if (auto good = check_arguments(firmware, interface, inferences); !good)
    return tl::unexpected(good.error());
  switch (profile.emulator.engine) {
    case Engine::host:
      return emulate_host(profile, firmware, interface, inferences);
    case Engine::unicorn:
      return emulate_unicorn(profile, firmware, interface, inferences);
    case Engine::qemu:
      return emulate_qemu(profile, firmware, interface, inferences);
  }
  return failure("no such engine");
}

}  // namespace thimble
