"""The look of the pages: light or dark, and the few rules that Streamlit has no word for."""

from __future__ import annotations

import streamlit as st

from explorer.drawing.palette import DARK, LIGHT, Theme

STYLE = """
<style>
/* At 1440x900 the loop of drawing, numbers and maps needs no scrolling. */
[data-testid="stMainBlockContainer"] { padding: 4.2rem 1.4rem 1rem; max-width: none; }
[data-testid="stVerticalBlock"] { gap: 0.55rem; }
.st-key-numbers p { margin: 0; line-height: 1.25; text-align: right; font-size: 0.8rem; }
.st-key-numbers p strong { font-size: 1.3rem; }
.st-key-edit-form .stMarkdown p { margin-bottom: 0.45rem; }
.st-key-inspector p { line-height: 1.45; font-size: 0.88rem; }
.st-key-history [data-testid="stButtonGroup"] { overflow-x: auto; }
/* The choices under a scene stay in view, also on a wide screen. */
.st-key-scene-picture img {
  max-height: calc(100vh - 16rem); object-fit: contain; object-position: left top;
}
[data-testid="stImageCaption"] { font-size: 0.72rem; line-height: 1.2; }
</style>
"""


def theme() -> Theme:
    """The drawing's colours for the page as the person sees it; light before that is known."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def style() -> None:
    """Put the rules on the page."""
    st.html(STYLE)
