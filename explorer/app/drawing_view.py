"""The drawing on the page: what is clicked is selected."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.app.state import Desk, Selected, select, session
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.drawing.layout import layout
from explorer.drawing.plotly_figure import CONFIG, figure

HEIGHT = 490
"""Of the drawing in pixels: with it, the whole loop fits 1440x900."""
_KEY = "drawing"


def show_drawing(desk: Desk) -> None:
    """Draw the network; a click on a block or a link selects it."""
    drawing = layout(desk.architecture, desk.count_size, desk.colour, desk.start)
    st.plotly_chart(
        figure(drawing, theme(), _marked(desk.selected)),
        key=_KEY,
        theme=None,
        on_select=_clicked,
        selection_mode="points",
        height=HEIGHT,
        config=CONFIG,
        alt=drawing.alt,
    )


def _marked(selected: Selected | None) -> int | tuple[int, int] | None:
    """The selection as the figure takes it."""
    if selected is None or selected.slot is None:
        return None if selected is None else selected.block
    return (selected.block, selected.slot)


def _clicked() -> None:
    """Select what was clicked. An empty selection (a new figure drops it) changes nothing."""
    event: dict[str, Any] = st.session_state.get(_KEY) or {}
    arch = session().desk.architecture
    for point in event.get("selection", {}).get("points", []):
        found = selected_from(point.get("customdata"), arch)
        if found is not None:
            select(found)
            return


def selected_from(customdata: object, arch: Architecture) -> Selected | None:
    """What a point of the figure stands for; an output stands for the block that feeds it.

    >>> from explorer.architecture.example import small
    >>> selected_from(["link", 4, 1], small()), selected_from(["output", 3], small())
    (Selected(block=4, slot=1), Selected(block=3, slot=None))
    """
    match customdata:
        case ["block", int(block), *_]:
            return Selected(block)
        case ["link", int(child), int(slot), *_]:
            return Selected(child, slot)
        case ["output", int(level), *_]:
            feeding = (block.id for block in arch.outputs if block.level == level)
            return next((Selected(block) for block in feeding), None)
        case _:
            return None
