// A stream, step by step, with the interpreter's operators on rings of the computed lengths. It takes rates
// and rings as they are given and finds out whether they are right: an element that is read before it is
// there, or after it has been overwritten, gives other bytes than the batch.
#pragma once

#include <deque>

#include "stream/time_parts.h"
#include "support/random.h"
#include "thimble/base/checked.h"
#include "thimble/stream/rings.h"

namespace thimble::test {

class StepSimulator {
 public:
  StepSimulator(const Graph &graph, const stream::TimeAxes &axes, const stream::Rates &rates,
                const stream::Rings &rings)
      : graph_(graph), axes_(axes), rates_(rates), rings_(rings), producers_(producers(graph)) {
    stores_.resize(graph.tensors.size());
    for (const stream::Ring &ring : rings.rings) {
      const Tensor &tensor = graph.tensor(ring.tensor);
      const stream::TimeAxis &time = axes.of(ring.tensor);
      Store &store = stores_[static_cast<std::size_t>(ring.tensor)];
      store.ring = &ring;
      store.layout = Layout::whole(tensor);
      if (time.axis != kNone) {
        std::int32_t &fold = store.layout.fold[static_cast<std::size_t>(time.axis)];
        fold = static_cast<std::int32_t>(std::min<std::int64_t>(ring.length, time.length)) * time.grain;
      }
      store.bytes.assign(static_cast<std::size_t>(store.layout.bytes()), kPoison);
    }
  }

  /// Elements of network outputs that were compared with the batch's, and those that were not the same.
  std::int64_t compared = 0, different = 0;

  /// What steps needed, by tensor: elements from the oldest read to the newest, and those of them that had to
  /// live from one step to the next.
  struct Live {
    std::int64_t length = 1, kept = 0;
  };
  Live live(TensorId tensor) const { return stores_[static_cast<std::size_t>(tensor)].live; }

  /// Steps through all of the input, before it as far as operators fire ahead, and behind it until every
  /// element of the batch has been made. `batch`: bytes of all tensors.
  void run(const std::vector<Bytes> &batch) {
    std::int64_t first = 0, last = 0;
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (!axes_.tensors[t].over_time()) continue;
      const stream::TensorRate &rate = rates_.tensors[t];
      first = std::min(first, rate.offset);
      last = std::max(last, rate.step * (axes_.tensors[t].length - 1) + rate.offset);
    }
    for (step_ = first; step_ <= last; ++step_) {
      for (std::size_t o = 0; o < graph_.ops.size(); ++o) fire(o, batch);
      for (const TensorId output : graph_.outputs) compare(output, batch);
      forget();
    }
  }

 private:
  static constexpr std::uint8_t kPoison = 0x55;

  struct Store {
    const stream::Ring *ring = nullptr;
    Layout layout;
    Bytes bytes;
    Live live;
    std::int64_t newest = -1, newest_before = -1;  ///< elements made, now and at the end of the last step
  };

  /// The element of the tensor that is due in this step, or -1.
  std::int64_t due(TensorId tensor) const {
    const stream::TensorRate &rate = rates_.of(tensor);
    const std::int64_t since = step_ - rate.offset;
    const bool fires = since >= 0 && since % rate.step == 0 && since / rate.step < axes_.of(tensor).length;
    return fires ? since / rate.step : -1;
  }

  void fire(std::size_t o, const std::vector<Bytes> &batch) {
    const Op &op = graph_.ops[o];
    const TensorId made = op.output();
    if (rings_.views[o] || !axes_.of(made).over_time()) return;
    const std::int64_t m = due(made);
    if (m < 0) return;
    Store &store = stores_[static_cast<std::size_t>(made)];
    const Region tile = time_region(graph_.tensor(made), axes_.of(made), m, m + 1);
    const View output{reinterpret_cast<std::byte *>(store.bytes.data()), store.layout,
                      graph_.tensor(made).type};
    if (op.is<Input>()) {
      copy(batch[static_cast<std::size_t>(made)], graph_.tensor(made), tile, output);
    } else {
      std::deque<Bytes> scratch;
      compute(o, m, m, tile, output, scratch);
    }
    store.newest = m;
  }

  static void copy(const Bytes &from, const Tensor &tensor, const Region &region, const View &to) {
    const Layout whole = Layout::whole(tensor);
    for_each_element(region, [&](const auto &at) {
      std::memcpy(to.at<std::uint8_t>(at), &from[static_cast<std::size_t>(whole.offset(at))],
                  static_cast<std::size_t>(whole.element_size));
    });
  }

  /// Runs operator `o` for elements first .. last of its output.
  void compute(std::size_t o, std::int64_t first, std::int64_t last, const Region &tile, const View &output,
               std::deque<Bytes> &scratch) {
    const Op &op = graph_.ops[o];
    OpRun firing{graph_, op, {}, output, {}, tile, {0, reduction_extent(graph_, op)}};
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const TensorId id = op.inputs[j];
      const auto &map = rates_.ops[o].maps[j];
      if (map) {
        firing.inputs.push_back(fetch(id, map->first(first), map->last(last), scratch));
      } else if (id == kNone) {
        firing.inputs.emplace_back();
      } else {
        const Tensor &constant = graph_.tensor(id);
        firing.inputs.push_back(
            {reinterpret_cast<std::byte *>(const_cast<std::uint8_t *>(constant.data->data())),
             Layout::whole(constant), constant.type});
      }
    }
    thimble::run(firing);
  }

  /// Elements first .. last of a tensor, those outside the batch apart: its ring, or what a view sees.
  View fetch(TensorId tensor, std::int64_t first, std::int64_t last, std::deque<Bytes> &scratch) {
    const Tensor &of = graph_.tensor(tensor);
    Store &store = stores_[static_cast<std::size_t>(tensor)];
    first = std::max<std::int64_t>(first, 0);
    last = std::min<std::int64_t>(last, axes_.of(tensor).length - 1);
    if (store.ring != nullptr) {
      if (first <= last) {
        store.live.length = std::max(store.live.length, store.newest - first + 1);
        store.live.kept = std::max(store.live.kept, store.newest_before - first + 1);
      }
      return {reinterpret_cast<std::byte *>(store.bytes.data()), store.layout, of.type};
    }
    Bytes &bytes = scratch.emplace_back(static_cast<std::size_t>(of.bytes()), kPoison);
    const View view{reinterpret_cast<std::byte *>(bytes.data()), Layout::whole(of), of.type};
    if (first <= last) {
      compute(static_cast<std::size_t>(producers_[static_cast<std::size_t>(tensor)]), first, last,
              time_region(of, axes_.of(tensor), first, last + 1), view, scratch);
    }
    return view;
  }

  void compare(TensorId output, const std::vector<Bytes> &batch) {
    const std::int64_t m = due(output);
    if (m < 0) return;
    std::deque<Bytes> scratch;
    const View made = fetch(output, m, m, scratch);
    const Tensor &tensor = graph_.tensor(output);
    const Bytes &right = batch[static_cast<std::size_t>(output)];
    bool same = true;
    const Layout whole = Layout::whole(tensor);
    for_each_element(time_region(tensor, axes_.of(output), m, m + 1), [&](const auto &at) {
      same &= std::memcmp(made.at<std::uint8_t>(at), &right[static_cast<std::size_t>(whole.offset(at))],
                          static_cast<std::size_t>(whole.element_size)) == 0;
    });
    ++compared;
    different += !same;
  }

  /// The step is over: nothing but what is kept survives.
  void forget() {
    for (Store &store : stores_) {
      if (store.ring == nullptr) continue;
      store.newest_before = store.newest;
      const Tensor &tensor = graph_.tensor(store.ring->tensor);
      const stream::TimeAxis &time = axes_.of(store.ring->tensor);
      const View view{reinterpret_cast<std::byte *>(store.bytes.data()), store.layout, tensor.type};
      for (std::int64_t m = std::max<std::int64_t>(store.newest - store.ring->length + 1, 0);
           m <= store.newest - store.ring->kept; ++m) {
        const Bytes poison(static_cast<std::size_t>(tensor.bytes()), kPoison);
        copy(poison, tensor, time_region(tensor, time, m, m + 1), view);
      }
    }
  }

  const Graph &graph_;
  const stream::TimeAxes &axes_;
  const stream::Rates &rates_;
  const stream::Rings &rings_;
  const std::vector<OpId> producers_;
  std::vector<Store> stores_;
  std::int64_t step_ = 0;
};

}  // namespace thimble::test
