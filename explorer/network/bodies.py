"""What blocks compute, once their inputs are summed.

Source: tensorflow/models `nn_blocks.py` (BottleneckBlock, ResidualBlock, InvertedBottleneckBlock,
SqueezeExcitation) and `fpn.py`; for the inverted residual TF-Slim's `conv_blocks.py`, for the extra
layers `feature_map_generators.py` of `object_detection`.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from explorer.network.primitives import Blueprint, OneMap, hard_sigmoid


class Bottleneck(nn.Module):
    """1x1 to C, 3x3, 1x1 to 4C, plus the shortcut."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.projects = "conv0" in parts
        if self.projects:
            self.conv0, self.bn0 = parts.conv("conv0"), parts.norm("bn0")
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.conv2, self.bn2 = parts.conv("conv2"), parts.norm("bn2")
        self.conv3, self.bn3 = parts.conv("conv3"), parts.norm("bn3")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        shortcut = self.bn0(self.conv0(x)) if self.projects else x  # (N, 4C, H / s, W / s)
        x = self.act(self.bn1(self.conv1(x)))  # (N, C, H, W)
        x = self.act(self.bn2(self.conv2(x)))  # (N, C, H / s, W / s)
        x = self.bn3(self.conv3(x))  # (N, 4C, H / s, W / s)
        return self.act(x + shortcut)


class Residual(nn.Module):
    """3x3 to C, 3x3, plus the shortcut."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.projects = "conv0" in parts
        if self.projects:
            self.conv0, self.bn0 = parts.conv("conv0"), parts.norm("bn0")
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.conv2, self.bn2 = parts.conv("conv2"), parts.norm("bn2")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        shortcut = self.bn0(self.conv0(x)) if self.projects else x  # (N, C, H / s, W / s)
        x = self.act(self.bn1(self.conv1(x)))  # (N, C, H / s, W / s)
        x = self.bn2(self.conv2(x))  # (N, C, H / s, W / s)
        return self.act(x + shortcut)


class SqueezeExcitation(OneMap):
    """Scales each channel by a gate that is computed from all channels' means."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.reduce, self.expand = parts.conv("reduce"), parts.conv("expand")

    def forward(self, x: Tensor) -> Tensor:  # (N, 6 C_in, H, W)
        gate = x.mean((2, 3), keepdim=True)  # (N, 6 C_in, 1, 1)
        gate = functional.relu(self.reduce(gate))  # (N, C_in / 5, 1, 1); relu in every network
        gate = hard_sigmoid(self.expand(gate))  # (N, 6 C_in, 1, 1)
        return x * gate


class MBConv(nn.Module):
    """1x1 expand, 3x3 depthwise, squeeze-and-excitation, 1x1 project; a shortcut where it fits."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv0, self.bn0 = parts.conv("conv0"), parts.norm("bn0")
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.se = SqueezeExcitation(parts.under("se."))
        self.conv2, self.bn2 = parts.conv("conv2"), parts.norm("bn2")
        self.adds = "add" in parts
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        shortcut = x
        x = self.act(self.bn0(self.conv0(x)))  # (N, 6 C_in, H, W)
        x = self.act(self.bn1(self.conv1(x)))  # (N, 6 C_in, H / s, W / s)
        x = self.se(x)
        x = self.bn2(self.conv2(x))  # (N, C, H / s, W / s)
        return x + shortcut if self.adds else x  # no activation after the sum


class Inverted(nn.Module):
    """MobileNetV2: 1x1 expand, 3x3 depthwise, 1x1 project, not activated; a shortcut if it fits.

    What is wide already is not expanded.
    """

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.expands = "conv0" in parts
        if self.expands:
            self.conv0, self.bn0 = parts.conv("conv0"), parts.norm("bn0")
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.conv2, self.bn2 = parts.conv("conv2"), parts.norm("bn2")
        self.adds = "add" in parts
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        shortcut = x
        if self.expands:
            x = self.act(self.bn0(self.conv0(x)))  # (N, 6 C_in, H, W)
        x = self.act(self.bn1(self.conv1(x)))  # (N, 6 C_in, H / s, W / s)
        x = self.bn2(self.conv2(x))  # (N, C, H / s, W / s)
        return x + shortcut if self.adds else x


class Pointwise(nn.Module):
    """One 1x1 convolution, activated."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv, self.bn = parts.conv("conv"), parts.norm("bn")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        return self.act(self.bn(self.conv(x)))  # (N, C, H / s, W / s)


class Extra(nn.Module):
    """SSDLite's extra feature layer: 1x1 to C/2, 3x3 depthwise, 1x1 to C, each activated."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv0, self.bn0 = parts.conv("conv0"), parts.norm("bn0")
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.conv2, self.bn2 = parts.conv("conv2"), parts.norm("bn2")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C_in, H, W)
        x = self.act(self.bn0(self.conv0(x)))  # (N, C / 2, H, W)
        x = self.act(self.bn1(self.conv1(x)))  # (N, C / 2, H / s, W / s)
        return self.act(self.bn2(self.conv2(x)))  # (N, C, H / s, W / s)


class PyramidConv(nn.Module):
    """FPN: 3x3 after the sum, or 3x3 stride 2 (before which P7 activates P6)."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.activates = "act" in parts
        self.act = parts.act
        self.conv = parts.conv("conv")

    def forward(self, x: Tensor) -> Tensor:  # (N, filters, H, W)
        return self.conv(self.act(x) if self.activates else x)  # (N, filters, H / s, W / s)


class Sum(nn.Module):
    """FPN's lateral block: the sum of its links is all."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x


Copied = Bottleneck | Residual | MBConv | Inverted | Pointwise | Extra


def repeated(block: type[Copied], parts: Blueprint) -> nn.Sequential:
    """Copies of a block in sequence, named `0`, `1`, …; the first may shrink and project."""
    return nn.Sequential(*(block(part) for part in parts.numbered()))
