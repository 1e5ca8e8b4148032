"""What networks find, side by side: boxes on one scene, AP of each, and AP along the walk.

All run at the miniature scale with one set of one-shot weights; torch is imported when one runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.app.finding_view import miniature_precision
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.drawing.player import Series
from explorer.lessons.finding import digest, weights_file
from explorer.lessons.showpiece import SCENES as SCENES_OF_WALK
from explorer.lessons.showpiece import stored_walk, walk_digest

SCENES = 64
OF_THE_WALK = (
    f"Miniature AP: each stop's blocks and wires at the miniature scale, on {SCENES_OF_WALK} "
    "scenes of stickers, with one set of one-shot weights; nothing was trained for any stop. "
    "Compare the curve of small objects with that of the bottleneck level."
)


def show_boxes(archs: Sequence[Architecture], heads: Sequence[str]) -> None:
    """One scene of stickers through each network's miniature, with boxes, and AP on many scenes."""
    if weights_file() is None:
        st.caption("No trained weights are here: boxes would mean nothing.")
        return
    if not st.toggle("Find stickers with each network's miniature", key="compare-boxes"):
        return
    number = int(st.slider("Scene", 1, SCENES, 1, key="compare-scene"))
    for column, arch, head in zip(st.columns(len(archs)), archs, heads, strict=True):
        with column:
            try:
                _show_one(arch, head, number)
            except ExplorerError as error:
                st.warning(f"{head}: {error}")
    st.caption(
        "Dashed: what is there. Each box has the colour of the level that found it. AP on "
        f"{SCENES} fixed scenes. One set of one-shot weights for all networks; none was trained by "
        "itself."
    )


def precision_judge() -> Callable[[Architecture], dict[str, str]] | None:
    """What gives a network's rows of miniature AP, where a person asks for them."""
    if weights_file() is None or not st.toggle("Miniature AP (runs each)", key="compare-ap"):
        return None

    def judge(arch: Architecture) -> dict[str, str]:
        try:
            small, large, ap50 = miniature_precision(arch, SCENES, digest())
        except ExplorerError as error:
            return {"Miniature AP": str(error)}
        found = {"small objects": small, "large objects": large, "at IoU 0.5": ap50}
        return {f"Miniature AP, {what}, {SCENES} scenes": f"{x:.3f}" for what, x in found.items()}

    return judge


def _show_one(arch: Architecture, head: str, number: int) -> None:
    from explorer.detection.boxed import boxed
    from explorer.detection.miniature import find_in_batch
    from explorer.detection.scenes import evaluation_scenes

    scene = evaluation_scenes(SCENES)[number - 1]
    (found,) = find_in_batch(arch, scene.image[None])
    words = ", ".join(f"{item.label} at P{item.level}" for item in found) or "nothing"
    st.image(boxed(scene.image, found, scene), head, alt=f"{head} found {words}")
    small, large, ap50 = miniature_precision(arch, SCENES, digest())
    st.markdown(f"AP small **{small:.3f}**, large **{large:.3f}**, at IoU 0.5 **{ap50:.3f}**")


def walk_series(archs: Sequence[Architecture]) -> tuple[Series, ...]:
    """AP of small objects and AP at IoU 0.5 at every stop.

    At once where it was measured before with the weights that are there; else where a person asks.
    """
    if weights_file() is None:
        return ()
    known = stored_walk()
    if known and (known.walk, known.weights) == (walk_digest(archs), digest()):
        return _series(known.ap_small, known.ap50)
    if not st.toggle(
        f"Miniature AP along the walk ({len(archs)} networks, {SCENES_OF_WALK} scenes each; takes "
        "a minute or two the first time)",
        key="walk-ap",
    ):
        return ()
    bar, small, at50 = st.progress(0.0, "Running every stop"), [], []
    for place, arch in enumerate(archs):
        found = miniature_precision(arch, SCENES_OF_WALK, digest())
        small.append(found[0])
        at50.append(found[2])
        bar.progress((place + 1) / len(archs), f"Running stop {place + 1} of {len(archs)}")
    bar.empty()
    return _series(small, at50)


def _series(small: Sequence[float], at50: Sequence[float]) -> tuple[Series, ...]:
    return tuple(
        Series(label, tuple(values), tuple(f"{x:.3f}" for x in values))
        for label, values in (
            ("miniature AP, small objects", small),
            ("miniature AP at IoU 0.5", at50),
        )
    )
