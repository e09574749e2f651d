#include "thimble/report/stream_feeder.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/emit/c_text.h"
#include "thimble/report/stream_elements.h"

namespace thimble::report {
namespace {

constexpr const char *kBeginning = R"(#include "@NAME@.h"

#ifdef __GNUC__
__attribute__((aligned(16)))
#endif
unsigned char @NAME@_fed_arena[@BYTES@];

int @NAME@_fed_run(void *memory);

/* Away and back: a state that held addresses, or lay somewhere else in part, would not survive that. */
static void move(void) {
  static unsigned char copy[@UPPER@_STATE_BYTES];
  for (int32_t i = 0; i < @UPPER@_STATE_BYTES; ++i) copy[i] = @NAME@_state[i];
  for (int32_t i = 0; i < @UPPER@_STATE_BYTES; ++i) @NAME@_state[i] = 0xA5;
  for (int32_t i = 0; i < @UPPER@_STATE_BYTES; ++i) @NAME@_state[i] = copy[i];
}
)";

constexpr const char *kRun = R"(
int @NAME@_fed_run(void *memory) {
  unsigned char *const m = (unsigned char *)memory;
  m[1] = 0;
  if (m[0] == 1) return @NAME@_reset(@NAME@_state);
  if (m[0] == 3) return @NAME@_pre(@NAME@_state) < 0 ? -1 : 0;
  if (m[0] == 2) {
    if (@NAME@_pre(@NAME@_state) < 0) return -1;
    move();
  }
#ifdef @UPPER@_MOST_FLUSHED
  if (m[0] == 4) {
    m[1] = (unsigned char)@NAME@_flush(@NAME@_state, (@OUTPUT_TYPE@ *)(void *)(m + @OUTPUT@));
    return 0;
  }
#endif
  const int due = @NAME@_step(@NAME@_state, (const @FRAME_TYPE@ *)(void *)(m + @FRAME@), (@OUTPUT_TYPE@ *)(void *)(m + @OUTPUT@));
  m[1] = (unsigned char)due;
  return due < 0 ? due : 0;
}
)";

}  // namespace

std::string feeder_beginning(const std::string &name, std::int64_t bytes) {
  return c_text::fill(kBeginning,
                      {{"NAME", name}, {"UPPER", c_text::upper(name)}, {"BYTES", std::to_string(bytes)}});
}

StreamFeeder make_stream_feeder(const StreamNetwork &stream) {
  const Graph &graph = *stream.schedule().graph;
  const std::string &name = stream.network.options.name;
  const TensorId x = graph.inputs[0], y = graph.outputs[0];
  const std::int64_t hop = stream.request.hop, period = stream.plan.output_period;
  const std::int64_t frame = bytes_of_element(stream, x) * hop;
  const std::int64_t most = std::max((hop + period - 1) / period, most_flushed(stream) + 1);
  const std::int64_t output = bytes_of_element(stream, y) * most;
  const std::int64_t frame_at = 16, output_at = frame_at + align_up(frame, 16);
  StreamFeeder feeder;
  feeder.network = name;
  feeder.name = name + "_fed";
  feeder.interface.inputs = {{0, 1}, {frame_at, frame}};
  feeder.interface.outputs = {{1, 1}, {output_at, output}};
  feeder.source = feeder_beginning(name, output_at + align_up(output, 16)) +
                  c_text::fill(kRun, {{"NAME", name},
                                      {"UPPER", c_text::upper(name)},
                                      {"FRAME", std::to_string(frame_at)},
                                      {"OUTPUT", std::to_string(output_at)},
                                      {"FRAME_TYPE", c_text::type_of(graph.tensor(x).type)},
                                      {"OUTPUT_TYPE", c_text::type_of(graph.tensor(y).type)}});
  return feeder;
}

TensorBytes step_inputs(Feed feed, const Inference &frames) {
  TensorBytes inputs{{static_cast<std::uint8_t>(feed)}};
  inputs.insert(inputs.end(), frames.begin(), frames.end());
  return inputs;
}

}  // namespace thimble::report
