"""LEAKY_RELU."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import is_float, packs, version
from quant import Quant

ALPHAS = [0.1, 0.2, 0.01, 0.3, 0.5, 1.0, 0.0, 2.5]
FALLING = [-0.5, -2.0]  # of floats only


def leaky_relu(draw, index, dtype):
    every = np.dtype(dtype) == np.int8
    shape = [2, 128] if every else draw.shape(draw.integer(1, 4), 5)
    alphas = ALPHAS + FALLING if is_float(dtype) else ALPHAS
    alpha = alphas[index % len(alphas)]
    x = y = None
    if not is_float(dtype):
        x = Quant.per_tensor(draw.scale(), draw.zero_point(dtype))
        ratio = draw.pick([1.0, 1.0, draw.power(-3, 3), draw.power(-40, -20)])
        y = Quant.per_tensor(x.scale / ratio, draw.zero_point(dtype))
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, x)]
    model.output(shape, dtype, y)
    inferences = ([[np.arange(-128, 128).astype(np.int8).reshape(shape)]] if every
                  else draw.inferences([shape], dtype, count=3))
    return Case(f"{by_name(shape)}_alpha{alpha}",
                model.finish(schema.BuiltinOperator.LEAKY_RELU, version(dtype, 1, 2, 2), inputs,
                             schema.LeakyReluOptionsT(alpha=alpha)), inferences)


PACKS = packs("leaky_relu", leaky_relu, {"int8": 30, "float": 20, "int16": 30})
