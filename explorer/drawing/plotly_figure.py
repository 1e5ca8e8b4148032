"""A drawing painted by Plotly: hover tells, a click selects a block or a link."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import hypot, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.drawing.drawing import Drawing, LegendItem, Mark, Node, Point, Wire
from explorer.drawing.geometry import sampled
from explorer.drawing.looks import mark_look, node_look, wire_colour
from explorer.drawing.palette import LIGHT, NEUTRAL, Theme, faded
from explorer.drawing.plotly_frame import WIDE, frame
from explorer.drawing.selection import Chosen, Selected

if TYPE_CHECKING:
    import plotly.graph_objects as go


POINTS = 6000
"""How many unseen points for the mouse a figure may have, for blocks and again for links."""
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
"""For whoever shows the figure: no bar of buttons that nobody needs here."""

_SYMBOLS = {
    Mark.FILL: "square",
    Mark.BOX: "square",
    Mark.DIAMOND: "hexagon",
    Mark.ROUND: "circle",
    Mark.OCTAGON: "octagon",
    Mark.BORDER: "square",
    Mark.FADED: "square",
    Mark.DOT: "circle",
}


def figure(drawing: Drawing, theme: Theme = LIGHT, selected: Selected | None = None) -> go.Figure:
    """The drawing as a Plotly figure that fills the width it is given.

    Points carry `customdata`: `("block", id)`, `("link", child, slot)` or `("output", level)`.
    The aspect follows the page: x is an order and y a lane, so stretching changes no meaning.

    Parameters
    ----------
    selected: a block's id, or (child, slot) of a link: stands out, with what it is linked to; the
        rest steps back.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> drawn = figure(layout(small()))
    >>> {tuple(point) for trace in drawn.data if trace.name == "blocks"
    ...  for point in trace.customdata} >= {("block", 0), ("block", 4)}
    True
    """
    import plotly.graph_objects as go

    chosen = Chosen(drawing, selected)
    traces = [
        *_wire_traces(drawing, theme, chosen),
        *_arrow_traces(drawing, theme, chosen),
        *_block_traces(drawing, theme, chosen),
        *_mark_traces(drawing, theme, chosen),
        _output_trace(drawing, theme),
        _link_points(drawing),
        _block_points(drawing),
        *(_legend_trace(item, theme) for item in drawing.legend),
    ]
    return go.Figure(data=traces, layout=frame(drawing, theme, chosen))


def _wire_traces(drawing: Drawing, theme: Theme, chosen: Chosen) -> list[dict[str, Any]]:
    """Wires of one colour in one trace, each with a casing that parts it from what it crosses."""
    groups: dict[tuple[bool, str, bool], list[Wire]] = defaultdict(list)
    for wire in drawing.wires:
        colour = wire_colour(wire, theme)
        if chosen.recedes(wire):
            colour = faded(colour, theme)
        groups[chosen.has(wire), colour, wire.dashed].append(wire)
    traces = []
    for (strong, colour, dashed), wires in sorted(groups.items(), key=lambda item: item[0][0]):
        x, y = _joined([sampled(wire.points) for wire in wires])
        thick = 2.8 if strong else 1.7
        line = {
            "color": colour,
            "width": thick,
            "dash": "4px,3px" if dashed else "solid",
            "simplify": False,  # simplified, level runs come out sloped and corners cut
        }
        traces.append(
            _silent(
                x=x, y=y, line={"color": theme.background, "width": thick + 2.4, "simplify": False}
            )
        )
        traces.append(_silent(x=x, y=y, line=line))
    return traces


def _arrow_traces(drawing: Drawing, theme: Theme, chosen: Chosen) -> list[dict[str, Any]]:
    ends = [wire for wire in drawing.wires if wire.child is not None]
    colours = [wire_colour(wire, theme) for wire in ends]
    shown = [
        faded(colour, theme) if chosen.recedes(wire) else colour
        for wire, colour in zip(ends, colours, strict=True)
    ]
    size = 8 if len(drawing.nodes) < WIDE else 5
    marker = {"symbol": "arrow", "angle": 90, "size": size, "color": shown, "line": {"width": 0}}
    x, y = [wire.points[-1].x for wire in ends], [wire.points[-1].y for wire in ends]
    return [{**_silent(x=x, y=y), "mode": "markers", "marker": marker}]


def _block_traces(drawing: Drawing, theme: Theme, chosen: Chosen) -> list[dict[str, Any]]:
    """Blocks of one look in one trace of closed outlines."""
    groups: dict[tuple[str, str, float], list[Node]] = defaultdict(list)
    for node in drawing.nodes:
        fill, border, width = node_look(node, theme)
        if chosen.any and node.id not in chosen.blocks:
            fill, border = faded(fill, theme), faded(border, theme)
        if len(drawing.nodes) >= WIDE:
            width *= 0.6
        if node.id == chosen.block:
            border, width = theme.accent, 3.5
        groups[fill, border, width].append(node)
    traces = []
    for (fill, border, width), nodes in groups.items():
        x, y = _joined([(*node.corners, node.corners[0]) for node in nodes])
        line = {"color": border, "width": width, "simplify": False}
        traces.append({**_silent(x=x, y=y, line=line), "fill": "toself", "fillcolor": fill})
    image = drawing.image
    right, low = image.width / 2, image.height / 2
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    x = [image.x + sx * right for sx, _ in corners]
    y = [image.y + sy * low for _, sy in corners]
    traces.append({**_silent(x=x, y=y, line={"color": theme.wire, "width": 1.2})})
    return traces


def _mark_traces(drawing: Drawing, theme: Theme, chosen: Chosen) -> list[dict[str, Any]]:
    changed = [node for node in drawing.nodes if node.changed]
    marker = {
        "symbol": "circle",
        "size": 7,
        "color": theme.accent,
        "line": {"color": theme.background, "width": 1.5},
    }
    x = [node.x + node.width / 2 - 1 for node in changed]
    y = [node.y - node.height / 2 + 1 for node in changed]
    return [{**_silent(x=x, y=y), "mode": "markers", "marker": marker}] if changed else []


def _output_trace(drawing: Drawing, theme: Theme) -> dict[str, Any]:
    ends = drawing.outputs
    return {
        "type": "scatter",
        "name": "outputs",
        "mode": "markers",
        "x": [end.x for end in ends],
        "y": [end.y for end in ends],
        "marker": {
            "symbol": "circle",
            "size": 25,
            "opacity": 1,
            "color": [end.fill for end in ends],
            "line": {"color": theme.ink, "width": 2.2},
        },
        "customdata": [("output", end.level) for end in ends],
        "hovertext": ["<br>".join(end.tooltip) for end in ends],
        "hoverinfo": "text",
        "cliponaxis": False,
        "showlegend": False,
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _block_points(drawing: Drawing) -> dict[str, Any]:
    """Unseen points all over each block: what the mouse finds."""
    many = len(drawing.nodes) * 6 <= POINTS
    spots = [
        (node, node.x + dx * node.width * 0.22, node.y + dy * node.height * 0.32)
        for node in drawing.nodes
        for dx in ((-1, 1) if many else (0,))
        for dy in ((-1, 0, 1) if many else (-1, 1))
    ]
    return {
        **_unseen("blocks", 14),
        "x": np.array([x for _, x, _ in spots]),
        "y": np.array([y for _, _, y in spots]),
        "customdata": _objects([("block", node.id) for node, _, _ in spots]),
        "hovertext": _objects([_hover(node.tooltip) for node, _, _ in spots]),
    }


def _link_points(drawing: Drawing) -> dict[str, Any]:
    """Unseen points along each link between blocks; fewer of them where wires are long and many."""
    wires = [w for w in drawing.wires if w.parent is not None and w.child is not None]
    chains = [sampled(wire.points) for wire in wires]
    step = max(9.0, sum(_length(chain) for chain in chains) / POINTS)
    spots = [
        (wire, point)
        for wire, chain in zip(wires, chains, strict=True)
        for point in _along(chain, step)
    ]
    return {
        **_unseen("links", 8),
        "x": np.array([point.x for _, point in spots]),
        "y": np.array([point.y for _, point in spots]),
        "customdata": _objects([("link", wire.child, wire.slot) for wire, _ in spots]),
        "hovertext": _objects([_hover(wire.tooltip) for wire, _ in spots]),
    }


def _objects(values: list[Any]) -> Any:
    """As an array: Plotly copies and checks lists item by item, which takes long for many."""
    return np.array(values, dtype=object)


def _length(chain: tuple[Point, ...]) -> float:
    return sum(hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(chain))


def _along(chain: tuple[Point, ...], step: float) -> list[Point]:
    """Points on a wire at even distances, its ends left out: those belong to the blocks."""
    count = max(1, int(_length(chain) / step))
    step = _length(chain) / (count + 1)
    found: list[Point] = []
    left = step
    for one, other in pairwise(chain):
        length = hypot(other.x - one.x, other.y - one.y)
        while length > 0 and left <= length and len(found) < count:
            share = left / length
            found.append(
                Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)
            )
            left += step
        left -= length
    return found


def _hover(lines: tuple[str, ...]) -> str:
    return "<br>".join((f"<b>{lines[0]}</b>", *lines[1:]))


def _legend_trace(item: LegendItem, theme: Theme) -> dict[str, Any]:
    colour = item.colour or NEUTRAL
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": f"{item.label}\u2003",  # Plotly cuts the last letters without room after them
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "showlegend": True,
    }
    if item.mark in (Mark.LINE, Mark.DASHED):
        dash = "4px,3px" if item.mark is Mark.DASHED else "solid"
        return {**trace, "mode": "lines", "line": {"color": colour, "width": 2, "dash": dash}}
    look = mark_look(item, theme)
    marker = {
        "symbol": _SYMBOLS[item.mark],
        "size": 8 if item.mark is Mark.DOT else 11,
        "color": look.fill,
        "line": {"color": look.border, "width": look.width},
    }
    return {**trace, "mode": "markers", "marker": marker}


def _joined(chains: list[tuple[Point, ...]]) -> tuple[Any, Any]:
    """Several chains as one, with a gap after each."""
    gap = ((nan, nan),)
    points = np.array([point for chain in chains for point in (*chain, *gap)])
    return points[:, 0], points[:, 1]


def _silent(**parts: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
        **parts,
    }


def _unseen(name: str, size: int) -> dict[str, Any]:
    hidden = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "marker": {"size": size, "opacity": 0, "color": NEUTRAL},
        "hoverinfo": "text",
        "showlegend": False,
        "selected": hidden,
        "unselected": hidden,
    }
