"""SPLIT and SPLIT_V: one input, several outputs."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version


def split(draw, index, dtype):
    parts = draw.integer(1, 4)
    shape, axis = _shape_and_axis(draw)
    lengths = [shape[axis]] * parts
    shape[axis] *= parts
    model, x = _model(draw, shape, axis, lengths, dtype)
    inputs = [model.constant(np.array(_counted(draw, axis, shape), np.int32)), x]
    return Case(f"{by_name(shape)}_axis{axis}_{parts}parts",
                model.finish(schema.BuiltinOperator.SPLIT, version(dtype, 1, 2, 4), inputs,
                             schema.SplitOptionsT(numSplits=parts)),
                draw.inferences([shape], dtype), parts)


def split_v(draw, index, dtype):
    parts = draw.integer(1, 4)
    shape, axis = _shape_and_axis(draw)
    lengths = [draw.integer(1, 4) for _ in range(parts)]
    shape[axis] = sum(lengths)
    model, x = _model(draw, shape, axis, lengths, dtype)
    inputs = [x, model.constant(np.array(lengths, np.int32)),
              model.constant(np.array(_counted(draw, axis, shape), np.int32))]
    return Case(f"{by_name(shape)}_axis{axis}_{'_'.join(str(n) for n in lengths)}",
                model.finish(schema.BuiltinOperator.SPLIT_V, version(dtype, 1, 2, 2), inputs,
                             schema.SplitVOptionsT(numSplits=parts)),
                draw.inferences([shape], dtype), parts)


def _shape_and_axis(draw):
    shape = draw.shape(draw.integer(1, 4), 4)
    return shape, draw.integer(0, len(shape) - 1)


def _counted(draw, axis, shape):
    """The axis from the front or from the back."""
    return axis - len(shape) if draw.chance(0.3) else axis


def _model(draw, shape, axis, lengths, dtype):
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    x = model.input(shape, dtype, quant)
    for length in lengths:
        model.output([*shape[:axis], length, *shape[axis + 1:]], dtype, quant)
    return model, x


PACKS = packs("split", split, {"int8": 20, "float": 12, "int16": 12})
PACKS |= packs("split_v", split_v, {"int8": 20, "float": 12, "int16": 12})
