"""SVDF; the type of a pack is that of the state, integers take 8-bit inputs."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case
from families.common import ACTIVATION_NAMES, ACTIVATIONS, is_float, largest_magnitude, packs
from quant import Quant

INFERENCES = 8
# Below it 16-bit products over time cannot leave 32 bits.
LARGEST_WIDE_WEIGHT = 1500
TYPICAL = 74.0  # standard deviation of uniform 8-bit values


def svdf(draw, index, dtype):
    batch, features = draw.pick([1, 1, 2]), draw.integer(1, 24)
    rank, units, length = draw.pick([1, 1, 2, 3]), draw.integer(1, 8), draw.integer(1, 10)
    filters, depth = rank * units, rank * length
    data = dtype if is_float(dtype) else np.int8
    activation = ACTIVATIONS[index % 4]
    of_features = draw.values([filters, features], data)
    limit = LARGEST_WIDE_WEIGHT if np.dtype(dtype) == np.int16 else None
    of_times = draw.values([filters, length], dtype, limit)
    x, feature, state, time, bias, y = _quants(draw, dtype, features, depth)
    biases = (draw.values([units], np.float32) if is_float(dtype)
              else np.asarray([draw.integer(-20000, 20000) for _ in range(units)], np.int32))

    model = ModelBuilder()
    inputs = [model.input([batch, features], data, x), model.constant(of_features, feature),
              model.constant(of_times, time), model.constant(biases, bias),
              model.variable([batch, filters * length], dtype, state)]
    model.output([batch, units], data, y)
    options = schema.SVDFOptionsT(rank=rank, fusedActivationFunction=activation)
    name = f"{batch}x{features}_{units}units_rank{rank}_length{length}_{ACTIVATION_NAMES[activation]}"
    return Case(name, model.finish(schema.BuiltinOperator.SVDF, 1 if is_float(dtype) else 3, inputs, options),
                draw.inferences([[batch, features]], data, count=INFERENCES))


def _quants(draw, dtype, features, depth):
    """Of input, feature weights, state, time weights, bias and output; the scales of the results follow from the
    multipliers that are drawn."""
    if is_float(dtype):
        return [None] * 6
    x, feature = Quant.per_tensor(draw.scale(), draw.zero_point(np.int8)), Quant.per_tensor(draw.scale())
    largest = largest_magnitude(dtype)
    multiplier = draw.multiplier(largest / 3 / (TYPICAL * TYPICAL * features ** 0.5), largest=1.0)
    state = Quant.per_tensor(x.scale * feature.scale / multiplier, draw.zero_point(dtype))
    time = Quant.per_tensor(draw.scale())
    weight = TYPICAL if np.dtype(dtype) == np.int8 else LARGEST_WIDE_WEIGHT / 2
    multiplier = draw.multiplier(43 / (largest / 3 * weight * depth ** 0.5), largest=1.0)
    bias = Quant.per_tensor(np.float32(state.scale) * np.float32(time.scale))
    y = Quant.per_tensor(state.scale * time.scale / multiplier, draw.zero_point(np.int8))
    return [x, feature, state, time, bias, y]


PACKS = packs("svdf", svdf, {"int8": 40, "int16": 40, "float": 20})
