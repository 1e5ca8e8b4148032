"""What stands before the first block."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from explorer.network.primitives import Blueprint, max_pool


class StemModule(nn.Module):
    """A strided convolution, norm, activation; in SpineNet and ResNet a max pool as well.

    Miniature networks take 2x2 pixels as channels first.
    """

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv1, self.bn1 = parts.conv("conv1"), parts.norm("bn1")
        self.act = parts.act
        self.has_pool = "pool" in parts
        self.rule = parts.padding
        self.unshuffles = "unshuffle" in parts

    def forward(self, x: Tensor) -> Tensor:  # (N, 3, H, W)
        if self.unshuffles:
            odd_rows, odd_columns = x.shape[-2] % 2, x.shape[-1] % 2
            x = functional.pad(x, (0, odd_columns, 0, odd_rows)) if odd_rows or odd_columns else x
            x = functional.pixel_unshuffle(x, 2)  # (N, 12, H / 2, W / 2)
        x = self.act(self.bn1(self.conv1(x)))  # (N, C, H / 2, W / 2)
        return max_pool(x, self.rule) if self.has_pool else x  # (N, C, H / 4, W / 4)
