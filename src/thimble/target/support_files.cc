#include "thimble/target/support_files.h"

#include <vector>

#include "thimble/base/embedded.h"

namespace thimble {

namespace support {
const std::vector<EmbeddedFile> &embedded_files();
}

std::string support_file(const std::string &name, const std::map<std::string, std::string> &values) {
  std::string text;
  for (const EmbeddedFile &file : support::embedded_files()) {
    if (file.name == name) text = file.text;
  }
  for (const auto &[key, value] : values) {
    const std::string mark = "@" + key + "@";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

}  // namespace thimble
