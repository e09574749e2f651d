"""Measures the int8 network and the example's detector on unheard voices."""

import pathlib

import numpy as np
import tensorflow as tf

import sound

SEED = 1000
SPEAKERS = 32
STREAMS = 200
WORDS = 10
# A word counts as found when it is told from a fifth of a second before its end
# to half a second behind it.
BEFORE, BEHIND = 10, 25


def score(model, frames):
    """The network on every window that a stream gives an output for."""
    interpreter = tf.lite.Interpreter(
        model_content=model,
        # The reference kernels, so that no delegate rounds differently.
        experimental_op_resolver_type=(
            tf.lite.experimental.OpResolverType.BUILTIN_REF))
    interpreter.allocate_tensors()
    read = interpreter.get_input_details()[0]
    write = interpreter.get_output_details()[0]
    assert read["quantization"] == (1 / 16, 0), read["quantization"]
    scores = []
    for first in range(0, len(frames) - sound.WINDOW + 1, sound.STRIDE):
        interpreter.set_tensor(read["index"], frames[
            np.newaxis, first:first + sound.WINDOW, np.newaxis])
        interpreter.invoke()
        scores.append(interpreter.get_tensor(write["index"])[0])
    return scores


def report(model):
    rng, tools = np.random.default_rng(SEED), sound.Tools()
    speakers = sound.library(sound.HELD_OUT, sound.UNHEARD_WORDS, SPEAKERS,
                             SEED)
    spoken = others = found = wrong = false = seconds = 0
    for _ in range(STREAMS):
        samples, said = sound.stream(speakers, rng, WORDS)
        told = tools.words(score(model, tools.frames(samples)))
        told = [(word, sound.WINDOW + sound.STRIDE * index)
                for word, index in told]
        digits = [(word, end // sound.HOP) for word, end in said
                  if word != sound.OTHER]
        seconds += len(samples) / sound.RATE
        spoken += len(digits)
        others += WORDS - len(digits)
        for word, end in digits:
            right = [t for t in told
                     if t[0] == word and -BEFORE < t[1] - end < BEHIND]
            if right:
                found += 1
                told.remove(right[0])
        for word, frame in told:
            if any(-BEFORE < frame - end < BEHIND for _, end in digits):
                wrong += 1
            else:
                false += 1
    print(f"{found} of {spoken} digits found ({found / spoken:.1%}), {wrong} "
          f"taken for another, {false} told where none was, "
          f"in {seconds / 60:.1f} minutes with {others} other words")


if __name__ == "__main__":
    report((pathlib.Path(__file__).parent / "spoken_digits.tflite")
           .read_bytes())
