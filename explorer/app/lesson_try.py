"""Try the lesson's network on an image: a sticker that one drags and shrinks, boxes that follow."""

from __future__ import annotations

import streamlit as st

from explorer.app.composing import show_composing
from explorer.app.state import Desk
from explorer.architecture.errors import ExplorerError
from explorer.lessons.finding import weights_file


def show_try(desk: Desk) -> None:
    """A sticker on a photograph through the network on the desk, where a person asks for it."""
    if weights_file() is None:
        st.caption("No trained weights are here: stickers cannot be followed, only counted.")
        return
    if not st.toggle(
        "Put a sticker on a photograph, and follow it as it shrinks", key="lesson-try"
    ):
        return
    from explorer.detection.miniature import in_space, miniature_weights

    arch = desk.architecture
    if not in_space(arch):
        st.warning("This network has no output on P3 to P7 that could find a sticker.")
        return
    try:
        show_composing(desk, arch, miniature_weights())
    except ExplorerError as error:
        st.warning(str(error))
