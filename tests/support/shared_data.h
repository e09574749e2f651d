// Real models and data that live beside the repository, not in it. Tests that want them skip where they are
// absent. THIMBLE_SHARED_DATA names the folder; by default it is `shared` next to the checkout.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::test {

inline std::filesystem::path shared_data() {
  const char *named = std::getenv("THIMBLE_SHARED_DATA");
  if (named != nullptr && *named != '\0') return named;
  return std::filesystem::path(THIMBLE_SOURCE_DIR).parent_path() / "shared";
}

inline bool has_shared_data() {
  return std::filesystem::exists(shared_data() / "models" / "INDEX.tsv");
}

/// Put this first in a test that needs the shared data.
#define THIMBLE_NEEDS_SHARED_DATA()      \
  if (!thimble::test::has_shared_data()) \
  GTEST_SKIP() << "no shared data at " << thimble::test::shared_data() << " (set THIMBLE_SHARED_DATA)"

/// Rows of a tab-separated file with a header line, each a map from column name to text.
inline std::vector<std::map<std::string, std::string>> read_tsv(const std::filesystem::path &path) {
  std::ifstream stream(path);
  std::string line;
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(stream, line)) {
    std::vector<std::string> cells;
    std::size_t begin = 0;
    for (std::size_t tab; (tab = line.find('\t', begin)) != std::string::npos; begin = tab + 1) {
      cells.push_back(line.substr(begin, tab - begin));
    }
    cells.push_back(line.substr(begin));
    if (names.empty()) {
      names = cells;
      continue;
    }
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace thimble::test
