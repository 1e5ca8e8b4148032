"""Average precision of the network on the desk, before and after the last edit, among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.background import Lane, Task
from explorer.app.science_view import findings_button
from explorer.app.scoreboard import (
    SCENES,
    Measured,
    Question,
    catalog_questions,
    measured,
    scoreboard,
)
from explorer.app.state import Desk
from explorer.app.sticker_words import trouble, weights_badge
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.cost.units import macs_text
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.sticker_plots import Tried, tried_plot

if TYPE_CHECKING:
    from explorer.detection.evaluation import Evaluation
    from explorer.detection.miniature import MiniatureWeights

LOOK = 0.7
"""Seconds between two looks at what is being measured."""
AT_ONCE = 0.05
MOST_TRIED = 60
"""Networks of the history that are measured: the last ones."""


def show_precision(desk: Desk, values: MiniatureWeights) -> None:
    """The figures and the plot; what is being measured comes when it is there."""
    pending = not all(task.done for task in _tasks(desk, values).values())
    st.fragment(_panel, run_every=LOOK if pending else None)(desk, values, pending)
    findings_button()


def tried(desk: Desk) -> list[Architecture]:
    """Every network of the history that can be run as a miniature: the latest first, each once."""
    found = {step.architecture: None for step in reversed(desk.history.steps)}
    return [arch for arch in found if not trouble(arch)][:MOST_TRIED]


def _tasks(desk: Desk, values: MiniatureWeights) -> dict[Question, Task[Evaluation]]:
    """What the panel shows; nobody waits for the rest of the plot but for the figures."""
    board = scoreboard()
    first = [Question(desk.architecture)]
    if desk.before is not None and not trouble(desk.before):
        first.append(Question(desk.before))
    rest = [*catalog_questions().values(), *map(Question, tried(desk))]
    found = {question: board.ask(question, values) for question in first}
    return found | {
        question: board.ask(question, values, Lane.SERIES)
        for question in rest
        if question not in found
    }


def _panel(desk: Desk, values: MiniatureWeights, pending: bool) -> None:
    tasks = _tasks(desk, values)
    tasks[Question(desk.architecture)].wait(AT_ONCE)
    now = _figures(tasks[Question(desk.architecture)], desk.architecture.name)
    before = None
    if desk.before is not None and not trouble(desk.before):
        before = _figures(tasks[Question(desk.before)], desk.before.name)
    _numbers(now, before)
    st.plotly_chart(
        tried_plot(_points(desk, tasks), theme()),
        key="tried-plot", theme=None, config=CONFIG,
        alt="AP50 over multiply-adds: the catalog's orders and what was tried here",
    )  # fmt: skip
    st.caption(
        f"{weights_badge(values.label)} COCO's average precision (pycocotools) on the first "
        f"{SCENES} scenes of the fixed set; small is below 16×16 px, large above 48×48 px of a "
        "128 px scene. Training each network alone can rank them otherwise."
    )
    if pending and all(task.done for task in tasks.values()):
        st.rerun()


def _numbers(now: Measured | None, before: Measured | None) -> None:
    columns = st.columns(5, gap="small")
    rows = (("AP50, %", "ap50"), ("AP, %", "ap"), ("AP small, %", "small"),
            ("AP medium, %", "medium"), ("AP large, %", "large"))  # fmt: skip
    for column, (title, name) in zip(columns, rows, strict=True):
        value = None if now is None else getattr(now, name)
        change = None
        if value is not None and before is not None:
            change = f"{100 * (value - getattr(before, name)):+.1f}"
        column.metric(title, "…" if value is None else f"{100 * value:.1f}", change)
    if now is not None:
        st.caption(
            f"{macs_text(now.macs)} MACs for one scene."
            + (" Differences are from before the last edit." if before else "")
        )


def _points(desk: Desk, tasks: dict[Question, Task[Evaluation]]) -> list[Tried]:
    found: list[Tried] = []

    def add(title: str, question: Question, kind: str) -> None:
        figures = _figures(tasks[question], title)
        if figures is not None:
            found.append(Tried(title, figures.macs, figures.ap50, kind))

    own = Question(desk.architecture)
    for title, question in catalog_questions().items():
        if question.key != own.key:
            add(title, question, "catalog")
    known = {own.key, *(question.key for question in catalog_questions().values())}
    for arch in tried(desk):
        if Question(arch).key not in known:
            add(arch.name, Question(arch), "tried here")
    add(desk.architecture.name, own, "on the desk")
    return found


def _figures(task: Task[Evaluation], title: str) -> Measured | None:
    """The figures where they are there; None while they are not, and where there are none."""
    if not task.done:
        return None
    try:
        found = task.result()
    except ExplorerError:
        return None
    return None if found is None else measured(title, found)
