"""Stems and the bodies of blocks of an exported file.

Source: tensorflow/models `nn_blocks.py`; the last three are of MobileNetV2 and SSDLite.
"""

from torch import Tensor, nn
from torch.nn import functional

from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.primitives import Conv
from explorer.network.export.pieces.same import max_pools
from explorer.network.export.pieces.settings import activate


class Stem(nn.Module):
    """7x7 stride 2, norm, activation, 3x3 stride 2 max pool."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = Conv(3, c, 7, 2), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, 3, H, W)
        x = activate(self.bn1(self.conv1(x)))  # (N, c, H/2, W/2)
        return max_pools(x, 1)  # (N, c, H/4, W/4)


class MobileStem(nn.Module):
    """3x3 stride 2, norm, activation."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = Conv(3, c, 3, 2), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, 3, H, W)
        return activate(self.bn1(self.conv1(x)))  # (N, c, H/2, W/2)


class Bottleneck(nn.Module):
    """1x1 to c, 3x3, 1x1 to 4c or another multiple, plus the shortcut."""

    def __init__(
        self,
        c_in: int,
        c: int,
        stride: int = 1,
        project: bool = False,
        expansion: int = 4,
    ) -> None:
        super().__init__()
        self.project, c_out = project, expansion * c
        if project:
            self.conv0, self.bn0 = Conv(c_in, c_out, 1, stride), Norm(c_out)
        self.conv1, self.bn1 = Conv(c_in, c), Norm(c)
        self.conv2, self.bn2 = Conv(c, c, 3, stride), Norm(c)
        self.conv3, self.bn3 = Conv(c, c_out), Norm(c_out)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        shortcut = self.bn0(self.conv0(x)) if self.project else x
        x = activate(self.bn1(self.conv1(x)))  # (N, c, H, W)
        x = activate(self.bn2(self.conv2(x)))  # (N, c, H / stride, W / stride)
        x = self.bn3(self.conv3(x))  # (N, c_out, H / stride, W / stride)
        return activate(x + shortcut)


class Residual(nn.Module):
    """3x3 to c, 3x3, plus the shortcut."""

    def __init__(
        self,
        c_in: int,
        c: int,
        stride: int = 1,
        project: bool = False,
    ) -> None:
        super().__init__()
        self.project = project
        if project:
            self.conv0, self.bn0 = Conv(c_in, c, 1, stride), Norm(c)
        self.conv1, self.bn1 = Conv(c_in, c, 3, stride), Norm(c)
        self.conv2, self.bn2 = Conv(c, c, 3), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        shortcut = self.bn0(self.conv0(x)) if self.project else x
        x = activate(self.bn1(self.conv1(x)))  # (N, c, H / stride, W / stride)
        x = self.bn2(self.conv2(x))  # (N, c, H / stride, W / stride)
        return activate(x + shortcut)


class SqueezeExcitation(nn.Module):
    """Scales each channel by a gate that is computed from all channels' means."""

    def __init__(self, c: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = Conv(c, squeezed, bias=True)
        self.expand = Conv(squeezed, c, bias=True)

    def forward(self, x: Tensor) -> Tensor:  # (N, c, H, W)
        gate = x.mean((2, 3), keepdim=True)  # (N, c, 1, 1)
        gate = functional.relu(self.reduce(gate))  # (N, squeezed, 1, 1)
        gate = functional.relu6(self.expand(gate) + 3) * 0.16667  # (N, c, 1, 1)
        return x * gate


class MBConv(nn.Module):
    """1x1 to `wide`, 3x3 depthwise, squeeze-and-excitation, 1x1; maybe a shortcut."""

    def __init__(
        self,
        c_in: int,
        wide: int,
        squeezed: int,
        c: int,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv0, self.bn0 = Conv(c_in, wide), Norm(wide)
        self.conv1, self.bn1 = Conv(wide, wide, 3, stride, groups=wide), Norm(wide)
        self.se = SqueezeExcitation(wide, squeezed)
        self.conv2, self.bn2 = Conv(wide, c), Norm(c)
        self.adds = c_in == c and stride == 1

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        shortcut = x
        x = activate(self.bn0(self.conv0(x)))  # (N, wide, H, W)
        x = activate(self.bn1(self.conv1(x)))  # (N, wide, H / stride, W / stride)
        x = self.bn2(self.conv2(self.se(x)))  # (N, c, H / stride, W / stride)
        return x + shortcut if self.adds else x


class Inverted(nn.Module):
    """1x1 to `wide` if that is wider, 3x3 depthwise, 1x1; maybe a shortcut."""

    def __init__(self, c_in: int, wide: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.expands = wide > c_in
        if self.expands:
            self.conv0, self.bn0 = Conv(c_in, wide), Norm(wide)
        self.conv1, self.bn1 = Conv(wide, wide, 3, stride, groups=wide), Norm(wide)
        self.conv2, self.bn2 = Conv(wide, c), Norm(c)
        self.adds = c_in == c and stride == 1

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        shortcut = x
        if self.expands:
            x = activate(self.bn0(self.conv0(x)))  # (N, wide, H, W)
        x = activate(self.bn1(self.conv1(x)))  # (N, wide, H / stride, W / stride)
        x = self.bn2(self.conv2(x))  # (N, c, H / stride, W / stride)
        return x + shortcut if self.adds else x


class Pointwise(nn.Module):
    """1x1, norm, activation."""

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv, self.bn = Conv(c_in, c, 1, stride), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        return activate(self.bn(self.conv(x)))  # (N, c, H / stride, W / stride)


class Extra(nn.Module):
    """1x1 to `half`, 3x3 depthwise, 1x1 to c, each activated."""

    def __init__(self, c_in: int, half: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv0, self.bn0 = Conv(c_in, half), Norm(half)
        self.conv1, self.bn1 = Conv(half, half, 3, stride, groups=half), Norm(half)
        self.conv2, self.bn2 = Conv(half, c), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        x = activate(self.bn0(self.conv0(x)))  # (N, half, H, W)
        x = activate(self.bn1(self.conv1(x)))  # (N, half, H / stride, W / stride)
        return activate(self.bn2(self.conv2(x)))  # (N, c, H / stride, W / stride)
