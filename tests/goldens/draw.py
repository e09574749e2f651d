"""Random draws with a fixed seed: the same key gives the same numbers on every machine."""

import zlib

import numpy as np

# Exponents of powers of two between which ordinary tensor scales lie.
SCALE_EXPONENTS = (-8.0, -2.0)
# Below 2^-31 a multiplier is flushed to zero; the largest one keeps int32 products away from overflow.
TINY_EXPONENTS = (-40.0, -32.5)
SMALL_EXPONENTS = (-22.0, -12.0)
LARGEST_MULTIPLIER = 16.0


class Draw:
    def __init__(self, *key):
        self._rng = np.random.Generator(np.random.PCG64(zlib.crc32(repr(key).encode())))

    def integer(self, low, high):
        """An integer from low to high, both included."""
        return int(self._rng.integers(low, high, endpoint=True))

    def chance(self, probability):
        return bool(self._rng.random() < probability)

    def pick(self, options):
        return options[self.integer(0, len(options) - 1)]

    def permutation(self, count):
        return [int(i) for i in self._rng.permutation(count)]

    def shape(self, rank, largest):
        return [self.integer(1, largest) for _ in range(rank)]

    def uniform(self, low, high):
        return float(self._rng.uniform(low, high))

    def power(self, low, high):
        """Two to a power drawn evenly from low to high."""
        return 2.0 ** self.uniform(low, high)

    def scale(self):
        return self.power(*SCALE_EXPONENTS)

    def zero_point(self, dtype):
        """Often an end of the range, often zero; 16-bit tensors are always symmetric."""
        if np.dtype(dtype).itemsize > 1 or self.chance(0.2):
            return 0
        info = np.iinfo(dtype)
        return self.pick([info.min, info.max, self.integer(info.min, info.max)])

    def output_zero_point(self, dtype, centre, bounded_below):
        """Mostly near `centre`, which keeps the outputs inside the range. Where a fused activation cuts off
        what is below real zero, often the lowest value, as in trained models, and never the highest, above
        which nothing is left."""
        if np.dtype(dtype).itemsize > 1:
            return 0
        info = np.iinfo(dtype)
        if bounded_below and self.chance(0.5):
            return info.min
        if self.chance(0.2):
            return info.min if bounded_below else self.pick([info.min, info.max])
        return int(np.clip(round(centre) + self.integer(-30, 30), info.min, info.max))

    def multiplier(self, natural, largest=LARGEST_MULTIPLIER):
        """A rescaling factor: mostly near `natural`, which fills the output range, and sometimes of another
        kind: flushed to zero, small, about one, above one."""
        kind = self.integer(0, 11)
        if kind == 0:
            wanted = self.power(*TINY_EXPONENTS)
        elif kind == 1:
            wanted = self.power(*SMALL_EXPONENTS)
        elif kind == 2:
            wanted = self.pick([1.0, 0.5, self.uniform(0.9, 1.1)])
        elif kind == 3:
            wanted = self.uniform(1.0, LARGEST_MULTIPLIER)
        else:
            wanted = natural * self.power(-1.5, 1.5)
        return min(wanted, largest)

    def values(self, shape, dtype, limit=None):
        """Integers over the whole range (or up to +-limit), floats of mixed magnitude and sign."""
        if np.dtype(dtype) == np.float32:
            exponents = self._rng.integers(-6, 4, size=shape)
            return np.asarray(np.ldexp(self._rng.standard_normal(size=shape), exponents), np.float32)
        info = np.iinfo(dtype)
        low, high = (info.min, info.max) if limit is None else (-limit, limit)
        return np.asarray(self._rng.integers(low, high, size=shape, dtype=dtype, endpoint=True))

    def inferences(self, shapes, dtype, count=2):
        """Inputs of `count` inferences; now and then also one at an end of the range."""
        result = [[self.values(shape, dtype) for shape in shapes] for _ in range(count)]
        if np.dtype(dtype) != np.float32 and self.chance(0.3):
            info = np.iinfo(dtype)
            result.append([np.full(shape, self.pick([info.min, info.max]), dtype) for shape in shapes])
        return result
