"""Affine quantisation of a tensor: real = scale * (q - zero_point)."""

from dataclasses import dataclass

import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema


@dataclass(frozen=True)
class Quant:
    """One scale and zero point, or one per slice along `axis`. Scales are float32, as in the file."""
    scales: tuple
    zero_points: tuple
    axis: int = 0

    @classmethod
    def per_tensor(cls, scale, zero_point=0):
        return cls((np.float32(scale),), (int(zero_point),))

    @classmethod
    def symmetric(cls, scales, axis):
        return cls(tuple(np.float32(s) for s in scales), (0,) * len(scales), axis)

    @property
    def scale(self):
        return float(self.scales[0])

    @property
    def zero_point(self):
        return self.zero_points[0]

    def to_schema(self):
        return schema.QuantizationParametersT(scale=[float(s) for s in self.scales],
                                              zeroPoint=list(self.zero_points),
                                              quantizedDimension=self.axis)
