"""A scene and what the network on the desk finds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.state import MOST_SCENES
from explorer.app.sticker_table import DIFFICULTIES, Table, executor
from explorer.app.sticker_words import finding, weights_badge
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.detection.decode import Detection
    from explorer.detection.miniature import MiniatureWeights


def show_scene(
    here: Table, arch: Architecture, values: MiniatureWeights, bypass: tuple[int, ...] = ()
) -> None:
    """A scene with boxes, and the choices of another one."""
    from explorer.detection.boxed import boxed
    from explorer.detection.miniature import find
    from explorer.detection.scenes import scene
    from explorer.detection.stickers import names

    shown = here.shown
    picture = st.container(key="scene-picture").empty()
    st.session_state.update(
        {"difficulty": shown.difficulty, "truth": shown.truth, "unseen": shown.unseen}
    )
    with st.container(horizontal=True, vertical_alignment="center", key="scene-choices"):
        st.button(
            "New scene", icon=":material/casino:", key="new-scene", on_click=_next, args=(here,)
        )
        st.segmented_control(
            "Difficulty", list(DIFFICULTIES), key="difficulty", label_visibility="collapsed",
            required=True, on_change=_choose, args=(here,),
        )  # fmt: skip
        st.toggle(
            "What is there", key="truth", help="The exact boxes, dashed",
            on_change=_choose, args=(here,),
        )  # fmt: skip
        st.toggle(
            "A style never trained on", key="unseen", help="OpenMoji: outlined, flat",
            on_change=_choose, args=(here,),
        )  # fmt: skip
    made = scene(
        shown.scene,
        difficulty=DIFFICULTIES[shown.difficulty],
        style=names().unseen_style if shown.unseen else None,
    )
    key = f"scene {shown.scene} {shown.difficulty} {shown.unseen}"
    try:
        found = find(arch, made.image, key, values=values, executor=executor(), bypass=bypass)
    except ExplorerError as error:
        st.warning(str(error))
        return
    drawn = boxed(made.image, found.detections, made if shown.truth else None)
    picture.image(drawn, width="stretch", alt=f"A scene of stickers; {finding(found.detections)}")
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
    here.shown = here.shown._replace(scene=(here.shown.scene + 1) % MOST_SCENES)


def _choose(here: Table) -> None:
    found = st.session_state
    here.shown = here.shown._replace(
        difficulty=found["difficulty"], truth=found["truth"], unseen=found["unseen"]
    )
