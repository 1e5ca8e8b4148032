"""What the last step did to average precision: a line that comes a moment after the edit."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.app.scoreboard import SCENES, Measured, Question, measured, scoreboard
from explorer.app.state import Desk
from explorer.app.sticker_table import weights_for
from explorer.app.sticker_words import trouble
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError

LOOK = 1.5
"""Seconds of rest after an edit before anything is measured, and between two looks."""
_KEY = "explorer_felt"


@dataclass(frozen=True, slots=True)
class Step:
    """The networks after the last step and before it."""

    after: Architecture
    before: Architecture


def show_felt(desk: Desk) -> None:
    """AP of the network on the desk and what the last step did to it; nothing before the first."""
    before = desk.before
    if before is None or trouble(desk.architecture) or trouble(before):
        return
    step = Step(desk.architecture, before)
    known = None if scoreboard().is_empty else _known(step)
    with st.container(key="felt"):
        st.fragment(_line, run_every=None if known else LOOK)(step, known)


def _line(step: Step, known: str | None) -> None:
    if known:
        st.caption(known)
        return
    if st.session_state.get(_KEY) != step:  # being painted for the first time: a person goes first
        _leave(st.session_state.get(_KEY), step)
        st.session_state[_KEY] = step
    elif weights_for().trained:
        for arch in (step.after, step.before):
            scoreboard().ask(Question(arch), weights_for())
        if _known(step):
            st.rerun()
    else:
        return
    st.caption("**AP50** is measured …")


def _leave(earlier: Step | None, now: Step) -> None:
    """Stop measuring for a step that nobody looks at any more."""
    if earlier is None or scoreboard().is_empty:
        return
    kept = {Question(arch).key for arch in (now.after, now.before)}
    for question in map(Question, (earlier.after, earlier.before)):
        task = scoreboard().asked(question, weights_for())
        if task is not None and not task.done and question.key not in kept:
            task.stop()


def _known(step: Step) -> str | None:
    """The line in words; None while a figure is missing."""
    now, before = _figures(step.after), _figures(step.before)
    if now is None or before is None:
        return None
    if Question(step.after).key == Question(step.before).key:
        return f"**AP50 {_percent(now.ap50)}** the miniature does not feel this step"
    rows = (("small", now.small, before.small), ("medium", now.medium, before.medium),
            ("large", now.large, before.large))  # fmt: skip
    sizes = ", ".join(f"{size} {_percent(one)} ({_points(one, two)})" for size, one, two in rows)
    return (
        f"**AP50 {_points(now.ap50, before.ap50)}** to {_percent(now.ap50)} :gray[AP "
        f"{sizes}: the miniature with the one-shot weights, {SCENES} scenes]"
    )


def _figures(arch: Architecture) -> Measured | None:
    task = scoreboard().asked(Question(arch), weights_for())
    if task is None or not task.done:
        return None
    try:
        found = task.result()
    except ExplorerError:
        return None
    return None if found is None else measured(arch.name, found)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(now: float, before: float) -> str:
    """A difference in points, signed.

    >>> _points(0.5, 0.532), _points(0.5, 0.5)
    ('−3.2', '±0.0')
    """
    found = round(100 * (now - before), 1)
    return f"{found:+.1f}".replace("-", "−") if found else "±0.0"
