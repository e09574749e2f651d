#include "thimble/schedule/execute.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/check_placement.h"
#include "thimble/schedule/stage_buffers.h"
#include "thimble/schedule/variant.h"
#include "thimble/schedule/verify_buffers.h"

namespace thimble {
namespace {

/// Memory as an int64 array, so that every element type is aligned at an aligned offset.
struct Memory {
  std::vector<std::int64_t> words;
  std::byte *base() { return reinterpret_cast<std::byte *>(words.data()); }
};

class Executor {
 public:
  Executor(const Schedule &schedule, const std::vector<Bytes> &inputs, StateBytes &states,
           const ExecuteOptions &options)
      : schedule_(schedule),
        graph_(*schedule.graph),
        inputs_(inputs),
        states_(states),
        poison_(options.poison) {}

  Result<std::vector<Bytes>> run_all() {
    if (Result<void> ok = verify_inputs(); !ok) return tl::unexpected(ok.error());
    if (Result<void> ok = begin_states(); !ok) return tl::unexpected(ok.error());
    if (Result<void> ok = verify_places(); !ok) return tl::unexpected(ok.error());
    for (const MemoryRegion &region : schedule_.regions) {
      memory_.push_back({std::vector<std::int64_t>(static_cast<std::size_t>(region.size / 8 + 1))});
      std::memset(memory_.back().base(), poison_, static_cast<std::size_t>(region.size));
    }
    for_each_firing(schedule_, [&](const Firing &firing) {
      if (!ok_) return;
      if (schedule_.time) begin_firing(firing);
      // What the last firing leaves is the caller's.
      bury(life_of(schedule_, firing) - 1);
      ok_ = fire(firing);
      if (ok_ && schedule_.time) ok_ = hand_out(firing);
    });
    if (!ok_) return tl::unexpected(ok_.error());
    if (schedule_.time) return handed_out_;
    auto made = outputs();
    if (made) ok_ = keep_states();
    if (!ok_) return tl::unexpected(ok_.error());
    return made;
  }

 private:
  Result<void> verify_inputs() const {
    if (inputs_.size() != graph_.inputs.size()) {
      return failure("the network has " + std::to_string(graph_.inputs.size()) + " inputs, but " +
                     std::to_string(inputs_.size()) + " were given");
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Tensor &tensor = graph_.tensor(graph_.inputs[i]);
      if (static_cast<std::int64_t>(inputs_[i].size()) == tensor.bytes()) continue;
      return failure("input '" + tensor.name + "' has " + std::to_string(tensor.bytes()) + " bytes, but " +
                     std::to_string(inputs_[i].size()) + " were given");
    }
    return {};
  }

  /// Bytes of the first call, or those of the one before.
  Result<void> begin_states() {
    if (states_.empty()) {
      for (const State &state : graph_.states) states_.push_back(initial_bytes(graph_, state));
    }
    bool right = states_.size() == graph_.states.size();
    for (std::size_t s = 0; right && s < states_.size(); ++s) {
      const std::int64_t bytes = graph_.tensor(graph_.states[s].read).bytes();
      right = static_cast<std::int64_t>(states_[s].size()) == bytes;
    }
    return right ? Result<void>{} : failure("the states given are not those of the network");
  }

  /// Enough to run without touching foreign memory, whatever `check` would say.
  Result<void> verify_places() {
    for (std::size_t b = 0; b < schedule_.buffers.size(); ++b) {
      const Buffer &buffer = schedule_.buffers[b];
      const std::int64_t region = schedule_.regions[static_cast<std::size_t>(buffer.region)].size;
      if (buffer.offset + buffer.size > region)
        return failure(buffer_text(schedule_, b) + " leaves its region");
      if (!holds_elements(buffer.kind)) continue;
      if (buffer.size < buffer.layout.bytes()) return failure(buffer_text(schedule_, b) + " is too small");
      if (buffer.offset % element_alignment(buffer.layout) != 0)
        return failure(buffer_text(schedule_, b) + " is misaligned");
    }
    return {};
  }

  const Buffer &buffer(std::int32_t index) const {
    return schedule_.buffers[static_cast<std::size_t>(index)];
  }
  std::byte *bytes_of(const Buffer &buffer) {
    return memory_[static_cast<std::size_t>(buffer.region)].base() + buffer.offset;
  }
  View view_of(const Buffer &buffer, ElementType type) { return {bytes_of(buffer), buffer.layout, type}; }

  Result<View> view_of(TensorId id) {
    if (id == kNone) return View{};
    const Tensor &tensor = graph_.tensor(id);
    if (tensor.constant()) {
      // Constants are read only; View has one pointer for both uses.
      auto *base = const_cast<std::byte *>(reinterpret_cast<const std::byte *>(tensor.data->data()));
      return View{base, Layout::whole(tensor), tensor.type};
    }
    const std::int32_t index = buffers_->of(id);
    if (index == kNone) return failure("tensor '" + tensor.name + "' has no buffer");
    return view_of(buffer(index), tensor.type);
  }

  Result<void> fire(const Firing &firing) {
    if (!buffers_ || firing.stage != stage_) buffers_.emplace(schedule_, firing.stage);
    stage_ = firing.stage;
    const Op &op = graph_.op(firing.op);
    Result<View> output = view_of(op.output());
    if (!output) return tl::unexpected(output.error());
    if (op.is<Input>()) return arrive(op.output(), firing.tile, *output);

    OpRun run_{graph_, op, {}, *output, {}, firing.tile, firing.reduction, firing.first, firing.last};
    for (TensorId input : op.inputs) {
      Result<View> view = view_of(input);
      // What is read in the padding only has no place where nobody else reads it.
      if (!view && !reads_any(firing, op, run_.inputs.size())) {
        view = View{nullptr, Layout::whole(graph_.tensor(input)), graph_.tensor(input).type};
      }
      if (!view) return tl::unexpected(view.error());
      run_.inputs.push_back(*view);
    }
    bool sums_die = false;
    if (!firing.first || !firing.last) {
      const std::int32_t index = buffers_->accumulator_of(firing.op);
      if (index == kNone) return failure(at_op(graph_, op, "sums in parts without an accumulator"));
      run_.accumulator = sums_of(firing, buffer(index));
      // Not where the output was written over them.
      sums_die = firing.last && !share_bytes(buffer(index), buffer(buffers_->of(op.output())));
    }
    poison_scratch(firing.op);
    run(run_);
    poison_scratch(firing.op);
    if (run_.accumulator && !firing.last) keep_sums(firing);
    if (sums_die) poison_tile(narrow_, firing.tile);
    return {};
  }

  /// Whether the firing reads anything of input number `j` but padding.
  bool reads_any(const Firing &firing, const Op &op, std::size_t j) const {
    const Footprint reads = footprint(graph_, op, static_cast<int>(j));
    return !input_region(reads, graph_.tensor(op.inputs[j]).shape, firing.tile, firing.reduction).empty();
  }

  /// The sums as the interpreter computes them: narrower ones are widened beside the arena.
  View sums_of(const Firing &firing, const Buffer &buffer) {
    const ElementType type = accumulator_type(graph_, graph_.op(firing.op));
    narrow_ = view_of(buffer, type);
    wide_sums_.clear();
    if (buffer.layout.element_size == size_of(type)) return narrow_;
    View wide = narrow_;
    wide.layout.element_size = size_of(type);
    wide_sums_.resize(static_cast<std::size_t>(wide.layout.bytes()));
    wide.base = wide_sums_.data();
    const int unused = 32 - 8 * buffer.layout.element_size;
    for_each_element(firing.tile, [&](const std::array<std::int32_t, kMaxRank> &at) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, narrow_.at<std::byte>(at), static_cast<std::size_t>(buffer.layout.element_size));
      *wide.at<std::int32_t>(at) = static_cast<std::int32_t>(bits << unused) >> unused;
    });
    return wide;
  }

  void keep_sums(const Firing &firing) {
    if (wide_sums_.empty()) return;
    View wide = narrow_;
    wide.layout.element_size = 4;
    wide.base = wide_sums_.data();
    for_each_element(firing.tile, [&](const std::array<std::int32_t, kMaxRank> &at) {
      std::memcpy(narrow_.at<std::byte>(at), wide.at<std::byte>(at),
                  static_cast<std::size_t>(narrow_.layout.element_size));
    });
  }

  /// What arrives in a tensor: the caller's bytes, or what the call before has kept.
  const Bytes &arrival(TensorId tensor) const {
    if (const std::int32_t state = state_of(graph_, tensor); state != kNone)
      return states_[static_cast<std::size_t>(state)];
    const auto found = std::find(graph_.inputs.begin(), graph_.inputs.end(), tensor);
    return inputs_[static_cast<std::size_t>(found - graph_.inputs.begin())];
  }

  /// A tile of a network input or a state.
  Result<void> arrive(TensorId tensor, const Region &tile, const View &output) {
    const Bytes &given = arrival(tensor);
    const Layout whole = Layout::whole(graph_.tensor(tensor));
    for_each_element(tile, [&](const std::array<std::int32_t, kMaxRank> &at) {
      std::memcpy(output.at<std::byte>(at), given.data() + whole.offset(at),
                  static_cast<std::size_t>(whole.element_size));
    });
    return {};
  }

  template <class Visit>
  static void for_each_element(const Region &box, Visit &&visit) {
    for_each_run(box, [&](std::array<std::int32_t, kMaxRank> at, std::int32_t length) {
      for (std::int32_t i = 0; i < length; ++i) {
        visit(at);
        if (box.rank > 0) ++at[static_cast<std::size_t>(box.rank - 1)];
      }
    });
  }

  void poison_tile(const View &view, const Region &tile) {
    for_each_element(tile, [&](const std::array<std::int32_t, kMaxRank> &at) {
      std::memset(view.at<std::byte>(at), poison_, static_cast<std::size_t>(view.layout.element_size));
    });
  }

  void poison_scratch(OpId op) {
    const std::int32_t index = buffers_->scratch_of(op);
    if (index == kNone) return;
    std::memset(bytes_of(buffer(index)), poison_, static_cast<std::size_t>(buffer(index).size));
  }

  /// At the end of a call and where its frame arrives nothing but the state survives.
  void begin_firing(const Firing &firing) {
    const bool another = last_ && is_another_entry(*schedule_.time, *last_, firing);
    if (last_ && firing.call != last_->call) next_end_ = 0;
    last_ = firing;
    if (!another) return;
    for (std::size_t r = 0; r < memory_.size(); ++r) {
      const MemoryRegion &region = schedule_.regions[r];
      if (region.kind != RegionKind::state)
        std::memset(memory_[r].base(), poison_, static_cast<std::size_t>(region.size));
    }
  }

  /// What a call of a stream has made of an output, to its place in all of the output.
  Result<void> hand_out(const Firing &firing) {
    if (handed_out_.empty()) {
      for (const TensorId id : graph_.outputs)
        handed_out_.emplace_back(static_cast<std::size_t>(graph_.tensor(id).bytes()), poison_);
    }
    const TensorId made = graph_.op(firing.op).output();
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (graph_.outputs[i] != made) continue;
      Result<View> view = view_of(made);
      if (!view) return tl::unexpected(view.error());
      copy_out(*view, firing.tile, handed_out_[i]);
    }
    return {};
  }

  /// A part of a tensor, to its place in the bytes of the whole one.
  static void copy_out(const View &view, const Region &part, Bytes &bytes) {
    const Layout whole{view.layout.shape, view.layout.shape, 0, view.layout.element_size};
    for_each_element(part, [&](const std::array<std::int32_t, kMaxRank> &at) {
      std::memcpy(bytes.data() + whole.offset(at), view.at<std::byte>(at),
                  static_cast<std::size_t>(whole.element_size));
    });
  }

  /// Poisons the bytes of buffers that ended with this firing, except where another buffer lives on.
  void bury(std::int64_t firing) {
    if (ends_.empty()) {
      for (std::size_t b = 0; b < schedule_.buffers.size(); ++b)
        ends_.emplace_back(schedule_.buffers[b].last, b);
      std::sort(ends_.begin(), ends_.end());
    }
    for (; next_end_ < ends_.size() && ends_[next_end_].first <= firing; ++next_end_) {
      const Buffer &dead = schedule_.buffers[ends_[next_end_].second];
      if (dead.last < firing) continue;  // ended before it began
      std::int64_t begin = dead.offset;
      const std::int64_t end = dead.offset + dead.size;
      for (const Buffer *other : survivors(dead, firing)) {
        poison(dead, begin, std::min(end, other->offset));
        begin = std::max(begin, other->offset + other->size);
      }
      poison(dead, begin, end);
    }
  }

  /// Buffers that live through this firing in the region of `dead`, by offset.
  std::vector<const Buffer *> survivors(const Buffer &dead, std::int64_t firing) const {
    std::vector<const Buffer *> alive;
    for (const Buffer &other : schedule_.buffers) {
      const bool lives_on = other.region == dead.region && other.first <= firing && other.last > firing;
      if (lives_on) alive.push_back(&other);
    }
    std::sort(alive.begin(), alive.end(),
              [](const Buffer *a, const Buffer *b) { return a->offset < b->offset; });
    return alive;
  }

  void poison(const Buffer &dead, std::int64_t begin, std::int64_t end) {
    if (begin >= end) return;
    std::byte *base = memory_[static_cast<std::size_t>(dead.region)].base();
    std::memset(base + begin, poison_, static_cast<std::size_t>(end - begin));
  }

  Result<std::vector<Bytes>> outputs() {
    buffers_.emplace(schedule_, kNone);
    std::vector<Bytes> all;
    for (TensorId id : graph_.outputs) {
      const Tensor &tensor = graph_.tensor(id);
      Result<View> view = view_of(id);
      if (!view) return tl::unexpected(view.error());
      Bytes bytes(static_cast<std::size_t>(tensor.bytes()));
      copy_out(*view, Region::whole(tensor.shape), bytes);
      all.push_back(std::move(bytes));
    }
    return all;
  }

  /// The copies at the end of a call, one after the other, and then what the places of the states hold.
  Result<void> keep_states() {
    std::vector<View> places;
    for (const State &state : graph_.states) {
      Result<View> from = view_of(state.written), to = view_of(state.read);
      if (!from) return tl::unexpected(from.error());
      if (!to) return tl::unexpected(to.error());
      Bytes bytes(static_cast<std::size_t>(graph_.tensor(state.read).bytes()));
      copy_out(*from, Region::whole(graph_.tensor(state.written).shape), bytes);
      std::memcpy(to->base, bytes.data(), bytes.size());
      places.push_back(*to);
    }
    for (std::size_t s = 0; s < places.size(); ++s)
      copy_out(places[s], Region::whole(graph_.tensor(graph_.states[s].read).shape), states_[s]);
    return {};
  }

  const Schedule &schedule_;
  const Graph &graph_;
  const std::vector<Bytes> &inputs_;
  StateBytes &states_;
  std::uint8_t poison_;
  std::vector<Memory> memory_;  ///< per region
  std::int32_t stage_ = kNone;
  View narrow_;                          ///< the present firing's sums in the arena
  std::vector<std::byte> wide_sums_;     ///< and widened, where they are narrower than the interpreter's
  std::optional<StageBuffers> buffers_;  ///< of the present stage
  std::vector<std::pair<std::int64_t, std::size_t>> ends_;  ///< (last firing, buffer), ascending
  std::size_t next_end_ = 0;
  std::optional<Firing> last_ = {};  ///< of a stream: the one before
  std::vector<Bytes> handed_out_;    ///< outputs of a stream so far
  Result<void> ok_;
};

}  // namespace

Result<std::vector<Bytes>> execute(const Schedule &schedule, const std::vector<Bytes> &inputs,
                                   StateBytes &states, const ExecuteOptions &options) {
  if (Result<void> ok = verify_structure(schedule); !ok) return tl::unexpected(ok.error());
  return Executor(schedule, inputs, states, options).run_all();
}

Result<std::vector<Bytes>> execute(const Schedule &schedule, const std::vector<Bytes> &inputs,
                                   const ExecuteOptions &options) {
  StateBytes states;
  return execute(schedule, inputs, states, options);
}

}  // namespace thimble
