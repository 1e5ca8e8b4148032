"""A scene and what the network on the desk finds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.sticker_table import Table, executor
from explorer.app.sticker_words import finding, weights_badge
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.detection.decode import Detection
    from explorer.detection.miniature import MiniatureWeights

DIFFICULTIES = {"easy": 0.15, "default": 0.5, "hard": 0.9}


def show_scene(
    here: Table, arch: Architecture, values: MiniatureWeights, bypass: tuple[int, ...] = ()
) -> None:
    """A scene with boxes, and the choices of another one."""
    from explorer.detection.boxed import boxed
    from explorer.detection.miniature import find
    from explorer.detection.scenes import scene
    from explorer.detection.stickers import names

    picture = st.container(key="scene-picture").empty()
    with st.container(horizontal=True, vertical_alignment="center", key="scene-choices"):
        st.button(
            "New scene", icon=":material/casino:", key="new-scene", on_click=_next, args=(here,)
        )
        chosen = st.segmented_control(
            "Difficulty", list(DIFFICULTIES), default="default", key="difficulty",
            label_visibility="collapsed", required=True,
        )  # fmt: skip
        truth = st.toggle("What is there", key="truth", help="The exact boxes, dashed")
        unseen = st.toggle(
            "A style never trained on", key="unseen", help="OpenMoji: outlined, flat"
        )
    made = scene(
        here.scene,
        difficulty=DIFFICULTIES[chosen or "default"],
        style=names().unseen_style if unseen else None,
    )
    key = f"scene {here.scene} {chosen} {unseen}"
    try:
        found = find(arch, made.image, key, values=values, executor=executor(), bypass=bypass)
    except ExplorerError as error:
        st.warning(str(error))
        return
    shown = boxed(made.image, found.detections, made if truth else None)
    picture.image(shown, width="stretch", alt=f"A scene of stickers; {finding(found.detections)}")
    st.caption(
        f"{weights_badge(found.label)} {finding(found.detections)} · {len(made.boxes)} are there · "
        f"ran {len(found.run.executed)} parts, remembered {found.run.reused}, "
        f"{1000 * found.run.seconds:.0f} ms"
    )
    _listed(found.detections)


def _listed(found: tuple[Detection, ...]) -> None:
    if not found:
        return
    with st.expander("Boxes as a table", key="boxes-table"):
        st.dataframe(
            {
                "what": [item.label for item in found],
                "score": [round(item.score, 2) for item in found],
                "found on": [f"P{item.level}" for item in found],
                "x0, y0, x1, y1 (px)": [", ".join(f"{x:.0f}" for x in item.box) for item in found],
            },
            hide_index=True,
        )


def _next(here: Table) -> None:
    here.scene += 1
