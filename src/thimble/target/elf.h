// A small reader of ELF files (objects and executables, 32 or 64 bits, little-endian): sections, symbols,
// bytes. The files come from compilers that a profile names, so every offset is checked before it is
// followed. Format: System V ABI, chapters 4 and 5, and <elf.h>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

struct ElfSection {
  std::string name;
  std::uint64_t address = 0;  ///< 0 in objects
  std::uint64_t size = 0;
  bool allocated = false;  ///< takes memory on the device
  bool writable = false;
  bool executable = false;
  std::vector<std::uint8_t> bytes;  ///< empty when the section has none in the file (.bss)
};

struct ElfSymbol {
  std::string name;
  std::uint64_t address = 0;  ///< without the Thumb bit
  std::uint64_t size = 0;     ///< 0 when the assembler gave none
  bool function = false;
  bool defined = false;
};

struct Elf {
  bool is_64_bit = false;
  std::uint64_t entry = 0;  ///< as stored: with the Thumb bit
  std::vector<ElfSection> sections;
  std::vector<ElfSymbol> symbols;  ///< named, sorted by address

  const ElfSection *section(const std::string &name) const;
  const ElfSymbol *symbol(const std::string &name) const;
  /// "conv_2d_s8 (+0x1c)" for an address inside a function, "0x08001234" elsewhere.
  std::string place_of(std::uint64_t address) const;
};

Result<Elf> read_elf(const std::filesystem::path &path);

/// "0x" and at least eight hexadecimal digits.
std::string hex_address(std::uint64_t address);

}  // namespace thimble
