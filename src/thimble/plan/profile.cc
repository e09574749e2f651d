#include "thimble/plan/profile.h"

#include <algorithm>
#include <array>
#include <limits>

#include "thimble/base/checked.h"
#include "thimble/graph/rules.h"
#include "thimble/schedule/reads.h"

namespace thimble {
namespace {

/// Most pixels along a line of `length` that one element of the reader's output spans, padding clipped; 1
/// where that says nothing.
std::int32_t spread_of(const Footprint &reads, int axis, std::int32_t length, const Shape &output) {
  const AxisMap &map = reads[static_cast<std::size_t>(axis)];
  if (map.kind != AxisMap::Kind::follow || map.output_axis == kNone) return 1;
  std::int64_t most = 1;
  for (std::int64_t at = 0; at < output[static_cast<std::size_t>(map.output_axis)]; ++at) {
    const std::int64_t begin = floor_div(map.num * at + map.offset, map.den);
    const std::int64_t end = std::min<std::int64_t>(begin + map.extent, length);
    most = std::max(most, end - std::max<std::int64_t>(begin, 0));
  }
  return static_cast<std::int32_t>(most);
}

/// A read by the same operator at an earlier firing that begins no lower says nothing beside this one.
void add_read(std::vector<TensorAccess> &reads, const TensorAccess &read) {
  while (!reads.empty() && reads.back().position == read.position && reads.back().byte >= read.byte) {
    reads.pop_back();
  }
  reads.push_back(read);
}

/// A schedule whose stage number `stage` is the nest in question, and every other operator a stage of its
/// own.
struct Probe {
  Schedule schedule;
  std::int32_t stage = 0;
};

Probe make_probe(const Graph &graph, std::span<const OpId> order, const StageChoice &choice) {
  const auto [first, driver, form] = choice;
  Probe probe;
  // The graph outlives the probe.
  probe.schedule.graph = std::shared_ptr<const Graph>(std::shared_ptr<const Graph>(), &graph);
  for (std::int32_t p = 0; p < first; ++p) {
    probe.schedule.stages.push_back(make_stage(graph, order.subspan(static_cast<std::size_t>(p), 1), {}));
  }
  probe.stage = first;
  const std::span<const OpId> ops =
      order.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(driver - first + 1));
  probe.schedule.stages.push_back(make_stage(graph, ops, form));
  for (auto p = static_cast<std::size_t>(driver) + 1; p < order.size(); ++p) {
    probe.schedule.stages.push_back(make_stage(graph, order.subspan(p, 1), {}));
  }
  return probe;
}

}  // namespace

StageProfile profile_stage(const Graph &graph, std::span<const OpId> order, const StageChoice &choice) {
  const Sweep sweep = choice.form.sweep;
  const Level line = sweep == Sweep::rows ? Level::row : Level::column;
  const Level across = sweep == Sweep::rows ? Level::column : Level::row;
  std::vector<std::int32_t> position(graph.ops.size(), kNone);
  for (std::size_t p = 0; p < order.size(); ++p) {
    position[static_cast<std::size_t>(order[p])] = static_cast<std::int32_t>(p);
  }

  StageProfile profile;
  profile.channels = choice.form.channels;
  profile.tensors.resize(graph.tensors.size());
  profile.firings.assign(order.size(), 0);
  profile.macs.assign(order.size(), 0);
  for (std::int32_t p = choice.first; p <= choice.last; ++p) {
    const Op &op = graph.op(order[static_cast<std::size_t>(p)]);
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
      const int axis = axis_of(across, graph.tensor(op.inputs[j]).rank());
      if (axis == kNone) continue;
      const Tensor &read = graph.tensor(op.inputs[j]);
      const std::int32_t length = read.shape[static_cast<std::size_t>(axis)];
      const std::int32_t spans =
          spread_of(footprint(graph, op, static_cast<int>(j)), axis, length, graph.tensor(op.output()).shape);
      std::int32_t &spread = profile.tensors[static_cast<std::size_t>(op.inputs[j])].spread;
      spread = spread == 0 ? spans : std::min(spread, spans);
    }
  }

  const Probe probe = make_probe(graph, order, choice);
  const Reads reads(graph);
  const bool raster = choice.form.grain == Grain::pixels;
  std::vector<bool> listed(graph.tensors.size(), true);
  if (raster) {
    const std::vector<bool> leaves = leaving_tensors(probe.schedule)[static_cast<std::size_t>(probe.stage)];
    for (std::int32_t p = choice.first; p < choice.last; ++p) {
      const TensorId made = graph.op(order[static_cast<std::size_t>(p)]).output();
      listed[static_cast<std::size_t>(made)] = leaves[static_cast<std::size_t>(p - choice.first)];
    }
  }
  std::vector<Region> newest(graph.tensors.size());
  std::vector<std::array<std::int32_t, kMaxRank>> folds(graph.tensors.size());
  std::vector<std::vector<TensorId>> ahead(order.size());
  for (std::int32_t p = choice.first; p <= choice.last; ++p) {
    const Op &op = graph.op(order[static_cast<std::size_t>(p)]);
    for (const TensorId input : op.inputs) {
      if (input == kNone || !reads_ahead(graph, op, input)) continue;
      ahead[static_cast<std::size_t>(p)].push_back(input);
    }
  }
  const auto widen = [&](TensorId id, const Region &newer, const Region &older) {
    std::array<std::int32_t, kMaxRank> &fold = folds[static_cast<std::size_t>(id)];
    for (int a = 0; a < older.rank; ++a) {
      fold[static_cast<std::size_t>(a)] =
          std::max(fold[static_cast<std::size_t>(a)], newer.axis[a].end - older.axis[a].begin);
    }
  };
  std::vector<std::int64_t> newest_pixel(graph.tensors.size(), 0);
  std::vector<std::int32_t> newest_column(graph.tensors.size(), 0);
  std::vector<std::int32_t> columns(graph.tensors.size(), 0);  // of windows: most at once
  for (const TensorId window : choice.form.windows) columns[static_cast<std::size_t>(window)] = 1;
  const auto pixel_of = [](const Tensor &tensor, const Region &box, bool end) {
    return byte_of(tensor, box, end) / (std::int64_t{tensor.shape.back()} * size_of(tensor.type));
  };
  for_each_firing_of(probe.schedule, probe.stage, [&](const Firing &firing) {
    const std::int32_t p = position[static_cast<std::size_t>(firing.op)];
    ++profile.firings[static_cast<std::size_t>(p)];
    profile.macs[static_cast<std::size_t>(p)] +=
        macs(graph, graph.op(firing.op), firing.tile, firing.reduction);
    reads.for_each(firing, [&](TensorId id, const Region &region) {
      const Tensor &tensor = graph.tensor(id);
      TensorProfile &read = profile.tensors[static_cast<std::size_t>(id)];
      read.last = firing.index;
      if (listed[static_cast<std::size_t>(id)]) {
        const std::vector<TensorId> &early = ahead[static_cast<std::size_t>(p)];
        const bool is_early = std::find(early.begin(), early.end(), id) != early.end();
        add_read(read.reads,
                 {firing.index - (is_early ? 1 : 0), p, byte_of(tensor, region, false), is_early});
      }
      const Region &latest = newest[static_cast<std::size_t>(id)];
      if (latest.rank > 0) widen(id, latest, region);  // else made before this stage
      const int axis = axis_of(line, tensor.rank());
      if (axis == kNone) return;
      std::int32_t &kept_columns = columns[static_cast<std::size_t>(id)];
      if (kept_columns > 0) {
        kept_columns = std::max(kept_columns, newest_column[static_cast<std::size_t>(id)] -
                                                  region.axis[axis_of(across, tensor.rank())].begin);
      } else if (raster) {
        read.pixels = std::max(read.pixels,
                               newest_pixel[static_cast<std::size_t>(id)] - pixel_of(tensor, region, false));
      }
      if (latest.rank == 0) return;
      read.lines = std::max(read.lines, latest.axis[axis].end - region.axis[axis].begin);
    });
    const TensorId id = graph.op(firing.op).output();
    const Tensor &tensor = graph.tensor(id);
    TensorProfile &written = profile.tensors[static_cast<std::size_t>(id)];
    if (written.first < 0) written.first = firing.index;
    written.last = firing.index;
    if (firing.last && listed[static_cast<std::size_t>(id)]) {
      const TensorAccess write{firing.index, p, byte_of(tensor, firing.tile, true)};
      // What writes no farther than others before it says nothing new.
      if (written.writes.empty() || write.byte > written.writes.back().byte) written.writes.push_back(write);
    }
    newest[static_cast<std::size_t>(id)] = firing.tile;
    widen(id, firing.tile, firing.tile);
    const int axis = axis_of(line, tensor.rank());
    if (axis == kNone) return;
    if (std::int32_t &kept_columns = columns[static_cast<std::size_t>(id)]; kept_columns > 0) {
      const Range tile_columns = firing.tile.axis[axis_of(across, tensor.rank())];
      kept_columns = std::max(kept_columns, tile_columns.size());
      newest_column[static_cast<std::size_t>(id)] = tile_columns.end;
    } else if (raster) {
      newest_pixel[static_cast<std::size_t>(id)] = pixel_of(tensor, firing.tile, true);
      written.pixels = std::max(
          written.pixels, newest_pixel[static_cast<std::size_t>(id)] - pixel_of(tensor, firing.tile, false));
    }
    written.lines = std::max(written.lines, firing.tile.axis[axis].size());
  });
  for (std::size_t t = 0; t < folds.size(); ++t) {
    const Shape &shape = graph.tensors[t].shape;
    std::int64_t &kept = profile.tensors[t].kept;
    kept = newest[t].rank == 0 ? 0 : 1;
    for (std::size_t a = 0; a < shape.size(); ++a) kept *= std::min(folds[t][a], shape[a]);
  }
  for (const TensorId window : choice.form.windows) {
    TensorProfile &kept = profile.tensors[static_cast<std::size_t>(window)];
    kept.pixels = std::int64_t{kept.lines} * columns[static_cast<std::size_t>(window)];
  }
  return profile;
}

std::optional<StageProfile> profile_driver(const Graph &graph, std::span<const OpId> order,
                                           std::int32_t first, std::int32_t driver, const NestForm &lines) {
  if (!can_drive(graph, graph.op(order[static_cast<std::size_t>(driver)]), lines)) return std::nullopt;
  return profile_stage(graph, order, {first, driver, lines});
}

Profiles::Profiles(const Graph &graph, std::vector<OpId> order)
    : graph_(graph), order_(std::move(order)), readers_(graph.tensors.size()) {
  for (std::size_t p = 0; p < order_.size(); ++p) {
    for (const TensorId input : graph.op(order_[p]).inputs) {
      if (input != kNone) readers_[static_cast<std::size_t>(input)].push_back(static_cast<std::int32_t>(p));
    }
  }
}

bool Profiles::Before::operator()(const StageKey &a, const StageKey &b) const {
  const auto plain = [](const StageKey &key) {
    const auto &[first, last, form] = key;
    // But for sum_bytes: how wide sums are does not change what fires.
    return std::tie(first, last, form.grain, form.sweep, form.pixels, form.channels, form.step, form.strip,
                    form.lines, form.windows);
  };
  return plain(a) < plain(b);
}

const StageProfile *Profiles::driver(std::int32_t first, std::int32_t driver, const NestForm &lines) {
  const StageKey key{first, driver, lines};
  auto found = drivers_.find(key);
  if (found == drivers_.end()) {
    found = drivers_.emplace(key, profile_driver(graph_, order_, first, driver, lines)).first;
  }
  return found->second ? &*found->second : nullptr;
}

const StageProfile &Profiles::stage(const StageChoice &choice) {
  const StageKey key{choice.first, choice.last, choice.form};
  auto found = stages_.find(key);
  if (found == stages_.end()) found = stages_.emplace(key, profile_stage(graph_, order_, choice)).first;
  return found->second;
}

std::int64_t Profiles::distance(const StageProfile &profile, TensorId dying, TensorId born,
                                std::int32_t first) {
  // Which reads there are depends on the first reader in the stage alone.
  const std::vector<std::int32_t> &readers = readers_[static_cast<std::size_t>(dying)];
  const auto reader = std::lower_bound(readers.begin(), readers.end(), first);
  const std::int32_t from = reader == readers.end() ? kNone : *reader;
  const auto [found, is_new] = distances_.try_emplace({&profile, dying, born, from}, 0);
  if (!is_new) return found->second;
  std::vector<TensorAccess> reads;
  for (const TensorAccess &read : profile.tensors[static_cast<std::size_t>(dying)].reads) {
    if (read.position >= first) reads.push_back(read);
  }
  found->second = overlap_distance(reads, profile.tensors[static_cast<std::size_t>(born)].writes);
  return found->second;
}

}  // namespace thimble
