"""From an output block to its pyramid level."""

from __future__ import annotations

from torch import Tensor, nn

from explorer.network.primitives import Blueprint


class EndpointModule(nn.Module):
    """A 1x1 convolution, norm and activation (SpineNet), or a norm alone (FPN)."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.projects = "conv" in parts
        if self.projects:
            self.conv = parts.conv("conv")
        self.bn = parts.norm("bn")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:  # (N, C, H, W)
        if not self.projects:
            return self.bn(x)
        return self.act(self.bn(self.conv(x)))  # (N, filters, H, W)
