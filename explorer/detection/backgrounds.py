"""Photographs behind the stickers: those for training, and others for judging."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOLDER = Path(__file__).parents[2] / "assets" / "backgrounds"
Split = Literal["train", "test"]


@lru_cache(maxsize=2)
def photographs(split: Split) -> tuple[Image.Image, ...]:
    """The photographs of one split, by file name; none is in both.

    >>> len(photographs("train")) > len(photographs("test")) > 4
    True
    """
    found = []
    for path in sorted((FOLDER / split).glob("*.jpg")):
        with Image.open(path) as file:
            found.append(file.convert("RGB"))
    return tuple(found)


def background(rng: np.random.Generator, split: Split, side: int) -> NDArray[np.float32]:
    """A part of a photograph, (side, side, 3) from 0 to 1, perhaps mirrored."""
    photos = photographs(split)
    photo = photos[rng.integers(len(photos))]
    reach = float(min(photo.size)) * rng.uniform(0.3, 1.0)
    left = rng.uniform(0, photo.width - reach)
    top = rng.uniform(0, photo.height - reach)
    cut = photo.resize(
        (side, side), Image.Resampling.BILINEAR, box=(left, top, left + reach, top + reach)
    )
    made = np.asarray(cut, np.float32) / np.float32(255)
    return np.ascontiguousarray(made[:, ::-1]) if rng.random() < 0.5 else made.copy()
