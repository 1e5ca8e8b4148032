"""The layers of links: how a map reaches a block of another level, and how maps meet there."""

from __future__ import annotations

from functools import lru_cache

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
from explorer.architecture.scaling import LinkStyle


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
        layers += conv_norm("squeeze.", c_parent, c_squeezed, source)
        channels = c_squeezed
        if steps > 0:
            layers += conv_norm("down.", channels, channels, halved(source), 3, 2)
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
            layers += conv_norm(
                f"down{i}.", channels, channels, halved(source, i + 1), 3, 2, groups=channels
            )
    if steps < 0:
        layers += (plain("up", LayerKind.RESIZE, channels, target),)
    return layers + conv_norm("expand.", channels, c_target, target, activate=False)


def _lean_layers(
    c_parent: int, c_squeezed: int, c_target: int, steps: int, source: Size, target: Size
) -> Layers:
    """All convolutions at the coarser of the two levels: going up, repeating pixels comes last.

    Where the widths agree, a share of what came in is added to what they give.
    """
    size = target if steps > 0 else source
    layers: Layers = ()
    if steps > 0:
        layers = (Layer("pool", LayerKind.POOL, c_parent, c_parent, *size, 2**steps, 2**steps),)
    layers += (
        conv("squeeze.conv", c_parent, c_squeezed, size, bias=True),
        plain("squeeze.act", LayerKind.ACTIVATION, c_squeezed, size),
        *conv_norm("expand.", c_squeezed, c_target, size, activate=False),
    )
    if c_parent == c_target:
        layers += (plain("add", LayerKind.ADD, c_target, size),)
    return layers if steps >= 0 else (*layers, plain("up", LayerKind.RESIZE, c_target, target))


@lru_cache(maxsize=65536)
def lateral_layers(c_parent: int, filters: int, size: Size) -> Layers:
    """FPN's 1x1 convolution, with bias and without norm.

    >>> lateral_layers(2048, 256, (4, 4))[0].bias
    True
    """
    return (conv("conv", c_parent, filters, size, bias=True),)


@lru_cache(maxsize=65536)
def top_down_layers(filters: int, size: Size) -> Layers:
    """FPN's nearest-neighbour upsampling.

    >>> top_down_layers(256, (8, 8))[0].name
    'up'
    """
    return (plain("up", LayerKind.RESIZE, filters, size),)


@lru_cache(maxsize=65536)
def fuse_layers(channels: int, inputs: int, activate: bool, size: Size) -> Layers:
    """What joins the links: `inputs - 1` sums and, in SpineNet, one activation.

    >>> [layer.name for layer in fuse_layers(1024, 3, True, (8, 8))]
    ['add1', 'add2', 'act']
    """
    layers = tuple(plain(f"add{i}", LayerKind.ADD, channels, size) for i in range(1, inputs))
    if activate:
        layers += (plain("act", LayerKind.ACTIVATION, channels, size),)
    return layers
