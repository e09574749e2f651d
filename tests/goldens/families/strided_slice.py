"""STRIDED_SLICE."""

from dataclasses import dataclass

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version


@dataclass
class Axis:
    """One axis of a slice, as written in the model, and the indices it keeps."""
    begin: int
    end: int
    stride: int
    begin_masked: bool
    end_masked: bool
    shrunk: bool
    kept: int


def strided_slice(draw, index, dtype):
    rank = index % 4 + 1
    shape = draw.shape(rank, {1: 16, 2: 8, 3: 6, 4: 5}[rank])
    axes = [_draw_axis(draw, n) for n in shape]
    output_shape = [a.kept for a in axes if not a.shrunk]
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant)]
    for field in ("begin", "end", "stride"):
        inputs.append(model.constant(np.array([getattr(a, field) for a in axes], np.int32)))
    model.output(output_shape, dtype, quant)
    options = schema.StridedSliceOptionsT(beginMask=_mask(axes, "begin_masked"),
                                          endMask=_mask(axes, "end_masked"),
                                          shrinkAxisMask=_mask(axes, "shrunk"))
    return Case(f"{by_name(shape)}_to_{by_name(output_shape)}",
                model.finish(schema.BuiltinOperator.STRIDED_SLICE, version(dtype, 1, 2, 4), inputs, options),
                draw.inferences([shape], dtype))


def _mask(axes, field):
    return sum(1 << i for i, axis in enumerate(axes) if getattr(axis, field))


def _draw_axis(draw, size):
    """Draws until the slice keeps something; indices may count from the end or lie past it."""
    if draw.chance(0.15):
        at = draw.integer(0, size - 1)
        begin = at - size if draw.chance(0.3) else at
        return Axis(begin, begin + 1, 1, False, False, True, 1)
    while True:
        stride = draw.pick([1, 1, 1, 2, 3, -1, -2])
        begin, end = draw.integer(-size - 1, size + 1), draw.integer(-size - 1, size + 1)
        begin_masked, end_masked = draw.chance(0.25), draw.chance(0.25)
        kept = len(range(size)[slice(None if begin_masked else begin, None if end_masked else end, stride)])
        if kept > 0:
            return Axis(begin, end, stride, begin_masked, end_masked, False, kept)


PACKS = packs("strided_slice", strided_slice, {"int8": 40, "float": 25, "int16": 25})
