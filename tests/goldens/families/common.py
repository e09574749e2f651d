"""What several operator families share."""

import numpy as np

from builder import schema
from quant import Quant

Activation = schema.ActivationFunctionType
ACTIVATIONS = [Activation.NONE, Activation.RELU, Activation.RELU_N1_TO_1, Activation.RELU6]
ACTIVATION_NAMES = {Activation.NONE: "none", Activation.RELU: "relu", Activation.RELU_N1_TO_1: "relu1",
                    Activation.RELU6: "relu6"}
DTYPES = {"int8": np.int8, "float": np.float32, "int16": np.int16}


def is_float(dtype):
    return np.dtype(dtype) == np.float32


def any_quant(draw, dtype):
    """Ordinary quantisation of an activation tensor, None for float."""
    return None if is_float(dtype) else Quant.per_tensor(draw.scale(), draw.zero_point(dtype))


def is_bounded_below(activation):
    return activation in (Activation.RELU, Activation.RELU6)


def largest_magnitude(dtype):
    return float(2 ** (8 * np.dtype(dtype).itemsize - 1))


def version(dtype, of_float, of_int8, of_int16):
    """The operator version that the TFLite converter would write for activations of this type."""
    return {"float32": of_float, "int8": of_int8, "int16": of_int16}[np.dtype(dtype).name]


def packs(operator, make, counts):
    """Packs of one operator, one per type: make(draw, index, dtype) gives a case."""
    return {f"{operator}_{name}": (count, _bind(make, DTYPES[name])) for name, count in counts.items()}


def _bind(make, dtype):
    return lambda draw, index: make(draw, index, dtype)
