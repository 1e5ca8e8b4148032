"""Undo and redo as buttons, the same on every page that has a network to edit."""

from __future__ import annotations

import streamlit as st

from explorer.app.state import Desk, session, show_history


def undo_and_redo(desk: Desk, can_undo: bool, key: str = "") -> None:
    """The two buttons; `key` goes before their names where a page has its own."""
    st.button(
        "Undo",
        icon=":material/undo:",
        key=f"{key}undo",
        help="Ctrl+Z",
        disabled=not can_undo,
        on_click=lambda: show_history(session().desk.history.undo()),
    )
    st.button(
        "Redo",
        icon=":material/redo:",
        key=f"{key}redo",
        help="Ctrl+Shift+Z",
        disabled=not desk.history.can_redo,
        on_click=lambda: show_history(session().desk.history.redo()),
    )
