"""Runs a model in TensorFlow Lite Micro, behind a process of its own."""

import os
import pickle

import numpy as np
from tflite_micro import runtime

ARENA_BYTES = 1 << 18


def run(model, inferences, outputs=1):
    """The `outputs` outputs of each inference (a list of lists of arrays), or None if TFLM refuses the model.

    TFLM refuses with an exception or, where a check of its own fails, by aborting the process; the child
    process keeps the second kind away from us.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run_in_child(model, inferences, outputs, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        reply = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(reply) if reply else None


def _run_in_child(model, inferences, outputs, writer):
    # TFLM explains its refusals on stderr; they are counted, not read.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        reply = pickle.dumps(_invoke(model, inferences, outputs))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(reply)
    finally:
        os._exit(0)


def _invoke(model, inferences, outputs):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)
    results = []
    for inputs in inferences:
        for index, values in enumerate(inputs):
            interpreter.set_input(values, index)
        interpreter.invoke()
        results.append([np.array(interpreter.get_output(index)) for index in range(outputs)])
    return results
