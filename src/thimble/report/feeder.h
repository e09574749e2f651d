// Running a network whose input the caller hands in row by row.
#pragma once

#include <string>

#include "thimble/report/network.h"
#include "thimble/target/emulate.h"

namespace thimble::report {

/// A caller of a network whose only input arrives row by row and has no place in the arena, with the entry
/// points that firmware is run by: NAME_fed_run(memory) finds the image at the beginning of NAME_fed_arena,
/// pushes its rows into the network's arena behind it, and runs the rest. What is counted so includes the
/// caller's loop, a few instructions per row. Where the network has several arenas, NAME_fed_arena points to
/// the image and to them.
struct Feeder {
  std::string name;        ///< NAME_fed
  std::string source;      ///< C text of NAME_fed.c
  std::int64_t arena = 0;  ///< offset of the network's arena in NAME_fed_arena; 0 where there are several
  ArenaRange image;        ///< where the image lies
};
Feeder make_feeder(const Network &network);

}  // namespace thimble::report
