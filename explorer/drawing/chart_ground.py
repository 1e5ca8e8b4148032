"""What charts stand on: no ground of their own, the theme's ink, faint lines."""

from __future__ import annotations

from explorer.drawing.palette import Theme


def ground(theme: Theme, size: int = 12) -> dict[str, object]:
    """The part of a Plotly layout that every chart shares; `size` is of its text, in points.

    >>> from explorer.drawing.palette import LIGHT
    >>> ground(LIGHT)["paper_bgcolor"]
    'rgba(0,0,0,0)'
    """
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.ink, "size": size},
        "hoverlabel": {"bgcolor": theme.background, "font": {"color": theme.ink}},
    }
