// The end of a stream: NAME_flush.
#pragma once

#include "thimble/emit/stream_parts.h"

namespace thimble {

/// For NAME.h. `values`: NAME, UPPER, OUTPUT_TYPE.
std::string flush_declaration(const Program &program, StreamValues values);

/// For NAME.c. `values`: besides those ARENA, MEMORY, PHASE and NEXT, as NAME_step has them.
std::string render_flush(const Program &program, const std::vector<StageText> &stages, StreamValues values);

}  // namespace thimble
