"""Progress kept in the browser: a small component with nothing to see that writes local storage."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from explorer.app.learning import learning
from explorer.architecture.errors import FormatError
from explorer.lessons.progress import Progress, from_json, to_json

KEY = "progress-keeper"
_SCRIPT = """
export default function ({ data, setStateValue }) {
  const name = "spinenet-explorer-progress";
  try {
    const kept = localStorage.getItem(name) || "";
    if (data.empty) {
      if (kept && kept !== data.known) setStateValue("kept", kept);
    } else if (kept !== data.text) {
      localStorage.setItem(name, data.text);
    }
  } catch (error) { /* a browser that keeps nothing: progress lasts as long as the tab */ }
}
"""


def keep_progress() -> None:
    """Give the browser the progress to keep; where nothing is known yet, ask it for what it has."""
    here = learning()
    _component()(
        key=KEY,
        data={
            "text": to_json(here.progress),
            "empty": here.progress == Progress(),
            "known": here.kept,
        },
        default={"kept": ""},
        on_kept_change=_take,
    )


def _take() -> None:
    here = learning()
    value: Any = st.session_state.get(KEY)
    here.kept = str((value or {}).get("kept") or "")
    try:
        here.progress = here.progress.together(from_json(here.kept))
    except FormatError:
        here.notice = "The progress that this browser kept cannot be read; it starts anew."


@cache
def _component() -> Callable[..., Any]:
    component: Callable[..., Any] = st.components.v2.component(
        "spinenet_progress", html="<span></span>", js=_SCRIPT
    )
    return component
