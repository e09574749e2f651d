// A stage of the schedule as C functions.
#pragma once

#include "thimble/emit/render.h"
#include "thimble/schedule/nest.h"

namespace thimble {

/// The functions of stage `index`; nothing where whole inputs arrive. Adds what they need to `program`.
Result<StageText> stage_text(Program &program, std::int32_t index, const nest::Stage &stage);

}  // namespace thimble
