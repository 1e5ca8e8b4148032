"""A minute or two of training this one network on this machine, from the shared weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.background import Lane, Task, start
from explorer.app.scoreboard import Question, scoreboard
from explorer.app.sticker_table import Table, Tuning
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.sticker_plots import learning_plot

if TYPE_CHECKING:
    from explorer.detection.miniature import MiniatureWeights

LOOK = 1.0
WEIGHTS_EVERY = 10.0
"""Seconds from one look at AP to the next."""
MINUTES = (0.5, 1.0, 2.0, 5.0)


def chosen_weights(here: Table, arch: Architecture, shared: MiniatureWeights) -> MiniatureWeights:
    """The shared weights, or those that were tuned for `arch` where a person wants them."""
    tuned = here.tuned.get(arch)
    if tuned is None:
        return shared
    st.session_state["use-tuned"] = here.use_tuned
    st.toggle(
        "Use the weights tuned for this network", key="use-tuned", on_change=_use, args=(here,)
    )
    return tuned if here.use_tuned else shared


def _use(here: Table) -> None:
    here.use_tuned = st.session_state["use-tuned"]


def show_tuning(here: Table, arch: Architecture, values: MiniatureWeights) -> None:
    """The button; while it trains loss and AP; then AP before and after, and the weights."""
    task = here.tuning
    busy = task is not None and not task.done
    with st.container(horizontal=True, vertical_alignment="bottom", key="tuning-choices"):
        minutes = st.select_slider("Minutes", MINUTES, 1.0, key="tuning-minutes", width=220)
        st.button(
            "Fine-tune this one", icon=":material/fitness_center:", key="tune",
            disabled=busy, on_click=_start, args=(here, arch, values, 60 * minutes),
        )  # fmt: skip
        if task is not None and busy:
            st.button("Cancel", icon=":material/stop_circle:", key="tune-stop", on_click=task.stop)
    st.caption(
        "It trains the network on the desk alone, on scenes over the training photographs; the "
        "shared weights stay as they are. Cancelled, it keeps what it has learned so far."
    )
    if task is not None:
        if task.partial is not None and task.partial.architecture != arch:
            st.info(f"This is about {task.partial.architecture.name}, as it was when it began.")
        st.fragment(_progress, run_every=LOOK if busy else None)(task, values, busy)


def _start(here: Table, arch: Architecture, values: MiniatureWeights, seconds: float) -> None:
    def work(task: Task[Tuning]) -> Tuning:
        from explorer.detection.training.tuning import fine_tune

        tuning = fine_tune(
            arch, values, seconds, weights_every=WEIGHTS_EVERY, should_stop=task.stopped.is_set
        )
        for one in tuning:
            task.share = one.share
            if one.told is not None:
                made.losses.append((one.told.step, one.told.loss))
            if one.weights is not None and made.losses:
                made.weights, made.step = one.weights, made.losses[-1][0]
                here.tuned[arch] = one.weights
        return made

    made = Tuning(arch)
    here.tuning = start(work, Lane.TRAINING)
    here.tuning.partial = made


def _progress(task: Task[Tuning], values: MiniatureWeights, busy: bool) -> None:
    if not task.done:
        share = min(1.0, task.share)
        st.progress(share, "Training" if share else "Making scenes to train on")
    try:
        found = (task.result() if task.done else None) or task.partial
    except ExplorerError as error:
        st.warning(str(error))
        return
    if found is None:
        return
    chart = st.empty()
    if found.weights is not None:
        _compared(found, found.weights, values, busy)
    if found.losses:
        chart.plotly_chart(
            learning_plot(found.losses, [*found.ap50.items()], theme()),
            key="learning-plot", theme=None, config=CONFIG, alt="The loss and AP50 over steps",
        )  # fmt: skip
    if busy and task.done:
        st.rerun()


def _compared(found: Tuning, tuned: MiniatureWeights, values: MiniatureWeights, busy: bool) -> None:
    """AP with the shared and with the tuned weights; the file to keep."""
    board = scoreboard()
    question = Question(found.architecture)
    tasks = (board.ask(question, values), board.ask(question, tuned))
    reached = [
        None if result is None else result.precision.ap50
        for result in (
            task.result() if task.wait(0.05 if busy else 20.0) else None for task in tasks
        )
    ]
    for step, ap50 in zip((0, found.step), reached, strict=True):
        if ap50 is not None:
            found.ap50[step] = ap50
    before, after = reached
    change = None if before is None or after is None else f"{100 * (after - before):+.1f}"
    left, right, _ = st.columns(3)
    left.metric("AP50 %, shared weights", "…" if before is None else f"{100 * before:.1f}")
    right.metric(
        "AP50 %, tuned so far" if busy else "AP50 %, tuned",
        "…" if after is None else f"{100 * after:.1f}",
        change,
    )
    if not busy:
        from explorer.detection.training.tuning import as_file

        st.download_button(
            "Weights (.safetensors)", as_file(tuned), "fine-tuned.safetensors",
            icon=":material/download:", key="tuned-file",
            help="`python -m explorer evaluate ARCH --weights FILE`, and `infer`, take it",
        )  # fmt: skip
