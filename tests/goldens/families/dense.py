"""FULLY_CONNECTED."""

import numpy as np

from builder import ABSENT, ModelBuilder, schema
from case import Case, by_name
from families.common import ACTIVATION_NAMES, ACTIVATIONS, is_float, packs, version
from families.filters import FilterSpec, draw_filter


def fully_connected(draw, index, dtype):
    channels = draw.integer(1, 12)
    input_shape, output_shape, depth, keep = _draw_shapes(draw, channels)
    is_16x8 = np.dtype(dtype) == np.int16
    bias_type = None if draw.chance(0.2) else draw.pick([np.int64, np.int32] if is_16x8 else [np.int32])
    per_channel = not is_float(dtype) and draw.chance(0.4)
    activation = ACTIVATIONS[index % 4]
    constants = draw_filter(draw, FilterSpec(dtype, [channels, depth], 0, depth, per_channel, bias_type,
                                             activation))
    options = schema.FullyConnectedOptionsT(fusedActivationFunction=activation, keepNumDims=keep)

    model = ModelBuilder()
    inputs = [model.input(input_shape, dtype, constants.input_quant),
              model.constant(constants.weights, constants.weight_quant)]
    if constants.bias is not None:
        inputs.append(model.constant(constants.bias, constants.bias_quant))
    elif draw.chance(0.5):
        inputs.append(ABSENT)
    model.output(output_shape, dtype, constants.output_quant)
    number = _version(dtype, per_channel, keep, bias_type)
    name = f"{by_name(input_shape)}_to_{by_name(output_shape)}_{ACTIVATION_NAMES[activation]}"
    if per_channel:
        name += "_per_channel"
    if bias_type is not None and not is_float(dtype):
        name += f"_bias{8 * np.dtype(bias_type).itemsize}"
    return Case(name, model.finish(schema.BuiltinOperator.FULLY_CONNECTED, number, inputs, options),
                draw.inferences([input_shape], dtype))


def _draw_shapes(draw, channels):
    """(input, output, depth, keep_num_dims): a matrix, a matrix per leading axis, or an image to flatten."""
    kind = draw.integer(0, 3)
    if kind == 0:
        batch, side = draw.pick([1, 1, 2]), draw.integer(1, 4)
        depth = side * side * draw.integer(1, 4)
        return [batch, side, side, depth // (side * side)], [batch, channels], depth, False
    depth = draw.integer(1, 48)
    if kind == 1:
        leading = draw.shape(draw.integer(2, 3), 3)
        return [*leading, depth], [*leading, channels], depth, True
    batch = draw.pick([1, 1, 1, 3])
    return [batch, depth], [batch, channels], depth, False


def _version(dtype, per_channel, keep, bias_type):
    if per_channel:
        return 12
    if np.dtype(dtype) == np.int16 and bias_type is np.int32:
        return 11
    if bias_type is None:
        return 6
    if keep:
        return 5
    return version(dtype, 1, 4, 7)


PACKS = packs("fully_connected", fully_connected, {"int8": 80, "float": 40, "int16": 60})
