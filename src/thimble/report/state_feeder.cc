#include "thimble/report/state_feeder.h"

#include "thimble/base/checked.h"
#include "thimble/emit/c_text.h"

namespace thimble::report {
namespace {

constexpr const char *kRun = R"(
int @NAME@_fed_run(void *memory) {
  unsigned char *const m = (unsigned char *)memory;
  if (m[0] == 1) return @NAME@_reset(@NAME@_state);
  if (m[0] == 2) move();
  const int due = @NAME@_step(@NAME@_state@ARGUMENTS@);
  m[1] = (unsigned char)due;
  return due < 0 ? due : 0;
}
)";

}  // namespace

StreamFeeder make_state_feeder(const StateStream &stream) {
  const Graph &graph = *stream.schedule().graph;
  const std::string &name = stream.network.options.name;
  StreamFeeder feeder;
  feeder.network = name;
  feeder.name = name + "_fed";
  feeder.interface.inputs = {{0, 1}};
  feeder.interface.outputs = {{1, 1}};
  std::int64_t end = 16;
  std::string arguments;
  const auto add = [&](TensorId id, const std::string &qualifier, std::vector<ArenaRange> &ranges) {
    const Tensor &tensor = graph.tensor(id);
    ranges.push_back({end, tensor.bytes()});
    arguments +=
        ", (" + qualifier + c_text::type_of(tensor.type) + " *)(void *)(m + " + std::to_string(end) + ")";
    end += align_up(tensor.bytes(), 16);
  };
  for (const TensorId id : graph.inputs) add(id, "const ", feeder.interface.inputs);
  for (const TensorId id : graph.outputs) add(id, "", feeder.interface.outputs);
  feeder.source =
      feeder_beginning(name, end) + c_text::fill(kRun, {{"NAME", name}, {"ARGUMENTS", arguments}});
  return feeder;
}

}  // namespace thimble::report
