"""The padding rule of torchvision."""

import torch
from torch import Tensor
from torch.nn import functional


def pad(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """The map padded by (kernel - 1) // 2 on all sides, whatever the stride.

    >>> pad(torch.ones(1, 1, 1, 4), 3, 2)[0, 0, 1].tolist()
    [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    """
    del stride
    return functional.pad(x, [(kernel - 1) // 2] * 4, value=value)


def max_pools(x: Tensor, levels: int) -> Tensor:
    """Halved so many times by 3x3 stride-2 max pools; outside the map is -inf.

    >>> max_pools(torch.arange(4.0).reshape(1, 1, 1, 4), 1).flatten().tolist()
    [1.0, 3.0]
    """
    for _ in range(levels):
        x = functional.max_pool2d(pad(x, 3, 2, -torch.inf), 3, 2)
    return x
