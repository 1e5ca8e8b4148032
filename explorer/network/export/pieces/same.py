"""The padding rule of TensorFlow."""

import torch
from torch import Tensor
from torch.nn import functional


def pad(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """The map padded as TensorFlow's "same" pads: the odd pixel goes after.

    >>> pad(torch.ones(1, 1, 1, 4), 3, 2)[0, 0, -1].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    margins = []
    for length in (x.shape[-1], x.shape[-2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        margins += [total // 2, total - total // 2]
    return functional.pad(x, margins, value=value)


def max_pools(x: Tensor, levels: int) -> Tensor:
    """Halved so many times by 3x3 stride-2 max pools; outside the map is -inf.

    >>> max_pools(torch.arange(4.0).reshape(1, 1, 1, 4), 1).flatten().tolist()
    [2.0, 3.0]
    """
    for _ in range(levels):
        x = functional.max_pool2d(pad(x, 3, 2, -torch.inf), 3, 2)
    return x
