"""Put a sticker on a photograph, and see at which sizes this architecture finds it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.pictures import photo_picker
from explorer.app.state import Desk
from explorer.app.sticker_drag import ANGLES, SIDE, SIZES, draggable, moved_from, sent
from explorer.app.sticker_table import InHand, Table, executor, table
from explorer.app.sticker_words import finding, weights_badge
from explorer.app.theme import theme
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.catalog import photos
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.sticker_plots import SizePoint, sizes_plot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.detection.miniature import MiniatureWeights
    from explorer.detection.stickers import Placement


def show_composing(desk: Desk, arch: Architecture, values: MiniatureWeights) -> None:
    """The picture with boxes on the left, its sliders and the chart of sizes on the right."""
    from explorer.detection.composing import by_size, composed
    from explorer.detection.miniature import find

    here = table()
    photo_picker(desk)
    left, right = st.columns([6, 5], gap="medium")
    with right:
        placed = _sticker(here)
    photo = _photo(desk.picture_key, desk.upload.data if desk.upload else None)
    picture = composed(photo, [placed])
    key = f"{desk.picture_key} {placed}"
    found = find(arch, picture, key, values=values, executor=executor())
    words = f"The photograph with a {placed.name}; {finding(found.detections)}"
    with left:
        draggable(
            photo, placed, found.detections, words, key="sticker-table",
            on_moved=partial(_moved, here),
        )  # fmt: skip
    left.caption(
        f"{weights_badge(found.label)} {finding(found.detections)} · "
        f"{1000 * found.run.seconds:.0f} ms · knows these stickers and no real animals · drag the "
        "sticker; wheel: size, with shift: turn; keys: arrows, + −, [ ]"
    )
    with right:  # last: boxes are on the screen before the chart is worked out
        seen = by_size(arch, photo, placed, values)
        points = [SizePoint(one.size, one.score, one.level) for one in seen]
        st.plotly_chart(
            sizes_plot(points, placed.size, theme()),
            key="sizes-plot", theme=None, config=CONFIG,
            alt="Score of the sticker at each size, coloured by the level that finds it",
        )  # fmt: skip
        st.caption(
            "The same sticker in the same place at other sizes: how sure the network is, and "
            "which level finds it. No bar: not found."
        )


def _moved(here: Table) -> None:
    """Lets the sliders follow the hand."""
    with suppress(FormatError):
        at = moved_from(sent("sticker-table"))
        here.shown = here.shown._replace(in_hand=here.shown.in_hand._replace(**at._asdict()))


def _set(here: Table) -> None:
    found = {what: st.session_state[f"sticker-{what}"] for what in InHand._fields}
    here.shown = here.shown._replace(in_hand=InHand(**found))


def _sticker(here: Table) -> Placement:
    """The sticker in hand, with the choices and sliders that change it."""
    from explorer.detection.stickers import Placement, names

    known, now = names(), here.shown.in_hand
    for what, value in now._asdict().items():
        st.session_state[f"sticker-{what}"] = value
    set_it = partial(_set, here)
    kind, style = st.columns(2, gap="small")
    kind.selectbox("Sticker", known.classes, key="sticker-name", on_change=set_it)
    style.selectbox(
        "Style", known.styles, key="sticker-style", on_change=set_it,
        format_func=lambda s: f"{s} (never trained on)" if s == known.unseen_style else s,
    )  # fmt: skip
    st.slider("Size (px of 128)", *SIZES, key="sticker-size", on_change=set_it)
    across, down = st.columns(2, gap="small")
    across.slider("Across", 0, SIDE, key="sticker-x", on_change=set_it)
    down.slider("Down", 0, SIDE, key="sticker-y", on_change=set_it)
    st.slider("Turned (degrees)", *ANGLES, key="sticker-angle", on_change=set_it)
    at = map(float, (now.x, now.y, now.size, now.angle))
    return Placement(now.name, now.style, *at)


@st.cache_data(max_entries=8, show_spinner=False)
def _photo(key: str, own: bytes | None) -> NDArray[np.uint8]:
    """The middle square of the photograph."""
    import numpy as np

    from explorer.detection.composing import square
    from explorer.detection.scenes import scene
    from explorer.network.image import open_image

    paths = {one.name: one.path for one in photos()}
    number = key.rpartition("-")[2]
    if own is None and key not in paths and number.isdecimal():  # a scene of stickers
        return square(scene(int(number)).image)
    source: Path | bytes = own or paths[key]
    return square(np.asarray(open_image(source)))
