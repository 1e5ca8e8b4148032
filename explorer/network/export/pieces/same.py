"""The padding rule of TensorFlow."""

from torch import Tensor
from torch.nn import functional


def pad(x: Tensor, kernel: int, stride: int, value: float = 0.0) -> Tensor:
    """The map padded as TensorFlow's "same" pads: the odd pixel goes after.

    >>> import torch
    >>> pad(torch.ones(1, 1, 1, 4), 3, 2)[0, 0, -1].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    margins = []
    for length in (x.shape[-1], x.shape[-2]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        margins += [total // 2, total - total // 2]
    return functional.pad(x, margins, value=value)
