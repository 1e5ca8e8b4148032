"""AP over multiply-adds as a plot: published results, and where a network without AP stands."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

import plotly.graph_objects as go

from explorer.drawing.chart_ground import ground
from explorer.drawing.palette import Theme, level_colour


class ResultPoint(NamedTuple):
    """A network with a known AP."""

    label: str
    family: str
    macs: int
    ap: float
    """In per cent."""
    detail: str
    """What the tooltip adds: image size, published numbers."""


class Standing(NamedTuple):
    """A network whose AP nobody knows: a line on the MACs axis, never a point."""

    label: str
    macs: int


_FAMILY_LEVELS = (2, 6, 5, 7, 3, 1)
"""Which level's colour each family takes, in order of appearance: far apart for every eye."""
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def trade_off(
    points: Sequence[ResultPoint], own: Standing | None, title: str, theme: Theme
) -> go.Figure:
    """The plot; one line and symbol for each family, MACs on a logarithmic axis.

    >>> from explorer.drawing.palette import LIGHT
    >>> one = ResultPoint("SpineNet-49", "spinenet", 85_281_555_200, 42.8, "640 px")
    >>> len(trade_off([one], Standing("mine", 80_000_000_000), "B", LIGHT).data)
    1
    """
    figure = go.Figure()
    families = list(dict.fromkeys(point.family for point in points))
    for place, family in enumerate(families):
        figure.add_trace(
            _family_trace(family, [p for p in points if p.family == family], place, theme)
        )
    if own is not None:
        figure.add_vline(x=own.macs / 1e9, line={"color": theme.accent, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=log10(own.macs / 1e9),
            y=0,
            yref="paper",
            yanchor="bottom",
            xanchor="left",
            xshift=6,
            showarrow=False,
            align="left",
            text=f"<b>{own.label}</b><br>{own.macs / 1e9:.1f} G MACs<br>AP not known",
            font={"color": theme.accent, "size": 12},
            bgcolor=theme.background,
        )
    figure.update_layout(
        margin={"l": 60, "r": 20, "t": 20, "b": 55},
        **ground(theme, 13),
        legend={"orientation": "h", "y": 1.08, "x": 0},
        height=460,
        meta=title,
    )
    _axes(figure, points, own, theme)
    return figure


def _family_trace(
    family: str, points: Sequence[ResultPoint], place: int, theme: Theme
) -> go.Scatter:
    ordered = sorted(points, key=lambda point: point.macs)
    colour = level_colour(_FAMILY_LEVELS[place % len(_FAMILY_LEVELS)])
    return go.Scatter(
        x=[point.macs / 1e9 for point in ordered],
        y=[point.ap for point in ordered],
        name=family,
        mode="lines+markers+text",
        text=[point.label for point in ordered],
        textposition=["bottom right" if i % 2 else "top left" for i in range(len(ordered))],
        textfont={"color": theme.ink, "size": 11},
        cliponaxis=False,
        customdata=[point.detail for point in ordered],
        hovertemplate="<b>%{text}</b><br>AP %{y:.1f}<br>%{x:.1f} G MACs counted"
        "<br>%{customdata}<extra></extra>",
        line={"color": colour, "width": 1.5},
        marker={
            "size": 11,
            "color": colour,
            "symbol": _SYMBOLS[place % len(_SYMBOLS)],
            "line": {"color": theme.background, "width": 1},
        },
    )


def _axes(
    figure: go.Figure, points: Sequence[ResultPoint], own: Standing | None, theme: Theme
) -> None:
    macs = [point.macs / 1e9 for point in points] + ([own.macs / 1e9] if own else [])
    low, high = log10(min(macs, default=1.0)), log10(max(macs, default=1000.0))
    edge = max(0.16, 0.12 * (high - low))
    lines = {"gridcolor": theme.rule, "linecolor": theme.rule, "zeroline": False}
    figure.update_xaxes(
        type="log",
        range=[low - edge, high + edge],
        title="G MACs for one image, backbone and RetinaNet head (logarithmic)",
        tickvals=[step * 10**power for power in range(-2, 5) for step in (1, 2, 5)],
        **lines,
    )
    figure.update_yaxes(title="AP on COCO, per cent, as published", **lines)
