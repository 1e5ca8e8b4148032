"""Which input pixels a block can see: the exact theoretical receptive field.

Source: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
2019 (section on arbitrary graphs), carried on to upsampling. There the field of an output pixel
depends on where it stands: with nearest-neighbour upsampling by f, output pixels x and x + 1 may
read the same input pixel or two. So a block keeps an interval for each phase, that is for each of
its pixels within a period, the stride of the coarsest level (128 input pixels for L7), after which
everything repeats.

All intervals grow from the layers of the plan: a convolution or pool of kernel k and stride s maps
pixel x to [s x - before, s x - before + k - 1], where `before` is the padding on that side. Strided
1x1 convolutions named `conv0` are shortcuts, inside the 3x3 beside them. The mean of
squeeze-and-excitation sees the whole map and is left out: with it, every MBConv would see the whole
image.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.layers import LayerKind, Layers
from explorer.architecture.plan import BlockPlan, LinkPlan, plan
from explorer.architecture.scaling import Padding


class Window(NamedTuple):
    """A row of layers seen from its output: pixel x reads stride x + first … stride x + last."""

    stride: int
    first: int
    last: int


class Intervals(NamedTuple):
    """First and last input pixel (or pixel of a map) that each pixel within a period sees."""

    first: tuple[int, ...]
    last: tuple[int, ...]
    period: int
    """In input pixels."""

    @property
    def widest(self) -> int:
        """The largest number of pixels that any of them sees."""
        return max(map(int.__sub__, self.last, self.first)) + 1


@lru_cache(maxsize=128)
def receptive_fields(arch: Architecture) -> Mapping[int, int]:
    """The side, in input pixels, of the square that a pixel of each live block can see.

    It is the smallest interval that holds all paths, at the pixel where that is largest, on an
    image without borders. Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.example import small
    >>> receptive_fields(small())[1]
    27
    """
    period = arch.scaling.fitting_side
    whole = plan(arch, period, period)
    padding = arch.scaling.padding
    image = Intervals(tuple(range(period)), tuple(range(period)), period)
    stem = _through(image, _window(whole.stem.layers, padding))
    seen: dict[int, Intervals] = {}
    for block_id, block in whole.blocks.items():
        inputs = [_linked(link, block, seen, whole.blocks, padding) for link in block.links]
        fused = _hull(inputs) if inputs else stem
        seen[block_id] = _through(fused, _window(block.body.layers, padding))
    return MappingProxyType({block_id: found.widest for block_id, found in seen.items()})


def _linked(
    link: LinkPlan,
    block: BlockPlan,
    seen: Mapping[int, Intervals],
    blocks: Mapping[int, BlockPlan],
    padding: Padding,
) -> Intervals:
    source = seen[link.link.parent]
    if not link.unit.layers:
        return source
    if any(layer.kind is LayerKind.RESIZE for layer in link.unit.layers):
        up = 2 ** (blocks[link.link.parent].block.level - block.block.level)
        first, last = _repeated(source.first, up), _repeated(source.last, up)
        return Intervals(first, last, source.period)
    return _through(source, _window(link.unit.layers, padding))


def _repeated(values: tuple[int, ...], times: int) -> tuple[int, ...]:
    """Nearest-neighbour upsampling: pixel x reads pixel x // times."""
    return tuple(value for value in values for _ in range(times))


@lru_cache(maxsize=4096)
def _window(layers: Layers, padding: Padding) -> Window:
    """What one pixel after a row of layers reads before it."""
    stride, first, last = 1, 0, 0
    for layer in reversed(layers):
        if layer.kernel == 1 and (layer.stride == 1 or layer.name.endswith("conv0")):
            continue
        is_pool = layer.kind is LayerKind.POOL
        rule = padding.of_pools if is_pool else padding.of_convolutions
        pad = layer.kernel - layer.stride if rule is Padding.SAME else layer.kernel - 1
        before = max(pad, 0) // 2
        stride *= layer.stride
        first = layer.stride * first - before
        last = layer.stride * last - before + layer.kernel - 1
    return Window(stride, first, last)


def _through(source: Intervals, window: Window) -> Intervals:
    """The intervals after layers; a period of the source may have any number of pixels."""
    stride, first, last = window
    if (stride, first, last) == (1, 0, 0):
        return source
    count = len(source.first)
    pixels = range(0, count, stride)
    return Intervals(
        tuple(_at(source.first, pixel + first, source.period) for pixel in pixels),
        tuple(_at(source.last, pixel + last, source.period) for pixel in pixels),
        source.period,
    )


def _at(values: tuple[int, ...], pixel: int, period: int) -> int:
    """The value of a pixel outside the first period as well."""
    periods, phase = divmod(pixel, len(values))
    return values[phase] + periods * period


def _hull(inputs: list[Intervals]) -> Intervals:
    if len(inputs) == 1:
        return inputs[0]
    return Intervals(
        tuple(map(min, zip(*(found.first for found in inputs), strict=True))),
        tuple(map(max, zip(*(found.last for found in inputs), strict=True))),
        inputs[0].period,
    )
