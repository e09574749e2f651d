"""QUANTIZE and DEQUANTIZE."""

import numpy as np

from builder import ModelBuilder, schema
from case import Case, by_name, type_name
from quant import Quant

Operator = schema.BuiltinOperator
SOURCES_OF_32_BITS_LIMIT = 2 ** 24  # keeps the rescaled sum inside 32 bits


def _quantize_float(draw, index):
    target = [np.int8, np.int8, np.int16][index % 3]
    quant = Quant.per_tensor(draw.pick([draw.scale(), 2.0 ** -draw.integer(0, 8)]), draw.zero_point(target))
    shape = draw.shape(draw.integer(1, 4), 4)
    model = ModelBuilder()
    inputs = [model.input(shape, np.float32)]
    model.output(shape, target, quant)
    inferences = draw.inferences([shape], np.float32)
    # Halves of a step, where the direction of rounding shows.
    halves = draw.values(shape, np.int16, limit=300).astype(np.float32) / 2
    inferences.append([np.asarray(halves * np.float32(quant.scale), np.float32)])
    number = 3 if target is np.int16 else 1
    return Case(f"{by_name(shape)}_to_{type_name(target)}",
                model.finish(Operator.QUANTIZE, number, inputs, schema.QuantizeOptionsT()), inferences)


def _requantize(sources_and_targets):
    def make(draw, index):
        source, target = sources_and_targets[index % len(sources_and_targets)]
        bits = 8 * np.dtype(source).itemsize
        natural = 2.0 ** (8 * np.dtype(target).itemsize - bits)
        multiplier = draw.multiplier(min(natural, 1.0), 2.0 ** (29 - bits))
        if index % 5 == 4:
            multiplier = 1.0
        before = Quant.per_tensor(draw.scale(), draw.zero_point(source))
        after = Quant.per_tensor(before.scale / multiplier, draw.zero_point(target))
        shape = draw.shape(draw.integer(1, 4), 4)
        model = ModelBuilder()
        inputs = [model.input(shape, source, before)]
        model.output(shape, target, after)
        inferences = draw.inferences([shape], source)
        if source is np.int32:
            inferences = [[draw.values(shape, source, limit=SOURCES_OF_32_BITS_LIMIT)] for _ in range(2)]
        number = 2 if np.dtype(target).itemsize == 1 else 3
        return Case(f"{by_name(shape)}_{type_name(source)}_to_{type_name(target)}",
                    model.finish(Operator.QUANTIZE, number, inputs, schema.QuantizeOptionsT()), inferences)
    return make


def _dequantize(sources):
    def make(draw, index):
        source = sources[index % len(sources)]
        shape = draw.shape(draw.integer(1, 4), 5)
        model = ModelBuilder()
        quant = Quant.per_tensor(draw.power(-16, 4), draw.zero_point(source))
        inputs = [model.input(shape, source, quant)]
        model.output(shape, np.float32)
        number = {np.uint8: 1, np.int8: 2, np.int16: 3}[source]
        return Case(f"{by_name(shape)}_{type_name(source)}",
                    model.finish(Operator.DEQUANTIZE, number, inputs, schema.DequantizeOptionsT()),
                    draw.inferences([shape], source))
    return make


PACKS = {
    "quantize_float": (36, _quantize_float),
    "quantize_int8": (60, _requantize([(np.int8, np.int8), (np.int8, np.uint8), (np.uint8, np.int8),
                                       (np.int8, np.int16), (np.int8, np.int32), (np.int8, np.int8)])),
    "quantize_int16": (40, _requantize([(np.int16, np.int8), (np.int16, np.int16), (np.int16, np.int32)])),
    "quantize_int32": (30, _requantize([(np.int32, np.int8), (np.int32, np.int16)])),
    "dequantize_int8": (30, _dequantize([np.int8, np.uint8])),
    "dequantize_int16": (20, _dequantize([np.int16])),
}
