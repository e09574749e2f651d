"""RESHAPE, PAD and TRANSPOSE: the operators that only place bytes."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version

Operator = schema.BuiltinOperator


def reshape(draw, index, dtype):
    shape = draw.shape(draw.integer(1, 5), 4)
    target = _refactor(draw, int(np.prod(shape)))
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant)]
    # The target is written in the options, in a second input, or in both.
    if index % 3 != 0:
        written = list(target)
        if draw.chance(0.5):
            written[draw.integer(0, len(written) - 1)] = -1
        inputs.append(model.constant(np.array(written, np.int32)))
    options = schema.ReshapeOptionsT(newShape=target) if index % 3 != 1 else schema.ReshapeOptionsT()
    model.output(target, dtype, quant)
    return Case(f"{by_name(shape)}_to_{by_name(target)}", model.finish(Operator.RESHAPE, 1, inputs, options),
                draw.inferences([shape], dtype))


def _refactor(draw, size):
    """A shape of rank 1 to 5 with `size` elements."""
    shape = []
    for _ in range(draw.integer(0, 4)):
        divisors = [d for d in range(1, size + 1) if size % d == 0]
        shape.append(draw.pick(divisors))
        size //= shape[-1]
    return [*shape, size]


def pad(draw, index, dtype):
    rank = index % 5 + 1
    shape = draw.shape(rank, {1: 12, 2: 6, 3: 4, 4: 4, 5: 3}[rank])
    most = 2 if rank > 3 else 4
    paddings = np.array([[draw.integer(0, most), draw.integer(0, most)] for _ in shape], np.int32)
    if rank == 4 and draw.chance(0.5):
        paddings[[0, 3]] = 0
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant), model.constant(paddings)]
    output_shape = [int(n + p.sum()) for n, p in zip(shape, paddings)]
    model.output(output_shape, dtype, quant)
    return Case(f"{by_name(shape)}_to_{by_name(output_shape)}",
                model.finish(Operator.PAD, version(dtype, 1, 2, 3), inputs, schema.PadOptionsT()),
                draw.inferences([shape], dtype))


def transpose(draw, index, dtype):
    rank = index % 5 + 1
    shape = draw.shape(rank, {1: 8, 2: 8, 3: 5, 4: 4, 5: 3}[rank])
    order = draw.permutation(rank)
    quant = any_quant(draw, dtype)
    model = ModelBuilder()
    inputs = [model.input(shape, dtype, quant), model.constant(np.array(order, np.int32))]
    model.output([shape[a] for a in order], dtype, quant)
    return Case(f"{by_name(shape)}_order{''.join(str(a) for a in order)}",
                model.finish(Operator.TRANSPOSE, version(dtype, 1, 2, 5), inputs, schema.TransposeOptionsT()),
                draw.inferences([shape], dtype))


PACKS = packs("reshape", reshape, {"int8": 24, "float": 18, "int16": 18})
PACKS |= packs("pad", pad, {"int8": 40, "float": 25, "int16": 25})
PACKS |= packs("transpose", transpose, {"int8": 40, "float": 25, "int16": 25})
