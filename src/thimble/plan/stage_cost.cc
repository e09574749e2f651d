#include "thimble/plan/stage_cost.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"
#include "thimble/graph/rules.h"
#include "thimble/schedule/sum_bytes.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

constexpr std::int64_t kBefore = -1;
constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::max() / 2;

/// The last firing at which a stage that begins at position `first` reads a tensor.
std::int64_t last_read(const StageProfile &profile, TensorId tensor, std::int32_t first) {
  const std::vector<TensorAccess> &reads = profile.tensors[static_cast<std::size_t>(tensor)].reads;
  const auto found = std::find_if(reads.rbegin(), reads.rend(),
                                  [&](const TensorAccess &read) { return read.position >= first; });
  return found == reads.rend() ? kBefore : found->firing + (found->ahead ? 1 : 0);
}

/// Bytes that the two take together at least.
std::int64_t together(const Handover &pair) {
  return std::max(pair.in_bytes + pair.distance, pair.out_bytes);
}

/// Largest sum of bytes that live at one firing.
std::int64_t most_alive(const std::vector<Life> &lives) {
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;  // at a firing, by so many bytes
  changes.reserve(2 * lives.size());
  for (const Life &life : lives) {
    changes.emplace_back(life.first, life.bytes);
    changes.emplace_back(life.last + 1, -life.bytes);
  }
  // At one firing what ends comes before what begins.
  std::sort(changes.begin(), changes.end());
  std::int64_t bytes = 0;
  std::int64_t most = 0;
  for (const auto &[firing, change] : changes) most = std::max(most, bytes += change);
  return most;
}

/// The form whose walk tells what stages of this form need.
NestForm lines_of(const NestForm &form) {
  NestForm lines{Grain::lines, form.sweep};
  if (form.grain == Grain::lines) {
    lines.step = form.step;
    lines.strip = form.strip;
  }
  return lines;
}

/// Kernel calls as the search compares them: sums that are not as wide as they are computed take some
/// instructions more to load and to store.
std::int64_t priced(std::int64_t firings, const NestForm &form) {
  return form.sum_bytes > 0 ? firings + firings / 8 : firings;
}

}  // namespace

StageCosts::StageCosts(const Graph &graph, std::vector<OpId> order, const StageOptions &options)
    : graph_(graph),
      order_(std::move(order)),
      options_(options),
      uses_(graph.tensors.size()),
      in_place_(order_.size()),
      profiles_(std::make_shared<Profiles>(graph, order_)) {
  storage_.resize(graph.tensors.size());
  std::iota(storage_.begin(), storage_.end(), 0);
  const std::vector<std::vector<OpId>> readers = consumers(graph);
  for (const OpId op : order_) {
    const TensorId output = graph.op(op).output();
    unread_.push_back(readers[static_cast<std::size_t>(output)].empty() && !contains(graph.outputs, output));
  }
  const auto end = static_cast<std::int32_t>(order_.size());
  for (std::int32_t p = 0; p < end; ++p) {
    const Op &op = graph.op(order_[static_cast<std::size_t>(p)]);
    macs_ += thimble::macs(graph, op);
    if (op.is<Input>() && !options.row_fed) first_ = p + 1;
    const std::vector<TensorId> inputs = computed_inputs(graph, op);
    if (inputs.size() == 1 && in_place(graph, op, 0) == InPlace::alias) {
      storage_[static_cast<std::size_t>(op.output())] = storage_[static_cast<std::size_t>(inputs[0])];
    } else {
      uses_[static_cast<std::size_t>(op.output())].producer = p;
    }
    for (const TensorId input : inputs) {
      uses_[static_cast<std::size_t>(storage_[static_cast<std::size_t>(input)])].last = p;
    }
    Use &made = uses_[static_cast<std::size_t>(storage_[static_cast<std::size_t>(op.output())])];
    made.last = std::max(made.last, p);
  }
  for (const TensorId output : graph.outputs) {
    uses_[static_cast<std::size_t>(storage_[static_cast<std::size_t>(output)])].last = end;
  }
  if (options_.keep_inputs && !options_.row_fed) {
    for (const TensorId input : graph.inputs) uses_[static_cast<std::size_t>(input)].last = end;
  }
  for (std::size_t t = 0; t < uses_.size(); ++t) {
    if (uses_[t].producer != kNone) made_.push_back(static_cast<TensorId>(t));
  }
  for (std::size_t p = 0; p < order_.size(); ++p) {
    const Op &op = graph.op(order_[p]);
    const Region tile = Region::whole(graph.tensor(op.output()).shape);
    scratch_.push_back(kernel_variants(op)[0].scratch_bytes(graph, op, tile));
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const bool shares = op.inputs[j] != kNone && in_place(graph, op, static_cast<int>(j)) != InPlace::no;
      if (shares) in_place_[p].push_back(op.inputs[j]);
    }
  }
}

StageCosts StageCosts::bare() const {
  StageCosts other = *this;
  other.options_.alignment = 1;
  other.options_.cursors = false;
  return other;
}

std::int64_t StageCosts::rounded(std::int64_t bytes) const {
  return align_up(bytes, options_.alignment);
}

std::int64_t StageCosts::whole_bytes(TensorId tensor) const {
  return rounded(graph_.tensor(tensor).bytes());
}

/// Bytes of a tensor that is made and used up in the stage.
std::int64_t StageCosts::inner_bytes(TensorId tensor, const TensorProfile &profile, const NestForm &form,
                                     std::int32_t walked_channels) const {
  const Tensor &shape = graph_.tensor(tensor);
  if (in_slices(form.grain)) {
    return rounded(profile.kept * form.channels / walked_channels * size_of(shape.type));
  }
  const int axis = axis_of(form.sweep == Sweep::rows ? Level::row : Level::column, shape.rank());
  if (axis == kNone || shape.shape[static_cast<std::size_t>(axis)] == 0) return whole_bytes(tensor);
  const std::int32_t length = shape.shape[static_cast<std::size_t>(axis)];
  const std::int64_t line = shape.bytes() / length;
  const std::int64_t lines = std::min(profile.lines, length);
  const int across = axis_of(Level::column, shape.rank());
  const bool arrives = contains(graph_.inputs, tensor);
  const bool in_lines = arrives || contains(form.lines, tensor);
  if (form.grain != Grain::pixels || across == kNone || in_lines) {
    return rounded(profile.kept > 0 ? profile.kept * size_of(shape.type) : lines * line);
  }
  const std::int32_t columns = shape.shape[static_cast<std::size_t>(across)];
  const std::int64_t kept =
      profile.pixels > 0 ? profile.pixels : (lines - 1) * columns + std::max(profile.spread, 1);
  return rounded(std::min(columns * lines, kept) * (line / columns));
}

/// As `expected_cursors` of the stage that `make_stage` makes.
std::int64_t StageCosts::cursor_bytes(const StageChoice &choice) const {
  if (!options_.cursors || in_slices(choice.form.grain)) return 0;
  const bool raster = choice.form.grain == Grain::pixels;
  const Level line = choice.form.sweep == Sweep::rows ? Level::row : Level::column;
  std::int64_t lines = 0;
  std::int64_t pixels = 0;
  for (std::int32_t p = choice.first; p < choice.last; ++p) {
    const Op &op = graph_.op(order_[static_cast<std::size_t>(p)]);
    const int rank = graph_.tensor(op.output()).rank();
    if (axis_of(line, rank) == kNone || (raster && axis_of(Level::column, rank) == kNone)) continue;
    const bool whole_lines = !raster || op.is<Input>() || contains(choice.form.lines, op.output());
    ++(whole_lines ? lines : pixels);
  }
  const bool fed = graph_.op(order_[static_cast<std::size_t>(choice.first)]).is<Input>();
  // A driver without columns has no loop over them.
  const Op &driver = graph_.op(order_[static_cast<std::size_t>(choice.last)]);
  const bool two = raster && axis_of(Level::column, graph_.tensor(driver.output()).rank()) != kNone;
  return expected_cursors(lines, pixels, two ? 2 : 1, fed);
}

/// Whether an element-wise operator puts its line over the line of an input that nobody else needs.
bool StageCosts::shares_line(std::int32_t position, std::int32_t first, const StageProfile &profile) const {
  const Op &op = graph_.op(order_[static_cast<std::size_t>(position)]);
  for (const TensorId input : in_place_[static_cast<std::size_t>(position)]) {
    const Use &use = uses_[static_cast<std::size_t>(input)];
    if (use.producer < first || use.last != position || graph_.tensor(input).bytes() == 0) continue;
    const auto lines = [&](TensorId tensor) {
      return profile.tensors[static_cast<std::size_t>(tensor)].lines;
    };
    if (lines(input) == 1 && lines(op.output()) == 1) return true;
  }
  return false;
}

/// How far a tensor that is born must begin before one that dies, to be written over its dead bytes; its own
/// size where it may not.
std::int64_t StageCosts::distance(TensorId dying, TensorId born, const StageChoice &choice,
                                  const StageProfile *profile) const {
  const std::int64_t apart = whole_bytes(born);
  if (choice.form.grain == Grain::whole) {
    return contains(in_place_[static_cast<std::size_t>(choice.last)], dying) ? 0 : apart;
  }
  const TensorProfile &written = profile->tensors[static_cast<std::size_t>(born)];
  std::int64_t distance = profiles_->distance(*profile, dying, born, choice.first);
  const Tensor &tensor = graph_.tensor(born);
  const int across = axis_of(Level::column, tensor.rank());
  if (choice.form.grain == Grain::pixels && written.pixels == 0 && across != kNone) {
    // A walk over lines writes the whole line where pixels write a few: expect the best.
    const std::int64_t columns = tensor.shape[static_cast<std::size_t>(across)];
    const std::int64_t pixel = std::int64_t{tensor.shape.back()} * size_of(tensor.type);
    distance = std::max<std::int64_t>(0, distance - (columns - 1) * pixel);
  }
  return std::min(apart, rounded(distance));
}

std::int64_t StageCosts::scratch_bytes(const StageChoice &choice) const {
  const auto first = scratch_.begin() + choice.first;
  const std::int64_t most = *std::max_element(first, scratch_.begin() + choice.last + 1);
  return rounded(most);
}

/// Kernel calls, where the profile has whole lines for pixels and larger slices for smaller ones.
std::int64_t StageCosts::firings(const StageChoice &choice, const StageProfile &profile) const {
  std::int64_t firings = 0;
  const auto parts = [](std::int64_t all, std::int64_t step) { return (all + step - 1) / step; };
  for (std::int32_t p = choice.first; p <= choice.last; ++p) {
    std::int64_t calls = profile.firings[static_cast<std::size_t>(p)];
    const Tensor &made = graph_.tensor(graph_.op(order_[static_cast<std::size_t>(p)]).output());
    const int across = axis_of(Level::column, made.rank());
    if (choice.form.grain == Grain::pixels && across != kNone) {
      calls *= parts(made.shape[static_cast<std::size_t>(across)], choice.form.pixels);
    }
    firings += calls;
  }
  if (!in_slices(choice.form.grain)) return firings;
  const std::int32_t all = reduction(choice.last);
  firings = firings * parts(all, choice.form.channels) / parts(all, profile.channels);
  return priced(firings, choice.form);
}

std::optional<StageCost> StageCosts::estimate(const StageChoice &choice) {
  if (!can_drive(graph_, graph_.op(order_[static_cast<std::size_t>(choice.last)]), choice.form))
    return std::nullopt;
  // An input that arrives in rows does so in the stage that uses them.
  const bool fed = graph_.op(order_[static_cast<std::size_t>(choice.first)]).is<Input>();
  if (fed && (choice.first == choice.last || choice.form.sweep != Sweep::rows)) return std::nullopt;
  if (choice.form.grain == Grain::whole) {
    return choice.first == choice.last ? std::optional(cost(choice, nullptr)) : std::nullopt;
  }
  // In a nest it would never fire.
  const auto nest = unread_.begin();
  if (std::find(nest + choice.first, nest + choice.last, true) != nest + choice.last) return std::nullopt;
  const StageProfile *found = profiles_->driver(first_, choice.last, lines_of(choice.form));
  if (found == nullptr || (choice.form.strip > 0 && !all_in_strips(choice))) return std::nullopt;
  StageCost expected = cost(choice, found);
  if (choice.form.strip > 0) expected.extra_macs = extra_macs(choice, *found);
  return expected;
}

/// Whether everything that is made in the stage has columns, which a strip can be cut from, and but for the
/// last operator's output is used up in it.
bool StageCosts::all_in_strips(const StageChoice &choice) const {
  const bool arrives = graph_.op(order_[static_cast<std::size_t>(choice.first)]).is<Input>();
  return !arrives && choice.form.sweep == Sweep::rows &&
         std::all_of(order_.begin() + choice.first, order_.begin() + choice.last, [&](OpId op) {
           const TensorId made = graph_.op(op).output();
           const bool leaves =
               uses_[static_cast<std::size_t>(storage_[static_cast<std::size_t>(made)])].last > choice.last;
           return !leaves && axis_of(Level::column, graph_.tensor(made).rank()) != kNone;
         });
}

/// Inputs of operators with several operands, and tensors with several readers: where pixels can make readers
/// wait for each other.
std::vector<TensorId> StageCosts::joined(const StageChoice &choice) const {
  std::vector<TensorId> worth;
  std::vector<std::int32_t> readers(graph_.tensors.size(), 0);
  for (std::int32_t p = choice.first; p <= choice.last; ++p) {
    const Op &op = graph_.op(order_[static_cast<std::size_t>(p)]);
    const std::vector<TensorId> inputs = computed_inputs(graph_, op);
    for (const TensorId input : inputs) {
      const bool inner = uses_[static_cast<std::size_t>(input)].producer >= choice.first;
      const bool waits = inputs.size() > 1 || ++readers[static_cast<std::size_t>(input)] > 1;
      const bool arrives = contains(graph_.inputs, input);
      if (inner && waits && !arrives && !contains(worth, input)) worth.push_back(input);
    }
  }
  return worth;
}

StageCost StageCosts::count(const StageChoice &choice) const {
  if (choice.form.grain == Grain::whole) return cost(choice, nullptr);
  const StageProfile &counted = profiles_->stage(choice);
  StageCost found = cost(choice, &counted);
  found.firings =
      priced(std::accumulate(counted.firings.begin(), counted.firings.end(), std::int64_t{0}), choice.form);
  const bool recomputes =
      !choice.form.windows.empty() || choice.form.strip > 0 || choice.form.grain == Grain::lines_of_slices;
  if (recomputes) found.extra_macs = extra_macs(choice, counted);
  return found;
}

std::int64_t StageCosts::extra_macs(const StageChoice &choice, const StageProfile &profile) const {
  std::int64_t extra = 0;
  for (std::int32_t p = choice.first; p <= choice.last; ++p) {
    extra += profile.macs[static_cast<std::size_t>(p)] -
             thimble::macs(graph_, graph_.op(order_[static_cast<std::size_t>(p)]));
  }
  return extra;
}

std::int32_t StageCosts::columns(std::int32_t position) const {
  const Tensor &made = graph_.tensor(graph_.op(order_[static_cast<std::size_t>(position)]).output());
  const int axis = axis_of(Level::column, made.rank());
  return axis == kNone ? 0 : made.shape[static_cast<std::size_t>(axis)];
}

StageCost StageCosts::measure(StageChoice &choice) {
  StageCost best = count(choice);
  if (choice.form.grain != Grain::pixels || !choice.form.windows.empty()) return best;
  const auto expected = estimate(choice);
  const std::int64_t least = expected ? expected->bytes : 0;
  const auto try_lines = [&](StageChoice tried) {
    // Each trial walks the stage once more.
    if (best.bytes <= least) return;
    const StageCost found = count(tried);
    if (found.bytes >= best.bytes) return;
    best = found;
    choice = std::move(tried);
  };
  if (best.bytes <= least) return best;
  const StageChoice plain = choice;
  if (choice.form.pixels > 1) {
    // What single pixels like in lines, several do, too.
    StageChoice tried = plain;
    tried.form.pixels = 1;
    measure(tried);
    tried.form.pixels = plain.form.pixels;
    if (!tried.form.lines.empty()) try_lines(std::move(tried));
    return best;
  }
  if (const auto known = worth_lines_.find({choice.first, choice.last}); known != worth_lines_.end()) {
    choice.form.lines = known->second;
    return count(choice);
  }
  const std::vector<TensorId> worth = joined(choice);
  // All subsets of a few, one after another of many.
  constexpr std::size_t kFew = 4;
  for (std::size_t subset = 1; worth.size() <= kFew && subset < std::size_t{1} << worth.size(); ++subset) {
    StageChoice tried = plain;
    for (std::size_t i = 0; i < worth.size(); ++i) {
      if ((subset >> i & 1) != 0) tried.form.lines.push_back(worth[i]);
    }
    try_lines(std::move(tried));
  }
  for (std::size_t i = 0; worth.size() > kFew && i < worth.size(); ++i) {
    StageChoice tried = choice;
    tried.form.lines.push_back(worth[i]);
    try_lines(std::move(tried));
  }
  worth_lines_[{choice.first, choice.last}] = choice.form.lines;
  return best;
}

StageCost StageCosts::estimate(const StageChoice &choice, const WindowChoice &windows) {
  StageCost found = cost(choice, profiles_->driver(first_, choice.last, {Grain::lines}), &windows);
  found.extra_macs = windows.extra_macs;
  return found;
}

std::vector<WindowChoice> StageCosts::windows(std::int32_t driver, const WindowLimits &limits) {
  const NestForm form{Grain::pixels, Sweep::rows};
  if (!can_drive(graph_, graph_.op(order_[static_cast<std::size_t>(driver)]), form)) return {};
  const StageProfile *found = profiles_->driver(first_, driver, {Grain::lines});
  if (found == nullptr) return {};
  if (block_macs_ != limits.extra_macs) {
    blocks_ = window_blocks(graph_, order_, uses_, first_, limits.extra_macs);
    block_macs_ = limits.extra_macs;
  }
  const auto bytes = [&](TensorId tensor, const TensorProfile &shape, bool window) {
    TensorProfile counted = shape;
    if (window) counted.pixels = std::int64_t{shape.lines} * shape.spread;
    return inner_bytes(tensor, counted, form, 1);
  };
  return window_choices(graph_, order_, uses_, blocks_, *found, first_, driver, limits, bytes);
}

/// Tensors that end or begin in the stage: of one pair the younger may be written over the dead bytes of the
/// older one, while both live.
Handover StageCosts::add_ends(const std::vector<TensorId> &dying, const std::vector<TensorId> &born,
                              const StageChoice &choice, const StageProfile *profile,
                              std::vector<Life> &lives) const {
  Handover handover;
  std::int64_t most = -1;
  for (const TensorId in : dying) {
    for (const TensorId out : born) {
      const Handover pair{in, out, whole_bytes(in), whole_bytes(out), distance(in, out, choice, profile)};
      const std::int64_t saved = pair.in_bytes + pair.out_bytes - together(pair);
      if (saved <= most) continue;
      most = saved;
      handover = pair;
    }
  }
  const TensorId summed =
      covers_sums(choice) ? graph_.op(order_[static_cast<std::size_t>(choice.last)]).output() : kNone;
  const auto end_of = [&](TensorId in) {
    return profile != nullptr ? last_read(*profile, in, choice.first) : 0;
  };
  for (const TensorId in : dying) lives.push_back({kBefore, end_of(in), whole_bytes(in)});
  for (const TensorId out : born) {
    // A sum that is done in parts exists from its last part on.
    const bool written =
        profile != nullptr && !profile->tensors[static_cast<std::size_t>(out)].writes.empty();
    std::int64_t first = written ? profile->tensors[static_cast<std::size_t>(out)].writes.front().firing : 0;
    const bool over_sums = out == summed;
    if (over_sums) first = profile->tensors[static_cast<std::size_t>(out)].last + 1;
    const std::int64_t until = out == handover.out ? end_of(handover.in) : kBefore;
    if (until < first) {
      lives.push_back({first, kAlways, whole_bytes(out)});
      continue;
    }
    lives.push_back({first, until, together(handover) - handover.in_bytes});
    lives.push_back({until + 1, kAlways, handover.out_bytes});
  }
  return handover;
}

/// The position whose rows a window is inside of, or kNone.
std::int32_t StageCosts::owner_of(TensorId tensor, const StageChoice &choice) const {
  const std::vector<TensorId> &windows = choice.form.windows;
  if (!contains(windows, tensor)) return kNone;
  std::int32_t owner = uses_[static_cast<std::size_t>(tensor)].producer + 1;
  while (contains(windows, graph_.op(order_[static_cast<std::size_t>(owner)]).output())) ++owner;
  return owner;
}

std::int64_t StageCosts::floor(std::int32_t first, std::int32_t last) const {
  std::int64_t passing = 0;
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (const TensorId tensor : made_) {
    const Use &use = uses_[static_cast<std::size_t>(tensor)];
    if (use.producer > last || use.last < first) continue;
    const bool enters = use.producer < first;
    const bool leaves = use.last > last || use.producer == last;
    if (!enters && !leaves) continue;
    (enters && leaves ? passing : enters ? before : after) += whole_bytes(tensor);
  }
  return passing + std::max(before, after);
}

StageCost StageCosts::cost(const StageChoice &choice, const StageProfile *profile,
                           const WindowChoice *estimated) const {
  const bool loops = choice.form.grain != Grain::whole;
  const Op &driver_op = graph_.op(order_[static_cast<std::size_t>(choice.last)]);
  const bool sliced = in_slices(choice.form.grain);
  const bool reduces =
      sliced || (loops && choice.form.sweep == Sweep::rows && reduces_rows(graph_, driver_op));
  StageCost cost;
  std::vector<TensorId> dying, born;
  std::vector<Life> lives;
  std::map<std::int32_t, std::int64_t> windows;  // bytes by the owner's position
  Life shared{kAlways, kBefore, 0};
  const std::int64_t driver_first =
      loops ? profile->tensors[static_cast<std::size_t>(driver_op.output())].first : kBefore;
  for (const TensorId tensor : made_) {
    const Use &use = uses_[static_cast<std::size_t>(tensor)];
    if (use.producer > choice.last || use.last < choice.first) continue;
    if (use.producer < choice.first && use.last > choice.last) {
      cost.bytes += whole_bytes(tensor);
    } else if (use.producer < choice.first) {
      dying.push_back(tensor);
    } else if (use.last > choice.last || use.producer == choice.last) {
      born.push_back(tensor);
    } else if (!choice.form.windows.empty() || !shares_line(use.producer, choice.first, *profile)) {
      const TensorProfile &inner = profile->tensors[static_cast<std::size_t>(tensor)];
      const std::int64_t bytes = estimated != nullptr
                                     ? estimated->bytes[static_cast<std::size_t>(use.producer - choice.first)]
                                     : inner_bytes(tensor, inner, choice.form, profile->channels);
      if (inner.first <= driver_first && driver_first <= inner.last) cost.inner_bytes += bytes;
      if (const std::int32_t owner = owner_of(tensor, choice); owner == kNone) {
        lives.push_back({inner.first, inner.last, bytes});
      } else {
        // Windows inside the rows of different tensors take turns in the same bytes.
        shared.bytes = std::max(shared.bytes, windows[owner] += bytes);
        shared.first = std::min(shared.first, inner.first);
        shared.last = std::max(shared.last, inner.last);
      }
    }
  }
  if (shared.bytes > 0) lives.push_back(shared);
  cost.handover = add_ends(dying, born, choice, profile, lives);
  if (reduces) {
    const TensorProfile &sums = profile->tensors[static_cast<std::size_t>(driver_op.output())];
    lives.push_back({sums.first, sums.last, sum_bytes(choice)});
  }
  cost.bytes += most_alive(lives);
  cost.bytes += scratch_bytes(choice);
  if (!loops) {
    cost.firings = 1;
    return cost;
  }
  cost.bytes += rounded(cursor_bytes(choice));
  cost.firings = firings(choice, *profile);
  return cost;
}

}  // namespace thimble
