"""Reads the Fashion-MNIST files of Debian's package dataset-fashion-mnist."""

import gzip
import pathlib

import numpy as np

# Where the Debian package installs the files.
DEFAULT_DIR = pathlib.Path("/usr/share/datasets/fashion-mnist")


def read_idx(path):
    """One idx file of bytes as an array; a .gz ending means compressed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        raw = file.read()
    # Header: two zero bytes, the type (8 = unsigned byte), the number of
    # dimensions, then each dimension as a big-endian 32-bit number.
    if raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: not an idx file of unsigned bytes")
    rank = raw[3]
    shape = np.frombuffer(raw, ">u4", rank, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(split, directory=DEFAULT_DIR):
    """Images [n,28,28,1] and labels [n], both uint8; split: train or t10k."""
    arrays = []
    for kind in ("images-idx3", "labels-idx1"):
        plain = pathlib.Path(directory) / f"{split}-{kind}-ubyte"
        packed = plain.with_name(plain.name + ".gz")
        arrays.append(read_idx(packed if packed.exists() else plain))
    images, labels = arrays
    return images[..., np.newaxis], labels
