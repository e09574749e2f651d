// Published problems of offset allocation: lines "id,lower,upper,size" after a header.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "thimble/plan/offsets.h"

namespace thimble::test {

/// The blocks of a file. `upper` is the first firing at which a block is dead; the last one at which it lives
/// in the files of the folder vela.
inline std::vector<Block> read_blocks(const std::filesystem::path &path) {
  std::ifstream stream(path);
  const std::int64_t inclusive = path.parent_path().filename() == "vela" ? 1 : 0;
  std::vector<Block> blocks;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream cells(line);
    std::string id, lower, upper, size;
    std::getline(cells, id, ',');
    std::getline(cells, lower, ',');
    std::getline(cells, upper, ',');
    std::getline(cells, size, ',');
    if (size.empty()) continue;
    blocks.push_back({std::stoll(size), 1, std::stoll(lower), std::stoll(upper) - 1 + inclusive});
  }
  return blocks;
}

}  // namespace thimble::test
