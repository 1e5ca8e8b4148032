"""Plots of the miniature task: AP over multiply-adds, scores over sizes, what blocks carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from explorer.drawing.chart_ground import ground
from explorer.drawing.palette import Theme, level_colour


class Tried(NamedTuple):
    """An architecture whose AP at the miniature scale is known."""

    label: str
    macs: int
    ap50: float
    kind: str
    """What the legend calls it: the catalog's, a person's, the one on the desk."""


class SizePoint(NamedTuple):
    """The best score of a sticker at one size, and the level that gave it."""

    size: float
    score: float
    level: int | None


_SYMBOLS = ("circle-open", "diamond", "star")
_COLOUR_LEVELS = (4, 5, 3)


def tried_plot(points: Sequence[Tried], theme: Theme) -> go.Figure:
    """AP50 over multiply-adds, one symbol for each kind; without points, axes without numbers.

    >>> from explorer.drawing.palette import LIGHT
    >>> len(tried_plot([Tried("a", 59_000_000, 0.7, "catalog")], LIGHT).data)
    1
    >>> tried_plot([], LIGHT).layout.annotations[0].text
    'measuring …'
    """
    figure = go.Figure()
    for place, kind in enumerate(dict.fromkeys(point.kind for point in points)):
        own = [point for point in points if point.kind == kind]
        figure.add_trace(
            go.Scatter(
                x=[point.macs / 1e6 for point in own],
                y=[100 * point.ap50 for point in own],
                text=[point.label for point in own],
                name=kind,
                mode="markers+text" if len(own) < 8 else "markers",
                textposition="top center",
                cliponaxis=False,
                hovertemplate="<b>%{text}</b><br>AP50 %{y:.1f}<br>%{x:.1f} M MACs<extra></extra>",
                marker={
                    "size": 12 + 3 * place,
                    "symbol": _SYMBOLS[place % len(_SYMBOLS)],
                    "color": level_colour(_COLOUR_LEVELS[place % len(_COLOUR_LEVELS)]),
                    "line": {"width": 2},
                },
            )
        )
    _framed(figure, theme, "M MACs for one scene", "AP50, per cent")
    figure.update_xaxes(range=_room([point.macs / 1e6 for point in points], 0.12))
    figure.update_yaxes(range=_room([100 * point.ap50 for point in points], 0.16))
    if not points:
        figure.update_xaxes(showticklabels=False)
        figure.update_yaxes(showticklabels=False)
        figure.add_annotation(
            text="measuring …", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
        )
    return figure


def _room(values: Sequence[float], share: float) -> tuple[float, float]:
    """From the least to the most, with room for labels on both sides; never below nought.

    >>> _room([50, 60], 0.1), _room([0, 0], 0.1)
    ((49.0, 61.0), (0.0, 1.0))
    """
    least, most = min(values, default=0.0), max(values, default=1.0)
    edge = share * ((most - least) or 10.0)
    return max(0.0, least - edge), most + edge


def sizes_plot(points: Sequence[SizePoint], now: float, theme: Theme) -> go.Figure:
    """The score at each size as a bar in the colour of the level; a line at the present size.

    >>> from explorer.drawing.palette import LIGHT
    >>> sizes_plot([SizePoint(8, 0.4, 3), SizePoint(16, 0.9, 3)], 16, LIGHT).data[0].name
    'P3'
    """
    figure = go.Figure()
    for level in sorted({point.level for point in points if point.level is not None}):
        own = [point for point in points if point.level == level]
        figure.add_trace(
            go.Bar(
                x=[f"{point.size:.0f}" for point in own],
                y=[point.score for point in own],
                name=f"P{level}",
                marker={"color": level_colour(level)},
                hovertemplate=f"%{{x}} px: %{{y:.2f}} from P{level}<extra></extra>",
            )
        )
    _framed(figure, theme, "longer side in pixels of the network's input", "score")
    order = [f"{point.size:.0f}" for point in points]
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=order, range=[-0.5, len(order) - 0.5]
    )
    figure.update_yaxes(range=[0, 1])
    if order:
        near = min(range(len(points)), key=lambda i: abs(points[i].size - now))
        figure.add_vline(x=near, line={"color": theme.accent, "width": 2, "dash": "dot"})
    figure.update_layout(height=230, barmode="overlay")
    return figure


def carried_plot(lost: Mapping[int, float], levels: Mapping[int, int], theme: Theme) -> go.Figure:
    """AP50 points that are lost without each block, in the colour of the block's level.

    >>> from explorer.drawing.palette import LIGHT
    >>> carried_plot({5: 0.1}, {5: 4}, LIGHT).data[0].y
    (10.0,)
    """
    figure = go.Figure(
        go.Bar(
            x=[f"b{block}" for block in lost],
            y=[100 * value for value in lost.values()],
            marker={"color": [level_colour(levels[block]) for block in lost]},
            customdata=[levels[block] for block in lost],
            hovertemplate="%{x} on L%{customdata}: %{y:.1f} points<extra></extra>",
        )
    )
    _framed(figure, theme, "block, in the order", "AP50 points lost without it")
    figure.update_layout(height=260, showlegend=False)
    return figure


def learning_plot(
    losses: Sequence[tuple[int, float]], ap50: Sequence[tuple[int, float]], theme: Theme
) -> go.Figure:
    """The loss over steps, and AP50 (0 to 1) at some of them.

    >>> from explorer.drawing.palette import LIGHT
    >>> [trace.y for trace in learning_plot([(10, 3.0)], [(0, 0.5)], LIGHT).data]
    [(3.0,), (50.0,)]
    """
    figure = go.Figure(
        go.Scatter(
            x=[step for step, _ in losses],
            y=[loss for _, loss in losses],
            mode="lines+markers",
            name="loss",
            line={"color": theme.muted},
            hovertemplate="step %{x}: loss %{y:.2f}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[step for step, _ in ap50],
            y=[100 * value for _, value in ap50],
            mode="lines+markers",
            name="AP50, per cent",
            yaxis="y2",
            line={"color": level_colour(_COLOUR_LEVELS[0])},
            marker={"size": 9},
            hovertemplate="step %{x}: AP50 %{y:.1f}<extra></extra>",
        )
    )
    _framed(figure, theme, "step", "loss")
    figure.update_layout(
        height=250,
        margin={"r": 62},
        yaxis2={
            "title": "AP50, per cent",
            "overlaying": "y",
            "side": "right",
            "tickmode": "auto",
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


def _framed(figure: go.Figure, theme: Theme, x: str, y: str) -> go.Figure:
    figure.update_layout(
        margin={"l": 55, "r": 15, "t": 15, "b": 45},
        **ground(theme),
        legend={"orientation": "h", "y": 1.12, "x": 0},
        height=330,
    )
    lines = {"gridcolor": theme.rule, "linecolor": theme.rule, "zeroline": False}
    figure.update_xaxes(title=x, **lines)
    figure.update_yaxes(title=y, **lines)
    return figure
