// The kernels for cores with Helium: what they give on an emulated Cortex-M55 equals the interpreter.
#include "emit/emitted_batch.h"
#include "emit/graphs.h"
#include "support/random_graph.h"
#include "thimble/plan/plan.h"
#include "thimble/target/emulate.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

std::vector<ArenaRange> ranges_of(const Schedule &schedule, const std::vector<TensorId> &tensors) {
  std::vector<ArenaRange> ranges;
  for (TensorId tensor : tensors) {
    const Buffer *buffer = buffer_of(schedule, tensor, kNone);
    if (buffer != nullptr) ranges.push_back({buffer->offset, buffer->size});
  }
  return ranges;
}

/// Runs the emitted network. `helium`: with the tables that its kernels are fast with, else without.
void expect_equal_on_m55(const std::string &label, const std::shared_ptr<const Graph> &graph, bool helium) {
  SCOPED_TRACE(label + (helium ? ", with tables" : ", without tables"));
  const auto schedule = plan(graph);
  ASSERT_TRUE(schedule) << schedule.error().text();
  EmitOptions options;
  options.helium = helium;
  const auto program = emit(*schedule, options);
  ASSERT_TRUE(program) << program.error().text();
  const TemporaryFolder place = std::move(*TemporaryFolder::make());
  write_program(*program, place.path() / "sources");
  const Profile profile = *load_profile("cortex-m55");
  FirmwareRequest request;
  request.folder = place.path() / "sources";
  request.name = "network";
  request.work_folder = place.path() / "work";
  const auto firmware = build_firmware(profile, request);
  ASSERT_TRUE(firmware) << firmware.error().text();
  const ArenaInterface interface {
    ranges_of(*schedule, graph->inputs), ranges_of(*schedule, graph->outputs)
  };
  const std::vector<TensorBytes> inputs{random_inputs(*graph, 1), random_inputs(*graph, 2)};
  const auto ran = emulate(profile, *firmware, interface, inputs);
  ASSERT_TRUE(ran) << ran.error().text();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(ran->outputs[i], *interpret_outputs(*graph, inputs[i]));
  }
}

bool has_tools() {
  ProcessRequest compiler, emulator;
  compiler.arguments = {"arm-none-eabi-gcc", "--version"};
  emulator.arguments = {"qemu-system-arm", "--version"};
  return run_process(compiler) && run_process(emulator);
}

TEST(Helium, OperatorsOnCortexM55) {
  if (!has_tools()) GTEST_SKIP() << "no arm-none-eabi-gcc or qemu-system-arm";
  int count = 0;
  for (auto &[label, graph] : operator_graphs(ElementType::int8)) {
    if (label.find("conv") == std::string::npos && label.find("depthwise") == std::string::npos) continue;
    // Without tables only every third: they take longer to build than to run.
    const auto shared = std::make_shared<const Graph>(std::move(graph));
    expect_equal_on_m55(label, shared, true);
    if (++count % 3 == 0) expect_equal_on_m55(label, shared, false);
  }
}

/// Depths around the 4 outputs, 16 values and 64 values that the kernels take at a time.
TEST(Helium, DepthsOnCortexM55) {
  if (!has_tools()) GTEST_SKIP() << "no arm-none-eabi-gcc or qemu-system-arm";
  std::uint64_t seed = 1;
  for (std::int32_t channels : {1, 3, 7, 14, 18, 50, 70}) {
    const Activation activation = channels % 2 == 0 ? Activation::relu : Activation::none;
    GraphBuilder b(++seed);
    TensorId x = b.input({1, 6, 5, channels});
    x = b.depthwise_conv_2d(x, 1, {3, 3}, {}, {}, {}, activation);
    x = b.conv_2d(x, channels + 2, {1, 1}, {}, {}, PaddingRule::valid(), activation);
    x = b.depthwise_conv_2d(x, 1, {4, 1}, {}, {}, {}, activation);
    x = b.conv_2d(x, 9, {3, 2}, {2, 1}, {}, {}, activation);
    const auto graph = std::make_shared<const Graph>(b.build({b.fully_connected(x, 5)}));
    expect_equal_on_m55(std::to_string(channels) + " channels", graph, true);
  }
}

}  // namespace
}  // namespace thimble::test
