#include "thimble/base/checked.h"
#include "thimble/graph/interpret/filter.h"

namespace thimble::interpreter {
namespace {

class Part {
 public:
  Part(const ConvPart &part, const OpRun &run)
      : part_(part),
        run_(run),
        x_shape_(run.inputs[0].layout.shape),
        w_shape_(run.inputs[1].layout.shape),
        weights_(run.inputs[1].at<std::int8_t>({})),
        parameters_(filter_parameters(run.graph, run.op)) {}

  void compute() {
    for_each_run(run_.tile, [&](const Coordinates &at, std::int32_t length) {
      sums_.assign(static_cast<std::size_t>(length), 0);
      if (run_.inputs[2]) {
        const std::int32_t *bias = run_.inputs[2].at<std::int32_t>({at[3]});
        for (std::size_t c = 0; c < sums_.size(); ++c) sums_[c] = static_cast<std::uint32_t>(bias[c]);
      }
      for (std::size_t i = 0; i < part_.sums.size(); ++i)
        add_sums(run_.inputs[3 + i], part_.sums[i], at, length);
      add_taps(at, length);
      store(at, length);
    });
  }

 private:
  void add_sums(const View &from, const SumMap &map, const Coordinates &at, std::int32_t length) {
    const std::int64_t row = floor_div(std::int64_t{map.num.rows} * at[1] + map.offset_rows, map.den.rows);
    const std::int64_t column =
        floor_div(std::int64_t{map.num.columns} * at[2] + map.offset_columns, map.den.columns);
    const Shape &shape = from.layout.shape;
    if (row < 0 || row >= shape[1] || column < 0 || column >= shape[2]) return;
    const Coordinates place{at[0], static_cast<std::int32_t>(row), static_cast<std::int32_t>(column), at[3]};
    const std::int32_t *sums = load_run(from, place, length, addends_);
    for (std::size_t c = 0; c < sums_.size(); ++c) sums_[c] += static_cast<std::uint32_t>(sums[c]);
  }

  void add_taps(const Coordinates &at, std::int32_t length) {
    for (std::int32_t ky = 0; ky < w_shape_[1]; ++ky) {
      const std::int64_t iy = std::int64_t{at[1]} * part_.stride.rows - part_.padding.top +
                              std::int64_t{ky} * part_.dilation.rows;
      if (iy < 0 || iy >= x_shape_[1]) continue;
      for (std::int32_t kx = 0; kx < w_shape_[2]; ++kx) {
        const std::int64_t ix = std::int64_t{at[2]} * part_.stride.columns - part_.padding.left +
                                std::int64_t{kx} * part_.dilation.columns;
        if (ix < 0 || ix >= x_shape_[2]) continue;
        const Coordinates from{at[0], static_cast<std::int32_t>(iy), static_cast<std::int32_t>(ix), 0};
        add_tap(from, static_cast<std::size_t>(ky) * w_shape_[2] + kx, at[3], length);
      }
    }
  }

  void add_tap(const Coordinates &from, std::size_t tap, std::int32_t channel, std::int32_t length) {
    const auto inputs = static_cast<std::size_t>(x_shape_[3]);
    const auto outputs = static_cast<std::size_t>(w_shape_[3]);
    const std::size_t taps = static_cast<std::size_t>(w_shape_[1]) * w_shape_[2];
    for (std::int32_t c = 0; c < length; ++c) {
      std::uint32_t &sum = sums_[static_cast<std::size_t>(c)];
      const auto o = static_cast<std::size_t>(channel + c);
      if (part_.depth_multiplier > 0) {
        Coordinates at = from;
        at[3] = (channel + c) / part_.depth_multiplier;
        sum += product(*run_.inputs[0].at<std::int8_t>(at), weights_[tap * outputs + o]);
        continue;
      }
      const std::int8_t *x = load_run(run_.inputs[0], from, x_shape_[3], data_);
      const std::int8_t *w = weights_ + (o * taps + tap) * inputs;
      for (std::size_t i = 0; i < inputs; ++i) sum += product(x[i], w[i]);
    }
  }

  std::uint32_t product(std::int8_t x, std::int8_t w) const {
    return static_cast<std::uint32_t>((x + parameters_.input_offset) * w);
  }

  void store(const Coordinates &at, std::int32_t length) {
    if (run_.output.type == ElementType::int32) {
      addends_.assign(sums_.begin(), sums_.end());
      return store_run(run_.output, at, length, addends_.data());
    }
    results_.clear();
    for (std::int32_t c = 0; c < length; ++c) {
      const auto sum = static_cast<std::int32_t>(sums_[static_cast<std::size_t>(c)]);
      const std::int32_t scaled = multiply_by_quantized_multiplier(sum, parameters_.multiplier(at[3] + c));
      const std::int32_t moved = wrap_add(scaled, parameters_.output_offset);
      results_.push_back(static_cast<std::int8_t>(
          std::min(std::max(moved, parameters_.activation.min), parameters_.activation.max)));
    }
    store_run(run_.output, at, length, results_.data());
  }

  const ConvPart &part_;
  const OpRun &run_;
  const Shape &x_shape_, &w_shape_;
  const std::int8_t *weights_;
  FilterParameters parameters_;
  std::vector<std::uint32_t> sums_;
  std::vector<std::int32_t> addends_;
  std::vector<std::int8_t> data_, results_;
};

}  // namespace

void run(const ConvPart &part, const OpRun &firing) {
  Part(part, firing).compute();
}

}  // namespace thimble::interpreter
