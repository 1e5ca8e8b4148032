"""The sticker in the hand: dragged on the photograph, sized with the wheel, turned.

A Streamlit component; its script stands beside this file, as it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from explorer.architecture.errors import FormatError
from explorer.canvas.handing import data_url
from explorer.drawing.palette import level_colour, text_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.detection.decode import Detection
    from explorer.detection.stickers import Placement

_HERE = Path(__file__).parent
HTML = (
    '<div class="table"><img class="photo"><img class="sticker" tabindex="0" draggable="false" '
    'role="application"><svg aria-hidden="true"></svg></div>'
)
SIDE = 128
"""Of the network's input, in pixels."""
SIZES, ANGLES = (6, 120), (-45, 45)
MARGIN = 128 / 124
"""The side of a sticker's picture over that of what is visible in it."""


class Moved(NamedTuple):
    """Where the hand left the sticker: whole pixels and degrees, as the sliders have them."""

    x: int
    y: int
    size: int
    angle: int


def moved_from(value: object) -> Moved:
    """What the script sent, within its bounds. Raises FormatError where it is something else.

    >>> moved_from({"n": 1, "x": 20.4, "y": 300, "size": 44.6, "angle": 0})
    Moved(x=20, y=128, size=45, angle=0)
    """
    bounds = {"x": (0, SIDE), "y": (0, SIDE), "size": SIZES, "angle": ANGLES}
    found = []
    for name, (low, high) in bounds.items():
        number = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            raise FormatError("The sticker: found no place that it was moved to. Reload the page.")
        found.append(min(max(round(number), low), high))
    return Moved(*found)


def draggable(
    photo: NDArray[np.uint8],
    placed: Placement,
    found: Sequence[Detection],
    alt: str,
    *,
    key: str,
    on_moved: Callable[[], None],
) -> None:
    """The photograph with the sticker and the boxes; `on_moved` is called after each move.

    `found` is in pixels of the photograph, which is a square.
    """
    factor = SIDE / len(photo)
    boxes = [
        {
            "label": item.label,
            "score": item.score,
            "level": item.level,
            "box": [x * factor for x in item.box],
            "colour": level_colour(item.level),
            "ink": text_on(level_colour(item.level)),
        }
        for item in found
    ]
    data = {
        "photo": _photo_url(photo),
        "sticker": _sticker_url(placed.style, placed.name),
        "name": placed.name,
        "at": {"x": placed.x, "y": placed.y, "size": placed.size, "angle": placed.angle},
        "boxes": boxes,
        "alt": alt,
        "side": SIDE,
        "margin": MARGIN,
        "sizes": list(SIZES),
        "angles": list(ANGLES),
    }
    _component()(key=key, data=data, on_moved_change=on_moved)


def sent(key: str) -> object:
    """What the script sent, inside the callback; None where it sent nothing."""
    state: Any = st.session_state.get(key)
    return None if state is None else state.get("moved")


@st.cache_data(max_entries=8, show_spinner=False)
def _photo_url(photo: NDArray[np.uint8]) -> str:
    from base64 import b64encode

    from PIL import Image

    file = BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode('ascii')}"


@st.cache_data(max_entries=64, show_spinner=False)
def _sticker_url(style: str, name: str) -> str:
    import numpy as np

    from explorer.detection.stickers import picture

    return data_url(np.asarray(picture(style, name)))


@cache
def _component() -> Callable[..., Any]:
    component: Callable[..., Any] = st.components.v2.component(
        "sticker_table",
        html=HTML,
        css=(_HERE / "sticker_drag.css").read_text(encoding="utf-8"),
        js=(_HERE / "sticker_drag.js").read_text(encoding="utf-8"),
    )
    return component
