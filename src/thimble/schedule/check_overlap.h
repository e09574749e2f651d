// Firings whose output shares bytes with their own input.
#pragma once

#include "thimble/graph/rules.h"
#include "thimble/schedule/check_shadow.h"

namespace thimble {

/// Finds out whether a firing overwrites bytes that it has yet to read.
///
///   ascending, output one element below its input (fine):     in      a b c d        element i is read
///   before
///                                                             out   A B C D          element i is written,
///                                                             and
///   one above (not fine: B destroys c before it is read):     out       A B C D      i + 1, i + 2, ... later
class OverlapFinder {
 public:
  explicit OverlapFinder(const Schedule &schedule);

  struct Side {
    const Buffer &buffer;
    const Region &box;
  };
  /// The first byte (of the region of memory) at which writing `output` destroys what is still to be read of
  /// `input`, or nothing. `mode` is what the operator allows. For `alias`, bytes may meet where they already
  /// hold what is written: `held` is the shadow before the firing and `content` the tag of the output's first
  /// byte.
  std::optional<std::int64_t> find(const Side &input, const Side &output, InPlace mode, Shadow &held,
                                   Tag content);
  /// The same for the sums of a firing's last part, each of which is read before the element that it becomes
  /// is written. (Elements of different sizes: sum i is in the way of elements before i only.)
  std::optional<std::int64_t> find_sums(const Side &sums, const Side &output);

 private:
  std::optional<std::int64_t> compare(const Side &input, const Side &output, InPlace mode, Shadow *held,
                                      Tag content);
  Shadow &stamps_of(std::int32_t region);

  const Schedule &schedule_;
  std::vector<std::unique_ptr<Shadow>> stamps_;  ///< per region, made when first needed: (question, element)
  Tag question_ = 0;
};

}  // namespace thimble
