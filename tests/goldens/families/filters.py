"""Weights, bias and output quantisation of operators that multiply and accumulate."""

import math
from dataclasses import dataclass

import numpy as np

from families.common import is_bounded_below, is_float, largest_magnitude
from quant import Quant

LARGEST_WEIGHT = 127  # -128 does not occur in trained models
WEIGHT_DEVIATION = 73.0  # of evenly drawn 8-bit weights
INPUT_DEVIATION = 0.6  # of evenly drawn inputs, in units of the largest
ACCUMULATOR_LIMIT = 2.0 ** 29  # after rescaling; leaves headroom in 32 bits
BIAS_LIMITS = {np.int32: 2 ** 28, np.int64: 2 ** 38}


@dataclass(frozen=True)
class FilterSpec:
    """What the constants of an operator have to look like."""
    dtype: type
    shape: list
    channel_axis: int
    taps: int  # products summed per output
    per_channel: bool
    bias_type: type  # integer type of a quantised bias; None: no bias
    activation: int


@dataclass(frozen=True)
class Filter:
    """Constants of one operator. Quantisations are None for float, the bias where there is none."""
    weights: np.ndarray
    bias: np.ndarray
    weight_quant: Quant = None
    bias_quant: Quant = None
    input_quant: Quant = None
    output_quant: Quant = None


def draw_filter(draw, spec):
    if not is_float(spec.dtype):
        return _draw_quantized(draw, spec)
    channels = spec.shape[spec.channel_axis]
    bias = None if spec.bias_type is None else draw.values([channels], np.float32)
    return Filter(draw.values(spec.shape, np.float32), bias)


def _draw_quantized(draw, spec):
    magnitude = largest_magnitude(spec.dtype)
    deviation = WEIGHT_DEVIATION * INPUT_DEVIATION * magnitude * math.sqrt(spec.taps)  # of the accumulator
    natural = magnitude / 2 / deviation
    multipliers = _draw_multipliers(draw, spec, natural)

    source = Quant.per_tensor(draw.scale(), draw.zero_point(spec.dtype))
    # Such that the bounds of the fused activations often lie inside the output range.
    target_scale = draw.power(-7, -4) * 128 / magnitude
    target = Quant.per_tensor(target_scale,
                              draw.output_zero_point(spec.dtype, 0, is_bounded_below(spec.activation)))
    weight_scales = [m * target.scale / source.scale for m in multipliers]
    axis = spec.channel_axis if spec.per_channel else 0
    weight_quant = Quant.symmetric(weight_scales, axis)
    bias_quant = Quant.symmetric([source.scales[0] * s for s in weight_quant.scales], 0)

    # Large multipliers go with small weights, so that not every output is an end of the range.
    weight_limit = np.clip(LARGEST_WEIGHT * 2 * natural / multipliers[0], 1, LARGEST_WEIGHT)
    weights = draw.values(spec.shape, np.int8, limit=int(weight_limit))
    bias = None if spec.bias_type is None else _draw_bias(draw, spec, multipliers, natural)
    return Filter(weights, bias, weight_quant, bias_quant, source, target)


def _draw_multipliers(draw, spec, natural):
    """One rescaling factor, or one per channel; now and then one channel is of another kind than the rest."""
    largest = ACCUMULATOR_LIMIT / (spec.taps * LARGEST_WEIGHT * 2 * largest_magnitude(spec.dtype))
    shared = draw.multiplier(natural, largest)
    if not spec.per_channel:
        return [shared]
    multipliers = [shared * draw.power(-2, 0) for _ in range(spec.shape[spec.channel_axis])]
    if len(multipliers) > 1 and draw.chance(0.3):
        multipliers[-1] = draw.multiplier(natural, largest)
    return multipliers


def _draw_bias(draw, spec, multipliers, natural):
    """Like the sum of products or, in the large kind, able to move the output across its whole range."""
    magnitude = largest_magnitude(spec.dtype)
    limit = magnitude / 2 / natural
    if draw.chance(0.8 if multipliers[0] < natural / 8 else 0.3):
        limit = magnitude / min(multipliers)
    limit = min(limit, BIAS_LIMITS[spec.bias_type], ACCUMULATOR_LIMIT / max(multipliers))
    return draw.values([spec.shape[spec.channel_axis]], spec.bias_type, limit=int(limit))
