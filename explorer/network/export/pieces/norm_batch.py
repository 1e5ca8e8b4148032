"""The norm of a network that has batch norms."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.network.export.pieces.settings import EPSILON, MOMENTUM


class Norm(nn.Module):
    """Batch norm, without torch's counter of steps."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
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
            EPSILON,
        )
