"""Files that a person takes along: the architecture, and the drawing for a paper."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from explorer.app.state import Desk
from explorer.architecture.architecture import Architecture
from explorer.architecture.block_specs import write_block_specs
from explorer.architecture.codec import to_json
from explorer.architecture.errors import ExplorerError
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

    drawing = layout(desk.architecture, desk.count_size, desk.colour, desk.start)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"drawing{suffix}"
        render(drawing, path, LIGHT)
        return path.read_bytes()


def file_stem(arch: Architecture) -> str:
    """A file name that every system takes."""
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in arch.name)
    return kept.strip("-")[:60] or "architecture"


def export_buttons(desk: Desk) -> None:
    """A button for every kind of file; each file is made when it is asked for."""
    arch, stem = desk.architecture, file_stem(desk.architecture)
    st.download_button(
        "JSON",
        to_json(arch),
        f"{stem}.json",
        "application/json",
        key="export-json",
        on_click="ignore",
        width="stretch",
        help="The whole network; Explore opens it again.",
    )
    try:
        specs = write_block_specs(arch)
    except ExplorerError as error:
        st.caption(f"No official block specs: {error}")
    else:
        st.download_button(
            "Official block specs",
            specs,
            f"{stem}-specs.json",
            "application/json",
            key="export-specs",
            on_click="ignore",
            width="stretch",
            help="In the words and with the ids of the official code.",
        )
    missing = shutil.which("dot") is None
    for kind in PICTURES:
        st.download_button(
            f"Drawing, {kind.label}",
            partial(drawing_bytes, desk, kind.suffix),
            f"{stem}{kind.suffix}",
            kind.mime,
            key=f"export{kind.suffix}",
            on_click="ignore",
            width="stretch",
            disabled=missing,
        )
    if missing:
        st.caption("Pictures need the system package graphviz (the program `dot`).")
