// Good schedules, corrupted: by hand, where the refusal is known, and at random, where whatever is accepted
// must still compute the right bytes.
#include <gtest/gtest.h>

#include <functional>

#include "base_schedules.h"

namespace thimble::test {
namespace {

Schedule base(const std::string &name) {
  for (NamedSchedule &named : base_schedules()) {
    if (named.name == name) return std::move(named.schedule);
  }
  ADD_FAILURE() << "no base schedule " << name;
  return {};
}

Buffer &of_kind(Schedule &schedule, BufferKind kind, int number = 0) {
  for (Buffer &buffer : schedule.buffers) {
    if (buffer.kind == kind && number-- == 0) return buffer;
  }
  ADD_FAILURE() << "no buffer of kind " << name_of(kind);
  static Buffer none;
  return none;
}

void resize(Buffer &buffer) {
  buffer.size = buffer.layout.bytes();
}

struct Damage {
  const char *name;
  const char *base;
  std::function<void(Schedule &)> inflict;
  const char *reason;
};

const Damage kDamages[] = {
    {"misaligned", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).offset += 1; }, "not aligned"},
    {"alignment_below_the_elements", "slice_outside_row",
     [](Schedule &s) { of_kind(s, BufferKind::accumulator).alignment = 2; }, "its elements need 4"},
    {"outside_the_region", "rings",
     [](Schedule &s) { of_kind(s, BufferKind::output).offset = s.regions[0].size; }, "ends at byte"},
    {"region_one_byte_short", "rings", [](Schedule &s) { s.regions[0].size -= 1; }, "ends at byte"},
    {"size_too_small", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).size -= 1; },
     "its layout needs"},
    {"size_too_large", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).size += 1; },
     "its layout needs"},
    {"begins_late", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).first += 1; },
     "outside its lifetime"},
    {"ends_early", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).last -= 1; },
     "outside its lifetime"},
    {"begins_early", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).first -= 1; },
     "but it is used from"},
    {"ends_late", "rings", [](Schedule &s) { of_kind(s, BufferKind::ring).last += 1; },
     "but it is used from"},
    {"output_ends_early", "whole", [](Schedule &s) { of_kind(s, BufferKind::output).last -= 1; },
     "outside its lifetime"},
    {"ring_missing", "rings",
     [](Schedule &s) {
       std::erase_if(s.buffers, [](const Buffer &b) { return b.kind == BufferKind::ring; });
     },
     "has no buffer"},
    {"input_missing", "rings",
     [](Schedule &s) {
       std::erase_if(s.buffers, [](const Buffer &b) { return b.kind == BufferKind::input; });
     },
     "has no buffer"},
    {"accumulator_missing", "dense_slices",
     [](Schedule &s) {
       std::erase_if(s.buffers, [](const Buffer &b) { return b.kind == BufferKind::accumulator; });
     },
     "without an accumulator"},
    {"unused_buffer", "rings",
     [](Schedule &s) {
       Buffer unused = of_kind(s, BufferKind::ring);
       unused.stage = 0;
       s.buffers.push_back(unused);
     },
     "is used by no firing"},
    {"ring_of_another_stage", "recomputed",
     [](Schedule &s) {
       of_kind(s, BufferKind::ring).stage = 0;
       set_lifetimes(s);
     },
     "has no buffer"},
    {"ring_too_short", "stride_ring",
     [](Schedule &s) {
       Buffer &ring = of_kind(s, BufferKind::ring);
       ring.layout.fold[1] -= 1;
       resize(ring);
     },
     "which holds element"},
    {"ring_shorter_than_a_tile", "mean",
     [](Schedule &s) {
       Buffer &ring = of_kind(s, BufferKind::ring);
       ring.layout.fold[1] = 1;
       resize(ring);
     },
     "tile larger than its buffer"},
    {"fifo_too_short", "fifo",
     [](Schedule &s) {
       Buffer &fifo = of_kind(s, BufferKind::fifo);
       fifo.layout.fifo_pixels -= 1;
       resize(fifo);
     },
     "which holds element"},
    {"window_too_narrow", "window",
     [](Schedule &s) {
       Buffer &window = of_kind(s, BufferKind::window);
       window.layout.fold[2] -= 1;
       resize(window);
     },
     "which holds element"},
    {"strip_too_narrow", "strips",
     [](Schedule &s) {
       Buffer &strip = of_kind(s, BufferKind::ring);
       strip.layout.fold[2] -= 1;
       resize(strip);
     },
     "tile larger than its buffer"},
    {"slice_too_narrow", "slice_outside_row",
     [](Schedule &s) {
       Buffer &slice = of_kind(s, BufferKind::ring);
       slice.layout.fold[3] -= 1;
       resize(slice);
     },
     "tile larger than its buffer"},
    {"accumulator_of_one_row_where_all_rows_wait", "slice_outside_row",
     [](Schedule &s) {
       Buffer &sums = of_kind(s, BufferKind::accumulator);
       sums.layout.fold[1] = 1;
       resize(sums);
     },
     "which holds a sum of"},
    {"accumulator_smaller_than_its_tile", "slice_inside_row",
     [](Schedule &s) {
       Buffer &sums = of_kind(s, BufferKind::accumulator);
       sums.layout.fold[2] -= 1;
       resize(sums);
     },
     "larger than its accumulator"},
    {"accumulator_of_narrow_elements", "dense_slices",
     [](Schedule &s) {
       Buffer &sums = of_kind(s, BufferKind::accumulator);
       sums.layout.element_size = 1;
       resize(sums);
     },
     "do not fit"},
    {"accumulator_over_live_bytes", "dense_slices",
     [](Schedule &s) { of_kind(s, BufferKind::accumulator).offset = of_kind(s, BufferKind::input).offset; },
     "shares bytes with"},
    {"scratch_over_live_bytes", "rings",
     [](Schedule &s) {
       Buffer scratch;
       scratch.kind = BufferKind::scratch;
       scratch.op = s.stages[1].ops[1].op;
       scratch.size = 16;
       scratch.offset = of_kind(s, BufferKind::ring).offset;
       s.buffers.push_back(scratch);
       set_lifetimes(s);
     },
     "shares bytes with"},
    {"cursors_over_live_bytes", "rings",
     [](Schedule &s) {
       Buffer cursors;
       cursors.kind = BufferKind::cursors;
       cursors.stage = 1;
       cursors.size = 4;
       cursors.offset = of_kind(s, BufferKind::ring).offset;
       s.buffers.push_back(cursors);
       set_lifetimes(s);
     },
     "shares bytes with"},
    {"cursors_die_before_their_stage", "rings",
     [](Schedule &s) {
       Buffer cursors;
       cursors.kind = BufferKind::cursors;
       cursors.stage = 1;
       cursors.size = 4;
       cursors.offset = s.regions[0].size;
       s.regions[0].size += 4;
       s.buffers.push_back(cursors);
       set_lifetimes(s);
       s.buffers.back().last -= 1;
     },
     "does not live as long as its stage"},
    {"one_byte_of_overlap", "rings",
     [](Schedule &s) {
       Buffer &input = of_kind(s, BufferKind::input);
       Buffer &output = of_kind(s, BufferKind::output);
       input.alignment = output.alignment = 1;
       output.offset = input.offset + input.size - 1;
       s.regions[0].size += output.offset + output.size;
     },
     "which holds element"},
    {"buffers_exchanged_while_one_is_read", "recomputed",
     [](Schedule &s) {
       std::swap(of_kind(s, BufferKind::ring).tensor, of_kind(s, BufferKind::input).tensor);
     },
     "no network input"},
    {"no_room_for_both", "whole",
     [](Schedule &s) {
       s.buffers[2].offset = s.buffers[1].offset;
       s.regions[0].size *= 2;
     },
     "that it still reads"},
    {"depthwise_in_place", "whole", [](Schedule &s) { s.buffers[2].offset = s.buffers[1].offset; },
     "that it still reads"},
    {"element_wise_overlap_from_above", "in_place",
     [](Schedule &s) {
       s.buffers[2].offset += 8;
       s.buffers[3].offset += 8;
       s.regions[0].size += 8;
     },
     "that it still reads"},
    {"reshape_moved_by_one_element", "in_place",
     [](Schedule &s) {
       s.buffers[3].alignment = 1;
       s.buffers[3].offset += 1;
       s.regions[0].size += 8;
     },
     "that it still reads"},
    {"in_place_over_the_wrong_input", "in_place",
     [](Schedule &s) {
       // a = logistic(x) over x, but x is needed again for b = a * x.
       s.buffers[1].offset = s.buffers[0].offset;
     },
     "needs element"},
    {"output_folded", "rings",
     [](Schedule &s) {
       Buffer &output = of_kind(s, BufferKind::output);
       output.layout.fold[1] = 1;
       resize(output);
     },
     "folds it"},
    {"output_private", "rings", [](Schedule &s) { of_kind(s, BufferKind::output).stage = 1; },
     "no buffer that all stages see"},
    {"input_private", "rings", [](Schedule &s) { of_kind(s, BufferKind::input).stage = 0; }, "has no buffer"},
    {"input_folded", "rings",
     [](Schedule &s) {
       Buffer &input = of_kind(s, BufferKind::input);
       input.layout.fold[1] = 1;
       resize(input);
     },
     "buffer"},
    {"stored_further_in", "rings",
     [](Schedule &s) {
       s.stages[1].inner[0].store_at = Level::row;
       s.stages[1].inner[1].store_at = Level::call;
       s.stages[1].inner[1].step = 2;
       set_lifetimes(s);
     },
     "firing"},
    {"computed_further_out", "rings",
     [](Schedule &s) {
       s.stages[1].inner[0].compute_at = Level::call;
       set_lifetimes(s);
     },
     "tile larger than its buffer"},
    {"larger_steps", "rings",
     [](Schedule &s) {
       s.stages[1].loops[0].step = 2;
       set_lifetimes(s);
     },
     "firing"},
    {"larger_slices", "dense_slices",
     [](Schedule &s) {
       s.stages[1].loops[0].step = 6;
       set_lifetimes(s);
     },
     "firing"},
    {"reduction_becomes_a_loop_over_outputs", "dense_slices",
     [](Schedule &s) {
       s.stages[1].loops[0].reduction = false;
       s.stages[1].inner.clear();
       set_lifetimes(s);
     },
     "tile larger than its buffer"},
};

class Mutation : public testing::TestWithParam<Damage> {};

TEST_P(Mutation, IsRefused) {
  Schedule schedule = base(GetParam().base);
  expect_good(schedule, "undamaged");
  GetParam().inflict(schedule);
  expect_refused(schedule, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Damages, Mutation, testing::ValuesIn(kDamages),
                         [](const auto &test) { return test.param.name; });

TEST(InPlace, OverlapThatIsAllowedIsAccepted) {
  Schedule schedule = in_place_schedule();
  expect_good(schedule, "same bytes");
  // b below a: element i of b lies under an element of a that has been read.
  for (const std::int64_t below : {8, 16, 64}) {
    schedule = in_place_schedule();
    if (schedule.buffers[1].offset < schedule.buffers[0].size + below) {
      for (std::size_t b = 1; b < schedule.buffers.size(); ++b) schedule.buffers[b].offset += below;
      schedule.regions[0].size += below;
    }
    schedule.buffers[2].offset -= below;
    schedule.buffers[3].offset -= below;
    expect_good(schedule, "below");
  }
}

}  // namespace
}  // namespace thimble::test
