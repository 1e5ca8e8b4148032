"""What the network on the desk costs, and why that differs from before, in words for the page."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from explorer.app.state import Desk
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.cost.causes import Cause, difference_text
from explorer.cost.cost import cost, supports_head
from explorer.cost.explain import explain
from explorer.cost.units import macs_text, params_text, signed_macs_text, signed_params_text

CONVENTION = (
    "MACs are the multiply-adds of all convolutions for one image, one multiply-add counted once; "
    "the literature's “FLOPs” of these networks are the same number. Parameters are weights and "
    "biases of convolutions, gamma and beta of norms."
)
MOST_CAUSES = 4
"""Causes told one by one on the page; the rest is merged."""


class Change(NamedTuple):
    """A difference in cost to an earlier network, and its causes, largest first."""

    macs: int
    params: int
    causes: tuple[Cause, ...]


class Numbers(NamedTuple):
    """What stands above the drawing."""

    macs: int
    params: int
    convention: str
    since_start: Change
    since_last: Change | None
    """None before the first edit."""


def counts_head(desk: Desk) -> bool:
    """Whether the head is counted: asked for, and possible for every network on the desk."""
    return desk.with_head and all(supports_head(step.architecture) for step in desk.history.steps)


def numbers(desk: Desk) -> Numbers:
    """The cost of the desk's network and how it came about.

    Raises an ExplorerError where it cannot be counted.
    """
    head = counts_head(desk)
    counted = cost(desk.architecture, desk.count_size, head)
    return Numbers(
        counted.macs,
        counted.params,
        f"{desk.count_size}×{desk.count_size} px, "
        f"{'with RetinaNet head' if head else 'backbone without head'}",
        _change(desk.start, desk, head),
        None if desk.before is None else _change(desk.before, desk, head),
    )


def _change(before: Architecture, desk: Desk, head: bool) -> Change:
    after, size = desk.architecture, desk.count_size
    causes = explain(before, after, size, head, MOST_CAUSES) if before != after else ()
    return Change(
        sum(cause.macs for cause in causes), sum(cause.params for cause in causes), causes
    )


def show_numbers(desk: Desk) -> None:
    """MACs and parameters, large, each with the difference since the start."""
    try:
        found = numbers(desk)
    except ExplorerError as error:
        st.warning(str(error))
        return
    start = found.since_start
    with st.container(key="numbers", width="content"):
        st.markdown(
            f"**{macs_text(found.macs)}** MACs{_signed(signed_macs_text(start.macs))} &emsp; "
            f"**{params_text(found.params)}** params{_signed(signed_params_text(start.params))}"
            f"  \n:gray[{found.convention}]",
            help=CONVENTION,
        )


def _signed(text: str) -> str:
    return "" if text == "0" else f" :blue[({text})]"


def show_causes(desk: Desk) -> None:
    """Why the numbers changed, by cause: at the last step, and since the start."""
    try:
        found = numbers(desk)
    except ExplorerError:
        return
    last = found.since_last
    lines = []
    if last is not None:
        lines.append(f"**Last step** {_text(last)}")
        if desk.before != desk.start:
            lines.append(f"**Since {desk.start.name}** {_text(found.since_start)}")
    if lines:
        st.caption("  \n".join(lines))


def _text(change: Change) -> str:
    return difference_text(change.causes) if change.causes else "no change in cost"
