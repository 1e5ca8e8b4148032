"""The padding rules of the code for TensorFlow 1."""

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
    """One max pool that halves so many times, padded as TensorFlow's "same" pads.

    >>> max_pools(torch.arange(8.0).reshape(1, 1, 1, 8), 2).flatten().tolist()
    [4.0, 7.0]
    """
    kernel, stride = 3 if levels < 2 else 5, 2**levels
    margins = []
    for length in (x.shape[-1], x.shape[-2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        margins += [total // 2, total - total // 2]
    x = functional.pad(x, margins, value=-torch.inf)
    return functional.max_pool2d(x, kernel, stride)
