"""Knock-out: bypass blocks or cut a link, and see what is lost; what each block carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.background import Task
from explorer.app.carrying import carried, measure, stop
from explorer.app.scoreboard import SCENES, Question, scoreboard
from explorer.app.sticker_table import Table
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.sticker_plots import carried_plot

if TYPE_CHECKING:
    from explorer.detection.evaluation import Evaluation
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
    if here.knocked is not None and here.knocked != arch:
        stop(here.knocked, values)
        here.knocked = None
    found = carried(arch, values)
    running = here.knocked == arch and not found.complete and not found.trouble
    if not running and not found.complete:
        st.button(
            "Measure what each block carries", icon=":material/experiment:", key="carried",
            help="Each block is bypassed in turn, and nothing is trained anew",
            on_click=_begin, args=(here, arch),
        )  # fmt: skip
    if running or found.lost or found.trouble:
        st.fragment(_carried, run_every=LOOK if running else None)(here, arch, values, running)


def _begin(here: Table, arch: Architecture) -> None:
    here.knocked = arch


def _stop(here: Table, arch: Architecture, values: MiniatureWeights) -> None:
    here.knocked = None
    stop(arch, values)


def _carried(here: Table, arch: Architecture, values: MiniatureWeights, running: bool) -> None:
    if running:
        measure(arch, values)
    found = carried(arch, values)
    if found.trouble:
        st.warning(found.trouble)
        return
    if running and found.complete:
        st.rerun()
    if running:
        st.progress(
            len(found.lost) / max(1, found.blocks),
            f"{len(found.lost)} of {found.blocks} blocks, one after another",
        )
        st.button(
            "Stop", icon=":material/stop_circle:", key="carried-stop",
            on_click=_stop, args=(here, arch, values),
        )  # fmt: skip
    if found.lost:
        levels = {block.id: block.level for block in arch.blocks}
        st.plotly_chart(
            carried_plot(dict(found.lost), levels, theme()),
            key="carried-plot", theme=None, config=CONFIG,
            alt="AP50 points that are lost without each block",
        )  # fmt: skip
        st.caption("The same as colours: *Explore*, *View*, *Colour blocks by*.")
