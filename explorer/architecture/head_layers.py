"""The layers after the blocks: from output blocks to the pyramid, and the head on it."""

from __future__ import annotations

from functools import lru_cache

from explorer.architecture.layers import (
    LayerKind,
    Layers,
    Size,
    conv,
    conv_norm,
    plain,
)
from explorer.architecture.scaling import Endpoint, Head, HeadStyle


@lru_cache(maxsize=65536)
def endpoint_layers(endpoint: Endpoint, c_in: int, filters: int, size: Size) -> Layers:
    """From an output block to its pyramid level.

    >>> [layer.name for layer in endpoint_layers(Endpoint.NORM, 256, 256, (8, 8))]
    ['bn']
    """
    if endpoint is Endpoint.CONV:
        return conv_norm("", c_in, filters, size)
    if endpoint is Endpoint.NORM:
        return (plain("bn", LayerKind.NORM, c_in, size),)
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
                plain(f"{tower}.norms.{level}.{i}", LayerKind.NORM, channels, size),
                plain(f"{tower}.act.{i}", LayerKind.ACTIVATION, channels, size),
            )
        c_out = outputs * head.num_anchors
        layers += _head_conv(head, f"{tower}.predict", channels, c_out, size)
    return layers


def _head_conv(head: Head, name: str, c_in: int, c_out: int, size: Size) -> Layers:
    if not head.separable:
        return (conv(name, c_in, c_out, size, 3, bias=True),)
    return (
        conv(f"{name}.depthwise", c_in, c_in, size, 3, groups=c_in),
        conv(f"{name}.pointwise", c_in, c_out, size, bias=True),
    )


def _predictor(prefix: str, c_in: int, c_out: int, size: Size) -> Layers:
    """SSDLite's box predictor: a depthwise convolution, normed and activated, then a 1x1."""
    return (
        *conv_norm(prefix, c_in, c_in, size, 3, groups=c_in),
        conv(f"{prefix}predict", c_in, c_out, size, bias=True),
    )
