// Loop nests of every kind: what is emitted fires what the enumerator fires and gives the interpreter's
// bytes.
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

#include "emit/emitted_batch.h"
#include "emit/loop_cases.h"
#include "schedule/base_schedules.h"

namespace thimble::test {
namespace {

const std::vector<std::string> kStrictSanitized = {"-std=c99",
                                                   "-O0",
                                                   "-g0",
                                                   "-Wall",
                                                   "-Wextra",
                                                   "-Wpedantic",
                                                   "-Wconversion",
                                                   "-Wvla",
                                                   "-Wshadow",
                                                   "-Werror",
                                                   "-fsanitize=address,undefined",
                                                   "-fno-sanitize-recover=all"};

TEST(EmittedLoops, SchedulesOfEveryStyle) {
  EmittedBatch batch;
  for (const NamedSchedule &base : base_schedules()) {
    Schedule schedule = base.schedule;
    if (schedule.regions.size() > 1) continue;  // one arena is all that can be emitted
    add_cursors(schedule);
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, 1),
                                                 random_inputs(*schedule.graph, 2)};
    batch.add(base.name, std::move(schedule), inputs);
  }
  batch.expect_traces(kStrictSanitized);
}

void expect_random(ElementType type, std::uint64_t first, std::uint64_t count) {
  EmittedBatch batch;
  std::map<std::string, int> refused;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Result<Schedule> schedule = random_loop_case(seed, type);
    if (!schedule) continue;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule->graph, seed)};
    std::string refusal;
    if (!batch.add_if_emitted("random " + std::to_string(seed), std::move(*schedule), inputs, refusal))
      ++refused[refusal];
  }
  std::size_t pushed = 0;
  for (const EmittedCase &emitted : batch.cases()) {
    for (const auto &[name, text] : emitted.program.files) {
      if (name.ends_with(".h") && text.find("_push_row(") != std::string::npos) ++pushed;
    }
  }
  std::cout << batch.cases().size() << " cases, " << pushed << " of them fed by rows\n";
  for (const auto &[text, times] : refused) ADD_FAILURE() << times << " x " << text;
  batch.expect_traces(kStrictSanitized);
}

/// THIMBLE_LOOP_SEEDS="first count": a long sweep instead of the suite's cases (bench/emit_loops.sh).
TEST(EmittedLoops, Sweep) {
  const char *seeds = std::getenv("THIMBLE_LOOP_SEEDS");
  if (seeds == nullptr) GTEST_SKIP() << "THIMBLE_LOOP_SEEDS is not set";
  std::istringstream words(seeds);
  std::uint64_t first = 0, count = 0;
  words >> first >> count;
  const ElementType types[] = {ElementType::int8, ElementType::int16, ElementType::float32};
  for (std::uint64_t done = 0; done < count; done += 100) {
    expect_random(types[(first + done) / 100 % 3], first + done, std::min<std::uint64_t>(100, count - done));
  }
}

TEST(EmittedLoops, RandomInt8) {
  expect_random(ElementType::int8, 1, 160);
}
TEST(EmittedLoops, RandomInt16) {
  expect_random(ElementType::int16, 1001, 32);
}
TEST(EmittedLoops, RandomFloat) {
  expect_random(ElementType::float32, 2001, 32);
}

}  // namespace
}  // namespace thimble::test
