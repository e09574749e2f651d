"""Trains the network of spoken digits and writes the int8 model and its speech.

    python train.py            # the shipped model
    python train.py --epochs 2 --streams 100 --out DIR    # a quick trial
"""

import argparse
import os
import pathlib

# The oneDNN kernels depend on the processor, and so do the sums they round.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import evaluate
import sound

SEED = 7
BATCH = 16
SPEAKERS = 200
FRAMES = 560  # of a stream to train on
# A word is to be told when it has ended up to so many frames ago; so many
# before and behind that either answer is right.
TOLD, VAGUE = 10, 6


def build(frames):
    """Convolutions over time, which pad nothing: a window gives one score."""
    frame = layers.Input((frames, 1, sound.BANDS))
    x = frame
    for channels, taps, stride in [(32, 5, 1), (40, 3, 2), (40, 3, 1),
                                   (48, 3, 2), (48, 3, 1)]:
        x = layers.Conv2D(channels, (taps, 1), (stride, 1), use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    x = layers.Dropout(0.1)(x)
    return keras.Model(frame, layers.Conv2D(sound.OTHER + 1, (6, 1))(x))


def as_input(frames):
    """What the int8 of the front end mean to the network: sixteenths."""
    return frames.astype(np.float32)[..., np.newaxis, :] / 16


def targets(said, count):
    """The class at every frame, and whether it counts."""
    classes = np.full(count, sound.OTHER)
    counts = np.ones(count, np.float32)
    for word, end in said:
        end = -(-end // sound.HOP)
        if word != sound.OTHER:
            counts[end - VAGUE:end + TOLD + VAGUE] = 0
            counts[end:end + TOLD] = 1
            classes[end:end + TOLD] = word
    return classes, counts


def recordings(speakers, count, seed):
    """Frames, classes and weights of streams of FRAMES frames."""
    rng, tools = np.random.default_rng(seed), sound.Tools()
    frames = np.empty((count, FRAMES, sound.BANDS), np.int8)
    classes = np.empty((count, FRAMES), np.int64)
    counts = np.empty((count, FRAMES), np.float32)
    for i in range(count):
        samples, said = sound.stream(speakers, rng, 22)
        frames[i] = tools.frames(samples[:FRAMES * sound.HOP])
        classes[i], counts[i] = (x[:FRAMES] for x in targets(said, 2 * FRAMES))
    return frames, classes, counts


def train(frames, classes, counts, epochs):
    length = FRAMES - sound.STRIDE
    model = build(length)
    rng = np.random.default_rng(SEED)
    batches = len(frames) // BATCH
    total = epochs * batches
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, total - total // 20, warmup_target=3e-3,
        warmup_steps=total // 20)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=["accuracy"], jit_compile=False)
    for epoch in range(epochs):
        order = rng.permutation(len(frames))
        steps = []
        for batch in order[:batches * BATCH].reshape(batches, BATCH):
            first = rng.integers(sound.STRIDE)  # all phases in turn
            due = slice(first + sound.WINDOW - 1, first + length, sound.STRIDE)
            steps.append(model.train_on_batch(
                as_input(frames[batch, first:first + length]),
                classes[batch, due, np.newaxis],
                counts[batch, due, np.newaxis]))
        loss, accuracy = np.mean(steps, axis=0)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, accuracy {accuracy:.2%}",
              flush=True)
    return model


def convert(model, frames):
    """The full-int8 flat buffer of one window."""
    network = build(sound.WINDOW)
    network.set_weights(model.get_weights())
    frame = layers.Input(batch_shape=(1, sound.WINDOW, 1, sound.BANDS),
                         name="frames")
    scores = layers.Reshape((sound.OTHER + 1,))(network(frame))
    scores = layers.Softmax()(scores)
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(frame, scores))

    def samples():
        # Both ends of int8, so that the input's scale is 1/16 and its zero 0.
        ends = np.zeros((1, sound.WINDOW, sound.BANDS), np.int8)
        ends[0, 0, 0], ends[0, 0, 1] = -128, 127
        yield [as_input(ends)]
        for recording in frames[:100]:
            for first in range(0, FRAMES - sound.WINDOW, 60):
                window = recording[np.newaxis, first:first + sound.WINDOW]
                yield [as_input(window)]

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def write_speech(out):
    """A few words by two voices that training has not heard."""
    rng = np.random.default_rng(SEED)
    parts, words = [np.zeros(sound.RATE // 2)], []
    for voice, texts in [("en-us+f2", ["seven", "three", "hello", "nine"]),
                         ("en-gb+m7", ["zero", "window", "five", "two"])]:
        for text in texts:
            parts += [sound.spoken(text, voice, 150, 50),
                      np.zeros(sound.RATE * 2 // 5)]
            words += [text] if text in sound.WORDS else []
    samples = np.concatenate(parts) * 3000
    samples += sound.noise(rng, len(samples)) * 60
    sound.write_wav(out / "speech.wav", sound.pcm(samples))
    (out / "speech.txt").write_text(" ".join(words) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--streams", type=int, default=3000)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_speech(arguments.out)

    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    # The split of a sum over threads changes its rounding.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)

    speakers = sound.library(sound.VOICES, sound.OTHER_WORDS, SPEAKERS, SEED)
    data = recordings(speakers, arguments.streams, SEED)
    print(f"{arguments.streams} streams of {FRAMES} frames", flush=True)
    model = convert(train(*data, arguments.epochs), data[0])
    (arguments.out / "spoken_digits.tflite").write_bytes(model)
    evaluate.report(model)


if __name__ == "__main__":
    main()
