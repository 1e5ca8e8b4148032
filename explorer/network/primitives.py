"""The primitive modules, made from the plan's layers. Padding is decided here and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.architecture.layers import Layer, Layers, Size
from explorer.architecture.scaling import Activation, Norm, Padding, Scaling

MOMENTUM = 0.01
"""Of running statistics in training: 1 minus the official momentum, 0.99."""

GROUP_CHANNELS = 16
"""Channels that a group norm takes together, about."""

Function = Callable[[Tensor], Tensor]

ACTIVATIONS: dict[Activation, Function] = {
    Activation.RELU: functional.relu,
    Activation.SWISH: functional.silu,
    Activation.HARD_SWISH: functional.hardswish,
    Activation.RELU6: functional.relu6,
}


def margins(length: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Pixels added before and after an edge of this length.

    `padding` is `same` or `symmetric`; a network's rule says which for convolutions and for pools.
    `same` gives ceil(length / stride) outputs, the odd pixel after (TensorFlow); `symmetric` gives
    (kernel - 1) // 2 on both sides (torchvision). Both give as many outputs; they differ where the
    length is even and the stride 2.

    >>> margins(128, 7, 2, Padding.SAME), margins(127, 7, 2, Padding.SAME)
    ((2, 3), (3, 3))
    >>> margins(128, 7, 2, Padding.SYMMETRIC)
    (3, 3)
    """
    if padding is not Padding.SAME:
        return (kernel - 1) // 2, (kernel - 1) // 2
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


class OneMap(nn.Module):
    """A module that takes one feature map and gives one; for the type checker alone."""

    if TYPE_CHECKING:

        def __call__(self, x: Tensor) -> Tensor: ...


class Conv(OneMap, nn.Conv2d):
    """A convolution that pads by the network's rule, whatever the size of its input."""

    def __init__(self, layer: Layer, rule: Padding) -> None:
        super().__init__(
            layer.in_channels,
            layer.out_channels,
            layer.kernel,
            layer.stride,
            groups=layer.groups,
            bias=layer.bias,
        )
        self.rule = rule

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W) -> (N, C_out, H / s, W / s)
        kernel, stride = self.kernel_size[0], self.stride[0]
        top, bottom = margins(x.shape[-2], kernel, stride, self.rule)
        left, right = margins(x.shape[-1], kernel, stride, self.rule)
        if (bottom, right) != (top, left):
            # What both sides share is left to the convolution, which pads without a copy.
            x = functional.pad(x, (0, right - left, 0, bottom - top))
        return functional.conv2d(
            x, self.weight, self.bias, self.stride, (top, left), groups=self.groups
        )


class BatchNorm(OneMap):
    """A batch norm with torch's names, without its counter of steps, which no weights file has."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return functional.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            MOMENTUM,
            self.epsilon,
        )


class GroupNorm(OneMap):
    """A group norm: each image by itself, each group of about 16 channels by itself."""

    def __init__(self, channels: int, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.groups = math.gcd(channels, max(1, channels // GROUP_CHANNELS))
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return functional.group_norm(x, self.groups, self.weight, self.bias, self.epsilon)


class Unchanged(OneMap):
    """Stands where a norm is folded into the convolution before it."""

    def forward(self, x: Tensor) -> Tensor:
        return x


def max_pool(x: Tensor, rule: Padding, kernel: int = 3, stride: int = 2) -> Tensor:
    """The max pool, mostly 3x3 stride 2; outside the map counts as minus infinity.

    >>> max_pool(torch.arange(4.0).reshape(1, 1, 1, 4), Padding.SAME).flatten().tolist()
    [2.0, 3.0]
    """
    padding = rule.of_pools
    top, _ = margins(x.shape[-2], kernel, stride, padding)
    left, _ = margins(x.shape[-1], kernel, stride, padding)
    # Under `same` the odd pixel after is the part of the last window that hangs over the edge.
    hangs = padding is Padding.SAME
    return functional.max_pool2d(x, kernel, stride, (top, left), ceil_mode=hangs)


def upsample(x: Tensor, size: Size) -> Tensor:
    """Nearest-neighbour upsampling to `size`, a whole multiple of the map's own.

    >>> upsample(torch.tensor([[[[1.0, 2.0]]]]), (2, 4))[0, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """
    n, c, h, w = x.shape
    if (h, w) == size:
        return x
    # Copies whole pixels: no position is computed in floating point, so any factor is exact.
    pixels = x.reshape(n, c, h, 1, w, 1).expand(n, c, h, size[0] // h, w, size[1] // w)
    return pixels.reshape(n, c, *size)


def hard_sigmoid(x: Tensor) -> Tensor:
    """relu6(x + 3) * 0.16667: the official gate, with the official constant.

    >>> hard_sigmoid(torch.tensor([-4.0, 0.0])).tolist()
    [0.0, 0.5000100135803223]
    """
    return functional.relu6(x + 3) * 0.16667


class Blueprint(NamedTuple):
    """The layers of one part, and the conventions by which its modules are made."""

    layers: Layers
    activation: Activation
    padding: Padding
    epsilon: float
    grouped: bool = False
    """Norms are group norms."""

    @classmethod
    def of(cls, layers: Layers, scaling: Scaling) -> Blueprint:
        """These layers with the conventions of `scaling`."""
        grouped = scaling.norm is Norm.GROUP
        return cls(layers, scaling.activation, scaling.padding, scaling.norm_epsilon, grouped)

    def __contains__(self, name: object) -> bool:
        return any(layer.name == name for layer in self.layers)

    def layer(self, name: str) -> Layer:
        """The layer of this name. Raises KeyError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def under(self, prefix: str) -> Blueprint:
        """The layers whose names start with `prefix`, without it."""
        kept = tuple(
            layer._replace(name=layer.name.removeprefix(prefix))
            for layer in self.layers
            if layer.name.startswith(prefix)
        )
        return self._replace(layers=kept)

    def numbered(self, prefix: str = "") -> list[Blueprint]:
        """What stands under `{prefix}0.`, `{prefix}1.`, … while there is any."""
        found: list[Blueprint] = []
        while (part := self.under(f"{prefix}{len(found)}.")).layers:
            found.append(part)
        return found

    def conv(self, name: str) -> Conv:
        """The convolution of this name."""
        return Conv(self.layer(name), self.padding)

    def norm(self, name: str) -> BatchNorm | GroupNorm | Unchanged:
        """The norm of this name; nothing where there is none, or a convolution holds it."""
        if name not in self:
            return Unchanged()
        kind = GroupNorm if self.grouped else BatchNorm
        return kind(self.layer(name).out_channels, self.epsilon)

    @property
    def act(self) -> Function:
        """The activation function of the network."""
        return ACTIVATIONS[self.activation]

    @property
    def signature(self) -> str:
        """All that decides what the part computes for given parameters; sizes do not."""
        layers = [
            (y.name, y.kind.value, y.in_channels, y.out_channels, y.kernel, y.stride, y.groups)
            for y in self.layers
        ]
        return f"{layers}{self.activation}{self.padding}{self.epsilon!r}{self.grouped}"
