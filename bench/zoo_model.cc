// A network of the MCUNet zoo with random weights, as an int8 .tflite file:
//
//   bench_zoo_model CONFIG.json OUT.tflite [SEED]
//
// CONFIG is one of the zoo's definitions (mcunet/configs). The file is what the zoo's own conversions are:
// int8 at both ends, a scale per channel, ReLU6 inside the convolutions, residual additions, an average pool
// over the whole map and a dense layer. The same seed gives the same bytes. Scales follow from the spread
// that the values of a layer have with random weights, so that few of them saturate and outputs depend on the
// input.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "read/model_builder.h"
#include "support/random.h"
#include "thimble/base/files.h"

namespace {

using namespace thimble::test;
using thimble::test::schema::ActivationFunctionType;
using Json = nlohmann::json;

/// A tensor of the file, and what its values are like.
struct Map {
  int id = 0;
  std::int32_t side = 0, channels = 0;
  double mean = 0, spread = 0;  ///< of the values in a channel, over inputs
  float scale = 0;
};

class ZooNetwork {
 public:
  explicit ZooNetwork(std::uint64_t seed) : random_(seed) {}

  std::vector<std::uint8_t> make(const Json &config) {
    const std::int32_t side = config.at("resolution");
    const float scale = 1.0f / 127.0f;
    // Random bytes in: uniform over -1 .. 1.
    const Map input{
        b_.int8("input", {1, side, side, 3}, scale, 0), side, 3, 0.0, 1.0 / std::sqrt(3.0), scale};
    Map x = layer(input, config.at("first_conv"));
    for (const Json &block : config.at("blocks")) x = residual_block(x, block);
    if (const auto mix = config.find("feature_mix_layer"); mix != config.end() && !mix->is_null())
      x = layer(x, *mix);
    const Map scores = dense(average(x), config.at("classifier").at("out_features"));
    b_.ends({input.id}, {scores.id});
    return b_.bytes();
  }

 private:
  /// Of a linear layer: four deviations fill the range.
  static float scale_of(double spread) { return static_cast<float>(4.0 * spread / 128.0); }

  std::string name(const char *kind) { return std::string(kind) + std::to_string(count_++); }

  Map layer(const Map &x, const Json &config) {
    return convolution(x, config.at("out_channels"), config.at("kernel_size"), config.at("stride"), false,
                       config.at("act_func"));
  }

  Map residual_block(const Map &x, const Json &block) {
    const Json &config = block.at("mobile_inverted_conv");
    if (config.at("use_se").get<bool>()) throw std::runtime_error("squeeze-and-excitation is not supported");
    const Json &act = config.at("act_func");
    const double ratio = config.at("expand_ratio");
    Map y = x;
    if (ratio != 1) {
      const Json &given = config.at("mid_channels");
      const auto width = static_cast<std::int32_t>(std::lround(x.channels * ratio));
      y = convolution(y, given.is_null() ? width : given.get<std::int32_t>(), 1, 1, false, act);
    }
    y = convolution(y, y.channels, config.at("kernel_size"), config.at("stride"), true, act);
    y = convolution(y, config.at("out_channels"), 1, 1, false, nullptr);
    return block.at("shortcut").is_null() ? y : sum(x, y);
  }

  /// Weights over the whole range, scaled per channel so that sums have the wanted spread. Biases take out
  /// what the mean of x contributes, as normalisation over a batch does: else layer by layer less would
  /// depend on the input.
  std::vector<std::int32_t> weights(const Map &x, std::vector<std::int32_t> shape, int axis, double spread) {
    const std::int32_t channels = shape[static_cast<std::size_t>(axis)];
    const std::int64_t elements = thimble::element_count(thimble::Shape(shape.begin(), shape.end()));
    const double taps = static_cast<double>(elements) / channels;
    const double unit = spread / (std::sqrt(taps) * x.spread * kWeightDeviation);
    const thimble::Bytes data = random_bytes(random_, thimble::ElementType::int8, elements);
    std::vector<double> sums(static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::size_t c = axis == 0 ? i / static_cast<std::size_t>(elements / channels) : i % sums.size();
      sums[c] += static_cast<std::int8_t>(data[i]);
    }
    std::vector<float> scales, bias_scales;
    std::vector<std::int32_t> bias;
    for (const double sum : sums) {
      scales.push_back(static_cast<float>(unit * (1.0 + 0.2 * double{random_.real()})));
      bias_scales.push_back(scales.back() * x.scale);
      const double value = 0.2 * spread * double{random_.real()} - x.mean * sum * double{scales.back()};
      bias.push_back(static_cast<std::int32_t>(value / double{bias_scales.back()}));
    }
    const std::vector<std::int64_t> zeros(scales.size(), 0);
    const int w = b_.int8(name("weights"), std::move(shape));
    b_.quantize(w, std::move(scales), zeros, axis);
    b_.fill(w, data);
    const int offset = b_.int32_constant(name("bias"), {channels}, bias);
    b_.quantize(offset, std::move(bias_scales), zeros, 0);
    return {x.id, w, offset};
  }

  Map convolution(const Map &x, std::int32_t channels, std::int32_t kernel, std::int32_t stride,
                  bool depthwise, const Json &activation) {
    const bool relu6 = !activation.is_null() && activation.get<std::string>() == "relu6";
    if (!activation.is_null() && !relu6) throw std::runtime_error("an activation that is not relu6");
    // Before ReLU6 a deviation of 2: half of the values become 0, few 6. Behind it half a normal
    // distribution.
    const double spread = relu6 ? 2.0 : 1.0;
    const auto inputs = depthwise ? weights(x, {1, kernel, kernel, channels}, 3, spread)
                                  : weights(x, {channels, kernel, kernel, x.channels}, 0, spread);
    const std::int32_t side = (x.side + stride - 1) / stride;
    const float scale = relu6 ? 6.0f / 255.0f : scale_of(spread);
    const Map y{
        b_.int8(name(depthwise ? "depthwise" : "conv"), {1, side, side, channels}, scale, relu6 ? -128 : 0),
        side,
        channels,
        relu6 ? 0.4 * spread : 0.0,
        relu6 ? 0.58 * spread : spread,
        scale};
    const auto add = [&](auto options, BuiltinCode code) {
      options.stride_w = options.stride_h = stride;
      options.fused_activation_function =
          relu6 ? ActivationFunctionType::RELU6 : ActivationFunctionType::NONE;
      b_.add_op(code, inputs, {y.id}, options);
    };
    if (depthwise) {
      schema::DepthwiseConv2DOptionsT options;
      options.depth_multiplier = 1;
      add(options, kDepthwiseConv2D);
    } else {
      add(schema::Conv2DOptionsT(), kConv2D);
    }
    return y;
  }

  Map sum(const Map &x, const Map &y) {
    const double spread = std::hypot(x.spread, y.spread);
    const Map z{b_.int8(name("add"), {1, x.side, x.side, x.channels}, scale_of(spread), 0),
                x.side,
                x.channels,
                0.0,
                spread,
                scale_of(spread)};
    b_.add_op(kAdd, {x.id, y.id}, {z.id}, schema::AddOptionsT());
    return z;
  }

  Map average(const Map &x) {
    Map y = x;
    y.id =
        b_.int8(name("average"), {1, 1, 1, x.channels}, x.scale, b_.tensor(x.id).quantization->zero_point[0]);
    y.side = 1;
    y.spread /= kPooled;
    schema::Pool2DOptionsT options;
    options.padding = schema::Padding::VALID;
    options.stride_w = options.stride_h = options.filter_width = options.filter_height = x.side;
    b_.add_op(kAveragePool2D, {x.id}, {y.id}, options);
    return y;
  }

  Map dense(const Map &x, std::int32_t classes) {
    const auto inputs = weights(x, {classes, x.channels}, 0, 1.0);
    const Map y{b_.int8(name("scores"), {1, classes}, scale_of(1.0), 0), 1, classes, 0.0, 1.0, scale_of(1.0)};
    b_.add_op(kFullyConnected, inputs, {y.id}, schema::FullyConnectedOptionsT());
    return y;
  }

  static constexpr double kWeightDeviation = 74.0;  ///< of uniform int8
  /// An average over the whole map spreads so much less than its pixels.
  static constexpr double kPooled = 2.0;

  Random random_;
  ModelBuilder b_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_zoo_model CONFIG.json OUT.tflite [SEED]\n");
    return 2;
  }
  const auto text = thimble::read_file(argv[1]);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().text().c_str());
    return 1;
  }
  try {
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    const auto bytes = ZooNetwork(seed).make(Json::parse(text->begin(), text->end()));
    if (const auto written = thimble::write_file(argv[2], bytes); !written)
      throw std::runtime_error(written.error().text());
  } catch (const std::exception &error) {
    std::fprintf(stderr, "bench_zoo_model: %s: %s\n", argv[1], error.what());
    return 1;
  }
}
