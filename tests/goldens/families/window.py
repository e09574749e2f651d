"""Geometry of operators that slide a window over an image: convolutions and pools."""

from dataclasses import dataclass

from builder import schema

LARGEST_SIDE = 8
LARGEST_KERNEL = 5


@dataclass(frozen=True)
class Window:
    kernel: tuple
    stride: tuple
    dilation: tuple
    padding: int
    input: tuple
    output: tuple

    @property
    def name(self):
        text = "k{}x{}_s{}x{}".format(*self.kernel, *self.stride)
        if self.dilation != (1, 1):
            text += "_d{}x{}".format(*self.dilation)
        return text + ("_same" if self.padding == schema.Padding.SAME else "_valid")


def draw_window(draw, dilated):
    kernel = _pair(draw, LARGEST_KERNEL)
    stride = _pair(draw, 3)
    dilation = _pair(draw, 3) if dilated and draw.chance(0.35) else (1, 1)
    padding = draw.pick([schema.Padding.SAME, schema.Padding.VALID])
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    smallest = (1, 1) if padding == schema.Padding.SAME else reach
    size = tuple(draw.integer(low, max(low, LARGEST_SIDE)) for low in smallest)
    output = tuple(_output_side(n, r, s, padding) for n, r, s in zip(size, reach, stride))
    return Window(kernel, stride, dilation, padding, size, output)


def _pair(draw, largest):
    """Height and width, the same in half of the draws; small values more often than large ones."""
    first = draw.integer(1, draw.integer(1, largest))
    return (first, first) if draw.chance(0.5) else (first, draw.integer(1, largest))


def _output_side(side, reach, stride, padding):
    if padding == schema.Padding.VALID:
        side -= reach - 1
    return (side + stride - 1) // stride
