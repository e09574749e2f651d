// The way of a network into its form for scattered online inference: a model file is rewritten, written,
// read back and planned as a stream.
#pragma once

#include "thimble/report/stream.h"
#include "thimble/soi/search.h"

namespace thimble::report {

/// A network over time before anything is compressed. Padding is in its operators; else it is the file's.
struct SoiNetwork {
  CompileOptions options;
  std::shared_ptr<const Graph> graph;
  stream::TimeAxes axes;
  stream::Rates rates;
  soi::Cost cost;
  std::vector<soi::Position> positions;

  soi::Timed timed() const { return {*graph, axes, rates}; }
};

/// `causal`: padding behind the window lies before it (stream/causal.h). Fails where time cannot be told, and
/// where the network cannot be streamed as it is.
Result<SoiNetwork> read_soi_network(const CompileOptions &options, std::optional<int> axis, bool causal);

struct SoiRequest {
  soi::Pairs pairs;
  bool training_free = false;  ///< hold: regions are skipped, filters keep their taps
};

struct SoiModel {
  SoiRequest request;
  std::vector<soi::CompressedRegion> regions;
  soi::Cost cost;
  std::string file;      ///< the model file's bytes
  StreamNetwork stream;  ///< of the file as it was read back
};

/// Rewrites, writes, reads back, compares the two by one inference, and plans.
Result<SoiModel> make_soi_model(const SoiNetwork &network, const SoiRequest &request);

/// A limit as people write it: "40%" of `full`, or a number. Nothing for anything else.
std::optional<double> parse_share(std::string_view text, double full);

/// "1|3" or "1,3"; nothing for anything else.
std::optional<std::vector<std::int32_t>> parse_pairs(std::string_view text);

/// "--pairs '1|3' --kind fp --shift 1": how to ask for it.
std::string pairs_options(const soi::Pairs &pairs, bool training_free);

}  // namespace thimble::report
