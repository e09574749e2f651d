"""CONCATENATION."""

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import any_quant, packs, version


def concatenation(draw, index, dtype):
    rank = index % 4 + 1
    shape = draw.shape(rank, {1: 8, 2: 6, 3: 4, 4: 4}[rank])
    axis = draw.integer(0, rank - 1)
    count = draw.pick([1, 2, 2, 3, 4, 7])
    shapes = [shape[:axis] + [draw.integer(1, 4)] + shape[axis + 1:] for _ in range(count)]
    output_shape = shape[:axis] + [sum(s[axis] for s in shapes)] + shape[axis + 1:]
    written = axis - rank if draw.chance(0.4) else axis
    quant = any_quant(draw, dtype)
    constant = draw.integer(0, count - 1) if count > 1 and draw.chance(0.2) else None

    model = ModelBuilder()
    inputs = []
    for i, each in enumerate(shapes):
        inputs.append(model.constant(draw.values(each, dtype), quant) if i == constant
                      else model.input(each, dtype, quant))
    model.output(output_shape, dtype, quant)
    live = [s for i, s in enumerate(shapes) if i != constant]
    name = f"{count}_to_{by_name(output_shape)}_axis{written}"
    options = schema.ConcatenationOptionsT(axis=written)
    return Case(name, model.finish(schema.BuiltinOperator.CONCATENATION, version(dtype, 1, 2, 3), inputs,
                                   options),
                draw.inferences(live, dtype))


PACKS = packs("concatenation", concatenation, {"int8": 40, "float": 25, "int16": 25})
