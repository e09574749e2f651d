// Regions that are skipped, against their definition: the network at its full rate, whose region tensors are
// overwritten by what they were in the last frame in which the region ran.
#include "thimble/soi/hold.h"

#include <gtest/gtest.h>

#include "soi/networks.h"
#include "stream/run_schedule.h"
#include "thimble/graph/rules.h"
#include "thimble/soi/cost.h"

namespace thimble::test {
namespace {

using soi::Pairs;

View whole_view(Bytes &bytes, const Tensor &tensor) {
  return {reinterpret_cast<std::byte *>(bytes.data()), Layout::whole(tensor), tensor.type};
}

/// Element m of the tensor becomes element `from`.
void copy_element(const Tensor &tensor, const stream::TimeAxis &time, std::int64_t m, std::int64_t from,
                  Bytes &bytes) {
  const Bytes held = element(tensor, time, from, bytes);
  std::size_t at = 0;
  for_each_bytes(tensor, time, m, [&](std::size_t begin, std::size_t count) {
    std::copy_n(held.begin() + static_cast<std::ptrdiff_t>(at), count,
                bytes.begin() + static_cast<std::ptrdiff_t>(begin));
    at += count;
  });
}

Bytes by_definition(const Timeline &net, const std::vector<soi::CompressedRegion> &regions, Bytes input) {
  std::vector<Bytes> tensors(net.graph.tensors.size());
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const Tensor &tensor = net.graph.tensors[t];
    tensors[t] = tensor.constant() ? *tensor.data : Bytes(static_cast<std::size_t>(tensor.bytes()));
  }
  tensors[static_cast<std::size_t>(net.graph.inputs[0])] = std::move(input);
  for (std::size_t o = 0; o < net.graph.ops.size(); ++o) {
    const Op &op = net.graph.ops[o];
    if (op.is<Input>()) continue;
    const Tensor &made = net.graph.tensor(op.output());
    Bytes &output = tensors[static_cast<std::size_t>(op.output())];
    OpRun run{net.graph,
              op,
              {},
              whole_view(output, made),
              {},
              Region::whole(made.shape),
              {0, reduction_extent(net.graph, op)}};
    for (const TensorId input_id : op.inputs) {
      run.inputs.emplace_back();
      if (input_id != kNone)
        run.inputs.back() =
            whole_view(tensors[static_cast<std::size_t>(input_id)], net.graph.tensor(input_id));
    }
    thimble::run(run);
    // What only moves elements moves those that are held.
    std::int64_t divisor = 1;
    for (const soi::CompressedRegion &region : regions) {
      if (region.position.holds(static_cast<OpId>(o)))
        divisor = std::max<std::int64_t>(divisor, region.divisor);
    }
    const stream::TimeAxis &time = net.axes.of(op.output());
    for (std::int64_t m = 0; divisor > 1 && !moves_elements(op) && m < time.length; ++m)
      copy_element(made, time, m, m / divisor * divisor, output);
  }
  return tensors[static_cast<std::size_t>(net.graph.outputs[0])];
}

TEST(Hold, IsWhatItSays) {
  int networks = 0, nested = 0;
  for (const Family family : kFamilies) {
    for (std::uint64_t seed = 100; seed < 125; ++seed) {
      SCOPED_TRACE("family " + std::to_string(static_cast<int>(family)) + " seed " + std::to_string(seed));
      const Timeline net(random_soi_network(seed, family));
      const auto positions = net.positions();
      if (positions.empty()) continue;
      Random random(seed);
      const Pairs pairs{some_pairs(positions, random), 0, random.integer(2, 3)};
      SCOPED_TRACE(soi::pairs_text(pairs.numbers));
      const auto made = soi::hold(net.timed(), positions, pairs);
      ASSERT_TRUE(made) << made.error().text();
      const auto inputs = random_inputs(net.graph, seed);
      EXPECT_EQ(interpret_outputs(made->graph, inputs).value()[0],
                by_definition(net, made->regions, inputs[0]));
      const auto plan = plan_along_rows(made->graph);
      ASSERT_TRUE(plan) << plan.error().text();
      const Compared compared = run_schedule(*plan, plan->schedule);
      EXPECT_GT(compared.elements, 0);
      EXPECT_EQ(compared.different, 0);
      ++networks;
      nested += pairs.numbers.size() > 1;
    }
  }
  EXPECT_GE(networks, 60);
  EXPECT_GE(nested, 20);
}

TEST(Hold, WorksAsLittleAsTheTrainedForm) {
  const Timeline net(u_net(seven_levels()));
  const Pairs pairs{{2, 4}};
  const auto held = soi::hold(net.timed(), net.positions(), pairs);
  const auto trained = soi::compress(net.timed(), net.positions(), pairs);
  ASSERT_TRUE(held && trained);
  EXPECT_EQ(soi::stream_cost(held->graph, 1)->average, soi::stream_cost(trained->graph, 1)->average);
  const auto inputs = random_inputs(net.graph, 1);
  EXPECT_NE(*interpret_outputs(held->graph, inputs), *interpret_outputs(trained->graph, inputs));
}

// A signal that does not change is held without any error, whatever was trained.
TEST(Hold, ConstantSignalsLoseNothing) {
  const Timeline net(u_net({{4, 6, 8}, {}, 0, 0, 4, 48}));
  const auto held = soi::hold(net.timed(), net.positions(), Pairs{{1}});
  ASSERT_TRUE(held);
  const Bytes input(static_cast<std::size_t>(net.graph.tensor(net.graph.inputs[0]).bytes()), 37);
  const Bytes expected = interpret_outputs(net.graph, {input}).value()[0];
  const Bytes found = interpret_outputs(held->graph, {input}).value()[0];
  // Behind the frames that depend on the padding in front of the recording.
  const std::size_t settled = expected.size() / 2;
  EXPECT_TRUE(std::equal(expected.begin() + static_cast<std::ptrdiff_t>(settled), expected.end(),
                         found.begin() + static_cast<std::ptrdiff_t>(settled)));
}

}  // namespace
}  // namespace thimble::test
