"""CONV_2D and DEPTHWISE_CONV_2D."""

import math
from dataclasses import dataclass

import numpy as np

from builder import ABSENT, ModelBuilder, schema
from case import Case, by_name
from families.common import ACTIVATION_NAMES, ACTIVATIONS, is_float, packs, version
from families.filters import FilterSpec, draw_filter
from families.window import Window, draw_window

Operator = schema.BuiltinOperator


@dataclass(frozen=True)
class Convolution:
    """What the two operators do not share."""
    code: int
    version: int
    options: object
    window: Window
    depth: int
    filter_shape: list
    channel_axis: int
    bias_type: type  # of a quantised bias; None: no bias
    absences: list  # how a missing bias is written: the inputs after the weights
    label: str


def conv_2d(draw, index, dtype):
    window = draw_window(draw, dilated=True)
    groups = draw.pick([2, 3]) if index % 8 == 7 else 1
    depth = groups * draw.integer(1, 6 // groups)
    channels = groups * draw.integer(1, 8 // groups)
    options = schema.Conv2DOptionsT(
        padding=window.padding, strideH=window.stride[0], strideW=window.stride[1],
        dilationHFactor=window.dilation[0], dilationWFactor=window.dilation[1],
        fusedActivationFunction=ACTIVATIONS[index % 4])
    bias_type = _draw_bias_type(draw, dtype, [np.int64, np.int64, np.int32])
    number = 6 if groups > 1 else version(dtype, 1, 3, 8 if bias_type is np.int32 else 4)
    return _make_case(draw, dtype, Convolution(
        Operator.CONV_2D, number, options, window, depth, [channels, *window.kernel, depth // groups], 0,
        bias_type, [[], [ABSENT]], f"g{groups}_" if groups > 1 else ""))


def depthwise_conv_2d(draw, index, dtype):
    window = draw_window(draw, dilated=True)
    multiplier = draw.pick([1, 1, 2, 3])
    depth = draw.integer(1, 8 // multiplier)
    options = schema.DepthwiseConv2DOptionsT(
        padding=window.padding, strideH=window.stride[0], strideW=window.stride[1],
        dilationHFactor=window.dilation[0], dilationWFactor=window.dilation[1], depthMultiplier=multiplier,
        fusedActivationFunction=ACTIVATIONS[index % 4])
    # TFLM reads the 16-bit operator's bias as int64 whatever its type, and crashes where a third input is
    # absent.
    bias_type = _draw_bias_type(draw, dtype, [np.int64])
    number = version(dtype, 1 if window.dilation == (1, 1) else 2, 3, 5)
    return _make_case(draw, dtype, Convolution(
        Operator.DEPTHWISE_CONV_2D, number, options, window, depth, [1, *window.kernel, depth * multiplier],
        3, bias_type, [[]], f"m{multiplier}_"))


def _draw_bias_type(draw, dtype, types_of_int16):
    if draw.chance(0.2):
        return None
    return draw.pick(types_of_int16) if np.dtype(dtype) == np.int16 else np.int32


def _make_case(draw, dtype, conv):
    activation = conv.options.fusedActivationFunction
    taps = math.prod(conv.window.kernel) * (conv.filter_shape[3] if conv.channel_axis == 0 else 1)
    constants = draw_filter(draw, FilterSpec(dtype, conv.filter_shape, conv.channel_axis, taps,
                                             draw.chance(0.75), conv.bias_type, activation))
    batch = draw.pick([1, 1, 1, 2])
    input_shape = [batch, *conv.window.input, conv.depth]

    model = ModelBuilder()
    inputs = [model.input(input_shape, dtype, constants.input_quant),
              model.constant(constants.weights, constants.weight_quant)]
    if constants.bias is None:
        inputs += draw.pick(conv.absences)
    else:
        inputs.append(model.constant(constants.bias, constants.bias_quant))
    output_shape = [batch, *conv.window.output, conv.filter_shape[conv.channel_axis]]
    model.output(output_shape, dtype, constants.output_quant)
    name = f"{conv.label}{by_name(input_shape)}_{conv.window.name}_{ACTIVATION_NAMES[activation]}"
    if conv.bias_type is not None and not is_float(dtype):
        name += f"_bias{8 * np.dtype(conv.bias_type).itemsize}"
    return Case(name, model.finish(conv.code, conv.version, inputs, conv.options),
                draw.inferences([input_shape], dtype))


PACKS = packs("conv_2d", conv_2d, {"int8": 80, "float": 40, "int16": 70})
PACKS |= packs("depthwise_conv_2d", depthwise_conv_2d, {"int8": 80, "float": 40, "int16": 60})
