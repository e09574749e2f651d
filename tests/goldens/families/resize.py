"""RESIZE_NEAREST_NEIGHBOR."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version


def resize_nearest_neighbor(draw, index, dtype):
    batch, depth = draw.pick([1, 1, 2]), draw.integer(1, 3)
    before = [draw.integer(1, 9), draw.integer(1, 9)]
    after = [draw.integer(1, 12), draw.integer(1, 12)]
    if draw.chance(0.3):
        after = [2 * n for n in before]
    shape = [batch, *before, depth]
    quant = any_quant(draw, dtype)
    align, half = [(False, False), (True, False), (False, True), (True, True)][index % 4]
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant), model.constant(np.array(after, np.int32))]
    model.output([batch, *after, depth], dtype, quant)
    number = version(dtype, 3, 3, 4) if align or half else version(dtype, 1, 2, 4)
    name = f"{by_name(shape)}_to_{after[0]}x{after[1]}" + "_align" * align + "_half" * half
    options = schema.ResizeNearestNeighborOptionsT(alignCorners=align, halfPixelCenters=half)
    return Case(name, model.finish(schema.BuiltinOperator.RESIZE_NEAREST_NEIGHBOR, number, inputs, options),
                draw.inferences([shape], dtype))


PACKS = packs("resize_nearest_neighbor", resize_nearest_neighbor, {"int8": 40, "float": 20, "int16": 20})
