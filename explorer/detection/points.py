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
    max_iou: float = 0.45
    """A box that overlaps a better one of its class by more is dropped."""
    cells: int = 150
    """So many, the likeliest to have an object, are looked at."""
    candidates: int = 200
    max_detections: int = 100


VOTERS_IOU = 0.4
"""Least overlap of the cells that vote on a cell's box and class."""
VOTERS_POWER = 3
"""How much more the vote of a box counts that overlaps more."""

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
    levels = found.cells.level.int().tolist()
    objects, classes = found.objects.sigmoid(), found.classes.softmax(2)
    return tuple(
        _in_image(objects[i], classes[i], found.boxes[i], levels, size, kept)
        for i in range(len(objects))
    )


def _in_image(
    objects: Tensor,
    classes: Tensor,
    boxes: Tensor,
    levels: list[int],
    size: tuple[int, int],
    kept: Kept,
) -> tuple[Detection, ...]:
    objects, cell = objects.topk(min(kept.cells, len(objects)))
    limits = torch.tensor([size[1], size[0], size[1], size[0]], dtype=boxes.dtype)
    corners = torch.minimum(boxes[cell].clamp(min=0), limits)
    corners, classes = voted(objects, corners, classes[cell])
    scores = objects[:, None] * classes  # (cells, classes)
    top, places = scores.flatten().topk(min(kept.candidates, scores.numel()))
    above = top > kept.min_score
    top, places = top[above], places[above]
    which, kind = places // scores.shape[1], (places % scores.shape[1]).numpy()
    sides = corners[which].numpy()
    labels = names().classes
    chosen = suppressed(sides, kind, kept.max_iou)[: kept.max_detections]
    return tuple(
        Detection(
            labels[kind[i]],
            int(kind[i]),
            float(top[i]),
            (float(sides[i, 0]), float(sides[i, 1]), float(sides[i, 2]), float(sides[i, 3])),
            levels[int(cell[which[i]])],
        )
        for i in chosen
    )


def voted(objects: Tensor, boxes: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """The box (n, 4) and classes (n, classes) of each cell as all cells that see its object say.

    Cells of several levels lie on one object, and the mean of their boxes is nearer to it than each
    alone: box voting (Gidaris and Komodakis, ICCV 2015, section 5). Votes are weighted by
    `objects`, (n,), and by overlap.

    >>> boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 8], [50, 50, 60, 60]])
    >>> made, _ = voted(torch.ones(3), boxes, torch.ones(3, 1))
    >>> [round(x, 1) for x in made[:, 3].tolist()]
    [9.3, 8.7, 60.0]
    """
    first = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    last = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (last - first).clamp(min=0).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    overlap = shared / (area[:, None] + area[None] - shared).clamp(min=1e-6)
    weights = overlap.pow(VOTERS_POWER) * objects.clamp(min=1e-6)
    weights = torch.where(overlap > VOTERS_IOU, weights, 0.0)
    weights = weights + 1e-9 * torch.eye(len(boxes))  # an empty box votes for itself
    weights = weights / weights.sum(1, keepdim=True)
    return weights @ boxes, weights @ classes


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
