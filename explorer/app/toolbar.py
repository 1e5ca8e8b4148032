"""The row above the drawing: which network, undo and redo, share, export, settings, numbers."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer.app.export_view import show_exports
from explorer.app.late import chosen
from explorer.app.numbers import show_numbers
from explorer.app.reading import open_upload
from explorer.app.share import full_link
from explorer.app.state import (
    COUNT_SIZES,
    RUN_SIZES,
    Desk,
    Session,
    open_architecture,
    session,
)
from explorer.app.undo import undo_and_redo
from explorer.app.weights_view import show_weights
from explorer.catalog import entries, entry
from explorer.drawing.drawing import Colour

COLOUR_TEXT = {
    Colour.LEVEL: "Level",
    Colour.OP: "Op",
    Colour.MACS: "MACs",
    Colour.PARAMS: "Parameters",
    Colour.RECEPTIVE_FIELD: "Receptive field",
    Colour.PATHS: "Number of paths that lead here",
    Colour.CHANGE: "Change since the start",
    Colour.CARRIED: "AP points that each block carries",
}


def toolbar(here: Session) -> None:
    """Draw the row. Every control changes the desk in a callback, before anything is drawn."""
    desk = here.desk
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        _picker(desk)
        undo_and_redo(desk, desk.history.can_undo)
        with st.popover("Open", icon=":material/folder_open:", key="open"):
            st.file_uploader(
                "An architecture: JSON from here, or an official spec file",
                type=["json", "txt"],
                key="open-file",
                on_change=open_upload,
                args=("open-file",),
                max_upload_size=2,
            )
            show_weights(here)
        with st.popover("Share", icon=":material/link:", key="share"):
            st.caption(
                "This link holds the whole network and what is shown of it. "
                "The address bar always has it too."
            )
            st.code(full_link(desk), language=None, wrap_lines=True)
        with st.popover("Export", icon=":material/download:", key="export"):
            show_exports(desk)
        with st.popover("View", icon=":material/tune:", key="view"):
            _settings(desk)
        st.space("stretch")
        show_numbers(desk)


def _picker(desk: Desk) -> None:
    titles = {one.name: one.title for one in entries()}
    names = list(titles)
    shown = _shown(desk)
    own = [] if shown in titles else [shown]
    key = f"picker-{shown}"
    st.session_state[key] = shown
    st.selectbox(
        "Architecture",
        own + names,
        format_func=lambda name: titles.get(name, f"{name} (yours)"),
        key=key,
        label_visibility="collapsed",
        width=220,
        on_change=_open_picked,
        args=(key, shown),
    )


def _shown(desk: Desk) -> str:
    known = (one.name for one in entries() if one.architecture == desk.start)
    return next(known, desk.start.name)


def _open_picked(key: str, shown: str) -> None:
    name = st.session_state[key]
    known = {one.name for one in entries()}
    if name in known and chosen(key, shown, _shown(session().desk)):
        open_architecture(entry(name).architecture)


def _settings(desk: Desk) -> None:
    values = {
        "view-colour": desk.colour,
        "view-count": desk.count_size,
        "view-run": desk.run_size,
        "view-head": desk.with_head,
    }
    st.session_state.update(values)
    st.selectbox(
        "Colour blocks by",
        list(Colour),
        format_func=COLOUR_TEXT.__getitem__,
        key="view-colour",
        on_change=_set,
    )
    st.selectbox(
        "Count for images of",
        COUNT_SIZES,
        format_func=lambda side: f"{side}×{side} px",
        key="view-count",
        on_change=_set,
    )
    st.toggle("Count the RetinaNet head too", key="view-head", on_change=_set)
    st.selectbox(
        "Run on images of",
        RUN_SIZES,
        format_func=lambda side: f"{side}×{side} px",
        key="view-run",
        on_change=_set,
        help="Feature maps are computed at this size. Larger takes longer: time grows with its "
        "square.",
    )


def _set() -> None:
    here, found = session(), st.session_state
    here.desk = replace(
        here.desk,
        colour=Colour(found["view-colour"]),
        count_size=int(found["view-count"]),
        run_size=int(found["view-run"]),
        with_head=bool(found["view-head"]),
    )
