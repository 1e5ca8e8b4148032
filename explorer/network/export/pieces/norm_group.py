"""The norm of a network that has group norms."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.network.export.pieces.settings import EPSILON


class Norm(nn.Module):
    """Group norm, groups of about 16 channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = math.gcd(channels, max(1, channels // 16))
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return functional.group_norm(x, self.groups, self.weight, self.bias, EPSILON)
