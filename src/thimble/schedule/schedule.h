// The Schedule: which operator fires on which tile, in what order, and at which address its bytes live.
//
// A schedule is a list of stages. A stage is a connected set of operators executed together as one loop nest,
// tile by tile; between stages tensors are whole. Every tensor inside a stage is *computed at* one level of
// the nest and *stored at* one level (Halide's compute_at / store_at with storage folding):
//
//   expand 1x1 -> depthwise 3x3 -> project 1x1, row by row, no recomputation:
//
//     stage { ops: expand, depthwise, project;  loops: {row, 1};
//             inner: expand's output    computed at row, stored at call   -> a ring of 3 rows
//                    depthwise's output computed at row, stored at row  } -> 1 row
//
//   for y in rows of project's output:           (the last operator of the stage drives)
//     pull the rows of its footprint that are not there yet, recursively; then fire on row y
//
//   whole        compute_at call                           the tensor is materialised
//   ring         compute_at row,    store_at outside row   newest - oldest row needed + 1; no recomputation
//   pixel FIFO   compute_at column, store_at outside row   (k-1) rows + k pixels; a reader that takes whole
//                                                          rows makes it a ring that is filled in steps
//   window       compute_at column, store_at row           t x k pixels; rows are recomputed
//   slice        compute_at slice,  store_at slice         some channels of the map at a time
//   accumulator  a loop over the driver's reduction: its output is summed over the iterations
//   state, hold  compute_at call across calls: online inference (streams)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "thimble/graph/graph.h"
#include "thimble/graph/view.h"

namespace thimble {

/// Levels of a loop nest in their usual order, outermost first. `call` is outside all loops of a stage.
enum class Level : std::uint8_t { call, strip, slice, row, column };
const char *name_of(Level level);

/// The axis that a level walks on a tensor of this rank, or -1: strips and columns walk columns, slices
/// channels.
int axis_of(Level level, int rank);

/// One loop of a stage, over an axis of the driver's output or over parts of the driver's reduction. A loop
/// over the reduction has the level that walks the reduced axis: slice for a convolution, row for a mean over
/// rows. A loop over an axis that the driver's output does not have runs once.
struct Loop {
  Level level = Level::row;
  std::int32_t step =
      1;  ///< elements of the axis (or of the reduction) per iteration; the last may be shorter
  bool reduction =
      false;  ///< true: cuts the driver's reduction (first accumulate axis) instead of its output
};

/// An operator in a stage with its kernel variant (variant.h) and, for streams, when it fires: element m of
/// its output's time is made in call period * m + offset.
struct StageOp {
  OpId op = kNone;
  std::int32_t variant = 0;
  std::int32_t period = 1;
  std::int32_t offset = 0;  ///< negative: its first elements are made before the first frame is there
};

/// How a tensor that is made and used inside a stage is computed and stored. Tensors made in a stage that are
/// not listed are computed at call level: whole, in one firing.
struct StageTensor {
  TensorId tensor = kNone;
  Level compute_at = Level::call;
  Level store_at = Level::call;  ///< `call`, or a loop: each iteration starts with nothing stored
  std::int32_t step = 1;         ///< elements along the compute_at axis per firing
  /// Whose rows are meant by store_at = row: kNone for the driver's, else those of a pixel FIFO (or of a ring
  /// filled in steps) of the stage. Each of its rows starts with nothing stored, and is made as a whole, so
  /// that windows inside the rows of different tensors are never needed at the same time:
  ///
  ///   a  --conv 3x3-->  w  --conv 3x3-->  f  --conv 3x3-->  driver
  ///   ring of 5 rows    window 3x3        FIFO              w inside f's rows: computed 3 times over, while
  ///                                                         f is computed once
  TensorId within = kNone;
};

struct Stage {
  std::vector<StageOp> ops;  ///< in an order in which they can be executed; the last one drives
  std::vector<Loop> loops;   ///< outermost first; none: each operator fires once on its whole output
  std::vector<StageTensor> inner;
  /// Bytes of a partial sum where the driver is summed in parts; 0: as many as the kernel computes with.
  /// Fewer where that is proved to suffice (sum_bytes.h).
  std::int32_t sum_bytes = 0;
};

enum class BufferKind : std::uint8_t {
  input,        ///< a network input, whole
  output,       ///< a network output, whole
  tensor,       ///< any other tensor, whole
  ring,         ///< rows modulo its length
  fifo,         ///< pixels modulo its length
  window,       ///< rows and columns modulo its size
  slice,        ///< channels modulo its size
  accumulator,  ///< partial sums of `op`'s output
  scratch,      ///< working memory of `op`'s kernel during a firing
  state,        ///< survives the call; without a loop over time: what the graph's state arrives in
  hold,         ///< state that is computed in some calls only
  cursors,      ///< the counters of a stage that can be left and entered again
};
const char *name_of(BufferKind kind);

/// Bytes at an offset in a memory region, with a lifetime measured in firings.
struct Buffer {
  BufferKind kind = BufferKind::tensor;
  TensorId tensor = kNone;     ///< what it holds; kNone for scratch and cursors
  OpId op = kNone;             ///< owner of an accumulator or scratch
  std::int32_t stage = kNone;  ///< stage to which it is private; kNone: seen by all stages
  std::int32_t region = 0;     ///< index into Schedule::regions
  std::int64_t offset = 0;     ///< bytes from the start of the region
  std::int64_t size = 0;       ///< bytes
  std::int32_t alignment = 1;  ///< of the offset, a power of two
  Layout layout;               ///< how elements fold into the bytes; unused for scratch and cursors
  /// First firing that touches it, and last one that needs it (network outputs, and what states are written
  /// from: the last of all; what a state arrives in ends like any input, for the copy comes later). In a
  /// stream, which repeats, stages of one call; what survives the call lives through all of them.
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool kept = false;  ///< a network input that the caller finds unchanged: lives to the last of all
};

enum class RegionKind : std::uint8_t {
  arena,         ///< volatile; contents undefined before a run
  state,         ///< volatile; survives from one call to the next
  non_volatile,  ///< survives power cuts
};

/// One static array of the emitted program.
struct MemoryRegion {
  std::string name = "arena";
  RegionKind kind = RegionKind::arena;
  std::int64_t size = 0;         ///< bytes
  std::int32_t wait_cycles = 0;  ///< that a load or store takes beyond one of the fastest memory
  std::string section = {};      ///< of the array in the object file; empty: where the compiler puts it
};

/// Bytes of all regions together.
std::int64_t total_bytes(const std::vector<MemoryRegion> &regions);

/// Where time runs in a tensor: its element m is the indices [m * grain, (m + 1) * grain) of the axis.
struct TimeSpan {
  int axis = kNone;
  std::int32_t grain = 1;
};

/// A stream: time is the outermost loop of all. In each call one frame arrives, and every stage makes the
/// element of time of its driver's output that is due; what later calls still need lives in buffers of kind
/// state, whose layouts fold the axis of time. The graph is that of a long recording, of which so many calls
/// are enumerated that all places in rings, once nothing is padded any more, have been gone through twice:
/// what was proved of them holds for ever (time_loop.h).
///
/// Stages at the front of the list may fire before the frame of their call is there: they read what earlier
/// calls have left, so that they can be executed while nothing else is to be done.
struct TimeLoop {
  std::int32_t first = 0;         ///< the first call; those below 0 are the reset's, before any frame
  std::int32_t end = 0;           ///< behind the last call that is enumerated
  std::int32_t before = 0;        ///< stages, from the first one on, that need nothing of the call's frame
  std::vector<TimeSpan> tensors;  ///< by tensor
};

/// Where the graph keeps states, a call is one inference of it. What a state arrives in has a whole buffer of
/// kind state, in a region of that kind; between two calls nothing else keeps anything, and in a call its
/// bytes may be used for something else once they are dead. When everything has fired and the outputs have
/// been handed out, the next bytes of each state are copied there, state by state in the graph's order;
/// nothing where they lie there already:
///
///   before  --shift-->  after             region state   before 0..95, and after, made in place
///   conv of before and of the frame       region step    everything else
struct Schedule {
  std::shared_ptr<const Graph> graph;
  std::vector<Stage> stages;
  std::vector<Buffer> buffers;
  std::vector<MemoryRegion> regions{MemoryRegion{}};
  std::optional<TimeLoop> time = {};  ///< of a stream
};

/// The buffer that holds `tensor` as seen from `stage`: its private one if there is one, else the shared one.
/// Null when the tensor has none (constants).
const Buffer *buffer_of(const Schedule &schedule, TensorId tensor, std::int32_t stage);
/// The accumulator or scratch of `op` in `stage`, or null.
const Buffer *buffer_of_op(const Schedule &schedule, BufferKind kind, OpId op, std::int32_t stage);

/// Whether the buffer keeps its bytes from one call of a stream to the next.
bool survives_calls(const Schedule &schedule, const Buffer &buffer);

/// Whether a state's next bytes are made where it arrives, so that nothing is copied at the end of a call.
/// Both must have buffers that all stages see.
bool is_in_place(const Schedule &schedule, const State &state);

/// Whether the caller hands in this network input row by row: it arrives in the stage that uses it.
bool is_row_fed(const Schedule &schedule, TensorId input);

/// Per stage and position in Stage::ops: whether the operator's output leaves the stage, so that it has to be
/// whole when the stage ends. An operator may be computed in several stages; an outside reader (or the
/// caller, for a network output) gets the tensor from the latest stage before it that computes it:
///
///   stage 0 {a, b}   stage 1 {a, c}   stage 2 {d}      d reads a: a leaves stage 1, and not stage 0
std::vector<std::vector<bool>> leaving_tensors(const Schedule &schedule);

/// Most bytes of one memory region, so that a corrupt schedule cannot ask for a huge allocation.
constexpr std::int64_t kMaxRegionBytes = std::int64_t{1} << 28;

/// Verifies everything that `for_each_firing` relies on (indices, order, positive steps, loops that exist,
/// known variants, every operator computed) and that buffers and regions are well-formed one by one. Whether
/// bytes collide, and whether buffers are there and large enough, is for `check`. A schedule without buffers
/// passes, so that it can be measured before memory is planned.
Result<void> verify_structure(const Schedule &schedule);

}  // namespace thimble
