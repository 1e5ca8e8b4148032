"""The canvas on a page: a Streamlit component whose script stands beside this file, as it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.canvas.scene import Json

_HERE = Path(__file__).parent
SCRIPTS = (
    "paint.js",
    "keys.js",
    "canvas.js",
    "talking.js",
    "ahead.js",
    "pointer.js",
    "drags.js",
    "actions.js",
    "picks.js",
    "menu.js",
    "mount.js",
)
"""In this order they are one module; the last exports what Streamlit calls."""


def canvas(data: Mapping[str, Json], *, key: str, on_gestures: Callable[[], None]) -> None:
    """Show a scene (`explorer.canvas.scene.scene`); `on_gestures` is called when there are some.

    The callback finds what was sent through `sent_gestures`.
    """
    _component()(key=key, data=dict(data), on_gestures_change=on_gestures)


def sent_gestures(key: str) -> object:
    """What the script sent, inside the callback; None where it sent nothing."""
    state: Any = st.session_state.get(key)
    return None if state is None else state.get("gestures")


@cache
def _component() -> Callable[..., Any]:
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    component: Callable[..., Any] = st.components.v2.component(
        "spinenet_canvas",
        html=(_HERE / "canvas.html").read_text(encoding="utf-8"),
        css=(_HERE / "canvas.css").read_text(encoding="utf-8"),
        js=script,
    )
    return component
