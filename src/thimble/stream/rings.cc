#include "thimble/stream/rings.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/stream/views.h"

namespace thimble::stream {
namespace {

/// Who reads a tensor: an operator that fires, or the caller, for a network output.
struct Reader {
  TensorId reads = kNone;
  TimeMap map;            ///< from the reader's elements
  std::int64_t step = 1;  ///< it reads for element m in step step*m + offset
  std::int64_t offset = 0;
  bool before = false;  ///< before the step's frame is there, and all that is made with it
  bool within = false;  ///< but in the step
};

struct Span {
  std::int64_t first = 0, last = 0;
};

class Count {
 public:
  Count(const Graph &graph, const TimeAxes &axes, const Rates &rates, std::vector<bool> views)
      : graph_(graph), rates_(rates), producers_(producers(graph)) {
    result_.views = std::move(views);
    index_.assign(graph.tensors.size(), kNone);
    for (std::size_t o = 0; o < graph.ops.size(); ++o) {
      const TensorId made = graph.ops[o].output();
      if (result_.views[o] || !axes.of(made).over_time()) continue;
      index_[static_cast<std::size_t>(made)] = static_cast<std::int32_t>(result_.rings.size());
      result_.rings.push_back({made, 1, 0, element_bytes(graph, axes, made)});
    }
  }

  Rings run() {
    const std::vector<Reader> all = readers();
    for (const Reader &reader : all) lengthen(reader);
    for (std::int64_t phase = 0; phase < rates_.period; ++phase) keep(all, phase);
    for (const Reader &reader : all) carry(reader);
    for (const Ring &ring : result_.rings) result_.state_bytes += ring.kept * ring.element_bytes;
    return std::move(result_);
  }

 private:
  std::vector<Reader> readers() const {
    std::vector<Reader> all;
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      if (result_.views[o]) continue;
      const Op &op = graph_.ops[o];
      const TensorRate &made = rates_.of(op.output());
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        const std::optional<TimeMap> &map = rates_.ops[o].maps[j];
        if (map)
          all.push_back(
              {op.inputs[j], *map, made.step, made.offset, rates_.ops[o].before, rates_.ops[o].within});
      }
    }
    for (const TensorId output : graph_.outputs) {
      all.push_back({output, {}, rates_.of(output).step, rates_.of(output).offset});
    }
    return all;
  }

  /// Calls `visit(index of ring, elements)` for what is read for elements `span` of the tensor, through
  /// views.
  template <class Visit>
  void for_each_source(TensorId tensor, const Span &span, const Visit &visit) const {
    const std::int32_t ring = index_[static_cast<std::size_t>(tensor)];
    if (ring != kNone) return visit(static_cast<std::size_t>(ring), span);
    const std::size_t o = static_cast<std::size_t>(producers_[static_cast<std::size_t>(tensor)]);
    for (std::size_t j = 0; j < graph_.ops[o].inputs.size(); ++j) {
      const std::optional<TimeMap> &map = rates_.ops[o].maps[j];
      if (map)
        for_each_source(graph_.ops[o].inputs[j], {map->first(span.first), map->last(span.last)}, visit);
    }
  }

  std::int64_t newest(std::size_t ring, std::int64_t step) const {
    const TensorRate &rate = rates_.of(result_.rings[ring].tensor);
    return floor_div(step - rate.offset, rate.step);
  }

  const OpRate &maker(std::size_t ring) const {
    const OpId op = producers_[static_cast<std::size_t>(result_.rings[ring].tensor)];
    return rates_.ops[static_cast<std::size_t>(op)];
  }

  void carry(const Reader &reader) {
    if (reader.before && !reader.within) return;
    for_each_source(reader.reads, {}, [&](std::size_t ring, const Span &) {
      Ring &read = result_.rings[ring];
      read.carried = read.carried || (read.kept == 0 && maker(ring).before && !maker(ring).within);
    });
  }

  void lengthen(const Reader &reader) {
    for (std::int64_t m = 0; m < rates_.period / reader.step; ++m) {
      const Span read{reader.map.first(m), reader.map.last(m)};
      for_each_source(reader.reads, read, [&](std::size_t ring, const Span &span) {
        std::int64_t &length = result_.rings[ring].length;
        const std::int64_t missing = reader.before && !maker(ring).before ? 1 : 0;
        const std::int64_t now = reader.step * m + reader.offset - missing;
        length = std::max(length, newest(ring, now) - span.first + 1);
      });
    }
  }

  /// What lives when the step is over: everything from the oldest element that a later firing reads.
  void keep(const std::vector<Reader> &all, std::int64_t step) {
    std::vector<std::int64_t> kept(result_.rings.size(), 0);
    for (const Reader &reader : all) {
      const std::int64_t next = floor_div(step - reader.offset, reader.step) + 1;
      const Span read{reader.map.first(next), reader.map.last(next)};
      for_each_source(reader.reads, read, [&](std::size_t ring, const Span &span) {
        kept[ring] = std::max(kept[ring], newest(ring, step) - span.first + 1);
      });
    }
    std::int64_t bytes = 0;
    for (std::size_t r = 0; r < kept.size(); ++r) {
      Ring &ring = result_.rings[r];
      ring.kept = std::max(ring.kept, kept[r]);
      bytes += kept[r] * ring.element_bytes;
    }
    result_.least_state_bytes = std::max(result_.least_state_bytes, bytes);
  }

  const Graph &graph_;
  const Rates &rates_;
  const std::vector<OpId> producers_;
  std::vector<std::int32_t> index_;  ///< by tensor: of its ring
  Rings result_;
};

}  // namespace

Rings stream_rings(const Graph &graph, const TimeAxes &axes, const Rates &rates) {
  return stream_rings(graph, axes, rates, views(graph, axes, rates));
}

Rings stream_rings(const Graph &graph, const TimeAxes &axes, const Rates &rates, std::vector<bool> views) {
  return Count(graph, axes, rates, std::move(views)).run();
}

}  // namespace thimble::stream
