// Random legal schedules: cuts into stages, loops, and levels at which tensors are computed and stored.
#pragma once

#include <random>

#include "schedule_builder.h"

namespace thimble::test {

/// Stages are runs of operators in file order with random loops over the last one's output or reduction;
/// tensors are computed and stored at random levels among those that lose nothing. No buffers yet.
Schedule random_schedule(std::shared_ptr<const Graph> graph, std::mt19937 &random);

}  // namespace thimble::test
