"""From the miniature networks' heads to detections: one box a cell, straight from its middle.

Channel 0 of the class outputs says whether there is an object, the others which; the box outputs
are the distances from the cell's middle to the four sides, as logarithms of two strides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.detection.decode import Detection
from explorer.detection.stickers import names

MAX_GROWTH = 6.0
"""Of the logarithms of distances."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of all cells' boxes."""

    min_score: float = 0.3
    """A score must be above it: this one is for people; average precision takes nearly all."""
    max_iou: float = 0.55
    """A box that overlaps a better one of its class by more is dropped."""
    candidates: int = 200
    max_detections: int = 100


FOR_PEOPLE = Kept()
FOR_PRECISION = Kept(min_score=0.005)


class Cells(NamedTuple):
    """Every cell of every level, in one row; pixels."""

    x: Tensor
    y: Tensor
    stride: Tensor
    level: Tensor


class Outputs(NamedTuple):
    """A head's outputs in one row of cells."""

    objects: Tensor
    """(N, cells): logits."""
    classes: Tensor
    """(N, cells, classes): logits."""
    boxes: Tensor
    """(N, cells, 4): x0, y0, x1, y1 in pixels."""
    cells: Cells


@lru_cache(maxsize=64)
def cells(levels: tuple[int, ...], height: int, width: int, device: str = "cpu") -> Cells:
    """The middles of all cells, finest level first, row by row.

    >>> cells((6, 7), 128, 128).x.tolist()
    [32.0, 96.0, 32.0, 96.0, 64.0]
    """
    found: list[tuple[float, float, float, float]] = []
    for level in levels:
        stride = 2**level
        for row in range(-(-height // stride)):
            columns = range(-(-width // stride))
            y = (row + 0.5) * stride
            found += (((column + 0.5) * stride, y, stride, level) for column in columns)
    return Cells(*torch.tensor(found, device=device).unbind(1))


def outputs(heads: Mapping[int, tuple[Tensor, Tensor]], height: int, width: int) -> Outputs:
    """The heads of all levels put in one row, boxes in pixels."""
    levels = tuple(sorted(heads))
    device = str(heads[levels[0]][0].device)
    at = cells(levels, height, width, device)
    said = torch.cat([heads[level][0].float().flatten(2) for level in levels], dim=2)
    raw = torch.cat([heads[level][1].float().flatten(2) for level in levels], dim=2)
    sides = raw.clamp(-MAX_GROWTH, MAX_GROWTH).exp() * (2 * at.stride)  # (N, 4, cells)
    left, top, right, bottom = sides.unbind(1)
    boxes = torch.stack((at.x - left, at.y - top, at.x + right, at.y + bottom), dim=2)
    said = said.transpose(1, 2)
    return Outputs(said[..., 0], said[..., 1:], boxes, at)


def detections(
    found: Outputs, size: tuple[int, int], kept: Kept = FOR_PEOPLE
) -> tuple[tuple[Detection, ...], ...]:
    """What is found in each image, best first: boxes in pixels of the input, cut off at its edge.

    `class_id` is the place in `stickers.names().classes`.
    """
    scores = found.objects.sigmoid()[..., None] * found.classes.softmax(2)  # (N, cells, classes)
    levels = found.cells.level.int().tolist()
    return tuple(
        _in_image(scores[i], found.boxes[i], levels, size, kept) for i in range(len(scores))
    )


def _in_image(
    scores: Tensor, boxes: Tensor, levels: list[int], size: tuple[int, int], kept: Kept
) -> tuple[Detection, ...]:
    count = min(kept.candidates, scores.numel())
    top, places = scores.flatten().topk(count)
    above = top > kept.min_score
    top, places = top[above], places[above]
    cell, kind = places // scores.shape[1], (places % scores.shape[1]).numpy()
    limits = torch.tensor([size[1], size[0], size[1], size[0]], dtype=boxes.dtype)
    corners = torch.minimum(boxes[cell].clamp(min=0), limits).numpy()
    labels = names().classes
    chosen = suppressed(corners, kind, kept.max_iou)[: kept.max_detections]
    return tuple(
        Detection(
            labels[kind[i]],
            int(kind[i]),
            float(top[i]),
            (
                float(corners[i, 0]),
                float(corners[i, 1]),
                float(corners[i, 2]),
                float(corners[i, 3]),
            ),
            levels[int(cell[i])],
        )
        for i in chosen
    )


def suppressed(boxes: NDArray[np.float32], kinds: NDArray[np.int64], max_iou: float) -> list[int]:
    """Places of the boxes that stay, of boxes that come best first; each class by itself.

    >>> boxes = np.array([[0, 0, 9, 9], [0, 0, 9, 8], [0, 0, 9, 9]], np.float32)
    >>> suppressed(boxes, np.array([0, 0, 1]), 0.5)
    [0, 2]
    """
    first = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    last = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(last - first, 0, None).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    overlap = shared / np.maximum(area[:, None] + area[None] - shared, 1e-6)
    rivals = (overlap > max_iou) & (kinds[:, None] == kinds[None])
    alive = np.ones(len(boxes), np.bool_)
    chosen = []
    for i in range(len(boxes)):
        if alive[i]:
            chosen.append(i)
            alive &= ~rivals[i]
    return chosen
