"""The drawing as a file that a person takes along, for a paper."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from explorer.app.carrying_view import amounts
from explorer.app.state import Desk
from explorer.architecture.architecture import Architecture
from explorer.drawing.layout import layout
from explorer.drawing.palette import LIGHT


class FileKind(NamedTuple):
    """A file that can be had, and whether Graphviz makes it."""

    label: str
    suffix: str
    mime: str
    needs_dot: bool = False


PICTURES = (
    FileKind("SVG", ".svg", "image/svg+xml", True),
    FileKind("PNG", ".png", "image/png", True),
    FileKind("PDF", ".pdf", "application/pdf", True),
)


def drawing_bytes(desk: Desk, suffix: str) -> bytes:
    """The drawing as a file on white paper, in the colouring on the desk."""
    from explorer.drawing.render import render

    drawing = layout(desk.architecture, desk.count_size, desk.colour, desk.start, amounts(desk))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"drawing{suffix}"
        render(drawing, path, LIGHT)
        return path.read_bytes()


def file_stem(arch: Architecture) -> str:
    """A file name that every system takes."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in arch.name)
    return kept.strip("-")[:60] or "architecture"
