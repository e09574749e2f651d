"""Trains the Fashion-MNIST network and writes the int8 model and its samples.

    python train.py            # the shipped model
    python train.py --epochs 2 --out DIR    # a quick trial, kept apart
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

import dataset
import evaluate

SEED = 20
BATCH = 128
SAMPLES = 100
CALIBRATION_IMAGES = 500


def batch_norm(x):
    return layers.BatchNormalization(momentum=0.95)(x)


def depthwise(x, size, stride):
    x = layers.DepthwiseConv2D(size, stride, "same", use_bias=False)(x)
    return layers.ReLU()(batch_norm(x))


def pointwise(x, channels, activate=True):
    x = batch_norm(layers.Conv2D(channels, 1, use_bias=False)(x))
    return layers.ReLU()(x) if activate else x


def build():
    """A small depthwise-separable CNN: 28x28 -> 14x14 -> 7x7 -> 4x4 -> 10."""
    image = layers.Input((28, 28, 1))
    x = layers.Conv2D(24, 3, 2, "same", use_bias=False)(image)
    x = layers.ReLU()(batch_norm(x))
    x = pointwise(depthwise(x, 3, 1), 40)

    # The residual branch ends without an activation, so that the sum sees
    # negative values too.
    branch = pointwise(depthwise(x, 3, 1), 40, activate=False)
    x = layers.ReLU()(layers.Add()([x, branch]))

    x = pointwise(depthwise(x, 5, 2), 80)
    x = pointwise(depthwise(x, 3, 1), 80)
    x = pointwise(depthwise(x, 3, 2), 128)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.1)(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


class Augmented:
    """The training set, shuffled, mirrored and shifted by up to 2 pixels."""

    def __init__(self, images, labels):
        self.padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
        self.labels = keras.utils.to_categorical(labels, 10)
        self.rng = np.random.default_rng(SEED)

    def __len__(self):
        return len(self.labels) // BATCH

    def __iter__(self):
        order = self.rng.permutation(len(self.labels))
        for index in range(len(self)):
            yield self.batch(order[index * BATCH:(index + 1) * BATCH])

    def batch(self, chosen):
        top, left = self.rng.integers(0, 5, (2, BATCH, 1))
        rows = top + np.arange(28)
        columns = left + np.arange(28)
        mirror = self.rng.random(BATCH) < 0.5
        columns[mirror] = columns[mirror, ::-1]
        images = self.padded[chosen[:, None, None], rows[:, :, None],
                             columns[:, None, :]]
        return images.astype(np.float32) / 255, self.labels[chosen]


def train(images, labels, epochs):
    model = build()
    batches = Augmented(images, labels)
    total = epochs * len(batches)
    warmup = total // 20
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, total - warmup, warmup_target=4e-3, warmup_steps=warmup)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3),
                  keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
                  metrics=["accuracy"], jit_compile=False)
    for epoch in range(epochs):
        steps = [model.train_on_batch(*batch) for batch in batches]
        loss, accuracy = np.mean(steps, axis=0)
        print(f"epoch {epoch + 1}: loss {loss:.4f}, accuracy {accuracy:.2%}",
              flush=True)
    return model


def convert(model, images):
    """The full-int8 flat buffer; the converter folds the batch norms."""
    # A fixed batch of 1 keeps every shape in the file static.
    image = layers.Input(batch_shape=(1, 28, 28, 1), name="image")
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(image, model(image)))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [image[np.newaxis].astype(np.float32) / 255]
        for image in images[:CALIBRATION_IMAGES])
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def write_samples(out, model, images, labels):
    """The first test images, raw and as the bytes the network is fed."""
    images, labels = images[:SAMPLES], labels[:SAMPLES]
    np.save(out / "test_images.npy", images)
    np.save(out / "test_labels.npy", labels)
    (out / "inputs.bin").write_bytes(
        evaluate.quantise(model, images).tobytes())
    (out / "labels.bin").write_bytes(labels.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=dataset.DEFAULT_DIR)
    parser.add_argument("--epochs", type=int, default=28)
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    # The split of a sum over threads changes its rounding.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)

    images, labels = dataset.load("train", arguments.data)
    network = train(images, labels, arguments.epochs)
    model = convert(network, images)

    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "fashion_mnist.tflite").write_bytes(model)
    images, labels = dataset.load("t10k", arguments.data)
    write_samples(arguments.out, model, images, labels)

    scores = network.predict(images.astype(np.float32) / 255, verbose=0)
    print(f"float: {(scores.argmax(1) == labels).mean():.2%}")
    evaluate.report(model, images, labels)


if __name__ == "__main__":
    main()
