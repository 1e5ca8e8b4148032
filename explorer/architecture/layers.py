"""The primitive layers that parts of a network are made of, with channels and sizes.

Cost counts these, the live network takes its parameters' shapes from them, drawings and exports
read them: the numbers are written once. `block_layers`, `link_layers` and `head_layers` put them
together; each function there returns the layers in the order in which they run. Sources:
tensorflow/models `spinenet.py`, `spinenet_mobile.py`, `resnet.py`, `fpn.py`, RetinaNet heads.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


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


def conv(
    name: str,
    c_in: int,
    c_out: int,
    size: Size,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
) -> Layer:
    """A convolution.

    >>> conv("conv", 3, 64, (8, 8), kernel=7, stride=2).kernel
    7
    """
    return Layer(name, LayerKind.CONVOLUTION, c_in, c_out, *size, kernel, stride, groups, bias)


def plain(name: str, kind: LayerKind, channels: int, size: Size, kernel: int = 1) -> Layer:
    """A layer that keeps the number of channels.

    >>> plain("act", LayerKind.ACTIVATION, 64, (8, 8)).out_channels
    64
    """
    return Layer(name, kind, channels, channels, *size, kernel)


def conv_norm(
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
        conv(f"{prefix}conv{number}", c_in, c_out, size, kernel, stride, groups),
        plain(f"{prefix}bn{number}", LayerKind.NORM, c_out, size),
    )
    if activate:
        layers += (plain(f"{prefix}act{number}", LayerKind.ACTIVATION, c_out, size),)
    return layers


@lru_cache(maxsize=65536)
def folded(layers: Layers) -> Layers:
    """The same layers with each norm inside the convolution before it, which gets a bias for it.

    >>> [layer.name for layer in folded(conv_norm("", 64, 32, (8, 8)))]
    ['conv', 'act']
    """
    kept: list[Layer] = []
    for layer in layers:
        if layer.kind is not LayerKind.NORM:
            kept.append(layer)
        elif kept and kept[-1].kind is LayerKind.CONVOLUTION:
            kept[-1] = kept[-1]._replace(bias=True)
    return tuple(kept)
