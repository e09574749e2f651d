// Programs whose buffers lie in several memories: the interpreter's bytes, and no byte of RAM more.
#include <iostream>

#include "emit/emitted_batch.h"
#include "emit/graphs.h"
#include "support/random_graph.h"
#include "thimble/plan/plan.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

/// A plan in several memories that are together hardly larger than the arena, or none.
std::optional<Schedule> spread_plan_of(std::uint64_t seed, InputMode input) {
  RandomGraphOptions shape;
  shape.type = seed % 4 == 0 ? ElementType::float32 : ElementType::int8;
  shape.steps = 6;
  const auto graph = std::make_shared<const Graph>(random_graph(seed, shape));
  PlanOptions options;
  options.space = static_cast<PlanSpace>(seed % 3);
  options.input = input;
  const auto one = search_plan(graph, options);
  if (!one) return std::nullopt;
  const std::int64_t arena = one->schedule.regions[0].size;
  options.memories = {{"tight", arena / 2, 0, ".bss.tight"}, {"wide", arena * 4 / 5, 2}};
  if (seed % 2 == 0) options.memories.push_back({"far_away", arena, 5, ".bss.far"});
  auto plan = search_plan(graph, options);
  if (!plan || !plan->fits || plan->schedule.regions.size() < 2) return std::nullopt;
  return std::move(plan->schedule);
}

TEST(EmittedRegions, RandomNetworksInSeveralMemories) {
  EmittedBatch batch;
  int fed = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const InputMode input = seed % 5 == 0 ? InputMode::rows : InputMode::consumed;
    auto schedule = spread_plan_of(seed, input);
    if (!schedule) continue;
    fed += input == InputMode::rows;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule->graph, seed),
                                                 random_inputs(*schedule->graph, seed + 1000)};
    batch.add("seed " + std::to_string(seed), std::move(*schedule), inputs);
  }
  std::cout << batch.cases().size() << " networks, " << fed << " of them fed by rows\n";
  EXPECT_GT(batch.cases().size(), 15u);
  EXPECT_GT(fed, 0);
  batch.expect_traces(kStrictSanitized);
}

TEST(EmittedRegions, RamIsTheSumOfTheArenas) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto schedule = spread_plan_of(seed, InputMode::consumed);
    if (!schedule) continue;
    SelfTest test;
    test.inputs = random_inputs(*schedule->graph, 7);
    test.outputs = *interpret_outputs(*schedule->graph, test.inputs);
    EmitOptions options;
    options.selftest = std::move(test);
    const auto program = emit(*schedule, options);
    ASSERT_TRUE(program) << program.error().text();
    for (const std::string compiler : {"gcc", "clang", "g++ -x c++ -fsyntax-only"}) {
      auto folder = TemporaryFolder::make();
      ASSERT_TRUE(folder);
      write_program(*program, folder->path());
      if (compiler[1] == '+') {  // the header is C++, too
        command({"sh", "-c", compiler + " -Wall -Wextra -Werror network.h"}, folder->path());
        continue;
      }
      ASSERT_EQ(compile_folder(folder->path(), {"-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-fno-pie"},
                               compiler),
                "");
      const std::string sizes = command(
          {"sh", "-c", "size *.o | awk 'NR > 1 { ram += $2 + $3 } END { print ram }'"}, folder->path());
      EXPECT_EQ(sizes, std::to_string(total_bytes(schedule->regions)) + "\n") << compiler;
      // The example runs the self-test, in the static arenas.
      const std::string ran =
          command({"sh", "-c", compiler + " main.c *.o -no-pie -o main && ./main"}, folder->path());
      EXPECT_NE(ran.find("self-test: 0 bytes differ"), std::string::npos) << ran;
      const std::string placed = command({"sh", "-c", "objdump -h network_arena.o"}, folder->path());
      EXPECT_NE(placed.find(".bss.tight"), std::string::npos);
      const std::string moved = command(
          {"sh", "-c",
           compiler +
               " -std=c99 -c '-DNETWORK_ARENA_TIGHT_ATTRIBUTE=__attribute__((section(\".bss.mine\")))' "
               "network_arena.c && objdump -h network_arena.o"},
          folder->path());
      EXPECT_NE(moved.find(".bss.mine"), std::string::npos);
      EXPECT_EQ(moved.find(".bss.tight"), std::string::npos);
    }
    return;
  }
  FAIL() << "no network was spread";
}

}  // namespace
}  // namespace thimble::test
