// Text files that travel inside the executable (see cmake/ThimbleEmbed.cmake).
#pragma once

#include <string>
#include <vector>

namespace thimble {

struct EmbeddedFile {
  std::string name;  ///< file name without folders
  std::string text;
};

}  // namespace thimble
