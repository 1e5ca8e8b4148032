"""How features go from a parent to a child: links, and the sum in which they meet."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from explorer.architecture.layers import LayerKind, Layers, Size
from explorer.network.primitives import Blueprint, Function, OneMap, max_pool, upsample


class ConvNorm(OneMap):
    """A convolution and its norm, named `conv` and `bn`."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv = parts.conv("conv")
        self.bn = parts.norm("bn")

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class AlphaLink(nn.Module):
    """SpineNet: 1x1 to alpha*C, down by 3x3 stride 2 and max pools or up, 1x1 to the target."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.squeeze = ConvNorm(parts.under("squeeze."))
        self.down = ConvNorm(parts.under("down.")) if "down.conv" in parts else None
        pools = (layer for layer in parts.layers if layer.kind is LayerKind.POOL)
        self.pools = tuple((layer.kernel, layer.stride) for layer in pools)
        self.goes_up = "up" in parts
        self.expand = ConvNorm(parts.under("expand."))
        self.act = parts.act
        self.rule = parts.padding

    def forward(self, x: Tensor, size: Size) -> Tensor:  # (N, C_parent, H, W)
        x = self.act(self.squeeze(x))  # (N, alpha C, H, W)
        if self.down is not None:
            x = self.act(self.down(x))  # (N, alpha C, H / 2, W / 2)
        for kernel, stride in self.pools:
            x = max_pool(x, self.rule, kernel, stride)  # halved again
        if self.goes_up:
            x = upsample(x, size)  # (N, alpha C, *size)
        return self.expand(x)  # (N, C_target, *size)


class SeparableLink(nn.Module):
    """Mobile SpineNet: a 3x3 depthwise stride 2 for each level down, or up; 1x1 to the target."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.downs = 0
        for part in parts.numbered("down"):
            self.add_module(f"down{self.downs}", ConvNorm(part))
            self.downs += 1
        self.goes_up = "up" in parts
        self.expand = ConvNorm(parts.under("expand."))
        self.act = parts.act

    def forward(self, x: Tensor, size: Size) -> Tensor:  # (N, C_parent, H, W)
        for i in range(self.downs):
            x = self.act(self.get_submodule(f"down{i}")(x))  # halved
        if self.goes_up:
            x = upsample(x, size)  # (N, C_parent, *size)
        return self.expand(x)  # (N, C_target, *size)


PASSED_ON = 0.5
"""Of what comes in, beside what a lean link makes of it: two parents' halves are their mean. A
whole one would double at each block what goes around the blocks."""


class LeanLink(nn.Module):
    """Miniature: means of squares going down, 1x1 to alpha*C, 1x1 to the target, then up."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.square = parts.layer("pool").kernel if "pool" in parts else 1
        self.squeeze = parts.conv("squeeze.conv")
        self.expand = ConvNorm(parts.under("expand."))
        self.adds = "add" in parts
        self.act = parts.act

    def forward(self, x: Tensor, size: Size) -> Tensor:  # (N, C_parent, H, W)
        if self.square > 1:
            # At an odd edge the mean is over what there is.
            x = functional.avg_pool2d(x, self.square, ceil_mode=True, count_include_pad=False)
        made: Tensor = self.expand(self.act(self.squeeze(x)))  # (N, C_target, ...)
        if self.adds:
            made = made + PASSED_ON * x
        return upsample(made, size)  # (N, C_target, *size)


class LateralLink(nn.Module):
    """FPN: a 1x1 convolution with bias, from a stage into the pyramid."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv = parts.conv("conv")

    def forward(self, x: Tensor, size: Size) -> Tensor:  # (N, C_stage, H, W)
        return self.conv(x)  # (N, filters, H, W)


class TopDownLink(nn.Module):
    """FPN: nearest-neighbour upsampling, without parameters."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()

    def forward(self, x: Tensor, size: Size) -> Tensor:  # (N, filters, H, W)
        return upsample(x, size)  # (N, filters, *size)


def fuse(inputs: Sequence[Tensor], layers: Layers, act: Function) -> Tensor:
    """The sum of what the links bring, by slot, and the activation where `layers` has one.

    >>> import torch
    >>> fuse([torch.ones(1), torch.full((1,), -3.0)], (), torch.relu).tolist()
    [-2.0]
    """
    total = inputs[0]
    for other in inputs[1:]:
        total = total + other
    return act(total) if any(layer.kind is LayerKind.ACTIVATION for layer in layers) else total
