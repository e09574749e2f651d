// LSTM, whose states are inputs here: emitted C equals the interpreter byte for byte.
#include "emit/emitted_batch.h"
#include "support/graph_builder.h"

namespace thimble::test {
namespace {

/// Both parts, the cells as an output, too.
Graph whole_lstm(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  Random &r = b.random();
  const bool one_step = seed % 3 == 0, time_major = r.chance(50);
  const std::int32_t sequences = r.integer(1, 3), steps = one_step ? 1 : r.integer(2, 5);
  const Shape shape = time_major ? Shape{steps, sequences, 0} : Shape{sequences, steps, 0};
  const TensorId x = b.input({shape[0], shape[1], r.integer(1, 12)});
  const TensorId cells = b.lstm_cells(x, r.integer(1, 9), time_major, r.chance(40) ? 0.5f : 0.0f);
  return b.build({b.lstm_output(cells), cells});
}

EmittedBatch lstms(ElementType type) {
  EmittedBatch batch;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    Graph graph = whole_lstm(seed, type);
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1), random_inputs(graph, 2)};
    batch.add("lstm " + std::to_string(seed), std::move(graph), inputs);
  }
  return batch;
}

TEST(EmittedLstm, Int8Sanitized) {
  lstms(ElementType::int8).expect_equal(kStrictSanitized);
}
TEST(EmittedLstm, FloatSanitized) {
  lstms(ElementType::float32).expect_equal(kStrictSanitized);
}
TEST(EmittedLstm, FloatWithFma) {
  lstms(ElementType::float32).expect_equal({"-std=gnu11", "-O3", "-march=native"});
}

}  // namespace
}  // namespace thimble::test
