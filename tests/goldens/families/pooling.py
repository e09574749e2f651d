"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from builder import ModelBuilder, schema
from case import Case, by_name
from families.common import (ACTIVATION_NAMES, ACTIVATIONS, is_bounded_below, is_float, largest_magnitude,
                             packs, version)
from families.window import draw_window
from quant import Quant


def _make(code):
    def make(draw, index, dtype):
        window = draw_window(draw, dilated=False)
        activation = ACTIVATIONS[index % 4]
        options = schema.Pool2DOptionsT(padding=window.padding, strideH=window.stride[0],
                                        strideW=window.stride[1], filterHeight=window.kernel[0],
                                        filterWidth=window.kernel[1], fusedActivationFunction=activation)
        quant = _draw_quant(draw, dtype, activation)
        batch, depth = draw.pick([1, 1, 1, 2]), draw.integer(1, 5)
        shape = [batch, *window.input, depth]
        model = ModelBuilder()
        source = model.input(shape, dtype, quant)
        model.output([batch, *window.output, depth], dtype, quant)
        return Case(f"{by_name(shape)}_{window.name}_{ACTIVATION_NAMES[activation]}",
                    model.finish(code, version(dtype, 1, 2, 3), [source], options),
                    draw.inferences([shape], dtype))
    return make


def _draw_quant(draw, dtype, activation):
    """One quantisation for both sides: a pool does not rescale."""
    if is_float(dtype):
        return None
    lower_half = -largest_magnitude(dtype) / 2
    return Quant.per_tensor(draw.scale() * 128 / largest_magnitude(dtype),
                            draw.output_zero_point(dtype, lower_half, is_bounded_below(activation)))


PACKS = packs("average_pool_2d", _make(schema.BuiltinOperator.AVERAGE_POOL_2D),
              {"int8": 60, "float": 40, "int16": 40})
PACKS |= packs("max_pool_2d", _make(schema.BuiltinOperator.MAX_POOL_2D),
               {"int8": 50, "float": 40, "int16": 40})
