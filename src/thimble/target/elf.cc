#include "thimble/target/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>

#include "thimble/base/files.h"

namespace thimble {
namespace {

struct Elf32Types {
  using Header = Elf32_Ehdr;
  using Section = Elf32_Shdr;
  using Symbol = Elf32_Sym;
};
struct Elf64Types {
  using Header = Elf64_Ehdr;
  using Section = Elf64_Shdr;
  using Symbol = Elf64_Sym;
};

using Bytes = std::vector<std::uint8_t>;

template <class T>
std::optional<T> read_at(const Bytes &bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// The text at `offset` of a string table; empty when it leaves the table.
std::string text_at(const Bytes &table, std::uint64_t offset) {
  if (offset >= table.size()) return "";
  const auto *begin = reinterpret_cast<const char *>(table.data() + offset);
  return std::string(begin, strnlen(begin, table.size() - offset));
}

template <class Types>
bool read_sections(const Bytes &file, Elf &elf, std::vector<typename Types::Section> &headers) {
  const auto header = read_at<typename Types::Header>(file, 0);
  if (!header || header->e_shentsize != sizeof(typename Types::Section)) return false;
  elf.entry = header->e_entry;
  std::uint64_t copied = 0;  // sections of a sane file do not overlap
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto raw = read_at<typename Types::Section>(file, header->e_shoff + i * header->e_shentsize);
    if (!raw) return false;
    ElfSection section;
    section.address = raw->sh_addr;
    section.size = raw->sh_size;
    section.allocated = (raw->sh_flags & SHF_ALLOC) != 0;
    section.writable = (raw->sh_flags & SHF_WRITE) != 0;
    section.executable = (raw->sh_flags & SHF_EXECINSTR) != 0;
    if (raw->sh_type != SHT_NOBITS && raw->sh_type != SHT_NULL) {
      if (raw->sh_offset > file.size() || file.size() - raw->sh_offset < raw->sh_size) return false;
      copied += raw->sh_size;
      if (copied > file.size()) return false;
      const auto begin = file.begin() + static_cast<std::ptrdiff_t>(raw->sh_offset);
      section.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(raw->sh_size));
    }
    headers.push_back(*raw);
    elf.sections.push_back(std::move(section));
  }
  if (header->e_shstrndx >= elf.sections.size()) return false;
  const Bytes names = elf.sections[header->e_shstrndx].bytes;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    elf.sections[i].name = text_at(names, headers[i].sh_name);
  }
  return true;
}

template <class Types>
bool read_all(const Bytes &file, Elf &elf) {
  std::vector<typename Types::Section> headers;
  if (!read_sections<Types>(file, elf, headers)) return false;
  const auto header = read_at<typename Types::Header>(file, 0);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers[i].sh_type != SHT_SYMTAB) continue;
    if (headers[i].sh_link >= elf.sections.size()) return false;
    const Bytes &names = elf.sections[headers[i].sh_link].bytes;
    const Bytes &table = elf.sections[i].bytes;
    for (std::uint64_t at = 0; at + sizeof(typename Types::Symbol) <= table.size();
         at += sizeof(typename Types::Symbol)) {
      const auto raw = *read_at<typename Types::Symbol>(table, at);
      ElfSymbol symbol;
      symbol.name = text_at(names, raw.st_name);
      symbol.address = raw.st_value;
      symbol.size = raw.st_size;
      symbol.function = (raw.st_info & 0xf) == STT_FUNC;
      symbol.defined = raw.st_shndx != SHN_UNDEF;
      // Bit 0 of a function's address says that it is Thumb code.
      if (symbol.function && header->e_machine == EM_ARM) symbol.address &= ~std::uint64_t{1};
      if (!symbol.name.empty()) elf.symbols.push_back(std::move(symbol));
    }
  }
  std::stable_sort(elf.symbols.begin(), elf.symbols.end(),
                   [](const ElfSymbol &a, const ElfSymbol &b) { return a.address < b.address; });
  return true;
}

}  // namespace

const ElfSection *Elf::section(const std::string &name) const {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const ElfSection &section) { return section.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

const ElfSymbol *Elf::symbol(const std::string &name) const {
  const auto found = std::find_if(symbols.begin(), symbols.end(), [&](const ElfSymbol &symbol) {
    return symbol.defined && symbol.name == name;
  });
  return found == symbols.end() ? nullptr : &*found;
}

std::string hex_address(std::uint64_t address) {
  std::string digits;
  for (; address != 0 || digits.size() < 8; address >>= 4) digits += "0123456789abcdef"[address & 15];
  std::reverse(digits.begin(), digits.end());
  return "0x" + digits;
}

std::string Elf::place_of(std::uint64_t address) const {
  for (const ElfSymbol &symbol : symbols) {
    if (!symbol.function || address < symbol.address || address - symbol.address >= symbol.size) continue;
    std::string offset = hex_address(address - symbol.address).substr(2);
    offset.erase(0, std::min(offset.find_first_not_of('0'), offset.size() - 1));
    return symbol.name + " (+0x" + offset + ")";
  }
  return hex_address(address);
}

Result<Elf> read_elf(const std::filesystem::path &path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const bool is_elf = bytes->size() > EI_NIDENT && std::memcmp(bytes->data(), ELFMAG, SELFMAG) == 0 &&
                      (*bytes)[EI_DATA] == ELFDATA2LSB &&
                      ((*bytes)[EI_CLASS] == ELFCLASS32 || (*bytes)[EI_CLASS] == ELFCLASS64);
  if (!is_elf) return file_failure(path.string(), "is not a little-endian ELF file");
  Elf elf;
  elf.is_64_bit = (*bytes)[EI_CLASS] == ELFCLASS64;
  const bool good = elf.is_64_bit ? read_all<Elf64Types>(*bytes, elf) : read_all<Elf32Types>(*bytes, elf);
  if (!good) return file_failure(path.string(), "is a damaged ELF file");
  return elf;
}

}  // namespace thimble
