"""RetinaNet's anchors: the boxes that a head's outputs are offsets from.

Source: tensorflow/models `official/vision/ops/anchor.py`, `anchor_generator.py`: three scales and
three aspect ratios at every cell of a level.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

NUM_SCALES = 3
"""Sizes 2^0, 2^(1/3), 2^(2/3) times the anchor size."""
ASPECT_RATIOS = (1.0, 2.0, 0.5)
"""Width over height."""
PER_CELL = NUM_SCALES * len(ASPECT_RATIOS)


@lru_cache(maxsize=64)
def anchors(rows: int, columns: int, stride: float, anchor_size: float) -> Tensor:
    """The anchors of one level, (rows * columns * 9, 4) float32: y0, x0, y1, x1 in input pixels.

    Ordered by row, column, scale, aspect ratio. Do not write into the tensor: it is shared.

    Parameters
    ----------
    rows, columns: of the level's feature map.
    stride: input pixels between cells, input height / rows.
    anchor_size: of a square anchor of scale 1, in strides; 3 for SpineNet-49, 4 for ResNet-50-FPN.

    Examples
    --------
    >>> anchors(1, 1, 128, 3.0)[0].tolist()
    [-128.0, -128.0, 256.0, 256.0]
    """
    roots = torch.tensor(ASPECT_RATIOS).sqrt()
    base = torch.tensor(anchor_size * stride, dtype=torch.float32)
    sizes = [base * 2 ** (scale / NUM_SCALES) for scale in range(NUM_SCALES)]
    half_heights = 0.5 * torch.cat([size / roots for size in sizes])  # (9,)
    half_widths = 0.5 * torch.cat([size * roots for size in sizes])
    centre_y = (torch.arange(rows) * stride + 0.5 * stride)[:, None, None]
    centre_x = (torch.arange(columns) * stride + 0.5 * stride)[None, :, None]
    shape = (rows, columns, PER_CELL)
    corners = (
        (centre_y - half_heights).expand(shape),
        (centre_x - half_widths).expand(shape),
        (centre_y + half_heights).expand(shape),
        (centre_x + half_widths).expand(shape),
    )
    return torch.stack(corners, dim=-1).reshape(-1, 4)
