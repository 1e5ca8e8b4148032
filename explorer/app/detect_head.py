"""The row above the detections: which network, undo and redo, and what the page shows of it."""

from __future__ import annotations

import streamlit as st

from explorer.app.state import Desk
from explorer.app.sticker_table import VIEWS, Table
from explorer.app.sticker_words import ABOUT
from explorer.app.undo import undo_and_redo


def detect_head(here: Table, desk: Desk) -> None:
    """Draw the row."""
    with st.container(horizontal=True, vertical_alignment="center", key="detect-head"):
        st.subheader(desk.architecture.name, anchor=False, help=ABOUT)
        undo_and_redo(desk, desk.history.can_undo, "detect-")
        st.session_state["detect-view"] = here.shown.view
        st.segmented_control(
            "View", list(VIEWS), key="detect-view", label_visibility="collapsed", required=True,
            format_func=lambda name: f"{VIEWS[name]} {name}", on_change=_choose, args=(here,),
        )  # fmt: skip


def _choose(here: Table) -> None:
    here.shown = here.shown._replace(view=st.session_state["detect-view"])
