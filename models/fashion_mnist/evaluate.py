"""Measures the int8 model on the 10,000 test images and lists its layers.

    python evaluate.py [fashion_mnist.tflite]
"""

import argparse
import pathlib

import numpy as np
import tensorflow as tf
from tflite_micro.python.tflite_micro import runtime

import dataset


def quantise(model, images):
    """Raw 0..255 pixels as the int8 values of the model's input."""
    interpreter = tf.lite.Interpreter(model_content=model)
    scale, zero_point = interpreter.get_input_details()[0]["quantization"]
    values = np.round(images / 255 / scale) + zero_point
    return values.clip(-128, 127).astype(np.int8)


def tflite_scores(model, inputs):
    interpreter = tf.lite.Interpreter(
        model_content=model, num_threads=1,
        # The reference kernels, so that no delegate rounds differently.
        experimental_op_resolver_type=(
            tf.lite.experimental.OpResolverType.BUILTIN_REF))
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    result = interpreter.get_output_details()[0]["index"]
    for image in inputs:
        interpreter.set_tensor(source, image[np.newaxis])
        interpreter.invoke()
        yield interpreter.get_tensor(result)[0]


def tflm_scores(model, inputs):
    interpreter = runtime.Interpreter.from_bytes(model)
    for image in inputs:
        interpreter.set_input(image[np.newaxis], 0)
        interpreter.invoke()
        yield interpreter.get_output(0)[0]


def print_layers(model):
    interpreter = tf.lite.Interpreter(model_content=model)
    tensors = {t["index"]: t for t in interpreter.get_tensor_details()}
    print("| # | Operator | Inputs | Output |\n|---|---|---|---|")
    for op in interpreter._get_ops_details():
        shapes = [["x".join(map(str, tensors[i]["shape"])) for i in op[side]
                   if i >= 0] for side in ("inputs", "outputs")]
        print(f"| {op['index']} | {op['op_name']} |",
              " | ".join(", ".join(side) for side in shapes), "|")


def report(model, images, labels):
    inputs = quantise(model, images)
    scores = {"TFLite": np.array(list(tflite_scores(model, inputs))),
              "TFLM": np.array(list(tflm_scores(model, inputs)))}
    for name, values in scores.items():
        right = values.argmax(1) == labels
        print(f"int8 by {name}: {right.mean():.2%}, "
              f"of the first 100: {right[:100].sum()}")
    differing = (scores["TFLite"] != scores["TFLM"]).any(1).sum()
    print(f"images whose scores differ in any bit: {differing}")
    print(f"{len(model)} bytes")
    print_layers(model)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).with_name(
                            "fashion_mnist.tflite"))
    parser.add_argument("--data", default=dataset.DEFAULT_DIR)
    arguments = parser.parse_args()
    report(arguments.model.read_bytes(),
           *dataset.load("t10k", arguments.data))


if __name__ == "__main__":
    main()
