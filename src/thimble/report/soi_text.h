// Reports of compressed networks as text.
#pragma once

#include "thimble/report/soi.h"

namespace thimble::report {

/// The positions of a network.
std::string soi_positions_text(const SoiNetwork &network);
/// What was compressed, and what that saves.
std::string soi_text(const SoiNetwork &network, const SoiModel &model);
/// The front, or why there is none.
std::string soi_search_text(const SoiNetwork &network, const soi::SearchRequest &request,
                            const soi::SearchResult &result, std::size_t windows);

}  // namespace thimble::report
