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
MINUTES = (0.5, 1.0, 2.0, 5.0)


def show_tuning(here: Table, arch: Architecture, values: MiniatureWeights) -> None:
    """The button, and while it trains the loss; then AP before and after, and the weights."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="tuning-choices"):
        minutes = st.select_slider("Minutes", MINUTES, 1.0, key="tuning-minutes", width=220)
        busy = here.tuning is not None and not here.tuning.done
        st.button(
            "Fine-tune this one", icon=":material/fitness_center:", key="tune",
            disabled=busy, on_click=_start, args=(here, arch, values, 60 * minutes),
        )  # fmt: skip
        if here.tuning is not None and busy:
            st.button(
                "Cancel", icon=":material/stop_circle:", key="tune-stop",
                on_click=here.tuning.stop,
            )  # fmt: skip
    st.caption(
        "It trains the network on the desk alone, on scenes over the training photographs; the "
        "shared weights stay as they are. Cancelled, it keeps what it has learned so far."
    )
    if here.tuning is not None:
        st.fragment(_progress, run_every=LOOK if busy else None)(here.tuning, values, busy)


def tuned_weights(here: Table, arch: Architecture) -> MiniatureWeights | None:
    """The weights that were tuned for this architecture, where there are any."""
    made = None if here.tuning is None else here.tuning.partial
    return made.weights if made is not None and made.architecture == arch else None


def _start(here: Table, arch: Architecture, values: MiniatureWeights, seconds: float) -> None:
    def work(task: Task[Tuning]) -> Tuning:
        from explorer.detection.training.tuning import fine_tune

        found = task.partial = Tuning(arch)
        for one in fine_tune(arch, values, seconds, should_stop=task.stopped.is_set):
            task.share = one.share
            if one.told is not None:
                found.losses.append((one.told.step, one.told.loss))
            found.weights = one.weights or found.weights
        return found

    here.tuning = start(work, Lane.TRAINING)


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
    if found.losses:
        st.plotly_chart(
            learning_plot(found.losses, theme()), key="learning-plot", theme=None, config=CONFIG,
            alt="The loss over steps",
        )  # fmt: skip
    if found.weights is not None:
        _compared(found, values, busy)
    if busy and task.done:
        st.rerun()


def _compared(found: Tuning, values: MiniatureWeights, busy: bool) -> None:
    """AP with the shared and with the tuned weights; the file to keep."""
    assert found.weights is not None  # noqa: S101 (the caller asked)
    board = scoreboard()
    question = Question(found.architecture)
    tasks = (board.ask(question, values), board.ask(question, found.weights))
    for column, task, title in zip(
        st.columns(3), tasks, ("AP50 %, shared weights", "AP50 %, tuned so far"), strict=False
    ):
        result = task.result() if task.wait(0.05 if busy else 20.0) else None
        column.metric(title, "…" if result is None else f"{100 * result.precision.ap50:.1f}")
    if not busy:
        from explorer.detection.training.tuning import as_file

        st.download_button(
            "Weights (.safetensors)", as_file(found.weights), "fine-tuned.safetensors",
            icon=":material/download:", key="tuned-file",
        )  # fmt: skip
