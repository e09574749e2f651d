// Graphs of every operator, for the emitter's tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/graph_builder.h"
#include "thimble/graph/interpret.h"

namespace thimble::test {

/// At least one small network per operator and form of it, of the given type.
inline std::vector<std::pair<std::string, Graph>> operator_graphs(ElementType type) {
  using A = Activation;
  std::vector<std::pair<std::string, Graph>> all;
  std::uint64_t seed = 100;
  const auto with = [&](const std::string &label, auto &&body) {
    GraphBuilder b(++seed, type);
    all.emplace_back(label, body(b));
  };
  const auto image = [](GraphBuilder &b, std::int32_t channels = 5) { return b.input({1, 7, 9, channels}); };
  const PaddingRule valid = PaddingRule::valid();

  with("conv same", [&](auto &b) { return b.build({b.conv_2d(image(b), 6, {3, 3})}); });
  with("conv stride, relu6", [&](auto &b) {
    return b.build({b.conv_2d(image(b), 7, {3, 2}, {2, 3}, {}, {}, A::relu6)});
  });
  with("conv dilated", [&](auto &b) { return b.build({b.conv_2d(image(b), 4, {3, 3}, {}, {2, 3})}); });
  with("conv dilated valid", [&](auto &b) {
    return b.build({b.conv_2d(image(b), 4, {2, 2}, {}, {3, 2}, valid)});
  });
  with("conv groups", [&](auto &b) {
    return b.build({b.conv_2d(image(b, 6), 9, {3, 3}, {}, {}, {}, A::relu, {true, true, 3})});
  });
  with("conv without bias, per tensor", [&](auto &b) {
    return b.build({b.conv_2d(image(b), 3, {5, 1}, {}, {}, {}, A::none, {false, false, 1})});
  });
  with("conv 1x1", [&](auto &b) { return b.build({b.conv_2d(image(b), 10, {1, 1})}); });
  with("conv 1x1 stride", [&](auto &b) { return b.build({b.conv_2d(image(b), 3, {1, 1}, {2, 2})}); });
  with("conv wide pads", [&](auto &b) {
    return b.build({b.conv_2d(image(b), 3, {4, 4}, {1, 2}, {}, Padding2D{3, 2, 3, 3})});
  });
  with("conv batch of 2", [&](auto &b) { return b.build({b.conv_2d(b.input({2, 4, 5, 3}), 5, {3, 3})}); });
  with("depthwise", [&](auto &b) { return b.build({b.depthwise_conv_2d(image(b, 10), 1, {3, 3})}); });
  with("depthwise multiplier", [&](auto &b) {
    return b.build({b.depthwise_conv_2d(image(b), 3, {3, 4}, {2, 1}, {}, {}, A::relu)});
  });
  with("depthwise dilated", [&](auto &b) {
    return b.build(
        {b.depthwise_conv_2d(image(b), 1, {3, 3}, {}, {2, 2}, {}, A::relu_n1_to_1, {false, true, 1})});
  });
  if (type == ElementType::int8) {
    // Channels of all residues modulo 4; windows beside the map, sums that begin late and are held.
    for (const std::int32_t channels : {1, 4, 6, 11}) {
      for (const std::int32_t times : {0, 1, 2}) {
        for (const bool scaled : {false, true}) {
          with("conv part", [&](auto &b) {
            const TensorId x = b.input({2, 9, 7, channels});
            const std::int32_t outputs = times > 0 ? channels * times : 10 - channels / 2;
            const TensorId held = b.input({2, 4, 7, outputs}, ElementType::int32, 1.0f, 0);
            const TensorId past = b.input({2, 9, 7, outputs}, ElementType::int32, 1.0f, 0);
            ConvPart part{{}, {2, 1}, {3, -1, 1, 1}, times, {{{}, {2, 1}, -1, 0}, {}}, A::none};
            return b.build({b.conv_part(x, outputs, {2, 3}, part, {held, past}, scaled)});
          });
        }
      }
    }
  }
  const Step2D twice{14, 18};
  with("transposed conv", [&](auto &b) {
    return b.build({b.transpose_conv(image(b), 6, {3, 3}, {2, 2}, twice)});
  });
  with("transposed conv, padding, relu6", [&](auto &b) {
    return b.build({b.transpose_conv(image(b, 3), 9, {4, 5}, {2, 3}, {13, 28}, {1, 0, 2, 0}, A::relu6)});
  });
  with("transposed conv, gaps", [&](auto &b) {
    return b.build(
        {b.transpose_conv(image(b, 8), 4, {1, 2}, {3, 3}, {20, 30}, {}, A::none, {false, false, 1})});
  });
  with("transposed conv between", [&](auto &b) {
    const TensorId x = b.conv_2d(image(b), 4, {3, 3}, {2, 2});
    return b.build({b.conv_2d(b.transpose_conv(x, 5, {4, 4}, {2, 2}, {8, 10}, {1, 0, 1, 0}), 3, {3, 3})});
  });
  with("transposed conv, batch of 2", [&](auto &b) {
    return b.build({b.transpose_conv(b.input({2, 3, 4, 3}), 5, {2, 3}, {2, 1}, {6, 6})});
  });
  with("dense", [&](auto &b) { return b.build({b.fully_connected(b.input({3, 17}), 6, A::relu)}); });
  with("dense on an image", [&](auto &b) { return b.build({b.fully_connected(image(b), 9)}); });
  with("dense, axes kept, per tensor", [&](auto &b) {
    return b.build({b.fully_connected(b.input({2, 3, 8}), 5, A::none, true, 0, {true, false, 1})});
  });
  with("average pool", [&](auto &b) { return b.build({b.average_pool_2d(image(b), {3, 2}, {2, 1}, {})}); });
  with("average pool, relu", [&](auto &b) {
    return b.build({b.average_pool_2d(image(b), {7, 9}, {1, 1}, valid, A::relu)});
  });
  with("max pool", [&](auto &b) { return b.build({b.max_pool_2d(image(b), {2, 3}, {2, 2}, {}, A::relu6)}); });
  for (const char *name : {"add", "sub", "mul"}) {
    const auto binary = [&](GraphBuilder &b, TensorId x, TensorId y, A activation = A::none) {
      return name[0] == 'a'   ? b.add(x, y, activation)
             : name[0] == 's' ? b.sub(x, y, activation)
                              : b.mul(x, y, activation);
    };
    const std::string label = name;
    with(label, [&](auto &b) { return b.build({binary(b, image(b), image(b), A::relu)}); });
    with(label + " per channel constant", [&](auto &b) {
      const TensorId x = image(b);
      return b.build({binary(b, x, b.constant({5}, type))});
    });
    with(label + " scalar first", [&](auto &b) {
      const TensorId c = b.constant({}, type);
      return b.build({binary(b, c, image(b))});
    });
    with(label + " both repeated", [&](auto &b) {
      return b.build({binary(b, b.input({3, 1, 4}), b.input({2, 1, 5, 1}))});
    });
    with(label + " itself", [&](auto &b) {
      const TensorId x = image(b);
      return b.build({binary(b, x, x)});
    });
  }
  with("softmax", [&](auto &b) { return b.build({b.softmax(b.input({3, 11}))}); });
  with("softmax beta, one class", [&](auto &b) { return b.build({b.softmax(b.input({4, 1}), 2.5f)}); });
  with("logistic", [&](auto &b) { return b.build({b.logistic(image(b))}); });
  with("leaky relu", [&](auto &b) { return b.build({b.leaky_relu(image(b), 0.2f)}); });
  with("leaky relu, steeper below zero", [&](auto &b) { return b.build({b.leaky_relu(image(b), 1.5f)}); });
  if (type == ElementType::int8) {
    with("lookup", [&](auto &b) {
      const Bytes table = random_bytes(b.random(), type, 256);
      return b.build({b.op(Lookup{table}, {image(b)}, {{0.02f}, {5}, 0})});
    });
  }
  with("mean of an image", [&](auto &b) { return b.build({b.mean(image(b), {1, 2})}); });
  with("mean of alternating axes", [&](auto &b) {
    return b.build({b.mean(b.input({2, 3, 4, 2, 5, 3}), {0, 2, 4}, true)});
  });
  with("mean of the other axes", [&](auto &b) {
    return b.build({b.mean(b.input({2, 3, 4, 2, 5, 3}), {1, 3, 5})});
  });
  with("mean of everything", [&](auto &b) { return b.build({b.mean(b.input({4, 5}), {0, 1})}); });
  with("mean of nothing", [&](auto &b) { return b.build({b.mean(b.input({4, 5}), {})}); });
  with("pad", [&](auto &b) { return b.build({b.pad(image(b), {0, 1, 2, 0}, {0, 2, 0, 1})}); });
  with("pad a scalar-like", [&](auto &b) { return b.build({b.pad(b.input({1}), {3}, {0})}); });
  with("slice", [&](auto &b) {
    return b.build({b.strided_slice(image(b), {{0, 6, 1, 4}, {1, -2, 3, -1}, {1, 3, 3, 5}, {}})});
  });
  with("slice, axes dropped", [&](auto &b) {
    return b.build(
        {b.strided_slice(image(b), {{0, 2, 1, 0}, {1, 1, 2, 1}, {1, 1, 4, 5}, {true, true, false, false}})});
  });
  with("concatenation", [&](auto &b) {
    const TensorId x = image(b);
    return b.build({b.concatenation({x, b.logistic(x), x}, 3)});
  });
  with("concatenation of rows, a constant", [&](auto &b) {
    const TensorId x = b.input({1, 2, 3});
    const Quantization quantization = b.tensor(x).quantization;
    const TensorId c = b.constant({1, 4, 3}, type, quantization.scale(), quantization.zero_point());
    return b.build({b.concatenation({x, c}, 1)});
  });
  with("transpose", [&](auto &b) { return b.build({b.transpose(image(b), {0, 3, 1, 2})}); });
  with("transpose of six axes", [&](auto &b) {
    return b.build({b.transpose(b.input({2, 3, 2, 4, 3, 2}), {5, 3, 1, 0, 4, 2})});
  });
  with("resize", [&](auto &b) { return b.build({b.resize_nearest_neighbor(image(b), 14, 4)}); });
  with("resize, corners",
       [&](auto &b) { return b.build({b.resize_nearest_neighbor(image(b), 5, 20, true)}); });
  with("resize, half pixels",
       [&](auto &b) { return b.build({b.resize_nearest_neighbor(image(b), 3, 13, false, true)}); });
  with("reshape between", [&](auto &b) {
    const TensorId x = b.reshape(image(b), {1, 315});
    return b.build({b.fully_connected(b.reshape(x, {5, 63}), 4), x});
  });
  with("input is output", [&](auto &b) {
    const TensorId x = image(b);
    return b.build({x, b.logistic(b.logistic(x))});
  });
  if (type == ElementType::float32) {
    with("quantise and back", [&](auto &b) {
      return b.build(
          {b.dequantize(b.quantize(image(b))), b.dequantize(b.quantize(image(b), ElementType::int16))});
    });
  } else {
    with("dequantise", [&](auto &b) { return b.build({b.dequantize(image(b))}); });
    with("requantise", [&](auto &b) {
      const TensorId x = image(b);
      return b.build(
          {b.quantize(x), b.quantize(x, ElementType::int16), b.quantize(x, ElementType::int32, 0.001f)});
    });
  }
  if (type == ElementType::int8) {
    with("unsigned", [&](auto &b) {
      const TensorId x = b.input({40}, ElementType::uint8);
      return b.build({b.dequantize(x), b.quantize(b.quantize(x), ElementType::uint8, 0.02f, 128)});
    });
  }
  return all;
}

}  // namespace thimble::test
