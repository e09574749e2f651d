// NumPy's .npz files: a ZIP archive of .npy files, stored (numpy.savez) or deflated (numpy.savez_compressed).
#pragma once

#include <string>

#include "thimble/report/npy.h"

namespace thimble::report {

struct NpzMember {
  std::string name;  ///< without ".npy"
  NpyArray array;
};

/// All arrays of a .npz file in the order of its directory. What is in the archive besides .npy files is
/// passed over; checksums are compared. `file` is for diagnostics.
Result<std::vector<NpzMember>> parse_npz(std::span<const std::uint8_t> bytes, const std::string &file);

/// Whether the name ends in ".npz".
bool is_npz(const std::filesystem::path &path);

}  // namespace thimble::report
