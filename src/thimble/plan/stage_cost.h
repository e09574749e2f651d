// What a stage needs while it runs: the estimate by which cuts are chosen, from one profile per driver.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "thimble/plan/windows.h"

namespace thimble {

/// A tensor that is born in a stage over the dead bytes of one that dies there: `in` begins at least
/// `distance` bytes after `out`, or they lie apart.
struct Handover {
  TensorId in = kNone, out = kNone;
  std::int64_t in_bytes = 0, out_bytes = 0, distance = 0;
};

struct StageCost {
  std::int64_t bytes = 0;       ///< everything that is live while it runs, at exact sizes, without gaps
  std::int64_t firings = 0;     ///< kernel calls
  std::int64_t extra_macs = 0;  ///< multiply-accumulates beyond each operator once
  /// Of `bytes`, those of tensors made and used up in the stage that are there when its last operator first
  /// fires: no stage of the same form that begins earlier has less of them.
  std::int64_t inner_bytes = 0;
  Handover handover;  ///< in: kNone when nothing dies or nothing is born
};

/// Bytes that are needed from one firing of a stage to another.
struct Life {
  std::int64_t first, last;
  std::int64_t bytes;
};

struct StageOptions {
  std::int32_t alignment = 4;  ///< every buffer counts as a multiple of it
  bool keep_inputs = false;    ///< network inputs keep their bytes until the end
  bool row_fed = false;        ///< the only network input arrives row by row, in the first stage
  bool cursors = true;         ///< count what a stage's cursors are expected to take
};

/// Costs of all stages that are runs of one order of the operators.
class StageCosts {
 public:
  StageCosts(const Graph &graph, std::vector<OpId> order, const StageOptions &options);
  /// The same stages without what their tensors do not need: no byte of alignment, and no cursors, of which a
  /// stage may need fewer than expected. Shares what was counted.
  StageCosts bare() const;

  const std::vector<OpId> &order() const { return order_; }
  /// First position that computes: those before it are network inputs that arrive whole.
  std::int32_t first_position() const { return first_; }

  /// No stage of positions first .. last needs less: what is there when it begins or when it ends.
  std::int64_t floor(std::int32_t first, std::int32_t last) const;
  /// Nothing where there is no such stage. Exact for whole tensors and lines; of pixels what a walk over
  /// lines lets expect, which is rarely too much.
  std::optional<StageCost> estimate(const StageChoice &choice);
  /// Of a stage that is summed slice by slice, from a walk in two slices; nothing where there is no such
  /// stage.
  std::optional<StageCost> estimate_slices(const StageChoice &choice);
  /// Of a stage with windows that `windows` has found.
  StageCost estimate(const StageChoice &choice, const WindowChoice &windows);
  /// Counted from the stage's own firings.
  StageCost count(const StageChoice &choice) const;
  /// Likewise. Of a stage of pixels it also tries which tensors should better be
  /// made in whole lines (NestForm::lines), and changes `choice` accordingly.
  StageCost measure(StageChoice &choice);
  /// Multiply-accumulates of the graph, each operator once.
  std::int64_t macs() const { return macs_; }
  /// Channels that the operator at this position sums over when it is the last one of a stage of slices.
  std::int32_t reduction(std::int32_t position) const;
  /// The widths of partial sums that hold those of the operator at this position, the widest first.
  std::vector<std::int32_t> sum_widths(std::int32_t position);
  /// Columns of this position's output; 0: it has none.
  std::int32_t columns(std::int32_t position) const;
  /// Windows for the stages that end with this position: choices of Grain::pixels.
  std::vector<WindowChoice> windows(std::int32_t driver, const WindowLimits &limits);

 private:
  /// `producer`: kNone: never made; `last`: the number of operators for outputs.
  using Use = WindowUse;

  std::int64_t rounded(std::int64_t bytes) const;
  std::int64_t whole_bytes(TensorId tensor) const;
  std::int64_t inner_bytes(TensorId tensor, const TensorProfile &profile, const NestForm &form,
                           std::int32_t walked_channels) const;
  std::int64_t cursor_bytes(const StageChoice &choice) const;
  bool shares_line(std::int32_t position, std::int32_t first, const StageProfile &profile) const;
  std::int64_t distance(TensorId dying, TensorId born, const StageChoice &choice,
                        const StageProfile *profile) const;
  StageCost cost(const StageChoice &choice, const StageProfile *profile,
                 const WindowChoice *estimated = nullptr) const;
  Handover add_ends(const std::vector<TensorId> &dying, const std::vector<TensorId> &born,
                    const StageChoice &choice, const StageProfile *profile, std::vector<Life> &lives) const;
  std::int32_t owner_of(TensorId tensor, const StageChoice &choice) const;
  std::vector<TensorId> joined(const StageChoice &choice) const;
  std::int64_t scratch_bytes(const StageChoice &choice) const;
  std::int64_t sum_bytes(const StageChoice &choice) const;
  std::int64_t extra_macs(const StageChoice &choice, const StageProfile &profile) const;
  bool covers_sums(const StageChoice &choice) const;
  bool all_in_strips(const StageChoice &choice) const;
  bool sums_in_slices(std::int32_t first, std::int32_t last) const;
  std::int64_t firings(const StageChoice &choice, const StageProfile &profile) const;

  const Graph &graph_;
  std::vector<OpId> order_;
  StageOptions options_;
  std::int32_t first_ = 0;
  std::int64_t macs_ = 0;
  std::vector<Use> uses_;            ///< by tensor
  std::vector<WindowBlock> blocks_;  ///< by position, once asked for
  std::int64_t block_macs_ = -1;     ///< the limit for which they are
  std::vector<bool> unread_;         ///< by position: nobody needs the output
  std::vector<TensorId> storage_;    ///< by tensor: the one whose bytes it shares (reshapes)
  // Looked up once, for they are asked for by every run of operators:
  std::vector<TensorId> made_;                   ///< tensors with bytes of their own
  std::vector<std::int64_t> scratch_;            ///< by position, before rounding
  std::vector<std::vector<TensorId>> in_place_;  ///< by position: inputs that may share bytes with the output
  std::shared_ptr<Profiles> profiles_;
  std::vector<std::int32_t> least_sums_;  ///< by position, once asked for: bytes of the narrowest
  /// By first and last position of stages of single pixels: what is better made in lines.
  std::map<std::pair<std::int32_t, std::int32_t>, std::vector<TensorId>> worth_lines_;
};

}  // namespace thimble
