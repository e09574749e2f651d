"""One golden case before it is run: a model and the inputs of its inferences."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Case:
    name: str
    model: bytes
    inferences: list
    outputs: int = 1


def by_name(shape):
    """A shape as part of a case name: 1x4x4x3, or scalar."""
    return "x".join(str(d) for d in shape) if len(shape) else "scalar"


def type_name(dtype):
    return "float" if np.dtype(dtype) == np.float32 else np.dtype(dtype).name
