"""UNIDIRECTIONAL_SEQUENCE_LSTM: sequences of inferences, each of several steps."""

import numpy as np

from builder import ABSENT, ModelBuilder, schema
from case import Case
from families.common import is_float, packs
from quant import Quant

INFERENCES = 4
GATES = 4
TYPICAL = 74.0  # standard deviation of uniform 8-bit values
GATE_SCALE = 2.0 ** -12


def lstm(draw, index, dtype):
    time_major = index % 2 == 1
    batch, steps = draw.pick([1, 1, 2, 3]), draw.pick([1, 2, 5])
    features, units = draw.integer(1, 12), draw.integer(1, 10)
    clip = draw.pick([0.0, 0.0, 10.0, 0.5])
    quants = _quants(draw, dtype, features, units)
    shape = [steps, batch] if time_major else [batch, steps]

    model = ModelBuilder()
    inputs = [model.input([*shape, features], dtype, quants["x"])]
    for side, depth in (("input", features), ("recurrent", units)):
        for gate in range(GATES):
            inputs.append(model.constant(_weights(draw, [units, depth], dtype), quants[side][gate]))
    inputs += [ABSENT] * 3  # peepholes
    for gate in range(GATES):
        inputs.append(model.constant(_bias(draw, units, dtype), quants["bias"][gate]))
    inputs += [ABSENT] * 2  # projection
    inputs.append(model.variable([batch, units], dtype, quants["hidden"]))
    inputs.append(model.variable([batch, units], np.float32 if is_float(dtype) else np.int16, quants["cell"]))
    inputs += [ABSENT] * 4  # normalisation of layers
    model.output([*shape, units], dtype, quants["hidden"])
    options = schema.UnidirectionalSequenceLSTMOptionsT(
        fusedActivationFunction=schema.ActivationFunctionType.TANH, cellClip=clip, timeMajor=time_major)
    name = f"{batch}x{steps}x{features}_{units}units" + "_time_major" * time_major + f"_clip{clip}" * (clip > 0)
    return Case(name, model.finish(schema.BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM, 1, inputs, options),
                draw.inferences([[*shape, features]], dtype, count=INFERENCES))


def _weights(draw, shape, dtype):
    return draw.values(shape, dtype) * np.float32(0.3) if is_float(dtype) else draw.values(shape, dtype)


def _bias(draw, units, dtype):
    if is_float(dtype):
        return draw.values([units], np.float32)
    return np.asarray([draw.integer(-20000, 20000) for _ in range(units)], np.int32)


def _quants(draw, dtype, features, units):
    """Scales of the weights follow from how far the gates are to reach: mostly where they bend."""
    if is_float(dtype):
        return {"x": None, "hidden": None, "cell": None, "input": [None] * GATES, "recurrent": [None] * GATES,
                "bias": [None] * GATES}
    x, hidden = Quant.per_tensor(draw.scale(), draw.zero_point(dtype)), _hidden(draw, dtype)

    def weights(scale, depth):
        reach = draw.power(-1, 3) / GATE_SCALE  # stored values of a gate's sum
        return Quant.per_tensor(reach * GATE_SCALE / (TYPICAL * TYPICAL * depth ** 0.5 * scale))

    of_inputs = [weights(x.scale, features) for _ in range(GATES)]
    return {"x": x, "hidden": hidden, "cell": Quant.per_tensor(2.0 ** draw.pick([-11, -12, -13, -9])),
            "input": of_inputs, "recurrent": [weights(hidden.scale, units) for _ in range(GATES)],
            "bias": [Quant.per_tensor(np.float32(x.scale) * np.float32(w.scale)) for w in of_inputs]}


def _hidden(draw, dtype):
    """Real outputs lie between -1 and 1."""
    return Quant.per_tensor(draw.power(-8, -6), draw.pick([0, draw.zero_point(dtype)]))


PACKS = packs("lstm", lstm, {"int8": 40, "float": 20})
