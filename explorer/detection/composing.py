"""Stickers put on a photograph by hand, and at which sizes an architecture finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.architecture.architecture import Architecture
from explorer.detection.decode import Detection
from explorer.detection.miniature import MiniatureWeights, find_in_batch
from explorer.detection.points import Kept
from explorer.detection.scenes import SIDE
from explorer.detection.stickers import Box, Placement, box_of, paste

SHOWN_SIDE = 512
"""Side of a composed picture, in pixels; the network sees it at `SIDE`."""
SIZES = (6, 8, 10, 13, 16, 20, 25, 32, 40, 51, 64, 81, 102, 120)
"""Lengths of a sticker that are tried, in pixels of the network's input."""
OVERLAP = 0.5
"""From which a box counts as the sticker's."""
NEARLY_ALL = Kept(min_score=0.01)


@dataclass(frozen=True, slots=True)
class Seen:
    """How an architecture sees a sticker at one size."""

    size: float
    """Length of its longer side, in pixels of the network's input."""
    score: float
    """Of the best box of its class that lies on it; 0 where there is none."""
    level: int | None
    """The level that found it."""


def square(photo: NDArray[np.uint8], side: int = SHOWN_SIDE) -> NDArray[np.uint8]:
    """The middle of a photograph, (side, side, 3).

    >>> square(np.zeros((30, 40, 3), np.uint8), 16).shape
    (16, 16, 3)
    """
    height, width = photo.shape[:2]
    reach = min(height, width)
    left, top = (width - reach) / 2, (height - reach) / 2
    box = (left, top, left + reach, top + reach)
    cut = Image.fromarray(photo).resize(
        (side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=3.0
    )
    return np.asarray(cut)


def composed(photo: NDArray[np.uint8], placed: Sequence[Placement]) -> NDArray[np.uint8]:
    """The square picture with stickers on it; they are placed in pixels of the network's input."""
    canvas = photo.astype(np.float32) / np.float32(255)
    factor = len(photo) / SIDE
    for one in placed:
        paste(canvas, enlarged(one, factor))
    return (canvas.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def enlarged(placed: Placement, factor: float) -> Placement:
    """The same sticker in a picture `factor` times as large."""
    return replace(placed, x=placed.x * factor, y=placed.y * factor, size=placed.size * factor)


def by_size(
    arch: Architecture,
    photo: NDArray[np.uint8],
    placed: Placement,
    values: MiniatureWeights | None = None,
    sizes: Sequence[float] = SIZES,
) -> tuple[Seen, ...]:
    """How the miniature of `arch` sees a sticker on a square photograph at each of the sizes."""
    tried = [replace(placed, size=float(size)) for size in sizes]
    small = square(photo, SIDE)
    images = np.stack([composed(small, [one]) for one in tried])
    found = find_in_batch(arch, images, values, NEARLY_ALL)
    return tuple(_seen(one, items) for one, items in zip(tried, found, strict=True))


def _seen(placed: Placement, found: Sequence[Detection]) -> Seen:
    wanted = cut(box_of(placed))
    for item in found:
        if item.label == placed.name and overlap(item.box, wanted) >= OVERLAP:
            return Seen(placed.size, item.score, item.level)
    return Seen(placed.size, 0.0, None)


def cut(box: Box) -> Box:
    """The part of a box that is in the picture."""
    x0, y0, x1, y1 = (min(max(x, 0.0), float(SIDE)) for x in box)
    return x0, y0, x1, y1


def overlap(one: Box, two: Box) -> float:
    """Intersection over union of two boxes.

    >>> overlap((0, 0, 2, 2), (0, 0, 2, 1))
    0.5
    """
    width = max(0.0, min(one[2], two[2]) - max(one[0], two[0]))
    height = max(0.0, min(one[3], two[3]) - max(one[1], two[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return width * height / max(1e-9, sum(areas) - width * height)
