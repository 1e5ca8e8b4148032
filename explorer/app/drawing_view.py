"""The canvas on the page: what is done with the hands becomes edits of the desk's network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer.app.numbers import counts_head
from explorer.app.state import Desk, Selected, apply, select, session, show_history
from explorer.app.theme import theme
from explorer.architecture.errors import ExplorerError
from explorer.canvas.component import canvas, last_gesture
from explorer.canvas.events import Event, Kind, event_from
from explorer.canvas.scene import Chosen, Counting, scene
from explorer.drawing.layout import layout

HEIGHT = 490
"""Of the drawing in pixels: with it, the whole loop fits 1440x900."""
CANVAS = "canvas"


def show_drawing(desk: Desk, height: int = HEIGHT, own_history: bool = True) -> None:
    """Draw the network and let a person change it with the mouse, the finger or the keys.

    `own_history` is for pages that have no other buttons for undo and redo.
    """
    arch = desk.architecture
    data = scene(
        arch,
        layout(arch, desk.count_size, desk.colour, desk.start),
        theme(),
        None if desk.selected is None else Chosen(*desk.selected),
        Counting(desk.count_size, counts_head(desk)),
        height,
        desk.history.can_undo,
        desk.history.can_redo,
        own_history,
    )
    with st.container(key="drawing"):
        canvas(data, key=CANVAS, on_gesture=_took)


def _took() -> None:
    """Do what a gesture asks for; where it cannot be done, say why and keep everything."""
    value = last_gesture(CANVAS)
    if value is None:
        return
    try:
        act(event_from(value))
    except ExplorerError as error:
        session().notice = str(error)


def act(event: Event) -> None:
    """Do what a gesture asks for. Raises EditError where an undo or a redo is none."""
    history = session().desk.history
    steps: dict[Kind, Callable[[], None]] = {
        Kind.EDIT: partial(apply, *event.edits),
        Kind.SELECT: partial(select, Selected(event.block, event.slot)),
        Kind.UNDO: lambda: show_history(history.undo()),
        Kind.REDO: lambda: show_history(history.redo()),
    }
    steps[event.kind]()
