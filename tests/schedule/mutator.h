// Random corruptions of schedules.
#pragma once

#include <random>

#include "schedule_builder.h"

namespace thimble::test {

/// Corrupts one or two things at a time. Sizes, regions and lifetimes are mostly made to fit again: otherwise
/// nearly everything would be refused for these reasons alone.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  void mutate(Schedule &schedule);

 private:
  void mutate_once(Schedule &schedule);
  void mutate_buffer(Schedule &schedule);
  void mutate_stage(Schedule &schedule);

  /// 0 .. count - 1.
  std::int32_t pick(std::size_t count) {
    return static_cast<std::int32_t>(random_() % static_cast<std::uint32_t>(count));
  }
  std::int32_t nudge() { return pick(2) == 0 ? 1 : -1; }
  template <class T>
  T &one_of(std::vector<T> &list) {
    return list[static_cast<std::size_t>(pick(list.size()))];
  }

  std::mt19937 random_;
};

}  // namespace thimble::test
