"""TRANSPOSE_CONV."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import ACTIVATION_NAMES, ACTIVATIONS, is_float, largest_magnitude, packs
from quant import Quant

TYPICAL = 74.0  # standard deviation of uniform 8-bit values
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def transpose_conv(draw, index, dtype):
    batch, channels, outputs = draw.pick([1, 1, 2]), draw.integer(1, 6), draw.integer(1, 7)
    padding = draw.pick([SAME, VALID])
    axes = [_draw_axis(draw, padding) for _ in range(2)]
    rows, columns = axes
    shape = [batch, rows["input"], columns["input"], channels]
    weights_shape = [outputs, rows["filter"], columns["filter"], channels]
    has_bias = draw.chance(0.7)
    activation = ACTIVATIONS[index % 4]
    x, w, bias, y = _quants(draw, dtype, outputs, channels * rows["filter"] * columns["filter"])

    model = ModelBuilder()
    output_shape = [batch, rows["output"], columns["output"], outputs]
    inputs = [model.constant(np.array(output_shape, np.int32)),
              model.constant(draw.values(weights_shape, np.float32 if is_float(dtype) else np.int8, 127), w),
              model.input(shape, dtype, x)]
    if has_bias:
        inputs.append(model.constant(_bias(draw, outputs, dtype), bias))
    model.output(output_shape, dtype, y)
    options = schema.TransposeConvOptionsT(padding=padding, strideH=rows["stride"], strideW=columns["stride"],
                                          fusedActivationFunction=activation)
    name = (f"{by_name(shape)}_filter{rows['filter']}x{columns['filter']}_stride{rows['stride']}x"
            f"{columns['stride']}_{'same' if padding == SAME else 'valid'}" + "_bias" * has_bias
            + f"_{ACTIVATION_NAMES[activation]}")
    return Case(name, model.finish(schema.BuiltinOperator.TRANSPOSE_CONV, 3, inputs, options),
                draw.inferences([shape], dtype))


def _draw_axis(draw, padding):
    size, stride, length = draw.integer(1, 5), draw.integer(1, 3), draw.integer(1, 7)
    if padding == SAME:
        output = length * stride - draw.integer(0, stride - 1)
    else:
        output = (length - 1) * stride + max(size, stride)
    return {"filter": size, "stride": stride, "input": length, "output": output}


def _bias(draw, outputs, dtype):
    if is_float(dtype):
        return draw.values([outputs], np.float32)
    kind = np.int64 if np.dtype(dtype) == np.int16 else np.int32
    return np.asarray([draw.integer(-20000, 20000) for _ in range(outputs)], kind)


def _quants(draw, dtype, outputs, depth):
    if is_float(dtype):
        return [None] * 4
    largest = largest_magnitude(dtype)
    x = Quant.per_tensor(draw.scale(), draw.zero_point(dtype))
    scales = [draw.scale() for _ in range(outputs if draw.chance(0.7) else 1)]
    weights = Quant.symmetric(scales, 0) if len(scales) > 1 else Quant.per_tensor(scales[0])
    multiplier = draw.multiplier(largest / 3 / (largest / 3 * TYPICAL * depth ** 0.5), largest=1.0)
    y = Quant.per_tensor(x.scale * float(np.mean(scales)) / multiplier, draw.zero_point(dtype))
    bias_scales = [np.float32(x.scale) * np.float32(s) for s in scales]
    bias = Quant.symmetric(bias_scales, 0) if len(scales) > 1 else Quant.per_tensor(bias_scales[0])
    return [x, weights, bias, y]


PACKS = packs("transpose_conv", transpose_conv, {"int8": 40, "float": 16, "int16": 20})
