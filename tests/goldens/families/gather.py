"""GATHER with indices that the model gives."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version


def gather(draw, index, dtype):
    shape = draw.shape(draw.integer(1, 4), 5)
    axis = draw.integer(0, len(shape) - 1)
    indices = _indices(draw, shape[axis])
    output_shape = [*shape[:axis], *indices.shape, *shape[axis + 1:]]
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant), model.constant(indices)]
    model.output(output_shape, dtype, quant)
    written = axis - len(shape) if draw.chance(0.3) else axis
    name = f"{by_name(shape)}_axis{axis}_" + "_".join(str(i) for i in indices.flatten())
    return Case(name, model.finish(schema.BuiltinOperator.GATHER, version(dtype, 1, 2, 4), inputs,
                                   schema.GatherOptionsT(axis=written)),
                draw.inferences([shape], dtype))


def _indices(draw, length):
    """Steps of one length, any order, or a table."""
    kind = draw.integer(0, 2)
    if kind == 0:
        step = draw.pick([1, 2, -1])
        return np.arange(length, dtype=np.int32)[::step]
    shape = [draw.integer(1, 5)] if kind == 1 else draw.shape(2, 3)
    values = [draw.integer(0, length - 1) for _ in range(int(np.prod(shape)))]
    return np.array(values, np.int32).reshape(shape)


PACKS = packs("gather", gather, {"int8": 30, "float": 20})
