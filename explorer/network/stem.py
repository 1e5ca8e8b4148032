"""What stands before the first block."""

from __future__ import annotations

from torch import Tensor, nn

from explorer.network.primitives import Blueprint, max_pool


class StemModule(nn.Module):
    """A strided convolution, norm, activation; in SpineNet and ResNet a max pool as well."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.act = parts.act
        self.has_pool = "pool" in parts
        self.rule = parts.padding

    def forward(self, x: Tensor) -> Tensor:  # (N, 3, H, W)
        x = self.act(self.bn1(self.conv1(x)))  # (N, C, H / 2, W / 2)
        return max_pool(x, self.rule) if self.has_pool else x  # (N, C, H / 4, W / 4)
