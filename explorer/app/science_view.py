"""The findings of docs/science.md on the page: its words and its plots, with no network needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import streamlit as st

SCIENCE = Path(__file__).parents[2] / "docs" / "science.md"
_IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\((?P<file>[^)\s]+)\)[ \t]*$", re.MULTILINE)


class Plot(NamedTuple):
    """A picture that stands on a line of its own."""

    alt: str
    path: Path


def parts(text: str, folder: Path) -> Iterator[str | Plot]:
    r"""Words as Markdown and plots in their order; a plot that is not in `folder` is its words.

    >>> [*parts("# One\n![a curve](none.svg)\ntwo", Path("docs"))]
    ['# One', '*a curve*', 'two']
    """
    at = 0
    for found in _IMAGE.finditer(text):
        if before := text[at : found.start()].strip():
            yield before
        alt, path = found["alt"], folder / found["file"]
        inside = path.resolve().is_relative_to(folder.resolve())
        yield Plot(alt, path) if inside and path.is_file() else f"*{alt}*"
        at = found.end()
    if rest := text[at:].strip():
        yield rest


@st.dialog("What these figures show, and what not", width="large")
def _findings() -> None:
    if not SCIENCE.exists():
        st.write("`docs/science.md` is not in this copy of the program.")
        return
    for part in parts(SCIENCE.read_text(encoding="utf-8"), SCIENCE.parent):
        if isinstance(part, Plot):
            st.image(part.path, width="stretch", alt=part.alt)
        else:
            st.markdown(part)


def findings_button() -> None:
    """A button that opens the findings."""
    if st.button(
        "What these figures show, and what not", icon=":material/science:", key="findings"
    ):
        _findings()
