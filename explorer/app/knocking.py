"""Knock-out: bypass blocks or cut a link, and see what is lost; what each block carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.background import Task, start
from explorer.app.scoreboard import SCENES, Question, scoreboard
from explorer.app.sticker_table import Table
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.sticker_plots import carried_plot

if TYPE_CHECKING:
    from explorer.detection.evaluation import Evaluation
    from explorer.detection.knock_out import Carried
    from explorer.detection.miniature import MiniatureWeights

LOOK = 0.7
PATIENCE = 0.05


class Knocked(NamedTuple):
    """What is off: the network that is left, and the blocks that pass their input on."""

    architecture: Architecture
    bypass: tuple[int, ...]


def knock_out_choices(arch: Architecture) -> Knocked:
    """The blocks and the link that a person turned off."""
    from explorer.detection.knock_out import without_link
    from explorer.detection.miniature import permuted

    free = permuted(arch)
    labels = {block.id: f"{block.label} on L{block.level}" for block in arch.blocks}
    left, right = st.columns(2, gap="small")
    blocks = left.multiselect(
        "Blocks that pass their input on unchanged", free, format_func=labels.__getitem__,
        key="bypass", placeholder="none",
    )  # fmt: skip
    wires = [
        (block.id, slot)
        for block in arch.blocks
        for slot in range(len(block.parents))
        if block.id in free and len(block.parents) > 1
    ]
    cut = right.selectbox(
        "A link that is cut", wires, index=None, key="cut", placeholder="none",
        format_func=lambda w: f"b{arch.block(w[0]).parents[w[1]]} → {labels[w[0]]}",
    )  # fmt: skip
    rest = arch if cut is None else without_link(arch, *cut)
    return Knocked(rest, tuple(blocks))


def show_lost(whole: Architecture, off: Knocked, values: MiniatureWeights) -> None:
    """AP50 with everything, and without what is off."""
    board = scoreboard()
    tasks = (
        board.ask(Question(whole), values),
        board.ask(Question(off.architecture, off.bypass), values),
    )
    pending = not all(task.done for task in tasks)
    st.fragment(_lost, run_every=LOOK if pending else None)(tasks, pending)


def _lost(tasks: tuple[Task[Evaluation], Task[Evaluation]], pending: bool) -> None:
    if not all(task.wait(PATIENCE) for task in tasks):
        st.caption(f"Measuring on {SCENES} scenes …")
        return
    try:
        one, two = (task.result() for task in tasks)
    except ExplorerError as error:
        st.warning(str(error))
        return
    if one is None or two is None:
        return
    nothing_off = tasks[0] is tasks[1]
    change = 100 * (two.precision.ap50 - one.precision.ap50)
    columns = st.columns(3, gap="small")
    columns[0].metric("AP50 with all, %", f"{100 * one.precision.ap50:.1f}")
    columns[1].metric(
        "AP50 as it is now, %",
        f"{100 * two.precision.ap50:.1f}",
        None if nothing_off else f"{change:+.1f}",
    )
    small = 100 * (two.precision.ap_small - one.precision.ap_small)
    columns[2].metric(
        "small", f"{100 * two.precision.ap_small:.1f}", None if nothing_off else f"{small:+.1f}"
    )
    if pending:
        st.rerun()


def show_carried(here: Table, arch: Architecture, values: MiniatureWeights) -> None:
    """What each block carries: measured when asked for, one block after another."""
    if here.knocked != arch:
        if here.knocking is not None:
            here.knocking.stop()
        here.knocking, here.knocked = None, arch
    if here.knocking is None:
        st.button(
            "Measure what each block carries", icon=":material/experiment:", key="carried",
            help="Each block is bypassed in turn, and nothing is trained anew",
            on_click=_start, args=(here, arch, values),
        )  # fmt: skip
        return
    running = not here.knocking.done
    st.fragment(_carried, run_every=LOOK if running else None)(here.knocking, arch, running)


def _start(here: Table, arch: Architecture, values: MiniatureWeights) -> None:
    def work(task: Task[tuple[Carried, ...]]) -> tuple[Carried, ...]:
        from explorer.detection.knock_out import carried_by_blocks
        from explorer.detection.miniature import permuted
        from explorer.detection.scenes import evaluation_scenes

        found: list[Carried] = []
        count = len(permuted(arch))
        for one in carried_by_blocks(arch, evaluation_scenes(SCENES), values):
            found.append(one)
            task.partial, task.share = tuple(found), len(found) / count
            if task.stopped.is_set():
                break
        return tuple(found)

    here.knocking = start(work)


def _carried(task: Task[tuple[Carried, ...]], arch: Architecture, running: bool) -> None:
    if not task.done:
        st.progress(task.share, "Bypassing one block after another")
        st.button("Stop", icon=":material/stop_circle:", key="carried-stop", on_click=task.stop)
    try:
        found = (task.result() if task.done else task.partial) or ()
    except ExplorerError as error:
        st.warning(str(error))
        return
    if found:
        levels = {block.id: block.level for block in arch.blocks}
        st.plotly_chart(
            carried_plot({one.block: one.lost for one in found}, levels, theme()),
            key="carried-plot", theme=None, config=CONFIG,
            alt="AP50 points that are lost without each block",
        )  # fmt: skip
    if running and task.done:
        st.rerun()
