// `compile --emit tflite`: the same model file, planned for TensorFlow Lite Micro.
#pragma once

#include "thimble/plan/offline.h"
#include "thimble/report/network.h"

namespace thimble::report {

struct OfflineModel {
  Graph graph;          ///< the file as it was read; it is not rewritten
  FileOutline outline;  ///< likewise
  OfflinePlan plan;
  std::vector<std::uint8_t> bytes;  ///< of the planned file
};

/// read -> plan -> write -> check: the plan is proved on what was written. Of the options, `model` and
/// `ram_limit` count. `order`: of the file's operators; empty: the file's own.
Result<OfflineModel> plan_offline_model(const CompileOptions &options,
                                        std::span<const std::int32_t> order = {});

std::string offline_text(const OfflineModel &model);
/// `file`: name of the written file.
std::string offline_json(const OfflineModel &model, const std::string &file);

}  // namespace thimble::report
