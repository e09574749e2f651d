#include "nets.h"

#include "support/graph_builder.h"

namespace thimble::test {
namespace {

/// Names the computed tensors and makes the graph.
Net finish(GraphBuilder &builder, Net net, const std::vector<TensorId> &outputs) {
  Graph graph = builder.build(outputs);
  const auto name = [&](TensorId tensor, const char *text) {
    if (tensor != kNone) graph.tensors[static_cast<std::size_t>(tensor)].name = text;
  };
  name(net.x, "x");
  name(net.a, "a");
  name(net.b, "b");
  name(net.c, "c");
  name(net.d, "d");
  net.graph = std::make_shared<Graph>(std::move(graph));
  return net;
}

Net start(GraphBuilder &builder, const NetOptions &options) {
  Net net;
  net.x = builder.input({1, options.rows, options.columns, options.channels});
  return net;
}

PaddingRule padding(const NetOptions &options) {
  return options.padded ? PaddingRule::same() : PaddingRule::valid();
}

Step2D square(std::int32_t side) {
  return {side, side};
}

TensorId pointwise(GraphBuilder &builder, TensorId x, std::int32_t channels) {
  return builder.conv_2d(x, channels, {1, 1});
}

Net bottleneck(GraphBuilder &builder, const NetOptions &options) {
  Net net = start(builder, options);
  net.a = pointwise(builder, net.x, options.channels * 3);
  net.b = builder.depthwise_conv_2d(net.a, 1, square(options.kernel), square(options.stride),
                                    square(options.dilation), padding(options));
  net.c = pointwise(builder, net.b, options.channels);
  return net;
}

}  // namespace

Net two_convolutions(const NetOptions &options) {
  GraphBuilder builder(1, options.type);
  Net net = start(builder, options);
  net.a = builder.conv_2d(net.x, options.channels, square(options.kernel), {}, {}, padding(options));
  net.b = builder.conv_2d(net.a, options.channels, square(options.kernel), square(options.stride),
                          square(options.dilation), padding(options));
  return finish(builder, net, {net.b});
}

Net three_convolutions(const NetOptions &options) {
  GraphBuilder builder(2, options.type);
  Net net = start(builder, options);
  net.a = builder.conv_2d(net.x, options.channels, {3, 3});
  net.b = builder.conv_2d(net.a, options.channels, {3, 3}, square(options.stride));
  net.c = builder.conv_2d(net.b, options.channels, {3, 3});
  return finish(builder, net, {net.c});
}

Net expand_project(const NetOptions &options) {
  GraphBuilder builder(3, options.type);
  const Net net = bottleneck(builder, options);
  return finish(builder, net, {net.c});
}

Net inverted_residual(const NetOptions &options) {
  GraphBuilder builder(4, options.type);
  Net net = bottleneck(builder, options);
  net.d = builder.add(net.c, net.x);
  return finish(builder, net, {net.d});
}

Net two_dense(ElementType type) {
  GraphBuilder builder(5, type);
  Net net;
  net.x = builder.input({1, 32});
  net.a = builder.fully_connected(net.x, 24);
  net.b = builder.fully_connected(net.a, 10);
  return finish(builder, net, {net.b});
}

Net convolution_mean(const NetOptions &options) {
  GraphBuilder builder(6, options.type);
  Net net = start(builder, options);
  net.a = builder.conv_2d(net.x, options.channels, {3, 3});
  net.b = builder.mean(net.a, {1, 2});
  net.c = builder.fully_connected(net.b, 5);
  return finish(builder, net, {net.c});
}

Net two_readers(const NetOptions &options) {
  GraphBuilder builder(7, options.type);
  Net net = start(builder, options);
  net.a = pointwise(builder, net.x, options.channels);
  net.b = builder.conv_2d(net.a, options.channels, {3, 3});
  net.c = builder.conv_2d(net.a, options.channels, {3, 3});
  net.d = builder.add(net.b, net.c);
  return finish(builder, net, {net.d});
}

Net early_output(const NetOptions &options) {
  GraphBuilder builder(8, options.type);
  Net net = start(builder, options);
  net.a = builder.conv_2d(net.x, options.channels, {3, 3});
  net.b = builder.conv_2d(net.a, options.channels, {1, 1}, {2, 2}, {}, PaddingRule::valid());
  return finish(builder, net, {net.b, net.a});
}

Net early_output_of_two(const NetOptions &options) {
  GraphBuilder builder(9, options.type);
  Net net = start(builder, options);
  net.a = pointwise(builder, net.x, options.channels);
  net.b = builder.conv_2d(net.a, options.channels, {3, 3});
  net.c = builder.conv_2d(net.b, options.channels, {1, 1}, {2, 2}, {}, PaddingRule::valid());
  return finish(builder, net, {net.c, net.b});
}

Net element_wise(const NetOptions &options) {
  GraphBuilder builder(10, options.type);
  Net net = start(builder, options);
  net.a = builder.logistic(net.x);
  net.b = builder.mul(net.a, net.x);
  net.c = builder.reshape(net.b, {1, options.rows * options.columns * options.channels});
  return finish(builder, net, {net.c});
}

}  // namespace thimble::test
