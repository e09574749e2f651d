#include "thimble/schedule/nest.h"

#include "thimble/base/checked.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/nest_build.h"

namespace thimble {
namespace nest {

bool is_wide(const Variable &variable) {
  return variable.least < INT16_MIN || variable.most > INT16_MAX;
}

std::int32_t cursor_alignment(const Stage &stage) {
  if (stage.cursors.empty()) return 1;
  return is_wide(stage.variables[static_cast<std::size_t>(stage.cursors.front())]) ? 4 : 2;
}

std::int64_t cursor_bytes(const Stage &stage) {
  std::int64_t bytes = 0;
  for (Var v : stage.cursors) bytes += is_wide(stage.variables[static_cast<std::size_t>(v)]) ? 4 : 2;
  return align_up(bytes, cursor_alignment(stage));
}

Result<Stage> lower_stage(const Schedule &schedule, std::int32_t stage) {
  Result<Stage> program =
      schedule.time ? build_call(schedule, stage)
                    : build(schedule, stage, leaving_tensors(schedule)[static_cast<std::size_t>(stage)]);
  if (!program) return program;
  if (Result<void> ok = observe(*program, schedule, stage); !ok) return tl::unexpected(ok.error());
  simplify(*program);
  // What was left out must not matter: the result is compared with the enumerator once more.
  Stage proof = *program;
  if (Result<void> ok = observe(proof, schedule, stage); !ok) return tl::unexpected(ok.error());
  return program;
}

}  // namespace nest

const Buffer *cursors_of(const Schedule &schedule, std::int32_t stage) {
  const auto found = std::find_if(
      schedule.buffers.begin(), schedule.buffers.end(),
      [&](const Buffer &buffer) { return buffer.kind == BufferKind::cursors && buffer.stage == stage; });
  return found == schedule.buffers.end() ? nullptr : &*found;
}

Result<CursorNeed> cursor_need(const Schedule &schedule, std::int32_t stage) {
  const Result<nest::Stage> program = nest::lower_stage(schedule, stage);
  if (!program) return tl::unexpected(program.error());
  return CursorNeed{nest::cursor_bytes(*program), nest::cursor_alignment(*program),
                    (program->row_fed != kNone || program->called) && !program->cursors.empty()};
}

}  // namespace thimble
