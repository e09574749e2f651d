"""Runs a model by TensorFlow Lite itself: run_tflite.py MODEL INPUT OUTPUT, raw bytes.

Exits with 77 and one line when no runtime can be imported. The reference kernels are taken: optimised ones
round otherwise.
"""
import sys


def runtime():
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError:
        try:
            from tflite_runtime.interpreter import Interpreter, OpResolverType
        except ImportError:
            from tensorflow.lite.python.interpreter import Interpreter, OpResolverType
    return Interpreter, OpResolverType


def main():
    try:
        import numpy

        Interpreter, OpResolverType = runtime()
    except ImportError as error:
        print(f"no TensorFlow Lite runtime: {error}")
        return 77
    model, source, target = sys.argv[1:]
    interpreter = Interpreter(
        model_path=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    [x], [y] = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(x["index"], numpy.fromfile(source, x["dtype"]).reshape(x["shape"]))
    interpreter.invoke()
    interpreter.get_tensor(y["index"]).tofile(target)
    return 0


sys.exit(main())
