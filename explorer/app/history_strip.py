"""Every step since the start, in a row; a click goes back to it."""

from __future__ import annotations

import streamlit as st

from explorer.app.numbers import counts_head
from explorer.app.state import Desk, session, show_history
from explorer.architecture.errors import ExplorerError
from explorer.architecture.history import History
from explorer.cost.cost import cost
from explorer.cost.units import signed_macs_text


def history_strip(desk: Desk) -> None:
    """The row of steps: each edit in words, with what it did to the MACs."""
    steps = desk.history.steps
    labels = step_labels(desk)
    # The browser knows a step by its text: with other texts it is another strip.
    key = f"history-steps-{len(steps)}-{desk.history.cursor}-{desk.count_size}-{desk.with_head}"
    st.session_state[key] = desk.history.cursor
    with st.container(key="history"):
        st.segmented_control(
            "History",
            range(len(steps)),
            format_func=labels.__getitem__,
            key=key,
            label_visibility="collapsed",
            on_change=_go,
            args=(key, desk.history),
            wrap=False,
        )


def _go(key: str, shown: History) -> None:
    """Go to the step that was clicked in the strip that showed this history.

    Where runs of the page follow each other closely, Streamlit also calls this for a strip that is
    no longer there: its steps are not those of the desk, and nothing was clicked.
    """
    step = st.session_state.get(key)
    if step is not None and session().desk.history == shown:
        show_history(shown.goto(step))


def step_labels(desk: Desk) -> list[str]:
    """`start`, then each edit and the difference that it made."""
    labels = ["start"]
    head = counts_head(desk)
    for before, step in zip(desk.history.steps, desk.history.steps[1:], strict=False):
        text = step.text
        try:
            macs = cost(step.architecture, desk.count_size, head).macs
            macs -= cost(before.architecture, desk.count_size, head).macs
        except ExplorerError:
            labels.append(text)
        else:
            labels.append(f"{text} :gray[{signed_macs_text(macs)}]")
    return labels
