"""The layers of the stem and of blocks. One small function per kind of block."""

from __future__ import annotations

from functools import lru_cache, partial

from explorer.architecture.block import Op
from explorer.architecture.layers import (
    Layer,
    LayerKind,
    Layers,
    Size,
    conv,
    conv_norm,
    halved,
    plain,
)
from explorer.architecture.scaling import Stem

EXPANSION = 6
"""How much an MBConv or inverted residual block widens its input."""
SE_RATIO = 0.2
"""Width of the squeeze of squeeze-and-excitation, of the block's input channels."""


@lru_cache(maxsize=1024)
def stem_layers(stem: Stem, filters: int, size: Size) -> Layers:
    """The stem on an image of this size, 3 channels.

    >>> [layer.name for layer in stem_layers(Stem.CONV7_POOL, 64, (128, 128))]
    ['conv1', 'bn1', 'act1', 'pool']
    """
    first = halved(size)
    if stem is Stem.CONV3:
        return conv_norm("", 3, filters, first, kernel=3, stride=2, number="1")
    if stem is Stem.UNSHUFFLE:
        unshuffle = Layer("unshuffle", LayerKind.RESIZE, 3, 12, *first, 2, 2)
        return (unshuffle, *conv_norm("", 12, filters, halved(first), 3, 2, number="1"))
    pool = Layer("pool", LayerKind.POOL, filters, filters, *halved(first), 3, 2)
    return (*conv_norm("", 3, filters, first, kernel=7, stride=2, number="1"), pool)


@lru_cache(maxsize=65536)
def body_layers(
    op: Op,
    c_in: int,
    c: int,
    stride: int,
    project: bool,
    repeats: int,
    source: Size,
    target: Size,
    expansion: int = 4,
) -> Layers:
    """A block's body: `repeats` copies in sequence, the first of which shrinks and projects.

    `c` is the block's width C, of which a bottleneck gives `expansion` times. `project`: for
    `coarse`, whether the input is activated first; for `inverted`, whether the first copy expands.
    Source: `nn_blocks.py` (BottleneckBlock, ResidualBlock, InvertedBottleneckBlock); for the last
    three ops TF-Slim's `mobilenet_v2.py` and `feature_map_generators.py` of `object_detection`.

    >>> body = body_layers(Op.RESIDUAL, 64, 64, 1, False, 1, (8, 8), (8, 8))
    >>> [layer.name for layer in body if layer.kernel == 3]
    ['0.conv1', '0.conv2']
    """
    if op is Op.LATERAL:
        return ()
    if op is Op.SMOOTH:
        return (conv("conv", c_in, c, target, 3, bias=True),)
    if op is Op.COARSE:
        head = (plain("act", LayerKind.ACTIVATION, c_in, source),) if project else ()
        return (*head, conv("conv", c_in, c, target, 3, 2, bias=True))
    one = partial(_bottleneck, expansion) if op is Op.BOTTLENECK else _COPIES[op]
    layers = one("0.", c_in, c, stride, project, source, target)
    c_out = layers[-1].out_channels
    for i in range(1, repeats):
        layers += one(f"{i}.", c_out, c, 1, op is Op.INVERTED, target, target)
    return layers


def _bottleneck(
    expansion: int,
    p: str,
    c_in: int,
    c: int,
    stride: int,
    project: bool,
    source: Size,
    target: Size,
) -> Layers:
    wide = expansion * c
    return (
        *_shortcut(p, c_in, wide, stride, project, target),
        *conv_norm(p, c_in, c, source, number="1"),
        *conv_norm(p, c, c, target, 3, stride, number="2"),
        *conv_norm(p, c, wide, target, activate=False, number="3"),
        plain(f"{p}add", LayerKind.ADD, wide, target),
        plain(f"{p}act", LayerKind.ACTIVATION, wide, target),
    )


def _residual(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    return (
        *_shortcut(p, c_in, c, stride, project, target),
        *conv_norm(p, c_in, c, target, 3, stride, number="1"),
        *conv_norm(p, c, c, target, 3, activate=False, number="2"),
        plain(f"{p}add", LayerKind.ADD, c, target),
        plain(f"{p}act", LayerKind.ACTIVATION, c, target),
    )


def _shortcut(p: str, c_in: int, c_out: int, stride: int, project: bool, size: Size) -> Layers:
    if not project:
        return ()
    return conv_norm(p, c_in, c_out, size, 1, stride, activate=False, number="0")


def _mbconv(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    wide = c_in * EXPANSION
    squeezed = max(1, int(c_in * SE_RATIO))
    layers: Layers = (
        *conv_norm(p, c_in, wide, source, number="0"),
        *conv_norm(p, wide, wide, target, 3, stride, groups=wide, number="1"),
        Layer(f"{p}se.mean", LayerKind.GATE, wide, wide, *target),
        conv(f"{p}se.reduce", wide, squeezed, (1, 1), bias=True),
        Layer(f"{p}se.act", LayerKind.ACTIVATION, squeezed, squeezed, 1, 1),
        conv(f"{p}se.expand", squeezed, wide, (1, 1), bias=True),
        Layer(f"{p}se.multiply", LayerKind.GATE, wide, wide, *target),
        *conv_norm(p, wide, c, target, activate=False, number="2"),
    )
    if c_in == c and stride == 1:
        layers += (plain(f"{p}add", LayerKind.ADD, c, target),)
    return layers


def _inverted(
    p: str, c_in: int, c: int, stride: int, expand: bool, source: Size, target: Size
) -> Layers:
    wide = c_in * EXPANSION if expand else c_in
    layers: Layers = (
        *(conv_norm(p, c_in, wide, source, number="0") if expand else ()),
        *conv_norm(p, wide, wide, target, 3, stride, groups=wide, number="1"),
        *conv_norm(p, wide, c, target, activate=False, number="2"),
    )
    if c_in == c and stride == 1:
        layers += (plain(f"{p}add", LayerKind.ADD, c, target),)
    return layers


def _pointwise(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    return conv_norm(p, c_in, c, target, 1, stride)


def _extra(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    half = max(1, c // 2)
    return (
        *conv_norm(p, c_in, half, source, number="0"),
        *conv_norm(p, half, half, target, 3, stride, groups=half, number="1"),
        *conv_norm(p, half, c, target, number="2"),
    )


_COPIES = {
    Op.RESIDUAL: _residual,
    Op.MBCONV: _mbconv,
    Op.INVERTED: _inverted,
    Op.POINTWISE: _pointwise,
    Op.EXTRA: _extra,
}
"""The layers of one copy of a block, by op; a bottleneck's depend on the scaling as well."""
