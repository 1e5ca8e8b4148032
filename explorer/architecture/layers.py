"""The primitive layers of each part of a network, with channels and sizes.

Cost counts these, the live network takes its parameters' shapes from them, drawings and exports
read them: the numbers are written once, here. One small function per kind of part; each returns the
layers in the order in which they run. Sources: tensorflow/models `spinenet.py`,
`spinenet_mobile.py`, `resnet.py`, `fpn.py`, RetinaNet heads.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache, partial
from typing import NamedTuple

from explorer.architecture.block import Op
from explorer.architecture.scaling import Endpoint, Head, HeadStyle, LinkStyle, Stem

EXPANSION = 6
"""How much an MBConv or inverted residual block widens its input."""
SE_RATIO = 0.2
"""Width of the squeeze of squeeze-and-excitation, of the block's input channels."""


class LayerKind(StrEnum):
    """What a layer does; the classes that costs are listed by."""

    CONVOLUTION = "convolution"
    NORM = "norm"
    ACTIVATION = "activation"
    ADD = "add"
    POOL = "pool"
    RESIZE = "resize"
    GATE = "gate"
    """Squeeze-and-excitation's mean and product; its two convolutions are convolutions."""


class Layer(NamedTuple):
    """One primitive operation; `height` and `width` are those of its output.

    `name` is relative to the part it belongs to: `squeeze.conv`, `0.bn1`. Layers without parameters
    have names too. `groups == in_channels` is a depthwise convolution.
    """

    name: str
    kind: LayerKind
    in_channels: int
    out_channels: int
    height: int
    width: int
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    bias: bool = False


Layers = tuple[Layer, ...]
Size = tuple[int, int]
"""Height and width in pixels."""


@lru_cache(maxsize=4096)
def halved(size: Size, times: int = 1) -> Size:
    """The size after stride-2 layers, each rounding up: `same` and `symmetric` agree on it.

    >>> halved((5, 8), 2)
    (2, 2)
    """
    height, width = size
    for _ in range(times):
        height, width = -(-height // 2), -(-width // 2)
    return height, width


def _conv(
    name: str,
    c_in: int,
    c_out: int,
    size: Size,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
) -> Layer:
    return Layer(name, LayerKind.CONVOLUTION, c_in, c_out, *size, kernel, stride, groups, bias)


def _plain(name: str, kind: LayerKind, channels: int, size: Size, kernel: int = 1) -> Layer:
    return Layer(name, kind, channels, channels, *size, kernel)


def _conv_norm(
    prefix: str,
    c_in: int,
    c_out: int,
    size: Size,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    activate: bool = True,
    number: str = "",
) -> Layers:
    """Convolution, norm and, where asked, activation: `{prefix}conv{number}`, `…bn`, `…act`."""
    layers: Layers = (
        _conv(f"{prefix}conv{number}", c_in, c_out, size, kernel, stride, groups),
        _plain(f"{prefix}bn{number}", LayerKind.NORM, c_out, size),
    )
    if activate:
        layers += (_plain(f"{prefix}act{number}", LayerKind.ACTIVATION, c_out, size),)
    return layers


@lru_cache(maxsize=1024)
def stem_layers(stem: Stem, filters: int, size: Size) -> Layers:
    """The stem on an image of this size, 3 channels.

    >>> [layer.name for layer in stem_layers(Stem.CONV7_POOL, 64, (128, 128))]
    ['conv1', 'bn1', 'act1', 'pool']
    """
    first = halved(size)
    if stem is Stem.CONV3:
        return _conv_norm("", 3, filters, first, kernel=3, stride=2, number="1")
    if stem is Stem.UNSHUFFLE:
        unshuffle = Layer("unshuffle", LayerKind.RESIZE, 3, 12, *first, 2, 2)
        return (unshuffle, *_conv_norm("", 12, filters, halved(first), 3, 2, number="1"))
    pool = Layer("pool", LayerKind.POOL, filters, filters, *halved(first), 3, 2)
    return (*_conv_norm("", 3, filters, first, kernel=7, stride=2, number="1"), pool)


@lru_cache(maxsize=65536)
def resample_layers(
    style: LinkStyle,
    c_parent: int,
    c_squeezed: int,
    c_target: int,
    steps: int,
    source: Size,
    target: Size,
    one_pool: bool = False,
) -> Layers:
    """A resampling link. `steps` is target level minus parent level: > 0 goes down.

    `one_pool`: the way down after the convolution is one larger max pool (TensorFlow 1's code).

    >>> up = resample_layers(LinkStyle.ALPHA, 1024, 128, 512, -1, (8, 8), (16, 16))
    >>> [layer.name for layer in up if layer.kind is not LayerKind.NORM]
    ['squeeze.conv', 'squeeze.act', 'up', 'expand.conv']
    """
    if style is LinkStyle.LEAN:
        return _lean_layers(c_parent, c_squeezed, c_target, steps, source, target)
    layers: Layers = ()
    channels = c_parent
    if style is LinkStyle.ALPHA:
        layers += _conv_norm("squeeze.", c_parent, c_squeezed, source)
        channels = c_squeezed
        if steps > 0:
            layers += _conv_norm("down.", channels, channels, halved(source), 3, 2)
        if one_pool and steps > 1:
            kernel, size = 3 if steps == 2 else 5, halved(source, steps)
            layers += (
                Layer("pool1", LayerKind.POOL, channels, channels, *size, kernel, 2 ** (steps - 1)),
            )
        else:
            layers += tuple(
                Layer(f"pool{i}", LayerKind.POOL, channels, channels, *halved(source, i + 1), 3, 2)
                for i in range(1, steps)
            )
    else:
        for i in range(steps):
            layers += _conv_norm(
                f"down{i}.", channels, channels, halved(source, i + 1), 3, 2, groups=channels
            )
    if steps < 0:
        layers += (_plain("up", LayerKind.RESIZE, channels, target),)
    return layers + _conv_norm("expand.", channels, c_target, target, activate=False)


def _lean_layers(
    c_parent: int, c_squeezed: int, c_target: int, steps: int, source: Size, target: Size
) -> Layers:
    """All convolutions at the coarser of the two levels: going up, repeating pixels comes last."""
    size = target if steps > 0 else source
    layers: Layers = ()
    if steps > 0:
        layers = (Layer("pool", LayerKind.POOL, c_parent, c_parent, *size, 2**steps, 2**steps),)
    layers += (
        _conv("squeeze.conv", c_parent, c_squeezed, size, bias=True),
        _plain("squeeze.act", LayerKind.ACTIVATION, c_squeezed, size),
        *_conv_norm("expand.", c_squeezed, c_target, size, activate=False),
    )
    return layers if steps >= 0 else (*layers, _plain("up", LayerKind.RESIZE, c_target, target))


@lru_cache(maxsize=65536)
def lateral_layers(c_parent: int, filters: int, size: Size) -> Layers:
    """FPN's 1x1 convolution, with bias and without norm.

    >>> lateral_layers(2048, 256, (4, 4))[0].bias
    True
    """
    return (_conv("conv", c_parent, filters, size, bias=True),)


@lru_cache(maxsize=65536)
def top_down_layers(filters: int, size: Size) -> Layers:
    """FPN's nearest-neighbour upsampling.

    >>> top_down_layers(256, (8, 8))[0].name
    'up'
    """
    return (_plain("up", LayerKind.RESIZE, filters, size),)


@lru_cache(maxsize=65536)
def fuse_layers(channels: int, inputs: int, activate: bool, size: Size) -> Layers:
    """What joins the links: `inputs - 1` sums and, in SpineNet, one activation.

    >>> [layer.name for layer in fuse_layers(1024, 3, True, (8, 8))]
    ['add1', 'add2', 'act']
    """
    layers = tuple(_plain(f"add{i}", LayerKind.ADD, channels, size) for i in range(1, inputs))
    if activate:
        layers += (_plain("act", LayerKind.ACTIVATION, channels, size),)
    return layers


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
        return (_conv("conv", c_in, c, target, 3, bias=True),)
    if op is Op.COARSE:
        head = (_plain("act", LayerKind.ACTIVATION, c_in, source),) if project else ()
        return (*head, _conv("conv", c_in, c, target, 3, 2, bias=True))
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
        *_conv_norm(p, c_in, c, source, number="1"),
        *_conv_norm(p, c, c, target, 3, stride, number="2"),
        *_conv_norm(p, c, wide, target, activate=False, number="3"),
        _plain(f"{p}add", LayerKind.ADD, wide, target),
        _plain(f"{p}act", LayerKind.ACTIVATION, wide, target),
    )


def _residual(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    return (
        *_shortcut(p, c_in, c, stride, project, target),
        *_conv_norm(p, c_in, c, target, 3, stride, number="1"),
        *_conv_norm(p, c, c, target, 3, activate=False, number="2"),
        _plain(f"{p}add", LayerKind.ADD, c, target),
        _plain(f"{p}act", LayerKind.ACTIVATION, c, target),
    )


def _shortcut(p: str, c_in: int, c_out: int, stride: int, project: bool, size: Size) -> Layers:
    if not project:
        return ()
    return _conv_norm(p, c_in, c_out, size, 1, stride, activate=False, number="0")


def _mbconv(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    wide = c_in * EXPANSION
    squeezed = max(1, int(c_in * SE_RATIO))
    layers: Layers = (
        *_conv_norm(p, c_in, wide, source, number="0"),
        *_conv_norm(p, wide, wide, target, 3, stride, groups=wide, number="1"),
        Layer(f"{p}se.mean", LayerKind.GATE, wide, wide, *target),
        _conv(f"{p}se.reduce", wide, squeezed, (1, 1), bias=True),
        Layer(f"{p}se.act", LayerKind.ACTIVATION, squeezed, squeezed, 1, 1),
        _conv(f"{p}se.expand", squeezed, wide, (1, 1), bias=True),
        Layer(f"{p}se.multiply", LayerKind.GATE, wide, wide, *target),
        *_conv_norm(p, wide, c, target, activate=False, number="2"),
    )
    if c_in == c and stride == 1:
        layers += (_plain(f"{p}add", LayerKind.ADD, c, target),)
    return layers


def _inverted(
    p: str, c_in: int, c: int, stride: int, expand: bool, source: Size, target: Size
) -> Layers:
    wide = c_in * EXPANSION if expand else c_in
    layers: Layers = (
        *(_conv_norm(p, c_in, wide, source, number="0") if expand else ()),
        *_conv_norm(p, wide, wide, target, 3, stride, groups=wide, number="1"),
        *_conv_norm(p, wide, c, target, activate=False, number="2"),
    )
    if c_in == c and stride == 1:
        layers += (_plain(f"{p}add", LayerKind.ADD, c, target),)
    return layers


def _pointwise(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    return _conv_norm(p, c_in, c, target, 1, stride)


def _extra(
    p: str, c_in: int, c: int, stride: int, project: bool, source: Size, target: Size
) -> Layers:
    half = max(1, c // 2)
    return (
        *_conv_norm(p, c_in, half, source, number="0"),
        *_conv_norm(p, half, half, target, 3, stride, groups=half, number="1"),
        *_conv_norm(p, half, c, target, number="2"),
    )


_COPIES = {
    Op.RESIDUAL: _residual,
    Op.MBCONV: _mbconv,
    Op.INVERTED: _inverted,
    Op.POINTWISE: _pointwise,
    Op.EXTRA: _extra,
}
"""The layers of one copy of a block, by op; a bottleneck's depend on the scaling as well."""


@lru_cache(maxsize=65536)
def endpoint_layers(endpoint: Endpoint, c_in: int, filters: int, size: Size) -> Layers:
    """From an output block to its pyramid level.

    >>> [layer.name for layer in endpoint_layers(Endpoint.NORM, 256, 256, (8, 8))]
    ['bn']
    """
    if endpoint is Endpoint.CONV:
        return _conv_norm("", c_in, filters, size)
    if endpoint is Endpoint.NORM:
        return (_plain("bn", LayerKind.NORM, c_in, size),)
    return ()


@lru_cache(maxsize=65536)
def head_layers(head: Head, c_in: int, level: int, size: Size, finest: bool = False) -> Layers:
    """The head on one level: RetinaNet's two towers, or SSD's two predictors.

    Names without the level (`class.convs.0`) are shared over levels; norms (`class.norms.3.0`) are
    the level's own, as is all that SSD has (`class.4.predict`). `finest`: it is the finest level
    that the network may have a head on.

    >>> [layer.out_channels for layer in head_layers(Head(num_convs=0), 256, 3, (80, 80))]
    [819, 36]
    """
    layers: Layers = ()
    if head.style is HeadStyle.SSD:
        anchors = head.anchors_at(finest)
        return (
            *_predictor(f"class.{level}.", c_in, anchors * head.num_classes, size),
            *_predictor(f"box.{level}.", c_in, anchors * 4, size),
        )
    for tower, outputs in (("class", head.num_classes), ("box", 4)):
        channels = c_in
        for i in range(head.num_convs):
            layers += _head_conv(head, f"{tower}.convs.{i}", channels, head.num_filters, size)
            channels = head.num_filters
            layers += (
                _plain(f"{tower}.norms.{level}.{i}", LayerKind.NORM, channels, size),
                _plain(f"{tower}.act.{i}", LayerKind.ACTIVATION, channels, size),
            )
        c_out = outputs * head.num_anchors
        layers += _head_conv(head, f"{tower}.predict", channels, c_out, size)
    return layers


def _head_conv(head: Head, name: str, c_in: int, c_out: int, size: Size) -> Layers:
    if not head.separable:
        return (_conv(name, c_in, c_out, size, 3, bias=True),)
    return (
        _conv(f"{name}.depthwise", c_in, c_in, size, 3, groups=c_in),
        _conv(f"{name}.pointwise", c_in, c_out, size, bias=True),
    )


def _predictor(prefix: str, c_in: int, c_out: int, size: Size) -> Layers:
    """SSDLite's box predictor: a depthwise convolution, normed and activated, then a 1x1."""
    return (
        *_conv_norm(prefix, c_in, c_in, size, 3, groups=c_in),
        _conv(f"{prefix}predict", c_in, c_out, size, bias=True),
    )


@lru_cache(maxsize=65536)
def folded(layers: Layers) -> Layers:
    """The same layers with each norm inside the convolution before it, which gets a bias for it.

    >>> [layer.name for layer in folded(endpoint_layers(Endpoint.CONV, 64, 32, (8, 8)))]
    ['conv', 'act']
    """
    kept: list[Layer] = []
    for layer in layers:
        if layer.kind is not LayerKind.NORM:
            kept.append(layer)
        elif kept and kept[-1].kind is LayerKind.CONVOLUTION:
            kept[-1] = kept[-1]._replace(bias=True)
    return tuple(kept)
