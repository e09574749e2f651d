"""ADD, SUB and MUL, with and without broadcasting."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import (ACTIVATION_NAMES, ACTIVATIONS, is_bounded_below, is_float, largest_magnitude,
                             packs, version)
from quant import Quant

Operator = schema.BuiltinOperator
OPTIONS = {Operator.ADD: schema.AddOptionsT, Operator.SUB: schema.SubOptionsT,
           Operator.MUL: schema.MulOptionsT}
# Version of each operator for float, int8 and int16 activations.
VERSIONS = {Operator.ADD: (1, 2, 3), Operator.SUB: (1, 2, 5), Operator.MUL: (1, 2, 4)}
LARGEST_RANK = 5


def _make(code):
    def make(draw, index, dtype):
        shapes = _draw_shapes(draw)
        activation = ACTIVATIONS[index % 4]
        quants = [None] * 3 if is_float(dtype) else _draw_quants(draw, code, dtype, activation)
        options = OPTIONS[code](fusedActivationFunction=activation)
        constant = draw.pick([None, None, None, 0, 1])  # which operand is part of the model, if any
        twice = shapes[0] == shapes[1] and constant is None and draw.chance(0.25)

        model = ModelBuilder()
        inputs, live = [], []
        for side in range(2):
            if twice and side == 1:
                inputs.append(inputs[0])
            elif constant == side:
                inputs.append(model.constant(draw.values(shapes[side], dtype), quants[side]))
            else:
                inputs.append(model.input(shapes[side], dtype, quants[side]))
                live.append(shapes[side])
        output_shape = np.broadcast_shapes(*[tuple(s) for s in shapes])
        model.output(output_shape, dtype, quants[2])
        kind = "same_operand" if twice else "" if constant is None else f"constant{constant}"
        name = "_".join(filter(None, [*(by_name(s) for s in shapes), ACTIVATION_NAMES[activation], kind]))
        return Case(name, model.finish(code, version(dtype, *VERSIONS[code]), inputs, options),
                    draw.inferences(live, dtype))
    return make


def _draw_shapes(draw):
    """Two shapes that broadcast together."""
    rank = draw.integer(1, LARGEST_RANK)
    full = draw.shape(rank, {1: 16, 2: 8, 3: 5, 4: 4, 5: 3}[rank])
    kind = draw.integer(0, 5)
    if kind <= 1:
        pair = [full, list(full)]
    elif kind == 2:
        pair = [full, draw.pick([[], [1], [1] * rank])]
    elif kind == 3:
        pair = [full, draw.pick([full[-1:], [1] * (rank - 1) + full[-1:]])]
    elif kind == 4:
        pair = [full, full[draw.integer(0, rank - 1):]]
    else:
        pair = [[n if draw.chance(0.5) else 1 for n in full] for _ in range(2)]
    return pair[::-1] if draw.chance(0.5) else pair


def _draw_quants(draw, code, dtype, activation):
    """Quantisations of both operands and of the output."""
    magnitude = largest_magnitude(dtype)
    source = [Quant.per_tensor(draw.scale() * 128 / magnitude, draw.zero_point(dtype)) for _ in range(2)]
    if code == Operator.MUL:
        # The product of two operands is at most (2 * magnitude)^2 and has to fit 32 bits after rescaling.
        multiplier = draw.multiplier(1 / (2 * magnitude), 2.0 ** 29 / (4 * magnitude * magnitude))
        scale = source[0].scale * source[1].scale / multiplier
    else:
        if draw.chance(0.2):  # one operand vanishes beside the other
            source[1] = Quant.per_tensor(source[0].scale * draw.power(-36, -8), source[1].zero_point)
        scale = max(s.scale for s in source) * draw.power(-1, 2.5)
    centre = _typical_output(code, *source) / scale
    target = Quant.per_tensor(scale, draw.output_zero_point(dtype, -centre, is_bounded_below(activation)))
    return [*source, target]


def _typical_output(code, first, second):
    """The real output where both operands are in the middle of their range."""
    a, b = (-q.scale * q.zero_point for q in (first, second))
    return {Operator.ADD: a + b, Operator.SUB: a - b, Operator.MUL: a * b}[code]


PACKS = {}
for _name, _code in (("add", Operator.ADD), ("sub", Operator.SUB), ("mul", Operator.MUL)):
    PACKS |= packs(_name, _make(_code), {"int8": 80, "float": 50, "int16": 60})
