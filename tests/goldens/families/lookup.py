"""SOFTMAX and LOGISTIC: the operators with an exponential inside."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import is_float, packs, version
from quant import Quant

BETAS = [1.0, 1.0, 0.5, 2.0, 0.125, 10.0]
LOGISTIC_OUTPUT = {np.int8: Quant.per_tensor(1 / 256, -128), np.int16: Quant.per_tensor(1 / 32768)}
SOFTMAX_OUTPUT = {(np.int8, np.int8): Quant.per_tensor(1 / 256, -128),
                  (np.int8, np.int16): Quant.per_tensor(1 / 65536, -32768),
                  (np.int16, np.int16): Quant.per_tensor(1 / 32768)}


def softmax(draw, index, dtype):
    rank = draw.integer(1, 4)
    shape = [*draw.shape(rank - 1, 3), draw.integer(1, 24)]
    beta = draw.pick(BETAS)
    # A quarter of the 16-bit pack reads 8-bit activations.
    source = np.int8 if dtype is np.int16 and index % 4 == 3 else dtype
    quant = None
    if not is_float(source):
        steps = 2 ** (8 * np.dtype(source).itemsize - 8)
        quant = Quant.per_tensor(draw.power(-9, 0) / steps, draw.zero_point(source))
    model = ModelBuilder()
    inputs = [model.input(shape, source, quant)]
    model.output(shape, dtype, SOFTMAX_OUTPUT.get((source, dtype)))
    name = f"{by_name(shape)}_beta{beta}" + ("_from_int8" if source is not dtype else "")
    return Case(name, model.finish(schema.BuiltinOperator.SOFTMAX, version(dtype, 1, 2, 3), inputs,
                                   schema.SoftmaxOptionsT(beta=beta)),
                draw.inferences([shape], source))


def logistic(draw, index, dtype):
    model = ModelBuilder()
    shape = [2, 128] if np.dtype(dtype) == np.int8 else draw.shape(draw.integer(1, 4), 4)
    quant, name = None, by_name(shape)
    if dtype is np.int8:
        quant = Quant.per_tensor(draw.power(-9, 1), draw.zero_point(dtype))
    elif dtype is np.int16:
        # Powers of two take a path of their own, and 2^-12 needs no rescaling at all.
        power = index % 3 == 0
        scale = 2.0 ** draw.pick([-12, -12, -15, -13, -11]) if power else draw.power(-16, -9)
        quant = Quant.per_tensor(scale)
        name += "_power_of_two" if power else ""
    inputs = [model.input(shape, dtype, quant)]
    model.output(shape, dtype, LOGISTIC_OUTPUT.get(dtype))
    return Case(name, model.finish(schema.BuiltinOperator.LOGISTIC, version(dtype, 1, 2, 3), inputs),
                _logistic_inferences(draw, shape, dtype))


def _logistic_inferences(draw, shape, dtype):
    """Every 8-bit value, or draws of the wider types."""
    if dtype is np.int8:
        return [[np.arange(-128, 128).astype(np.int8).reshape(shape)]]
    return draw.inferences([shape], dtype, count=3)


PACKS = packs("softmax", softmax, {"int8": 40, "float": 30, "int16": 40})
PACKS |= packs("logistic", logistic, {"int8": 24, "float": 20, "int16": 30})
