// What CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED share in the interpreter: the three
// arithmetics (8 bits, 16 bits, float), dot products, and the finish of a sum (bias, rescaling, activation)
// with accumulators for partial reductions.
#pragma once

#include <algorithm>
#include <span>

#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {

/// Data as stored, data with the zero point taken off, weights, sums, and sums as an accumulator holds them.
/// Sums of integers are unsigned: they may wrap, as the reference's do, and must not be undefined.
struct Arithmetic8 {
  using Stored = std::int8_t;
  using Centred = std::int16_t;
  using Weight = std::int8_t;
  using Sum = std::uint32_t;
  using Accumulator = std::int32_t;
  static Sum product(Centred x, Weight w) { return static_cast<Sum>(std::int32_t{x} * std::int32_t{w}); }
};
struct Arithmetic16 {
  using Stored = std::int16_t;
  using Centred = std::int16_t;
  using Weight = std::int8_t;
  using Sum = std::uint64_t;
  using Accumulator = std::int64_t;
  static Sum product(Centred x, Weight w) {
    return static_cast<Sum>(std::int64_t{std::int32_t{x} * std::int32_t{w}});
  }
};
struct ArithmeticFloat {
  using Stored = float;
  using Centred = float;
  using Weight = float;
  using Sum = float;
  using Accumulator = float;
  static Sum product(Centred x, Weight w) { return x * w; }
};

/// Calls `visit` with the arithmetic of an element type.
template <class Visit>
void with_arithmetic(ElementType type, Visit &&visit) {
  if (type == ElementType::int8) {
    visit(Arithmetic8{});
  } else if (type == ElementType::int16) {
    visit(Arithmetic16{});
  } else {
    visit(ArithmeticFloat{});
  }
}

/// Elements of a gathered patch that meet contiguous weights.
struct Segment {
  std::size_t patch = 0;    ///< first element in the patch
  std::size_t weights = 0;  ///< first weight, from the output channel's first
  std::size_t length = 0;
};

/// Adds a segment, joined to the one before where both run on.
inline void append(std::vector<Segment> &segments, const Segment &next) {
  if (!segments.empty()) {
    Segment &previous = segments.back();
    if (previous.patch + previous.length == next.patch &&
        previous.weights + previous.length == next.weights) {
      previous.length += next.length;
      return;
    }
  }
  segments.push_back(next);
}

/// sums[i] += patch . weights of channel i, channels `stride` weights apart. The order of additions within a
/// channel is the order of the segments; four channels advance together, because a float sum cannot be
/// reordered and would otherwise wait for each addition.
template <class A>
void add_dot_products(std::span<const Segment> segments, const typename A::Centred *patch,
                      const typename A::Weight *weights, std::size_t stride, typename A::Sum *sums,
                      std::int32_t channels) {
  using Sum = typename A::Sum;
  std::int32_t c = 0;
  for (; c + 4 <= channels; c += 4, weights += 4 * stride) {
    Sum s0 = sums[c];
    Sum s1 = sums[c + 1];
    Sum s2 = sums[c + 2];
    Sum s3 = sums[c + 3];
    for (const Segment &segment : segments) {
      const typename A::Centred *x = patch + segment.patch;
      const typename A::Weight *w = weights + segment.weights;
      for (std::size_t i = 0; i < segment.length; ++i) {
        s0 += A::product(x[i], w[i]);
        s1 += A::product(x[i], w[i + stride]);
        s2 += A::product(x[i], w[i + 2 * stride]);
        s3 += A::product(x[i], w[i + 3 * stride]);
      }
    }
    sums[c] = s0;
    sums[c + 1] = s1;
    sums[c + 2] = s2;
    sums[c + 3] = s3;
  }
  for (; c < channels; ++c, weights += stride) {
    Sum sum = sums[c];
    for (const Segment &segment : segments) {
      for (std::size_t i = 0; i < segment.length; ++i) {
        sum += A::product(patch[segment.patch + i], weights[segment.weights + i]);
      }
    }
    sums[c] = sum;
  }
}

/// Begins and ends the sums of runs of output channels.
template <class A>
class Sums {
 public:
  using Sum = typename A::Sum;
  using Stored = typename A::Stored;
  using Accumulator = typename A::Accumulator;

  explicit Sums(const OpRun &run) : run_(run), float_range_(activation_range(activation_of(run.op))) {
    if constexpr (!std::is_same_v<A, ArithmeticFloat>) parameters_ = filter_parameters(run.graph, run.op);
  }

  std::int32_t input_offset() const { return parameters_.input_offset; }

  /// Zero, or what earlier parts of the reduction left for the run of `length` outputs at `at`.
  Sum *begin(const Coordinates &at, std::int32_t length) {
    sums_.assign(static_cast<std::size_t>(length), Sum{});
    if (!run_.first) {
      const Accumulator *earlier = load_run<Accumulator>(run_.accumulator, at, length, earlier_);
      std::transform(earlier, earlier + length, sums_.begin(),
                     [](Accumulator a) { return static_cast<Sum>(a); });
    }
    return sums_.data();
  }

  /// Stores outputs, or the sums while more parts are to come.
  void end(const Coordinates &at, std::int32_t length) {
    if (!run_.last) {
      earlier_.resize(sums_.size());
      std::transform(sums_.begin(), sums_.end(), earlier_.begin(),
                     [](Sum s) { return static_cast<Accumulator>(s); });
      store_run(run_.accumulator, at, length, earlier_.data());
      return;
    }
    outputs_.resize(sums_.size());
    const std::size_t channel_axis = run_.output.layout.shape.size() - 1;
    for (std::int32_t i = 0; i < length; ++i) {
      outputs_[static_cast<std::size_t>(i)] =
          finish(sums_[static_cast<std::size_t>(i)], at[channel_axis] + i);
    }
    store_run(run_.output, at, length, outputs_.data());
  }

 private:
  template <class Bias>
  Bias bias(std::int32_t channel) const {
    if (run_.inputs.size() < 3 || !run_.inputs[2]) return Bias{};
    Coordinates at{};
    at[run_.inputs[2].layout.shape.empty() ? 0 : run_.inputs[2].layout.shape.size() - 1] = channel;
    return *run_.inputs[2].template at<Bias>(at);
  }

  Stored finish(Sum sum, std::int32_t channel) const {
    if constexpr (std::is_same_v<A, ArithmeticFloat>) {
      return clamp_float(sum + bias<float>(channel), float_range_.min, float_range_.max);
    } else {
      const QuantizedMultiplier m = parameters_.multiplier(channel);
      std::int32_t value = 0;
      if (parameters_.wide) {
        const std::uint64_t total =
            static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(bias<std::int64_t>(channel));
        value = multiply_by_quantized_multiplier(static_cast<std::int64_t>(total), m);
      } else {
        const std::int32_t total = wrap_add(static_cast<std::int32_t>(sum), bias<std::int32_t>(channel));
        value = multiply_by_quantized_multiplier(total, m);
      }
      value = wrap_add(value, parameters_.output_offset);
      value = std::max(value, parameters_.activation.min);
      return static_cast<Stored>(std::min(value, parameters_.activation.max));
    }
  }

  const OpRun &run_;
  FilterParameters parameters_;
  FloatRange float_range_;
  std::vector<Sum> sums_;
  std::vector<Accumulator> earlier_;
  std::vector<Stored> outputs_;
};

/// Takes the zero point off a run of stored data.
template <class A>
void centre(const typename A::Stored *from, std::int32_t length, std::int32_t input_offset,
            typename A::Centred *to) {
  for (std::int32_t i = 0; i < length; ++i) {
    if constexpr (std::is_same_v<A, ArithmeticFloat>) {
      to[i] = from[i];
    } else {
      to[i] = static_cast<typename A::Centred>(from[i] + input_offset);
    }
  }
}

}  // namespace thimble::interpreter
