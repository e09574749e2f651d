// The steps of lower_stage.
#pragma once

#include "thimble/schedule/nest.h"

namespace thimble::nest {

/// What the builder knows about the operators of a stage.
struct Member {
  OpId id = kNone;
  TensorId tensor = kNone;
  std::int32_t reduction = 1;
};

/// The walk with every number as an expression, nothing simplified.
Result<Stage> build(const Schedule &schedule, std::int32_t stage, const std::vector<bool> &leaves);

/// The same of a stage of a stream: what one call does.
Result<Stage> build_call(const Schedule &schedule, std::int32_t stage);

/// Runs it, records what is seen, and compares the firings with those of the enumerator.
Result<void> observe(Stage &program, const Schedule &schedule, std::int32_t stage);

/// Removes what observation shows to be constant or without effect.
void simplify(Stage &program);

}  // namespace thimble::nest
