"""The sample photographs, which come with the repository."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[2] / "assets" / "images"


class Photo(NamedTuple):
    """A sample photograph: where it lies, what it shows, and whose it is."""

    name: str
    title: str
    path: Path
    alt: str
    """What it shows, for those who do not see it."""
    licence: str
    author: str


@cache
def photos() -> tuple[Photo, ...]:
    """Every sample photograph, the one to start with first.

    >>> photos()[0].path.exists()
    True
    """
    rows = json.loads((FOLDER / "images.json").read_text(encoding="utf-8"))
    return tuple(
        Photo(
            Path(row["file"]).stem,
            row["title"],
            FOLDER / row["file"],
            row["alt"],
            row["licence"],
            row["author"],
        )
        for row in rows
    )
