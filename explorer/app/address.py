"""The address bar: when what it says is a person's wish, and when it is only late."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def wished(written: bool) -> dict[str, str]:
    """The words of the address where a person asks for them; nothing where they are our own.

    `written` says whether this page has written or read an address in this session.

    Every run of a page brings the address that the browser had when it asked for the run. Where
    runs follow each other closely that is an older one: a run that is cut off for the next does
    not deliver what it wrote. Taken for a wish, it would take the last edit back. So an address
    counts where a session begins, and where the back or forward button led to it.
    """
    words = st.query_params.to_dict()
    return words if not written or _went_back() else {}


def _went_back() -> bool:
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation
