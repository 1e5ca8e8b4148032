"""Stickers: the objects of the miniature task, as pictures with alpha in several art styles.

The sheets are in `assets/stickers/`, with their licences. A sticker's box is exact: it is the
extent of its outline after scaling and rotation, not of the pixels that came out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOLDER = Path(__file__).parents[2] / "assets" / "stickers"
Pixels = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""
Change = Callable[[Pixels], Pixels]
"""Gives (H, W, 4) another look; colours are multiplied by alpha, 0 to 1."""
SOLID = 0.5
"""Alpha from which a pixel belongs to a sticker."""
SMALLEST = 16
"""Side of the smallest copy that is kept of each sticker, in pixels."""


@dataclass(frozen=True, slots=True)
class Names:
    """What there is: `classes` are to be found, `clutter` belongs to no class."""

    classes: tuple[str, ...]
    clutter: tuple[str, ...]
    styles: tuple[str, ...]
    unseen_style: str
    side: int
    more_training_styles: tuple[str, ...]
    """For training alone; some of them lack some pictures."""
    missing: Mapping[str, tuple[str, ...]]
    """Names of which a style has no picture, by style."""

    @property
    def seen_styles(self) -> tuple[str, ...]:
        """The styles that networks are trained on and judged by."""
        return tuple(style for style in self.styles if style != self.unseen_style)

    def has(self, style: str, name: str) -> bool:
        """Whether a style has a picture of this name.

        >>> names().has("noto", "key"), names().has("streamline-emojis", "key")
        (True, False)
        """
        return name not in self.missing.get(style, ())


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a sticker lies: its middle and the length of its longer side in pixels, in degrees."""

    name: str
    style: str
    x: float
    y: float
    size: float
    angle: float = 0.0


@lru_cache(maxsize=1)
def names() -> Names:
    """The classes, the clutter and the styles, as `assets/stickers/stickers.json` has them.

    >>> len(names().classes), names().unseen_style
    (16, 'openmoji')
    """
    data = json.loads((FOLDER / "stickers.json").read_text(encoding="utf-8"))
    return Names(
        tuple(data["classes"]),
        tuple(data["clutter"]),
        tuple(data["styles"]),
        data["unseen_style"],
        data["side"],
        tuple(data["more_training_styles"]),
        {style: tuple(missing) for style, missing in data["missing"].items()},
    )


def box_of(placed: Placement) -> Box:
    """The exact box of a sticker that lies so.

    >>> [round(x) for x in box_of(Placement("star", "noto", 50, 50, 40))]
    [30, 31, 70, 69]
    """
    outline = _outline(placed.style, placed.name) * placed.size
    turn = math.radians(placed.angle)
    x = outline[:, 0] * math.cos(turn) - outline[:, 1] * math.sin(turn) + placed.x
    y = outline[:, 0] * math.sin(turn) + outline[:, 1] * math.cos(turn) + placed.y
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def paste(canvas: Pixels, placed: Placement, change: Change | None = None) -> NDArray[np.bool_]:
    """Puts a sticker on `canvas`, (H, W, 3) from 0 to 1, and says which pixels it covers.

    `change` gives it another look before it is scaled.
    """
    height, width = canvas.shape[:2]
    covered = np.zeros((height, width), np.bool_)
    reach = 0.75 * placed.size + 2
    left, top = max(0, int(placed.x - reach)), max(0, int(placed.y - reach))
    right, bottom = min(width, int(placed.x + reach) + 1), min(height, int(placed.y + reach) + 1)
    if left >= right or top >= bottom:
        return covered
    drawn = _drawn(placed, (left, top, right, bottom), change)
    alpha = drawn[..., 3:]
    part = canvas[top:bottom, left:right]
    part *= 1 - alpha
    part += drawn[..., :3]
    covered[top:bottom, left:right] = alpha[..., 0] > SOLID
    return covered


def _drawn(placed: Placement, window: tuple[int, int, int, int], change: Change | None) -> Pixels:
    """The sticker as it lies in a window of the image, (H, W, 4)."""
    copies = _copies(placed.style, placed.name)
    source = next((copy for copy in reversed(copies) if len(copy) >= placed.size), copies[0])
    if change is not None:
        source = change(source)
    side, full = len(source), names().side
    inner = (full - 4) / full * side  # the sheets have a margin of two pixels
    scale, turn = inner / placed.size, math.radians(placed.angle)
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    dx, dy = window[0] - placed.x, window[1] - placed.y
    matrix = (
        cos, sin, cos * dx + sin * dy + side / 2,
        -sin, cos, -sin * dx + cos * dy + side / 2,
    )  # fmt: skip
    # As RGBX: Pillow would multiply RGBA by alpha once more, and divide after.
    data = (source * 255 + 0.5).astype(np.uint8).tobytes()
    picture = Image.frombytes("RGBX", (side, side), data)
    size = (window[2] - window[0], window[3] - window[1])
    moved = picture.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    return np.asarray(moved, np.float32) / np.float32(255)


@lru_cache(maxsize=16)
def _sheet(style: str) -> Image.Image:
    with Image.open(FOLDER / style / "sheet.png") as file:
        return file.convert("RGBA")


def picture(style: str, name: str) -> Image.Image:
    """The sticker alone, 128x128 with alpha. Raises ValueError for one that is not there."""
    known = names()
    at = (*known.classes, *known.clutter).index(name) * known.side
    return _sheet(style).crop((at, 0, at + known.side, known.side))


@lru_cache(maxsize=512)
def _copies(style: str, name: str) -> tuple[Pixels, ...]:
    """The sticker at full size and halved again and again, colours multiplied by alpha."""
    whole = np.asarray(picture(style, name), np.float32) / np.float32(255)
    whole = np.concatenate((whole[..., :3] * whole[..., 3:], whole[..., 3:]), axis=2)
    copies = [whole]
    while len(copies[-1]) > SMALLEST:
        side = len(copies[-1]) // 2
        copies.append(copies[-1].reshape(side, 2, side, 2, 4).mean(axis=(1, 3)))
    return tuple(copies)


@lru_cache(maxsize=512)
def _outline(style: str, name: str) -> Pixels:
    """Corners of what is solid, (n, 2): x, y from the middle, in lengths of the longer side.

    Of each row only the first and the last pixel can be a corner of the hull.
    """
    solid = np.asarray(picture(style, name))[..., 3] > 255 * SOLID
    side = names().side
    rows = np.flatnonzero(solid.any(axis=1))
    first = solid[rows].argmax(axis=1)
    last = side - solid[rows, ::-1].argmax(axis=1)
    x = np.concatenate((first, first, last, last))
    y = np.concatenate((rows, rows + 1, rows, rows + 1))
    return (np.stack((x, y), axis=1) - side / 2).astype(np.float32) / np.float32(side - 4)
