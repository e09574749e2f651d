"""Builds one-operator .tflite models, byte for byte under our control."""

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

TENSOR_TYPES = {
    np.dtype(np.float32): schema.TensorType.FLOAT32,
    np.dtype(np.int8): schema.TensorType.INT8,
    np.dtype(np.uint8): schema.TensorType.UINT8,
    np.dtype(np.int16): schema.TensorType.INT16,
    np.dtype(np.int32): schema.TensorType.INT32,
    np.dtype(np.int64): schema.TensorType.INT64,
}

# Operator codes above this one do not fit the byte that old readers look at.
DEPRECATED_CODE_LIMIT = 127
FILE_IDENTIFIER = b"TFL3"
BUFFER_ALIGNMENT = 16
ABSENT = -1


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes start at a multiple of 16, as the schema demands; the generated Python packer
    leaves them at any address."""

    def Pack(self, builder):
        if self.data is not None:
            builder.StartVector(1, len(self.data), BUFFER_ALIGNMENT)
            builder.head -= len(self.data)
            builder.Bytes[builder.head:builder.head + len(self.data)] = self.data
            data = builder.EndVector()
        schema.BufferStart(builder)
        if self.data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


class ModelBuilder:
    """Collects tensors and one operator, and packs them into a file.

    A tensor is named by what it is (x0, w1, y3 ...) and returned as its index.
    """

    def __init__(self):
        self._tensors = []
        self._buffers = [AlignedBuffer()]
        self._inputs = []
        self._outputs = []

    def input(self, shape, dtype, quant=None):
        index = self._tensor("x", shape, dtype, quant, buffer=0)
        self._inputs.append(index)
        return index

    def output(self, shape, dtype, quant=None):
        index = self._tensor("y", shape, dtype, quant, buffer=0)
        self._outputs.append(index)
        return index

    def constant(self, values, quant=None):
        values = np.ascontiguousarray(values)
        self._buffers.append(AlignedBuffer(data=values.tobytes()))
        return self._tensor("w", values.shape, values.dtype, quant, buffer=len(self._buffers) - 1)

    def variable(self, shape, dtype, quant=None):
        """A tensor that the operator writes and finds again at the next inference."""
        index = self._tensor("s", shape, dtype, quant, buffer=0)
        self._tensors[index].isVariable = True
        return index

    def finish(self, code, version, inputs, options=None):
        """Packs the model: one operator `code` that reads `inputs` and writes every output declared so far.

        `options` is the schema's options object, such as Conv2DOptionsT, or None where an operator has none.
        """
        op = schema.OperatorT(inputs=list(inputs), outputs=list(self._outputs))
        if options is not None:
            union_name = type(options).__name__.removesuffix("T")
            op.builtinOptionsType = getattr(schema.BuiltinOptions, union_name)
            op.builtinOptions = options
        graph = schema.SubGraphT(tensors=self._tensors, inputs=self._inputs, outputs=self._outputs,
                                 operators=[op])
        operator_code = schema.OperatorCodeT(deprecatedBuiltinCode=min(code, DEPRECATED_CODE_LIMIT),
                                             builtinCode=code, version=version)
        model = schema.ModelT(version=3, operatorCodes=[operator_code], subgraphs=[graph],
                              buffers=self._buffers)
        packer = flatbuffers.Builder(4096)
        packer.Finish(model.Pack(packer), FILE_IDENTIFIER)
        return bytes(packer.Output())

    def _tensor(self, prefix, shape, dtype, quant, buffer):
        index = len(self._tensors)
        self._tensors.append(schema.TensorT(
            name=f"{prefix}{index}", shape=list(shape), type=TENSOR_TYPES[np.dtype(dtype)], buffer=buffer,
            quantization=None if quant is None else quant.to_schema()))
        return index
