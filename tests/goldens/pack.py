"""Writes golden packs; README.md describes the bytes."""

import struct

MAGIC = b"THGOLD1\n"


def write(path, cases):
    """`cases` is a list of (name, model, [(input bytes, output bytes), ...])."""
    with open(path, "wb") as file:
        file.write(MAGIC + struct.pack("<I", len(cases)))
        for name, model, inferences in cases:
            _write_block(file, name.encode())
            _write_block(file, model)
            file.write(struct.pack("<I", len(inferences)))
            for inputs, outputs in inferences:
                _write_block(file, inputs)
                _write_block(file, outputs)


def _write_block(file, data):
    file.write(struct.pack("<I", len(data)) + data)
