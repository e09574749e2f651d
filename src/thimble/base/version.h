// The version of Thimble, which emitted code and reports carry.
#pragma once

namespace thimble {

/// "MAJOR.MINOR.PATCH", the version of the CMake project.
const char *version();

}  // namespace thimble
