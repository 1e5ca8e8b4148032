"""What reaches the canvas after it is on the screen: promises for what is chosen, feature maps.

A change is seen sooner where the canvas need not wait for what is not seen at once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from explorer.architecture.architecture import Architecture
from explorer.canvas.scene import Chosen, Counting, promises, shape_of


def hand_maps(
    arch: Architecture,
    pictures: Mapping[int, NDArray[np.uint8]],
    shares: Mapping[tuple[int, int], float],
    key: str,
) -> None:
    """Show each block's feature map on the canvas of this page, for as long as `arch` is on it.

    `pictures` are (height, width, 3) by block; `shares` say, by child and slot, which part of the
    energy that enters the child comes by this link.
    """
    data = {
        "what": "maps",
        "shape": shape_of(arch),
        "maps": {str(block): data_url(picture) for block, picture in pictures.items()},
        "shares": {f"{child}.{slot}": round(share, 4) for (child, slot), share in shares.items()},
    }
    _component()(key=key, data=data)


def hand_promises(
    arch: Architecture,
    chosen: Chosen | None,
    counting: Counting,
    key: str,
    also: tuple[int, ...] = (),
) -> None:
    """Let the canvas tell what each drop of what is chosen would do.

    `also` are blocks that are chosen together with it.
    """
    data = {
        "what": "promises",
        "shape": shape_of(arch),
        "chosen": None if chosen is None else [chosen.block, chosen.slot],
        "also": ",".join(map(str, also)),
        "tables": {} if chosen is None else promises(arch, chosen, counting, also),
    }
    _component()(key=key, data=data)


def data_url(picture: NDArray[np.uint8]) -> str:
    """A picture as an address that holds all of it.

    >>> data_url(np.zeros((2, 2, 3), np.uint8)).split(",")[0]
    'data:image/png;base64'
    """
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


@cache
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    component: Callable[..., Any] = st.components.v2.component("spinenet_handing", js=script)
    return component
