// What loop nests cost on an emulated core: one network, its operators up to the last one with rows in one
// stage, in several styles; arena, code, stack, executed instructions, and whether the bytes are right.
//
//   loop_cost MODEL.tflite [TARGET]
#include <iostream>

#include "schedule/schedule_builder.h"
#include "thimble/report/execute_on.h"
#include "thimble/schedule/cursors.h"

namespace thimble {
namespace {

struct Style {
  const char *name;
  std::vector<Loop> loops;
  Level compute_at = Level::call;
  bool fifos = false;
  bool whole = false;
  bool fed = false;      ///< the input in the stage too
  bool to_mean = false;  ///< a MEAN behind it drives, in rows of its sum
};

Schedule make(const std::shared_ptr<const Graph> &graph, const Style &style) {
  if (style.whole) return test::whole_tensor_schedule(graph);
  Stage stage;
  std::vector<Stage> rest;
  for (std::size_t id = 0; id < graph->ops.size(); ++id) {
    const Op &op = graph->ops[id];
    if (op.is<Input>() && !style.fed) continue;
    const Tensor &output = graph->tensor(op.output());
    const bool spatial = output.rank() == 4 && output.shape[1] > 1;
    const bool in_stage = rest.empty() && (spatial || (style.to_mean && op.is<Mean>()));
    if (in_stage) {
      stage.ops.push_back({static_cast<OpId>(id)});
    } else {
      rest.push_back(Stage{{{static_cast<OpId>(id)}}, {}, {}});
    }
  }
  stage.loops = style.loops;
  for (std::size_t i = 0; i + 1 < stage.ops.size(); ++i) {
    stage.inner.push_back({graph->op(stage.ops[i].op).output(), style.compute_at, Level::call, 1});
  }
  rest.insert(rest.begin(), stage);
  return test::make_schedule(graph, rest);
}

void add_memory(Schedule &schedule, const Style &style) {
  test::add_buffers(schedule, test::Packing::shared, style.fifos);
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Result<CursorNeed> need = cursor_need(schedule, static_cast<std::int32_t>(s));
    if (!need || need->bytes == 0) continue;
    Buffer buffer;
    buffer.kind = BufferKind::cursors;
    buffer.stage = static_cast<std::int32_t>(s);
    buffer.size = need->bytes;
    buffer.alignment = need->alignment;
    schedule.buffers.push_back(buffer);
  }
  test::place_buffers(schedule, test::Packing::shared);
}

int compare_styles(const std::string &model, const std::string &target) {
  const Style styles[] = {
      {"whole tensors", {}, Level::call, false, true},
      {"rings of rows", {{Level::row, 1}}, Level::row},
      {"rings, two rows at a time", {{Level::row, 2}}, Level::row},
      {"rings, filled pixel by pixel", {{Level::row, 1}, {Level::column, 1}}, Level::column},
      {"pixel FIFOs", {{Level::row, 1}, {Level::column, 1}}, Level::column, true},
      {"rings into the mean", {{Level::row, 1, true}}, Level::row, false, false, false, true},
  };
  for (const Style &style : styles) {
    report::CompileOptions options;
    options.model = model;
    options.target = target;
    auto network = report::plan_network(options);
    if (!network) return std::cerr << network.error().text() << "\n", 1;
    network->schedule = make(network->graph, style);
    add_memory(network->schedule, style);
    if (const auto proof = check(network->schedule); !proof)
      return std::cerr << proof.error().text() << "\n", 1;
    const auto program = report::emit_network(*network);
    if (!program) return std::cerr << style.name << ": " << program.error().text() << "\n", 1;
    const std::vector<report::Inference> inputs{test::random_inputs(*network->graph, 1)};
    const auto ran = report::run_target(*network, *program, network->profile, inputs, {});
    if (!ran) return std::cerr << style.name << ": " << ran.error().text() << "\n", 1;
    const auto expected = report::run_interpreter(*network, inputs);
    const bool equal = expected && report::compare(expected->outputs, ran->outputs).bytes == 0;
    std::cout << style.name << ": arena " << network->schedule.regions[0].size << " B, code "
              << (ran->flash ? ran->flash->code_bytes.value_or(0) : 0) << " B, stack "
              << ran->figures.stack_bytes.value_or(0) << " B, instructions "
              << ran->figures.instructions.value_or(0) << (equal ? "" : ", WRONG BYTES") << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace thimble

int main(int argc, char **argv) {
  if (argc < 2) return std::cerr << "usage: loop_cost MODEL.tflite [TARGET]\n", 2;
  return thimble::compare_styles(argv[1], argc > 2 ? argv[2] : "cortex-m4");
}
