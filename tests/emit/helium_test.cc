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

/// Windows of every kind that the kernels tell apart: copied together, listed by rows, by 48 values, by
/// pieces, by more pieces than a list has; more taps than a list has; two pixels of few channels at a time.
TEST(Helium, WindowsOnCortexM55) {
  if (!has_tools()) GTEST_SKIP() << "no arm-none-eabi-gcc or qemu-system-arm";
  std::uint64_t seed = 100;
  const auto run = [&](const std::string &label, const Shape &shape, const auto &layers) {
    GraphBuilder b(++seed);
    const TensorId x = b.input(shape);
    expect_equal_on_m55(label, std::make_shared<const Graph>(b.build({layers(b, x)})), true);
  };
  run("many rows of one channel", {1, 25, 12, 1}, [](GraphBuilder &b, TensorId x) {
    return b.conv_2d(x, 6, {10, 8}, {2, 2}, {}, {}, Activation::relu);
  });
  run("more runs than are listed", {1, 17, 14, 3}, [](GraphBuilder &b, TensorId x) {
    x = b.conv_2d(x, 8, {7, 7}, {2, 1});
    return b.conv_2d(x, 5, {13, 2}, {1, 1}, {}, PaddingRule::same());
  });
  for (std::int32_t channels : {16, 32, 48, 17}) {
    run("3x3 over " + std::to_string(channels) + " channels", {1, 9, 8, channels},
        [&](GraphBuilder &b, TensorId x) {
          x = b.conv_2d(x, 16, {3, 3}, {}, {}, {}, Activation::relu);
          x = b.conv_2d(x, 18, {3, 3});
          return b.conv_2d(x, 7, {1, 3}, {1, 2}, {}, {}, Activation::relu);
        });
  }
  run("dilated rows", {1, 14, 9, 20}, [](GraphBuilder &b, TensorId x) {
    x = b.conv_2d(x, 8, {3, 2}, {}, {2, 1});
    return b.depthwise_conv_2d(x, 1, {3, 3}, {}, {2, 2});
  });
  for (std::int32_t channels : {5, 7, 8, 16, 21, 40}) {
    run("depthwise, " + std::to_string(channels) + " channels", {1, 13, 11, channels},
        [&](GraphBuilder &b, TensorId x) {
          x = b.depthwise_conv_2d(x, 1, {3, 3}, {}, {}, {}, Activation::relu);
          x = b.depthwise_conv_2d(x, 1, {5, 5}, {2, 2});
          return b.depthwise_conv_2d(x, 1, {7, 7}, {}, {}, {}, Activation::relu);
        });
  }
}

}  // namespace
}  // namespace thimble::test
