// Builds small graphs in code, with random weights and with quantisation that keeps values spread over their
// range.
//
//   GraphBuilder b(seed);                              // int8; or GraphBuilder(seed, ElementType::float32)
//   TensorId x = b.input({1, 8, 8, 4});
//   TensorId y = b.conv_2d(x, 8, {3, 3}, {2, 2});
//   Graph graph = b.build({b.softmax(b.fully_connected(y, 10))});
//
// A graph that the rules refuse throws std::logic_error with the diagnostic: the test is wrong then.
#pragma once

#include <cmath>
#include <stdexcept>
#include <utility>

#include "support/random.h"
#include "thimble/graph/graph.h"
#include "thimble/graph/rules.h"

namespace thimble::test {

/// SAME or VALID as TensorFlow Lite computes them, or explicit.
struct PaddingRule {
  enum class Kind { same, valid, given };
  Kind kind = Kind::same;
  Padding2D padding;

  PaddingRule() = default;
  PaddingRule(Padding2D given) : kind(Kind::given), padding(given) {}  // NOLINT: implicit on purpose
  static PaddingRule same() { return {}; }
  static PaddingRule valid() { return PaddingRule(Padding2D{}); }

  Padding2D resolve(const Shape &input, Step2D filter, Step2D stride, Step2D dilation) const {
    if (kind != Kind::same) return padding;
    const auto total = [](std::int32_t in, std::int32_t k, std::int32_t s, std::int32_t d) {
      return std::max(((in + s - 1) / s - 1) * s + (k - 1) * d + 1 - in, 0);
    };
    const std::int32_t rows = total(input[1], filter.rows, stride.rows, dilation.rows);
    const std::int32_t columns = total(input[2], filter.columns, stride.columns, dilation.columns);
    return {rows / 2, rows - rows / 2, columns / 2, columns - columns / 2};
  }
};

struct FilterOptions {
  bool bias = true;
  bool per_channel = true;
  std::int32_t groups = 1;  ///< of conv_2d
};

class GraphBuilder {
 public:
  explicit GraphBuilder(std::uint64_t seed = 1, ElementType type = ElementType::int8)
      : random_(seed), type_(type) {
    graph_.file = "built";
    graph_.sha256 = std::string(64, '0');
  }

  ElementType type() const { return type_; }
  Random &random() { return random_; }
  const Tensor &tensor(TensorId id) const { return graph_.tensor(id); }
  const Shape &shape(TensorId id) const { return graph_.tensor(id).shape; }

  /// A network input of the builder's type, or of another.
  TensorId input(Shape shape) { return input(std::move(shape), type_); }
  TensorId input(Shape shape, ElementType type) {
    const bool symmetric = type != ElementType::int8 && type != ElementType::uint8;
    return input(std::move(shape), type, type == ElementType::int16 ? 1.0f / 16384.0f : 1.0f / 64.0f,
                 symmetric ? 0 : random_.integer(-9, 9) + (type == ElementType::uint8 ? 128 : 0));
  }
  TensorId input(Shape shape, ElementType type, float scale, std::int32_t zero_point) {
    const TensorId id = add_tensor(type, std::move(shape), quantized(type, scale, zero_point), "x");
    Op op;
    op.attributes = Input{};
    op.outputs = {id};
    inputs_.push_back(op);
    graph_.inputs.push_back(id);
    return id;
  }

  /// A state of the builder's type that begins with bytes of `fill`. `keep` says what it becomes.
  TensorId state(Shape shape, std::uint8_t fill = 0) { return state(input(std::move(shape)), fill); }
  /// The same of the type and quantisation of another tensor.
  TensorId state_like(TensorId like, Shape shape, std::uint8_t fill = 0) {
    const TensorId id = input(std::move(shape));
    Tensor &tensor = graph_.tensors[static_cast<std::size_t>(id)];
    tensor.type = graph_.tensor(like).type;
    tensor.quantization = graph_.tensor(like).quantization;
    return state(id, fill);
  }
  /// What has just been made an input becomes a state.
  TensorId state(TensorId id, std::uint8_t fill) {
    states_.push_back(std::move(inputs_.back()));
    inputs_.pop_back();
    graph_.inputs.pop_back();
    graph_.states.push_back({tensor(id).name, id, kNone, nullptr, fill});
    return id;
  }
  void begin(TensorId read, Bytes initial) {
    for (State &state : graph_.states) {
      if (state.read == read) state.initial = std::make_shared<const Bytes>(std::move(initial));
    }
  }
  void keep(TensorId read, TensorId written) {
    for (State &state : graph_.states) {
      if (state.read == read) state.written = written;
    }
  }

  /// The next memory of an SVDF: `filters` filters over the features of `x`, memory of any type.
  TensorId svdf_state(TensorId x, TensorId memory, std::int32_t filters) {
    const Tensor from = tensor(memory);
    return op(SvdfState{}, {x, svdf_weights({filters, shape(x)[1]}, tensor(x).type), memory},
              from.quantization, from.type);
  }
  TensorId svdf(TensorId memory, std::int32_t length, std::int32_t rank, Activation activation, bool bias) {
    const ElementType type = tensor(memory).type;
    const std::int32_t filters = shape(memory)[1] / length;
    std::vector<TensorId> inputs{memory, svdf_weights({filters, length}, type), kNone};
    const ElementType result = is_integer(type) ? ElementType::int8 : type;
    if (bias) inputs[2] = this->bias(result, filters / rank, 1000.0);
    return op(Svdf{rank, activation}, inputs,
              fresh(result, type == ElementType::int16 ? 0.05f : scale(memory)), result);
  }

  /// A constant of random elements.
  TensorId constant(Shape shape, ElementType type, float scale = 1.0f / 64.0f, std::int32_t zero_point = 0) {
    const Bytes data = random_bytes(random_, type, element_count(shape));
    return constant(std::move(shape), type, quantized(type, scale, zero_point), data);
  }
  TensorId constant(Shape shape, ElementType type, Quantization quantization, Bytes data) {
    const TensorId id = add_tensor(type, std::move(shape), std::move(quantization), "c");
    graph_.tensors.back().data = std::make_shared<const std::vector<std::uint8_t>>(std::move(data));
    return id;
  }

  TensorId conv_2d(TensorId x, std::int32_t channels, Step2D filter, Step2D stride = {}, Step2D dilation = {},
                   PaddingRule padding = {}, Activation activation = Activation::none,
                   FilterOptions options = {}) {
    Conv2D conv{stride, dilation, padding.resolve(shape(x), filter, stride, dilation), activation};
    return filter_op(conv, x, {channels, filter.rows, filter.columns, shape(x)[3] / options.groups}, 0,
                     options);
  }

  TensorId depthwise_conv_2d(TensorId x, std::int32_t depth_multiplier, Step2D filter, Step2D stride = {},
                             Step2D dilation = {}, PaddingRule padding = {},
                             Activation activation = Activation::none, FilterOptions options = {}) {
    DepthwiseConv2D conv{stride, dilation, padding.resolve(shape(x), filter, stride, dilation),
                         depth_multiplier, activation};
    return filter_op(conv, x, {1, filter.rows, filter.columns, shape(x)[3] * depth_multiplier}, 3, options);
  }

  /// A part of a convolution of int8 data, of `channels` outputs or a depthwise one; `sums` as its maps say.
  TensorId conv_part(TensorId x, std::int32_t channels, Step2D filter, const ConvPart &part,
                     const std::vector<TensorId> &sums = {}, bool scaled = true, FilterOptions options = {}) {
    const std::int32_t depth = shape(x)[3], times = part.depth_multiplier;
    const Shape weights = times > 0 ? Shape{1, filter.rows, filter.columns, depth * times}
                                    : Shape{channels, filter.rows, filter.columns, depth};
    return filter_op(part, x, weights, times > 0 ? 3 : 0, options, {}, sums, scaled);
  }

  /// To an output of `rows` and `columns`, from which `before` would pad on the way back.
  TensorId transpose_conv(TensorId x, std::int32_t channels, Step2D filter, Step2D stride, Step2D size,
                          Padding2D before = {}, Activation activation = Activation::none,
                          FilterOptions options = {}) {
    return filter_op(TransposeConv{stride, before, activation}, x,
                     {channels, filter.rows, filter.columns, shape(x)[3]}, 0, options,
                     {shape(x)[0], size.rows, size.columns, channels});
  }

  /// The cells and gates of an LSTM over x [n,steps,features]; outputs and cells before it are inputs of the
  /// network.
  TensorId lstm_cells(TensorId x, std::int32_t units, bool time_major = false, float clip = 0.0f) {
    const ElementType type = tensor(x).type;
    const bool real = !is_integer(type);
    const std::int32_t features = shape(x)[2], sequences = shape(x)[time_major ? 1 : 0];
    std::vector<TensorId> inputs{x};
    for (const std::int32_t depth : {features, units}) {
      for (int gate = 0; gate < 4; ++gate) {
        Bytes data = random_bytes(random_, type, std::int64_t{units} * depth);
        if (real) scale_floats(data, 1.0f / std::sqrt(static_cast<float>(depth)));
        inputs.push_back(constant({units, depth}, type,
                                  quantized(type, 0.01f * (1.0f + 0.3f * random_.real()), 0),
                                  std::move(data)));
      }
    }
    for (int gate = 0; gate < 4; ++gate) inputs.push_back(bias(type, units, 5000.0));
    const ElementType cells = real ? type : ElementType::int16;
    inputs.push_back(input({sequences, units}, type));
    inputs.push_back(input({sequences, units}, cells, 1.0f / 2048.0f, 0));
    return op(LstmCells{time_major, clip}, inputs, quantized(cells, 1.0f / 2048.0f, 0), cells);
  }
  TensorId lstm_output(TensorId cells) {
    const ElementType type = is_integer(tensor(cells).type) ? ElementType::int8 : tensor(cells).type;
    return op(LstmOutput{}, {cells}, fresh(type, 1.0f / 128.0f), type);
  }

  /// `features`: columns of the weights; 0 takes all elements behind the first axis, or the last axis with
  /// keep_dims.
  TensorId fully_connected(TensorId x, std::int32_t channels, Activation activation = Activation::none,
                           bool keep_dims = false, std::int32_t features = 0, FilterOptions options = {}) {
    if (features == 0) {
      const Shape &from = shape(x);
      features = keep_dims || from.size() < 2 ? from.back()
                                              : static_cast<std::int32_t>(tensor(x).elements() / from[0]);
    }
    return filter_op(FullyConnected{keep_dims, activation}, x, {channels, features}, 0, options);
  }

  /// Of float32, with weights that are another tensor's elements.
  TensorId fully_connected_by(TensorId x, TensorId weights, Activation activation = Activation::none) {
    return op(FullyConnected{false, activation}, {x, weights, kNone}, {}, ElementType::float32);
  }

  TensorId average_pool_2d(TensorId x, Step2D filter, Step2D stride,
                           PaddingRule padding = PaddingRule::valid(),
                           Activation activation = Activation::none) {
    return like(AveragePool2D{filter, stride, padding.resolve(shape(x), filter, stride, {}), activation}, x);
  }
  TensorId max_pool_2d(TensorId x, Step2D filter, Step2D stride, PaddingRule padding = PaddingRule::valid(),
                       Activation activation = Activation::none) {
    return like(MaxPool2D{filter, stride, padding.resolve(shape(x), filter, stride, {}), activation}, x);
  }

  TensorId add(TensorId a, TensorId b, Activation activation = Activation::none) {
    return op(Add{activation}, {a, b}, fresh(tensor(a).type, 0.75f * (scale(a) + scale(b))));
  }
  TensorId sub(TensorId a, TensorId b, Activation activation = Activation::none) {
    return op(Sub{activation}, {a, b}, fresh(tensor(a).type, 0.75f * (scale(a) + scale(b))));
  }
  TensorId mul(TensorId a, TensorId b, Activation activation = Activation::none) {
    const float largest = tensor(a).type == ElementType::int16 ? 32768.0f : 128.0f;
    return op(Mul{activation}, {a, b}, fresh(tensor(a).type, scale(a) * scale(b) * largest));
  }

  TensorId softmax(TensorId x, float beta = 1.0f) {
    return op(Softmax{beta}, {x},
              tensor(x).type == ElementType::int16 ? quantized(type_, 1.0f / 32768.0f, 0)
                                                   : quantized(tensor(x).type, 1.0f / 256.0f, -128));
  }
  TensorId logistic(TensorId x) {
    return op(Logistic{}, {x},
              tensor(x).type == ElementType::int16 ? quantized(type_, 1.0f / 32768.0f, 0)
                                                   : quantized(tensor(x).type, 1.0f / 256.0f, -128));
  }

  TensorId leaky_relu(TensorId x, float alpha) {
    return op(LeakyRelu{alpha}, {x}, fresh(tensor(x).type, 0.9f * scale(x)));
  }

  TensorId reshape(TensorId x, Shape to) { return like(Reshape{}, x, std::move(to)); }
  TensorId mean(TensorId x, std::vector<std::int32_t> axes, bool keep_dims = false) {
    return op(Mean{std::move(axes), keep_dims}, {x}, fresh(tensor(x).type, 0.4f * scale(x)));
  }
  TensorId pad(TensorId x, std::vector<std::int32_t> before, std::vector<std::int32_t> after) {
    return like(Pad{std::move(before), std::move(after)}, x);
  }
  /// To another integer type, another scale, or from float32.
  TensorId quantize(TensorId x, ElementType to = ElementType::int8, float to_scale = 1.0f / 50.0f,
                    std::int32_t zero_point = 0) {
    return op(Quantize{}, {x}, quantized(to, to_scale, zero_point), to);
  }
  TensorId dequantize(TensorId x) { return op(Dequantize{}, {x}, {}, ElementType::float32); }
  TensorId strided_slice(TensorId x, StridedSlice slice) {
    if (slice.shrink.empty()) slice.shrink.assign(slice.begin.size(), false);
    if (slice.stride.empty()) slice.stride.assign(slice.begin.size(), 1);
    return like(std::move(slice), x);
  }
  TensorId concatenation(std::vector<TensorId> parts, std::int32_t axis) {
    const Quantization quantization = tensor(parts[0]).quantization;
    return op(Concatenation{axis, Activation::none}, std::move(parts), quantization);
  }
  TensorId transpose(TensorId x, std::vector<std::int32_t> permutation) {
    return like(Transpose{std::move(permutation)}, x);
  }
  TensorId resize_nearest_neighbor(TensorId x, std::int32_t rows, std::int32_t columns,
                                   bool align_corners = false, bool half_pixel_centers = false) {
    return like(ResizeNearestNeighbor{align_corners, half_pixel_centers}, x,
                {shape(x)[0], rows, columns, shape(x)[3]});
  }

  /// Any operator; the shape of the output follows from the rules, unless `declared` gives it.
  TensorId op(Attributes attributes, std::vector<TensorId> inputs, Quantization quantization,
              ElementType output_type, Shape declared = {}) {
    Op built;
    built.attributes = std::move(attributes);
    built.inputs = std::move(inputs);
    const TensorId id = add_tensor(output_type, std::move(declared), std::move(quantization), "t");
    built.outputs = {id};
    const auto output = output_shape(graph_, built);
    if (!output) throw std::logic_error(output.error().text());
    graph_.tensors[static_cast<std::size_t>(id)].shape = *output;
    ops_.push_back(built);
    return id;
  }
  TensorId op(Attributes attributes, std::vector<TensorId> inputs, Quantization quantization) {
    const ElementType output_type = tensor(inputs[0]).type;
    return op(std::move(attributes), std::move(inputs), std::move(quantization), output_type);
  }

  /// The verified graph, Input operators first.
  Graph build(std::vector<TensorId> outputs) {
    Graph graph = build_unverified(std::move(outputs));
    if (const auto ok = verify(graph); !ok) throw std::logic_error(ok.error().text());
    return graph;
  }
  Graph build_unverified(std::vector<TensorId> outputs) {
    Graph graph = graph_;
    graph.outputs = std::move(outputs);
    graph.ops = inputs_;
    graph.ops.insert(graph.ops.end(), states_.begin(), states_.end());
    graph.ops.insert(graph.ops.end(), ops_.begin(), ops_.end());
    for (std::size_t i = 0; i < graph.ops.size(); ++i) graph.ops[i].file_index = static_cast<std::int32_t>(i);
    return graph;
  }

 private:
  TensorId svdf_weights(Shape shape, ElementType type) {
    return constant(shape, type, quantized(type, type == ElementType::int16 ? 1e-4f : 0.01f, 0),
                    random_bytes(random_, type, element_count(shape)));
  }

  static Quantization quantized(ElementType type, float scale, std::int32_t zero_point) {
    if (!is_integer(type)) return {};
    return {{scale}, {zero_point}, 0};
  }
  /// Quantisation of a computed tensor: the scale, and a zero point off 0 where the type has one.
  Quantization fresh(ElementType type, float scale) {
    return quantized(type, scale, type == ElementType::int8 ? random_.integer(-20, 20) : 0);
  }
  float scale(TensorId id) const { return tensor(id).quantization.scale(); }

  TensorId add_tensor(ElementType type, Shape shape, Quantization quantization, const char *prefix) {
    Tensor tensor;
    tensor.name = prefix + std::to_string(graph_.tensors.size());
    tensor.type = type;
    tensor.shape = std::move(shape);
    tensor.quantization = std::move(quantization);
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(graph_.tensors.size() - 1);
  }

  /// An operator whose output has its input's type and quantisation.
  TensorId like(Attributes attributes, TensorId x, Shape declared = {}) {
    const Tensor from = tensor(x);
    return op(std::move(attributes), {x}, from.quantization, from.type, std::move(declared));
  }

  TensorId filter_op(Attributes attributes, TensorId x, Shape weights, int channel_axis,
                     FilterOptions options, Shape declared = {}, const std::vector<TensorId> &more = {},
                     bool scaled = true) {
    const ElementType type = tensor(x).type;
    const std::int32_t channels = weights[static_cast<std::size_t>(channel_axis)];
    const double taps = static_cast<double>(element_count(weights)) / channels;
    Quantization quantization;
    if (is_integer(type)) {
      const std::int32_t scales = options.per_channel ? channels : 1;
      for (std::int32_t c = 0; c < scales; ++c) {
        quantization.scales.push_back(static_cast<float>(weight_scale(taps)) *
                                      (1.0f + 0.3f * random_.real()));
        quantization.zero_points.push_back(0);
      }
      quantization.axis = channel_axis;
    }
    const ElementType weight_type = is_integer(type) ? ElementType::int8 : type;
    Bytes weight_data = random_bytes(random_, weight_type, element_count(weights));
    if (!is_integer(type)) scale_floats(weight_data, static_cast<float>(1.7 / std::sqrt(taps)));
    const TensorId w = constant(std::move(weights), weight_type, quantization, std::move(weight_data));
    std::vector<TensorId> inputs{x, w, kNone};
    if (options.bias)
      inputs[2] = bias(type, channels, std::sqrt(taps) * kTypicalWeight * typical_value(type));
    inputs.insert(inputs.end(), more.begin(), more.end());
    if (!scaled) return op(std::move(attributes), std::move(inputs), {}, ElementType::int32);
    return op(std::move(attributes), std::move(inputs), fresh(type, scale(x)), type, std::move(declared));
  }

  /// Standard deviations of stored weights (uniform int8) and of stored data (three of them fill its range).
  static constexpr double kTypicalWeight = 74.0;
  static double typical_value(ElementType type) { return type == ElementType::int16 ? 11000.0 : 43.0; }
  /// With this scale of the weights, sums fill the output's range at the scale of the input.
  static double weight_scale(double taps) { return 1.0 / (kTypicalWeight * std::sqrt(taps)); }

  static void scale_floats(Bytes &bytes, float factor) {
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
      float value;
      std::memcpy(&value, bytes.data() + i, 4);
      value *= factor;
      std::memcpy(bytes.data() + i, &value, 4);
    }
  }

  TensorId bias(ElementType type, std::int32_t channels, double magnitude) {
    if (!is_integer(type)) return constant({channels}, type);
    const bool wide = type == ElementType::int16;
    Bytes data(static_cast<std::size_t>(channels) * (wide ? 8 : 4));
    for (std::int32_t c = 0; c < channels; ++c) {
      const std::int64_t value = static_cast<std::int64_t>(magnitude * double{random_.real()});
      const std::size_t size = wide ? 8 : 4;
      std::memcpy(data.data() + static_cast<std::size_t>(c) * size, &value, size);  // little-endian
    }
    return constant({channels}, wide ? ElementType::int64 : ElementType::int32, Quantization{{1.0f}, {0}, 0},
                    std::move(data));
  }

  Random random_;
  ElementType type_;
  Graph graph_;
  std::vector<Op> inputs_, states_, ops_;
};

}  // namespace thimble::test
