"""Bars as data, and painted by Plotly: stacked or side by side, coloured as everything else is."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.drawing.palette import NEUTRAL, Theme, amount_colour, level_colour, text_on

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 250
FONT = "Source Sans Pro, Source Sans 3, system-ui, sans-serif"


class Part(NamedTuple):
    """A piece of a bar: what it is, how long, and the level whose colour it has, if any."""

    name: str
    value: float
    level: int | None = None


class Bar(NamedTuple):
    """One bar; `here` marks the one that is about the network on the desk."""

    label: str
    parts: tuple[Part, ...]
    here: bool = False


class Bars(NamedTuple):
    """A whole bar chart."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    alt: str
    """The chart in words."""
    grouped: bool = False
    """Parts side by side, else one upon the other."""
    logarithmic: bool = False
    note: str = ""


def bars(found: Bars, theme: Theme) -> go.Figure:
    """The chart as a Plotly figure; parts without a level are told apart by lightness.

    >>> from explorer.drawing.palette import LIGHT
    >>> one = Bars("Cost", "G", (Bar("stem", (Part("L2", 1.0, 2),)),), "stem 1 G")
    >>> len(bars(one, LIGHT).data)
    1
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    names = list(dict.fromkeys(part.name for bar in found.bars for part in bar.parts))
    for place, name in enumerate(names):
        rows = [(bar, part) for bar in found.bars for part in bar.parts if part.name == name]
        plainly = amount_colour(place / (len(names) - 1)) if len(names) > 1 else NEUTRAL
        colours = [plainly if p.level is None else level_colour(p.level) for _, p in rows]
        figure.add_trace(
            go.Bar(
                name=f"{name}\u2003",  # Plotly cuts the last letters without room after them
                text=[name] * len(rows) if len(names) > 1 and not found.grouped else None,
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                x=[bar.label for bar, _ in rows],
                y=[part.value for _, part in rows],
                marker={
                    "color": colours[0] if len(set(colours)) == 1 else colours,
                    "line": {
                        "color": [
                            theme.accent if bar.here else theme.background for bar, _ in rows
                        ],
                        "width": [2.5 if bar.here else 0.5 for bar, _ in rows],
                    },
                },
                textfont={"color": [text_on(colour) for colour in colours]},
                hovertemplate=f"%{{x}}<br>{name}: %{{y:.3~g}} {found.unit}<extra></extra>",
                showlegend=len(names) > 1,
            )
        )
    lines = {"gridcolor": theme.rule, "linecolor": theme.rule, "zeroline": False}
    figure.update_layout(
        barmode="group" if found.grouped else "stack",
        bargap=0.25,
        height=HEIGHT,
        margin={"l": 56, "r": 10, "t": 30, "b": 34},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.ink, "size": 12, "family": FONT},
        title={"text": found.title, "font": {"size": 13}, "x": 0, "y": 0.98},
        legend={"orientation": "h", "y": 1.13, "x": 1, "xanchor": "right", "traceorder": "normal"},
        uniformtext={"mode": "hide", "minsize": 9},
        hoverlabel={"bgcolor": theme.background, "font": {"color": theme.ink}},
        meta={"alt": found.alt},
    )
    figure.update_xaxes(type="category", automargin=True, **lines)
    figure.update_yaxes(title=found.unit, **(_steps(found) if found.logarithmic else {}), **lines)
    return figure


def _steps(found: Bars) -> dict[str, Any]:
    """A logarithmic axis whose every label can be read by itself: 0.5, 1, 2, 5, 10."""
    values = [part.value for bar in found.bars for part in bar.parts if part.value > 0]
    low, high = floor(log10(min(values, default=1))), ceil(log10(max(values, default=1)))
    ticks = [digit * 10.0**power for power in range(low, high + 1) for digit in (1, 2, 5)]
    texts = [f"{tick:,g}" for tick in ticks]
    return {"type": "log", "tickmode": "array", "tickvals": ticks, "ticktext": texts}
