#include "thimble/schedule/check.h"

#include <algorithm>

#include "thimble/schedule/check_overlap.h"
#include "thimble/schedule/check_placement.h"
#include "thimble/schedule/stage_buffers.h"
#include "thimble/schedule/variant.h"
#include "thimble/schedule/verify_buffers.h"

namespace thimble {
namespace {

/// Walks the firings with a shadow of every byte.
class Checker {
 public:
  explicit Checker(const Schedule &schedule)
      : schedule_(schedule),
        graph_(*schedule.graph),
        contents_(graph_),
        overlaps_(schedule),
        touched_(schedule.buffers.size()),
        stages_(schedule.stages.size()),
        arrived_(graph_.tensors.size()) {
    for (const MemoryRegion &region : schedule.regions) shadows_.emplace_back(region.size);
    rules_.reserve(graph_.ops.size());
    for (const Op &op : graph_.ops) rules_.push_back(make_rules(op));
  }

  Result<Proof> prove() {
    if (!std::all_of(shadows_.begin(), shadows_.end(), [](const Shadow &s) { return s.allocated(); })) {
      return failure("not enough memory to check the schedule");
    }
    for_each_firing(schedule_, [&](const Firing &firing) {
      if (ok_) ok_ = visit(firing);
    });
    if (ok_) ok_ = finish();
    if (!ok_) return tl::unexpected(ok_.error());
    return proof_;
  }

 private:
  /// What the graph layer says about an operator, looked up once.
  struct Rules {
    std::vector<Footprint> footprints;  ///< per input; empty for constants and absent inputs
    std::vector<InPlace> in_place;      ///< per input
    std::int32_t reduction = 1;         ///< extent
  };
  struct Touched {
    std::int64_t first = -1, last = -1;

    void at(std::int64_t now) {
      first = first < 0 ? now : std::min(first, now);
      last = std::max(last, now);
    }
  };

  Rules make_rules(const Op &op) const {
    Rules rules;
    rules.reduction = reduction_extent(graph_, op);
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const bool computed = op.inputs[j] != kNone && !graph_.tensor(op.inputs[j]).constant();
      rules.footprints.push_back(computed ? footprint(graph_, op, static_cast<int>(j)) : Footprint{});
      rules.in_place.push_back(computed ? in_place(graph_, op, static_cast<int>(j)) : InPlace::no);
    }
    return rules;
  }

  const Buffer &buffer(std::int32_t index) const {
    return schedule_.buffers[static_cast<std::size_t>(index)];
  }
  Shadow &shadow_of(const Buffer &buffer) { return shadows_[static_cast<std::size_t>(buffer.region)]; }

  /// An error at the present firing.
  tl::unexpected<Error> refuse(const std::string &reason, TensorId tensor = kNone) const {
    Diagnostic line = at_op(graph_, graph_.op(firing_.op),
                            "firing " + std::to_string(firing_.index) + " in stage " +
                                std::to_string(firing_.stage) + " " + reason);
    if (tensor != kNone) line.tensor = graph_.tensor(tensor).name;
    return failure(std::move(line));
  }

  std::string byte_text(const Buffer &buffer, std::int64_t byte) const {
    return "byte " + std::to_string(byte) + " of region '" +
           schedule_.regions[static_cast<std::size_t>(buffer.region)].name + "'";
  }

  Result<void> visit(const Firing &firing) {
    if (firing.entry != Entry::frame && !frame_done_) {
      if (Result<void> ok = end_frame(); !ok) return ok;
    }
    if (schedule_.time && is_another_entry(*schedule_.time, firing_, firing)) forget();
    if (!buffers_ || firing.stage != firing_.stage) buffers_.emplace(schedule_, firing.stage);
    firing_ = firing;
    ++proof_.firings;
    stages_[static_cast<std::size_t>(firing.stage)].at(life_of(schedule_, firing));
    const Op &op = graph_.op(firing.op);
    if (Result<void> ok = visit_order(op); !ok) return ok;
    if (Result<void> ok = visit_scratch(op); !ok) return ok;
    if (Result<void> ok = visit_inputs(op); !ok) return ok;
    if (Result<void> ok = visit_accumulator(op); !ok) return ok;
    if (firing.last) return visit_output(op);
    return {};
  }

  /// An entry of a stream is over: the caller may use what does not survive it for something else.
  void forget() {
    for (std::size_t r = 0; r < shadows_.size(); ++r) {
      if (schedule_.regions[r].kind != RegionKind::state) shadows_[r].clear(0, schedule_.regions[r].size);
    }
  }

  /// The firing as such: its tile, its part of the reduction, and inputs that arrive once.
  Result<void> visit_order(const Op &op) {
    const Tensor &output = graph_.tensor(op.output());
    if (firing_.tile.rank != output.rank() || !Region::whole(output.shape).contains(firing_.tile)) {
      return refuse("makes a tile outside its output", op.output());
    }
    if (firing_.tile.empty()) return refuse("makes an empty tile", op.output());
    const Range all{0, rules_[static_cast<std::size_t>(firing_.op)].reduction};
    const Range &part = firing_.reduction;
    if (part.empty() || !all.contains(part)) return refuse("sums a part outside its reduction", op.output());
    if (firing_.first != (part.begin == all.begin) || firing_.last != (part.end == all.end)) {
      return refuse("does not say the truth about the first and last part of its reduction", op.output());
    }
    return op.is<Input>() ? visit_arrival(op.output()) : Result<void>{};
  }

  /// The caller hands in every element once: what is not kept cannot be asked for again.
  Result<void> visit_arrival(TensorId tensor) {
    std::vector<bool> &arrived = arrived_[static_cast<std::size_t>(tensor)];
    const Tensor &input = graph_.tensor(tensor);
    arrived.resize(static_cast<std::size_t>(input.elements()), false);
    Buffer whole;
    whole.layout = Layout::whole(input);
    whole.layout.element_size = 1;
    bool again = false;
    for_each_piece(whole, firing_.tile, [&](std::int64_t, std::int64_t count, std::int64_t element) {
      for (std::int64_t i = element; i < element + count; ++i) {
        again = again || arrived[static_cast<std::size_t>(i)];
        arrived[static_cast<std::size_t>(i)] = true;
      }
    });
    if (again) return refuse("asks the caller for elements that were handed in before", tensor);
    if (firing_.entry == Entry::frame) frame_inputs_.push_back(tensor);
    return {};
  }

  Result<void> touch(std::int32_t index) {
    const Buffer &used = buffer(index);
    const std::int64_t now = life_of(schedule_, firing_);
    touched_[static_cast<std::size_t>(index)].at(now);
    if (used.first <= now && now <= used.last) return {};
    return refuse("uses " + buffer_text(schedule_, static_cast<std::size_t>(index)) +
                  " outside its lifetime " + std::to_string(used.first) + " to " + std::to_string(used.last));
  }

  Result<void> visit_scratch(const Op &op) {
    const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(firing_.variant)];
    const std::int64_t need = variant.scratch_bytes(graph_, op, firing_.tile);
    const std::int32_t index = buffers_->scratch_of(firing_.op);
    if (index == kNone && need == 0) return {};
    if (index == kNone) return refuse("has no scratch buffer, but needs " + std::to_string(need) + " bytes");
    if (buffer(index).size < need) {
      return refuse("needs " + std::to_string(need) + " bytes of scratch, but " +
                    buffer_text(schedule_, static_cast<std::size_t>(index)) + " has " +
                    std::to_string(buffer(index).size));
    }
    if (variant.remembers && !survives_calls(schedule_, buffer(index))) {
      return refuse("keeps sums in " + buffer_text(schedule_, static_cast<std::size_t>(index)) +
                    ", which does not survive the call");
    }
    if (Result<void> ok = touch(index); !ok) return ok;
    shadow_of(buffer(index)).clear(buffer(index).offset, buffer(index).size);
    return {};
  }

  /// Proves that the box of a buffer holds `content` (the tag of the tensor's first byte).
  Result<void> prove_content(const Buffer &source, const Region &box, Tag content, TensorId tensor) {
    const Shadow &shadow = shadow_of(source);
    std::optional<std::int64_t> wrong;
    Tag expected = 0;
    for_each_piece(source, box, [&](std::int64_t address, std::int64_t bytes, std::int64_t index) {
      if (wrong) return;
      wrong = shadow.find_wrong(address, bytes, content + static_cast<Tag>(index));
      if (wrong) expected = content + static_cast<Tag>(index + *wrong - address);
    });
    proof_.bytes_read += box.elements() * source.layout.element_size;
    if (!wrong) return {};
    return refuse("needs " + contents_.text(expected) + " at " + byte_text(source, *wrong) +
                      ", which holds " + contents_.text(shadow_of(source)[*wrong]),
                  tensor);
  }

  Region read_region(const Op &op, std::size_t input) const {
    const Footprint &footprint = rules_[static_cast<std::size_t>(firing_.op)].footprints[input];
    return input_region(footprint, graph_.tensor(op.inputs[input]).shape, firing_.tile, firing_.reduction);
  }

  /// Calls `visit(input, tensor, region)` for every computed input of which the firing reads something.
  template <class Visit>
  Result<void> for_each_read(const Op &op, Visit &&visit) {
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || graph_.tensor(op.inputs[j]).constant()) continue;
      const Region region = read_region(op, j);
      if (region.empty()) continue;
      if (Result<void> ok = visit(j, op.inputs[j], region); !ok) return ok;
    }
    return {};
  }

  Result<void> visit_inputs(const Op &op) {
    return for_each_read(op, [&](std::size_t, TensorId tensor, const Region &region) -> Result<void> {
      const std::int32_t index = buffers_->of(tensor);
      if (index == kNone) return refuse("reads a tensor that has no buffer", tensor);
      if (Result<void> ok = touch(index); !ok) return ok;
      return prove_content(buffer(index), region, contents_.complete(tensor), tensor);
    });
  }

  /// Partial sums: what earlier parts left must be there, and this part leaves its own.
  Result<void> visit_accumulator(const Op &op) {
    if (firing_.first && firing_.last) return {};
    const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(firing_.variant)];
    if (!variant.partial_reduction) return refuse("sums in parts, which its kernel variant cannot");
    const std::int32_t index = buffers_->accumulator_of(firing_.op);
    if (index == kNone) return refuse("sums in parts without an accumulator", op.output());
    const Buffer &sums = buffer(index);
    if (Result<void> ok = touch(index); !ok) return ok;
    if (!fits(sums.layout, firing_.tile))
      return refuse("makes a tile larger than its accumulator", op.output());
    if (!firing_.first) {
      const Tag before = contents_.partial(firing_.op, firing_.reduction.begin);
      if (Result<void> ok = prove_content(sums, firing_.tile, before, op.output()); !ok) return ok;
    }
    if (!firing_.last) return write(sums, contents_.partial(firing_.op, firing_.reduction.end));
    // What a requantised sum leaves behind is nobody's business.
    for_each_piece(sums, firing_.tile, [&](std::int64_t address, std::int64_t bytes, std::int64_t) {
      shadow_of(sums).clear(address, bytes);
    });
    return {};
  }

  Result<void> write(const Buffer &target, Tag content) {
    Shadow &shadow = shadow_of(target);
    for_each_piece(target, firing_.tile, [&](std::int64_t address, std::int64_t bytes, std::int64_t index) {
      shadow.write(address, bytes, content + static_cast<Tag>(index));
    });
    proof_.bytes_written += firing_.tile.elements() * target.layout.element_size;
    return {};
  }

  Result<void> visit_output(const Op &op) {
    const std::int32_t index = buffers_->of(op.output());
    if (index == kNone) return refuse("makes a tensor that has no buffer", op.output());
    const Buffer &target = buffer(index);
    if (Result<void> ok = touch(index); !ok) return ok;
    if (!fits(target.layout, firing_.tile)) return refuse("makes a tile larger than its buffer", op.output());
    if (firing_.entry == Entry::frame && !target.layout.is_whole()) {
      return refuse("puts a whole input into a buffer that folds it", op.output());
    }
    const Tag content = contents_.complete(op.output());
    Result<void> ok =
        for_each_read(op, [&](std::size_t j, TensorId tensor, const Region &region) -> Result<void> {
          const Buffer &source = buffer(buffers_->of(tensor));
          const InPlace mode = rules_[static_cast<std::size_t>(firing_.op)].in_place[j];
          const std::optional<std::int64_t> clash =
              overlaps_.find({source, region}, {target, firing_.tile}, mode, shadow_of(target), content);
          if (!clash) return {};
          return refuse("writes its output over " + byte_text(target, *clash) + " that it still reads",
                        tensor);
        });
    if (!ok) return ok;
    if (!firing_.first) {
      const Buffer &sums = buffer(buffers_->accumulator_of(firing_.op));
      const std::optional<std::int64_t> clash =
          overlaps_.find_sums({sums, firing_.tile}, {target, firing_.tile});
      if (clash)
        return refuse("writes its output over " + byte_text(target, *clash) + " of sums that it still reads",
                      op.output());
    }
    return write(target, content);
  }

  /// The caller puts whole inputs in place in any order: they must all be there when the run begins.
  Result<void> end_frame() {
    frame_done_ = true;
    for (TensorId tensor : frame_inputs_) {
      const std::int32_t index = buffers_->of(tensor);
      if (index == kNone)
        return refuse("ends the frame, and a whole input has no buffer that all stages see", tensor);
      if (Result<void> ok = touch(index); !ok) return ok;
      const Region whole = Region::whole(graph_.tensor(tensor).shape);
      if (Result<void> ok = prove_content(buffer(index), whole, contents_.complete(tensor), tensor); !ok)
        return ok;
    }
    return {};
  }

  /// After the last firing: outputs are complete where the caller looks for them, and lifetimes are exact.
  Result<void> finish() {
    if (!frame_done_) {
      if (Result<void> ok = end_frame(); !ok) return ok;
    }
    // Calls of a stream hand out each element of an output as it is made.
    if (schedule_.time) return check_lifetimes();
    const StageBuffers shared(schedule_, kNone);
    for (TensorId tensor : graph_.outputs) {
      if (Result<void> ok = prove_kept(shared, tensor, "a network output"); !ok) return ok;
    }
    if (Result<void> ok = prove_kept_inputs(); !ok) return ok;
    if (Result<void> ok = prove_states(shared); !ok) return ok;
    return check_lifetimes();
  }

  /// What is needed when everything has fired is there.
  Result<void> prove_kept(const StageBuffers &shared, TensorId tensor, const std::string &what) {
    if (graph_.tensor(tensor).constant()) return {};
    const std::int32_t index = shared.of(tensor);
    if (index == kNone)
      return refuse("is the last, and " + what + " has no buffer that all stages see", tensor);
    if (!buffer(index).layout.is_whole())
      return refuse("is the last, and the buffer of " + what + " folds it", tensor);
    if (Result<void> ok = touch(index); !ok) return ok;
    const Region whole = Region::whole(graph_.tensor(tensor).shape);
    return prove_content(buffer(index), whole, contents_.complete(tensor), tensor);
  }

  /// The end of a call: each copy in turn, whose source an earlier one may have destroyed; then all states.
  Result<void> prove_states(const StageBuffers &shared) {
    for (const State &state : graph_.states) {
      const std::int32_t index = shared.of(state.read);
      if (index == kNone || buffer(index).kind != BufferKind::state)
        return refuse("is the last, and a state arrives in no buffer that survives the call", state.read);
      if (Result<void> ok = prove_kept(shared, state.written, "what a state is written from"); !ok) return ok;
      const Buffer &before = buffer(index);
      shadow_of(before).write(before.offset, before.size, contents_.complete(state.written));
    }
    for (const State &state : graph_.states) {
      const Region whole = Region::whole(graph_.tensor(state.read).shape);
      Result<void> ok =
          prove_content(buffer(shared.of(state.read)), whole, contents_.complete(state.written), state.read);
      if (!ok) return ok;
    }
    return {};
  }

  /// What the caller wants back is there.
  Result<void> prove_kept_inputs() {
    for (std::size_t b = 0; b < schedule_.buffers.size(); ++b) {
      const Buffer &kept = schedule_.buffers[b];
      if (!kept.kept) continue;
      if (kept.kind != BufferKind::input)
        return failure(buffer_text(schedule_, b) + " is kept for the caller, but is no network input");
      if (Result<void> ok = touch(static_cast<std::int32_t>(b)); !ok) return ok;
      const Region whole = Region::whole(graph_.tensor(kept.tensor).shape);
      Result<void> ok = prove_content(kept, whole, contents_.complete(kept.tensor), kept.tensor);
      if (!ok) return ok;
    }
    return {};
  }

  Result<void> check_lifetimes() const {
    for (std::size_t b = 0; b < schedule_.buffers.size(); ++b) {
      const Buffer &says = schedule_.buffers[b];
      const Touched &touched = touched_[b];
      if (says.kind == BufferKind::cursors && says.stage != kNone) {
        const Touched &span = stages_[static_cast<std::size_t>(says.stage)];
        if (says.first <= span.first && span.last <= says.last) continue;
        return failure(buffer_text(schedule_, b) + " does not live as long as its stage");
      }
      if (touched.first < 0 && says.kind != BufferKind::cursors)
        return failure(buffer_text(schedule_, b) + " is used by no firing");
      if (schedule_.time && survives_calls(schedule_, says)) {
        if (says.first == 0 && says.last + 1 == static_cast<std::int64_t>(schedule_.stages.size())) continue;
        return failure(buffer_text(schedule_, b) + " does not live from one call to the next");
      }
      if (says.first == touched.first && says.last == touched.last) continue;
      return failure(buffer_text(schedule_, b) + " says that it lives from firing " +
                     std::to_string(says.first) + " to " + std::to_string(says.last) +
                     ", but it is used from " + std::to_string(touched.first) + " to " +
                     std::to_string(touched.last));
    }
    return {};
  }

  const Schedule &schedule_;
  const Graph &graph_;
  Contents contents_;
  OverlapFinder overlaps_;
  std::vector<Shadow> shadows_;             ///< per region
  std::vector<Rules> rules_;                ///< per operator
  std::vector<Touched> touched_;            ///< per buffer
  std::vector<Touched> stages_;             ///< per stage: its first and last firing
  std::vector<std::vector<bool>> arrived_;  ///< per tensor, of network inputs: elements handed in
  std::vector<TensorId> frame_inputs_;
  bool frame_done_ = false;
  Firing firing_;                        ///< the present one
  std::optional<StageBuffers> buffers_;  ///< of its stage
  Proof proof_;
  Result<void> ok_;
};

}  // namespace

Result<Proof> check(const Schedule &schedule) {
  if (Result<void> ok = verify_structure(schedule); !ok) return tl::unexpected(ok.error());
  if (Result<void> ok = check_placement(schedule); !ok) return tl::unexpected(ok.error());
  return Checker(schedule).prove();
}

}  // namespace thimble
