"""The canvas on the page: what is done with the hands becomes edits of the desk's network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer.app.carrying_view import amounts, show_carrying
from explorer.app.numbers import counts_head
from explorer.app.share import restore
from explorer.app.state import Desk, Selected, apply, is_new, select, session, show_history
from explorer.app.theme import theme
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.canvas.component import canvas, sent_gestures
from explorer.canvas.events import Event, Kind, events_from
from explorer.canvas.handing import hand_promises
from explorer.canvas.scene import Chosen, Counting, scene
from explorer.drawing.layout import layout

HEIGHT = 490
"""Of the drawing in pixels: with it, the whole loop fits 1440x900."""
CANVAS = "canvas"


def show_drawing(
    desk: Desk, height: int = HEIGHT, own_history: bool = True, can_undo: bool = True
) -> None:
    """Draw the network and let a person change it with the mouse, the finger or the keys.

    `own_history` is for pages that have no other buttons for undo and redo; without `can_undo`
    the keys for it do nothing either.
    """
    arch = desk.architecture
    chosen = None if desk.selected is None else Chosen(*desk.selected)
    data = scene(
        arch,
        layout(arch, desk.count_size, desk.colour, desk.start, amounts(desk)),
        theme(),
        chosen,
        height,
        can_undo and desk.history.can_undo,
        desk.history.can_redo,
        own_history,
        session().gesture,
    )
    with st.container(key="drawing"):
        canvas(data, key=CANVAS, on_gestures=_took)
        counting = Counting(desk.count_size, counts_head(desk))
        hand_promises(arch, chosen, counting, f"{CANVAS}-promises", session().also)
    show_carrying(desk)


def _took() -> None:
    """Do what gestures ask for; where one cannot be done, say why and keep everything.

    Streamlit may cut this off wherever it touches the session, to begin with a later message, and
    begins with that one before this has ended. So a gesture counts as taken up after it is done:
    one that was cut off comes again.
    """
    lost = is_new()
    here = session()
    if lost:  # the connection was, and the link has what there was
        restore(here)
    with here.gestures:
        try:
            events = events_from(sent_gestures(CANVAS) or [], here.gesture)
        except ExplorerError as error:
            here.notice = str(error)
            return
        for event in events:
            try:
                act(event)
            except ExplorerError as error:
                here.notice = str(error)
            here.gesture = event.number


def act(event: Event) -> None:
    """Do what a gesture asks for.

    Raises FormatError where it was refused, EditError where an undo or a redo is none.
    """
    if event.refused:
        raise FormatError(event.refused)
    if event.kind is Kind.SELECT:
        session().also = event.also
    history = session().desk.history
    steps: dict[Kind, Callable[[], None]] = {
        Kind.EDIT: partial(apply, *event.edits),
        Kind.SELECT: partial(select, Selected(event.block, event.slot)),
        Kind.UNDO: lambda: show_history(history.undo()),
        Kind.REDO: lambda: show_history(history.redo()),
    }
    steps[event.kind]()
