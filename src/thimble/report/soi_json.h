// Reports of compressed networks as JSON (docs/json.md).
#pragma once

#include "thimble/report/soi.h"
#include "thimble/report/stream_verify.h"

namespace thimble::report {

std::string soi_positions_json(const SoiNetwork &network);
std::string soi_json(const SoiNetwork &network, const SoiModel &model,
                     const std::optional<StreamVerification> &verification,
                     const std::optional<std::vector<std::string>> &files);
std::string soi_search_json(const SoiNetwork &network, const soi::SearchRequest &request,
                            const soi::SearchResult &result, std::size_t windows);

}  // namespace thimble::report
