#include "thimble/schedule/occurrences.h"

#include <algorithm>
#include <numeric>

namespace thimble {
namespace {

bool wraps(std::int32_t begin, std::int32_t count, std::int32_t fold) {
  return begin % fold + count > fold;
}

Together together_in(const Layout &layout, const Region &tile) {
  const Range rows = tile.axis[1], columns = tile.axis[2];
  const bool whole_rows = columns.size() == layout.shape[2];
  if (layout.fifo_pixels > 0) {
    const std::int32_t begin = rows.begin * layout.shape[2] + columns.begin;
    if (whole_rows && !wraps(begin, rows.size() * columns.size(), layout.fifo_pixels)) return Together::rows;
    for (std::int32_t r = 0; r < rows.size(); ++r) {
      if (wraps(begin + r * layout.shape[2], columns.size(), layout.fifo_pixels)) return Together::nothing;
    }
    return rows.size() == 1 ? Together::rows : Together::pixels;
  }
  if (wraps(columns.begin, columns.size(), layout.fold[2])) return Together::nothing;
  // Pixels of one column are as far apart as rows.
  const bool one = rows.size() == 1 ||
                   ((whole_rows || columns.size() == 1) && !wraps(rows.begin, rows.size(), layout.fold[1]));
  return one ? Together::rows : Together::pixels;
}

Together together_in_all(const Schedule &schedule, const Firing &firing) {
  const Op &op = schedule.graph->op(firing.op);
  Together worst = Together::rows;
  if (firing.tile.rank != 4) return worst;
  const auto look = [&](TensorId tensor) {
    const Buffer *buffer = buffer_of(schedule, tensor, firing.stage);
    if (buffer == nullptr || buffer->layout.shape.size() != 4) return;
    if (!std::equal(buffer->layout.shape.begin(), buffer->layout.shape.end() - 1,
                    schedule.graph->tensor(op.output()).shape.begin()))
      return;
    worst = std::max(worst, together_in(buffer->layout, firing.tile));
  };
  for (const TensorId input : op.inputs) {
    if (input != kNone) look(input);
  }
  look(op.output());
  return worst;
}

}  // namespace

bool columns_fold(const Schedule &schedule, TensorId tensor, std::int32_t stage) {
  const Buffer *buffer = buffer_of(schedule, tensor, stage);
  if (buffer == nullptr || buffer->layout.shape.size() != 4) return false;
  return buffer->layout.fifo_pixels > 0 || buffer->layout.fold[2] != buffer->layout.shape[2];
}

std::vector<std::vector<Occurrence>> find_occurrences(const Schedule &schedule) {
  std::vector<std::vector<Occurrence>> found(schedule.graph->ops.size());
  for_each_firing(schedule, [&](const Firing &firing) {
    std::vector<Occurrence> &own = found[static_cast<std::size_t>(firing.op)];
    if (own.empty() || own.back().stage != firing.stage) {
      Occurrence occurrence;
      occurrence.stage = firing.stage;
      occurrence.first = life_of(schedule, firing);
      const auto &ops = schedule.stages[static_cast<std::size_t>(firing.stage)].ops;
      while (ops[occurrence.position].op != firing.op) ++occurrence.position;
      own.push_back(std::move(occurrence));
    }
    Occurrence &occurrence = own.back();
    const Region &tile = firing.tile;
    occurrence.last = life_of(schedule, firing);
    occurrence.together = std::max(occurrence.together, together_in_all(schedule, firing));
    ++occurrence.tiles[tile_size(schedule, firing)];
    if (tile.rank > 0) {
      const Range channels = tile.axis[static_cast<std::size_t>(tile.rank - 1)];
      occurrence.channel_step = std::gcd(occurrence.channel_step, channels.begin);
    }
    occurrence.parts = occurrence.parts || !firing.first || !firing.last;
  });
  // Programs are the same for all firings: one that does not lie together cuts all of them.
  for (std::vector<Occurrence> &own : found) {
    for (Occurrence &occurrence : own) {
      std::map<TileSize, std::int64_t> tiles;
      for (const auto &[one, count] : occurrence.tiles) {
        TileSize size = one;
        if (occurrence.together == Together::pixels) size.pieces = size.rows;
        if (occurrence.together == Together::nothing) size.pieces = size.rows * size.columns;
        tiles[size] += count;
      }
      occurrence.tiles = std::move(tiles);
    }
  }
  return found;
}

}  // namespace thimble
