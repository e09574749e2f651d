// The way of a stream through the house: a model file becomes a schedule whose outermost loop is time.
#pragma once

#include "thimble/report/network.h"
#include "thimble/stream/agreement.h"
#include "thimble/stream/ending.h"
#include "thimble/stream/plan_stream.h"
#include "thimble/stream/work.h"

namespace thimble::report {

struct StreamRequest {
  CompileOptions compile;
  std::optional<int> axis = {};
  stream::StreamMode mode = stream::StreamMode::scheduled;
  bool keep_states = false;  ///< of a network that has some: as they are, a step is one inference
  stream::Extras extras = {};
  bool causal = false;  ///< padding behind the window lies before it: another function
  /// Frames that a step takes; 0: one, or as many as an inference of a network that keeps states. Never 0 in
  /// a StreamNetwork.
  std::int32_t hop = 0;
};

/// Multiply-accumulates of a step.
struct StepMacs {
  std::vector<std::int64_t> steps;  ///< of each step until everything repeats
  std::int64_t critical = 0;        ///< of a step at most, between the arrival of frames and their outputs

  double average() const;
  std::int64_t peak() const;
};

/// What a stream without its extras takes.
struct WithoutExtras {
  StepMacs macs;
  std::int64_t state_bytes = 0, call_bytes = 0;
};

struct StreamNetwork {
  StreamRequest request;
  Network network;  ///< read and rewritten; without a plan of its own
  /// The model file's network where it keeps states: `network` is what many of its inferences compute.
  std::shared_ptr<const Graph> stateful = {};
  stream::StreamPlan plan;
  StepMacs macs;
  std::optional<WithoutExtras> without_extras = {};  ///< where there are some
  stream::Agreement agreement;                       ///< of the stream with a sliding window
  std::size_t made_causal = 0;                       ///< operators whose padding was moved
  Ending ending;
  std::string no_flush = {};  ///< why

  const Schedule &schedule() const { return plan.schedule; }
};

/// plan -> check, of a network that has been read and rewritten.
Result<StreamNetwork> plan_stream_network(Network network, const StreamRequest &request);

/// read -> rewrite -> plan -> check. The error lists the candidates where time could run along several axes.
Result<StreamNetwork> plan_stream_network(const StreamRequest &request);

/// The same for a network that keeps states, each of which is the last elements of a tensor: what it computes
/// in all its inferences, as a stream of rings. Fails where a state is more than that.
Result<StreamNetwork> plan_without_states(Graph file, const StreamRequest &request);

/// Schedule -> C sources.
Result<EmittedProgram> emit_stream(const StreamNetwork &stream);

/// Bytes of the regions that survive a call, or of the others.
std::int64_t region_bytes(const Schedule &schedule, bool state);

/// Bytes that live between two calls, and those that live within one only.
std::int64_t state_bytes(const StreamNetwork &stream);
std::int64_t call_bytes(const StreamNetwork &stream);

/// Of the state, int32 sums of convolutions in parts.
std::int64_t sum_bytes(const StreamNetwork &stream);
/// Of the state, what counts calls.
std::int64_t counter_bytes(const StreamNetwork &stream);

/// Outputs that a stream still has when no more frames come.
std::int64_t most_flushed(const StreamNetwork &stream);

/// Elements of time that the calls up to `calls` hand out.
std::int64_t outputs_within(const StreamNetwork &stream, std::int64_t calls);

}  // namespace thimble::report
