"""What each block carries, as a colouring of the drawing: measured in the background, never stale.

A network that is edited again within a second is not measured at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.app.carrying import Carried, carried, measure, stop
from explorer.app.scoreboard import SCENES, scoreboard
from explorer.app.state import Desk
from explorer.app.sticker_table import weights_for
from explorer.app.sticker_words import trouble, weights_badge
from explorer.architecture.architecture import Architecture
from explorer.drawing.drawing import Colour

LOOK = 1.0
"""Seconds from an edit to the start of measuring, and between two looks at it."""
_KEY = "explorer_carrying"


@dataclass(slots=True)
class Overlay:
    """What a session shows."""

    painted: Architecture | None = None
    """The network that was on the page when it was painted last: measuring never comes before."""
    stopped: Architecture | None = None
    """What a person stopped: not measured until they ask for it."""


def amounts(desk: Desk) -> tuple[tuple[int, float], ...]:
    """What is known of the network on the desk, for its drawing; empty in other colourings."""
    arch = desk.architecture
    if desk.colour is not Colour.CARRIED or trouble(arch):
        return ()
    found = _known(arch)
    return () if found is None else found.lost


def show_carrying(desk: Desk) -> None:
    """The line below the drawing: how far it is, and what the amounts are."""
    here = _overlay()
    arch = desk.architecture if desk.colour is Colour.CARRIED else None
    if here.painted is not None and here.painted != arch:
        _end(here.painted)
        here.painted = None
    if arch is None:
        return
    if wrong := trouble(arch):
        st.warning(f"What blocks carry cannot be measured. {wrong}")
        return
    found = _known(arch)
    complete = found is not None and found.complete
    if complete:
        here.painted = arch
    drawn = 0 if found is None else len(found.lost)
    with st.container(key="carrying"):
        waiting = not complete and here.stopped != arch
        st.fragment(_progress, run_every=LOOK if waiting else None)(arch, drawn, waiting)


def _progress(arch: Architecture, drawn: int, waiting: bool) -> None:
    here = _overlay()
    if here.painted != arch:
        here.painted = arch
        st.progress(0.0, "What each block carries: about to be measured")
        return
    values = weights_for()
    if not values.trained:
        here.stopped = arch
        if waiting:
            st.rerun()
        st.caption(f"{weights_badge(values.label)} so there is nothing that blocks could carry.")
        return
    if here.stopped != arch:
        measure(arch, values)
    found = carried(arch, values)
    if found.trouble:
        st.warning(found.trouble)
        return
    if len(found.lost) > drawn or (found.complete and waiting):
        st.rerun()  # the drawing takes the new colours
    if found.complete:
        st.caption(_words(found))
        return
    text = f"What each block carries: {len(found.lost)} of {found.blocks} blocks measured"
    with st.container(horizontal=True, vertical_alignment="center", key="carrying-row"):
        st.progress(len(found.lost) / max(1, found.blocks), text)
        if here.stopped == arch:
            st.button("Go on", icon=":material/play_arrow:", key="carrying-go", on_click=_go)
        else:
            st.button("Stop", icon=":material/stop_circle:", key="carrying-stop", on_click=_stop)


def _words(found: Carried) -> str:
    return (
        f"{weights_badge(weights_for().label)} AP50 points lost where the block passes its summed "
        f"input on unchanged and nothing is trained anew. With every block AP50 is "
        f"{100 * (found.whole or 0):.1f} %: the miniature on the first {SCENES} scenes."
    )


def _known(arch: Architecture) -> Carried | None:
    """None before anybody has measured anything: PyTorch is not loaded just to find nothing."""
    return None if scoreboard().is_empty else carried(arch, weights_for())


def _end(arch: Architecture) -> None:
    if not scoreboard().is_empty:
        stop(arch, weights_for())


def _stop() -> None:
    here = _overlay()
    if here.painted is not None:
        here.stopped = here.painted
        _end(here.painted)


def _go() -> None:
    _overlay().stopped = None


def _overlay() -> Overlay:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Overlay()
    found: Overlay = st.session_state[_KEY]
    return found
