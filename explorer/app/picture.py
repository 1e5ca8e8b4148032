"""An SVG as a part of the page, so that its tooltips work; `st.html` would drop it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st


def show_svg(source: str, key: str) -> None:
    """Show an SVG element; every text in it must be escaped already."""
    _component()(key=key, data=source)


@cache
def _component() -> Callable[..., Any]:
    script = (
        "export default function ({ data, parentElement }) {\n"
        "  const root = parentElement.querySelector('.beside');\n"
        "  if (root.shown !== data) root.innerHTML = root.shown = data;\n}\n"
    )
    look = '.beside text { font-family: "Source Sans 3", "Source Sans Pro", Arial, sans-serif; }'
    component: Callable[..., Any] = st.components.v2.component(
        "spinenet_beside", html='<div class="beside"></div>', css=look, js=script
    )
    return component
