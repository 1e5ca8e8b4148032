"""Networks side by side on the page: drawings, table, the walk between them, maps of one image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.app.address import wished
from explorer.app.compare_trained import OF_THE_WALK, precision_judge, show_boxes, walk_series
from explorer.app.comparing import (
    MOST,
    Comparing,
    change_summary,
    change_text,
    choices,
    comparing,
    networks,
    outputs_text,
    stops,
    table,
    titles,
    walk,
    way_between,
)
from explorer.app.jobs import Pictures, Request, engine
from explorer.app.picture import show_svg
from explorer.app.state import Desk, first_choice, session, show_history
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.difference import difference
from explorer.architecture.errors import ExplorerError
from explorer.architecture.history import History
from explorer.architecture.route import Route
from explorer.drawing.beside import MARGIN, MEANINGS, beside, marks
from explorer.drawing.drawing import Colour
from explorer.drawing.film import film
from explorer.drawing.layout import layout
from explorer.drawing.palette import LIGHT
from explorer.drawing.player import player_page, player_script, player_style
from explorer.lessons.showpiece import every_stop

if TYPE_CHECKING:
    from explorer.network.image import Pixels

MAP_SIDE = 128
PATIENCE = 300.0
"""Seconds after which the page gives up on one network's run."""


def compare_bar(here: Comparing, desk: Desk) -> None:
    """Which networks, and what colours tell."""
    known = choices(desk)
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-bar"):
        st.session_state["compare-names"] = list(here.names)
        st.multiselect(
            "Compare two to four networks, in this order",
            list(known),
            format_func=known.__getitem__,
            max_selections=MOST,
            key="compare-names",
            on_change=_choose,
        )
        st.session_state["compare-colour"] = here.colour
        st.segmented_control(
            "Colours tell",
            [Colour.LEVEL, Colour.CHANGE],
            format_func=lambda one: (
                "level" if one is Colour.LEVEL else "change from the one before"
            ),
            key="compare-colour",
            on_change=_colour,
        )


def _choose() -> None:
    comparing().names = tuple(st.session_state["compare-names"])


def _colour() -> None:
    comparing().colour = Colour(st.session_state["compare-colour"] or Colour.LEVEL)


def restore_names(here: Comparing, desk: Desk) -> None:
    """Read the networks from the address bar where a person asks for others than are there."""
    text = wished(bool(here.link)).get("nets", "")
    if not text or text == here.link:
        return
    here.link = text
    named = tuple(dict.fromkeys(text.split(",")))
    if set(named) <= set(choices(desk)) and 2 <= len(named) <= MOST:
        here.names = named
    else:
        st.error("This link names networks that are not in the catalog, or not two to four.")


def remember_names(here: Comparing) -> None:
    """Write the networks into the address bar."""
    here.link = ",".join(here.names)
    if st.query_params.get("nets") != here.link:
        st.query_params.from_dict({"nets": here.link})


def show_drawings(here: Comparing, desk: Desk) -> None:
    """Each network at the same scale and in the same colours, with its changes marked."""
    archs, heads = networks(here, desk), titles(here, desk)
    drawings = [layout(archs[0], desk.count_size)]
    drawings += [
        layout(arch, desk.count_size, here.colour, before) for before, arch in pairwise(archs)
    ]
    changes = [None, *(difference(before, arch) for before, arch in pairwise(archs)), None]
    width = max(one.width for one in drawings) + MARGIN
    columns = st.columns(2) + st.columns(2) if len(archs) > 2 else st.columns(2)
    for column, place in zip(columns, range(len(archs)), strict=False):
        since, until = changes[place], changes[place + 1]
        with column, st.container(key=f"compare-drawing-{place}"):
            st.markdown(f"**{heads[place]}**")
            picture = beside(drawings[place], width, marks(since, until), theme())
            show_svg(picture, f"compare-picture-{place}")
            if since is None:
                st.caption("Marks tell what changes from one network to the next.")
                continue
            st.caption(f"From {heads[place - 1]}: {change_summary(since)}.")
            with st.expander("Each change"):
                st.markdown(change_text(since))
    st.caption(
        "At a block: "
        + ", ".join(f"**{mark}** {meaning}" for mark, meaning in MEANINGS.items())
        + ". A thick wire is rewired. Straight sides: bottleneck, pointed: residual, eight "
        "corners: a part of an FPN. Framed: an output. Dashed: joined. Point at anything to read "
        "what it is."
    )


def show_table(here: Comparing, desk: Desk) -> None:
    """Every measure, a column for each network."""
    with st.container(horizontal=True, key="compare-more"):
        crowd = st.toggle("Places among random networks of their space", key="compare-crowd")
        judge = precision_judge()
    rows = table(networks(here, desk), titles(here, desk), desk.count_size, crowd, judge)
    st.dataframe(
        rows,
        hide_index=True,
        height=38 + 35 * min(len(rows["Measure"]), 14),
        key="compare-table",
        alt="Costs, path measures, published AP and places in the crowd of the networks",
    )
    st.caption(
        "AP is comparable only within one protocol, split and image size. Places in the crowd: "
        "per cent of random networks with a smaller value."
    )


def show_walk(here: Comparing, desk: Desk) -> None:
    """The route over all networks, edit by edit, to play, to keep, and to open in Explore."""
    archs, heads, size = networks(here, desk), titles(here, desk), desk.count_size
    try:
        legs = way_between(archs)
        more = walk_series(every_stop(legs))
        data = walk(archs, heads, size, theme(), more)
    except ExplorerError as error:
        st.warning(f"No walk between these: {error}")
        return
    words = ", ".join(
        f"{head}: {len(leg.steps)} edits (distance {leg.distance})"
        for head, leg in zip(heads[1:], legs, strict=True)
    )
    st.caption(
        f"Every stop is a legal network. To {words}. {outputs_text(every_stop(legs))} "
        "Pale blocks: no output reads them at that stop."
    )
    if more:
        st.caption(OF_THE_WALK)
    with st.container(key="walk"):
        _player()(key="walk-player", data=data)
    with st.container(horizontal=True, key="walk-buttons"):
        st.download_button(
            "Animation (HTML)",
            lambda: player_page(walk(archs, heads, size, LIGHT, more)).encode(),
            "walk.html",
            "text/html",
            icon=":material/download:",
            key="walk-html",
            on_click="ignore",
        )
        st.download_button(
            "Animation (GIF)",
            lambda: film(stops(legs, heads, size)),
            "walk.gif",
            "image/gif",
            icon=":material/gif_box:",
            key="walk-gif",
            on_click="ignore",
        )
        if st.button("Open this walk in Explore", icon=":material/account_tree:", key="walk-open"):
            _open(legs)
            st.switch_page("pages/explore.py")


def _open(legs: Sequence[Route]) -> None:
    """Every edit as a step of the history, to undo and redo."""
    history: History = session().desk.history.open(legs[0].start)
    for leg in legs:
        for edit in leg.edits:
            history = history.apply(edit)
    show_history(history)


@cache
def _player() -> Callable[..., Any]:
    script = (
        f"{player_script()}\nexport default function ({{ data, parentElement }}) {{\n"
        "  play(parentElement.querySelector('.walk-root'), data);\n}\n"
    )
    component: Callable[..., Any] = st.components.v2.component(
        "spinenet_walk", html='<div class="walk-root"></div>', css=player_style(), js=script
    )
    return component


def show_maps(here: Comparing, desk: Desk) -> None:
    """The same image through each network: boxes, maps by level, how they differ from the first."""
    show_boxes(networks(here, desk), titles(here, desk))
    st.caption(
        "The photograph that is chosen in Explore, through each network with seeded, untrained "
        "weights: maps show structure, not meaning."
    )
    if not st.toggle("Run them", key="compare-run"):
        return
    archs, heads = networks(here, desk), titles(here, desk)
    found: list[Pictures | None] = []
    bar = st.progress(0.0, "Running the networks")
    for place, arch in enumerate(archs):
        bar.progress(place / len(archs), f"Running {heads[place]}")
        found.append(_run(arch, desk))
    bar.empty()
    for head, one in zip(heads, found, strict=True):
        _map_row(head, one, found[0])


def _run(arch: Architecture, desk: Desk) -> Pictures | None:
    request = Request(arch, desk.picture_key, desk.run_size, first_choice(arch))
    job = engine().start(request, desk.upload)
    try:
        return job.result() if job.wait(PATIENCE) else None
    except ExplorerError as error:
        st.warning(f"{arch.name}: {error}")
        return None


def _map_row(head: str, one: Pictures | None, first: Pictures | None) -> None:
    st.markdown(f"**{head}**")
    if one is None or first is None:
        st.caption("Not run.")
        return
    known = {found.label: found.pixels for found in first.views.outputs}
    for column, found in zip(st.columns(5), one.views.outputs, strict=False):
        column.image(_large(found.pixels), found.label, alt=f"{head}: feature map {found.label}")
        other = known.get(found.label)
        if one is not first and other is not None and other.shape == found.pixels.shape:
            column.image(
                _large(_apart(found.pixels, other)),
                f"{found.label}, difference from the first",
                alt=f"{head}: where {found.label} differs from the first network's; bright is far",
            )


def _large(pixels: Pixels) -> Pixels:
    factor = max(1, -(-MAP_SIDE // pixels.shape[1]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _apart(one: Pixels, other: Pixels) -> Pixels:
    """How far two maps are apart, cell by cell, in grey."""
    import numpy as np

    far = np.abs(one.astype(np.int16) - other.astype(np.int16)).mean(axis=2, keepdims=True)
    return np.asarray(far.astype(np.uint8).repeat(3, axis=2), np.uint8)
