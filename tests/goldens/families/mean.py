"""MEAN."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, is_float, packs, version
from quant import Quant

MOST_GAIN = 4.0


def mean(draw, index, dtype):
    rank = draw.integer(1, 5)
    shape = draw.shape(rank, {1: 40, 2: 12, 3: 7, 4: 6, 5: 3}[rank])
    axes = draw.permutation(rank)[:draw.integer(1, rank)]
    if rank == 4 and draw.chance(0.5):
        axes = draw.pick([[1, 2], [2, 1]])
    keep = index % 2 == 0
    kept = [1 if i in axes else n for i, n in enumerate(shape)]
    output_shape = kept if keep else [n for i, n in enumerate(shape) if i not in axes]
    written = [a - rank if draw.chance(0.3) else a for a in axes]

    source = any_quant(draw, dtype)
    target = source
    if not is_float(dtype) and draw.chance(0.7):
        target = Quant.per_tensor(source.scale / draw.multiplier(1.0, MOST_GAIN), draw.zero_point(dtype))
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, source), model.constant(np.array(written, np.int32))]
    model.output(output_shape, dtype, target)
    name = f"{by_name(shape)}_axes{'_'.join(str(a) for a in written)}" + ("_keep" if keep else "")
    return Case(name, model.finish(schema.BuiltinOperator.MEAN, version(dtype, 1, 2, 3), inputs,
                                   schema.ReducerOptionsT(keepDims=keep)),
                draw.inferences([shape], dtype))


PACKS = packs("mean", mean, {"int8": 80, "float": 40, "int16": 50})
