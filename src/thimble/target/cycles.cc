#include "thimble/target/cycles.h"

#include <capstone/capstone.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace thimble {

namespace {

/// Cycles by kind of instruction; see cycles.h for the sources.
struct Timings {
  std::uint32_t load, pipelined_load, load_pc_extra, store, pair, multiple_pc_extra;
  std::uint32_t branch, call, indirect_branch, taken_extra;
  std::uint32_t multiply_add, divide, float_load, float_multiply_add, float_divide;
};

constexpr Timings kCortexM4 = {.load = 2,
                               .pipelined_load = 1,
                               .load_pc_extra = 2,
                               .store = 1,
                               .pair = 3,
                               .multiple_pc_extra = 2,
                               .branch = 3,
                               .call = 3,
                               .indirect_branch = 3,
                               .taken_extra = 2,
                               .multiply_add = 2,
                               .divide = 7,
                               .float_load = 2,
                               .float_multiply_add = 3,
                               .float_divide = 14};

/// The last five are of instructions that Armv6-M does not have.
constexpr Timings kCortexM0Plus = {.load = 2,
                                   .pipelined_load = 2,
                                   .load_pc_extra = 0,
                                   .store = 2,
                                   .pair = 1,
                                   .multiple_pc_extra = 2,
                                   .branch = 2,
                                   .call = 3,
                                   .indirect_branch = 2,
                                   .taken_extra = 1,
                                   .multiply_add = 1,
                                   .divide = 1,
                                   .float_load = 1,
                                   .float_multiply_add = 1,
                                   .float_divide = 1};

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; });
}

bool is_pair(std::string_view mnemonic) {
  return starts_with_any(mnemonic, {"ldrd", "strd"});
}
bool is_load(std::string_view mnemonic) {
  return starts_with_any(mnemonic, {"ldr"}) && !is_pair(mnemonic);
}
bool is_store(std::string_view mnemonic) {
  return starts_with_any(mnemonic, {"str"}) && !is_pair(mnemonic);
}

/// Conditional branches, "bne" or "bne.w" and cbz, cbnz; neither "bic" nor "bl".
bool is_conditional_branch(std::string_view mnemonic) {
  if (starts_with_any(mnemonic, {"cbz", "cbnz"})) return true;
  if (mnemonic.size() < 3 || mnemonic[0] != 'b') return false;
  if (mnemonic.size() > 3 && mnemonic[3] != '.') return false;
  return starts_with_any(mnemonic.substr(1), {"eq", "ne", "hs", "cs", "lo", "cc", "mi", "pl", "vs", "vc",
                                              "hi", "ls", "ge", "lt", "gt", "le"});
}

/// Number of the register that `name` ("r7", "s16") ends with; -1 for "lr" and its like.
int register_number(std::string_view name) {
  int number = -1;
  for (const char c : name) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) number = std::max(number, 0) * 10 + (c - '0');
  }
  return number;
}

/// Registers in "sp!, {r4, r6-r8, lr}": 5 here. One without braces.
std::uint32_t register_count(std::string_view operands) {
  const std::size_t open = operands.find('{'), close = operands.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos) return 1;
  std::string_view list = operands.substr(open + 1, close - open - 1);
  std::uint32_t count = 0;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = list.substr(0, comma);
    const std::size_t dash = item.find('-');
    count += 1;
    if (dash != std::string_view::npos) {
      count += static_cast<std::uint32_t>(
          std::max(0, register_number(item.substr(dash)) - register_number(item.substr(0, dash))));
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return count;
}

std::uint32_t instruction_cycles(const Timings &t, std::string_view mnemonic, std::string_view operands,
                                 bool after_memory) {
  const bool names_pc = operands.find("pc") != std::string_view::npos;
  if (starts_with_any(mnemonic, {"ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop"})) {
    return 1 + register_count(operands) + (names_pc ? t.multiple_pc_extra : 0);
  }
  if (is_pair(mnemonic)) return t.pair;
  if (is_load(mnemonic)) {
    const bool loads_pc = starts_with_any(operands, {"pc,"});
    return (after_memory ? t.pipelined_load : t.load) + (loads_pc ? t.load_pc_extra : 0);
  }
  if (starts_with_any(mnemonic, {"vldr"})) return t.float_load;
  if (is_store(mnemonic)) return t.store;
  if (starts_with_any(mnemonic, {"mla", "mls"})) return t.multiply_add;
  if (starts_with_any(mnemonic, {"sdiv", "udiv"})) return t.divide;
  if (starts_with_any(mnemonic, {"vmla", "vfma", "vmls", "vfms", "vnml", "vfnm"}))
    return t.float_multiply_add;
  if (starts_with_any(mnemonic, {"vdiv", "vsqrt"})) return t.float_divide;
  if (is_conditional_branch(mnemonic)) return 1;
  if (mnemonic == "b" || mnemonic == "b.w") return t.branch;
  if (starts_with_any(mnemonic, {"blx", "bx", "tbb", "tbh"})) return t.indirect_branch;
  if (starts_with_any(mnemonic, {"bl"})) return t.call;
  return 1;
}

/// A disassembler of Thumb code for the life of one block: it remembers IT blocks, and one that is cut by the
/// end of a block must not colour the next.
class Disassembler {
 public:
  Disassembler() {
    const auto mode = static_cast<cs_mode>(CS_MODE_THUMB | CS_MODE_MCLASS | CS_MODE_V8);
    if (cs_open(CS_ARCH_ARM, mode, &handle_) == CS_ERR_OK) decoded_ = cs_malloc(handle_);
  }
  Disassembler(const Disassembler &) = delete;
  ~Disassembler() {
    if (decoded_ != nullptr) cs_free(decoded_, 1);
    if (handle_ != 0) cs_close(&handle_);
  }
  bool opened() const { return decoded_ != nullptr; }
  /// The instruction at `code`; nothing when it is not known.
  const cs_insn *decode(const std::uint8_t *code, std::size_t size, std::uint64_t address) {
    return cs_disasm_iter(handle_, &code, &size, &address, decoded_) ? decoded_ : nullptr;
  }

 private:
  csh handle_ = 0;
  cs_insn *decoded_ = nullptr;
};

const Timings *timings_of(CycleModel model) {
  if (model == CycleModel::cortex_m4) return &kCortexM4;
  return model == CycleModel::cortex_m0plus ? &kCortexM0Plus : nullptr;
}

std::uint32_t instruction_bytes(const std::uint8_t *code, Architecture architecture) {
  const std::uint32_t half = code[0] | std::uint32_t{code[1]} << 8;
  if (architecture == Architecture::riscv32) return (half & 3) == 3 ? 4 : 2;
  return (half >> 11) >= 0x1d ? 4 : 2;  // 0b11101, 0b11110 and 0b11111 start a 32-bit Thumb instruction
}

}  // namespace

std::uint32_t taken_branch_cycles(CycleModel model) {
  const Timings *timings = timings_of(model);
  return timings == nullptr ? 0 : timings->taken_extra;
}

Result<BlockCost> block_cost(const Profile &profile, const std::uint8_t *code, std::size_t size,
                             std::uint32_t address) {
  const Timings *timings = timings_of(profile.cycles.model);
  std::optional<Disassembler> disassembler;
  if (timings != nullptr && !disassembler.emplace().opened()) {
    return failure("the Capstone library cannot disassemble Arm code",
                   "install libcapstone with Arm support");
  }
  BlockCost cost;
  cost.bytes = static_cast<std::uint32_t>(size);
  bool after_memory = false;
  for (std::size_t at = 0; at + 2 <= size; ++cost.instructions) {
    const std::uint32_t here = address + static_cast<std::uint32_t>(at);
    const cs_insn *decoded = disassembler ? disassembler->decode(code + at, size - at, here) : nullptr;
    at += instruction_bytes(code + at, profile.architecture);
    if (decoded == nullptr) {  // a few rare instructions are not known to Capstone: one cycle
      ++cost.cycles;
      after_memory = false;
      continue;
    }
    const std::string_view mnemonic = decoded->mnemonic;
    cost.cycles += instruction_cycles(*timings, mnemonic, decoded->op_str, after_memory);
    cost.fall_through = is_conditional_branch(mnemonic) ? address + static_cast<std::uint32_t>(at) : 0;
    after_memory = is_load(mnemonic) || is_store(mnemonic);
  }
  return cost;
}

}  // namespace thimble
