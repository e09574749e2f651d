"""The packs of every operator family: name -> (number of cases, function that makes case `index`)."""

from families import (concatenation, convolution, dense, elementwise, gather, leaky_relu, lookup, lstm, mean,
                      movement, pooling, quantize, resize, split, strided_slice, svdf,
                      transpose_convolution)

ALL_PACKS = {}
for _family in (convolution, dense, elementwise, pooling, mean, lookup, quantize, movement, strided_slice,
                concatenation, resize, svdf, split, gather, leaky_relu, lstm,
                transpose_convolution):
    ALL_PACKS.update(_family.PACKS)
