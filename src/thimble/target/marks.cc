#include "thimble/target/marks.h"

#include <algorithm>
#include <cstring>

namespace thimble {

std::vector<Mark> read_marks(const Elf &elf) {
  const ElfSection *section = elf.section(".thimble_marks");
  const ElfSection *text = elf.section(".text");
  std::vector<Mark> marks;
  if (section == nullptr || text == nullptr) return marks;
  std::uint32_t words[2];  // address, operator
  for (std::size_t at = 0; at + sizeof words <= section->bytes.size(); at += sizeof words) {
    std::memcpy(words, section->bytes.data() + at, sizeof words);
    const std::uint32_t address = words[0] & ~1u;  // bit 0 may say that it is Thumb code
    // Functions that the linker removed leave addresses elsewhere.
    if (address < text->address || address - text->address >= text->size) continue;
    marks.push_back({address, static_cast<std::int32_t>(words[1])});
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark &a, const Mark &b) { return a.address < b.address; });
  std::vector<Mark> last;
  for (const Mark &mark : marks) {
    if (!last.empty() && last.back().address == mark.address) last.pop_back();
    last.push_back(mark);
  }
  return last;
}

}  // namespace thimble
