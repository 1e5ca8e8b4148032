"""Guess from the drawing, then run it: the bottleneck lesson's networks on scenes of stickers."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.app.learning import Learning
from explorer.app.state import Desk
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.architecture.paths import output_paths
from explorer.drawing.bars import bars
from explorer.drawing.plotly_figure import CONFIG
from explorer.lessons.finding import digest, finding_bars, stored, weights_file

SCENES = 64


def show_finding(here: Learning, desk: Desk) -> None:
    """The stored plot of random permutations, and a button that runs the lesson's own networks."""
    found = stored()
    if found is not None:
        chart = finding_bars(found)
        st.plotly_chart(
            bars(chart, theme()), key="finding-chart", theme=None, config=CONFIG, alt=chart.alt
        )
        other = digest() not in ("", found.weights)
        st.caption(chart.note + (" The weights have been replaced since." if other else ""))
    if weights_file() is None:
        st.caption("No trained weights are here, so nothing can be run: paths are counted alone.")
        return
    networks = {
        option.text: option.network for option in here.current.question.options if option.network
    }
    if desk.architecture != here.network:
        networks["yours"] = desk.architecture
    names = ", ".join(networks)
    if st.toggle(f"Run {names} on {SCENES} scenes", key="finding-run"):
        _run(networks)


def _run(networks: Mapping[str, Architecture]) -> None:
    rows: dict[str, list[object]] = {
        "network": [], "bottleneck level of P3": [], "AP, small objects": [], "AP, large": [],
        "AP at IoU 0.5": [],
    }  # fmt: skip
    bar = st.progress(0.0, "Running the miniature networks")
    for place, (name, arch) in enumerate(networks.items()):
        bar.progress(place / len(networks), f"Running {name}")
        try:
            small, large, ap50 = miniature_precision(arch, SCENES, digest())
        except ExplorerError as error:
            st.warning(f"{name}: {error}")
            continue
        level = f"L{output_paths(arch)[0].bottleneck_level}"
        for column, value in zip(rows.values(), (name, level, small, large, ap50), strict=True):
            column.append(value)
    bar.empty()
    st.dataframe(rows, hide_index=True, key="finding-table", alt="What each network reaches")
    st.caption("One set of one-shot weights for all of them; nothing was trained for any of them.")


@st.cache_data(max_entries=512, show_spinner=False)
def miniature_precision(
    arch: Architecture, scenes: int, weights: str
) -> tuple[float, float, float]:
    """AP of small and of large objects, and AP at IoU 0.5; `weights` names what they depend on."""
    del weights
    from explorer.detection.evaluation import evaluate
    from explorer.detection.scenes import evaluation_scenes

    found = evaluate(arch, evaluation_scenes(scenes)).precision
    return round(found.ap_small, 3), round(found.ap_large, 3), round(found.ap50, 3)
