"""A drawing painted by Plotly: hover tells, a click selects a block or a link."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from explorer.drawing.drawing import Drawing, LegendItem, Mark, Node, Point, Wire
from explorer.drawing.geometry import sampled
from explorer.drawing.looks import mark_look, node_look, wire_colour
from explorer.drawing.palette import LIGHT, NEUTRAL, Theme, faded, text_on

if TYPE_CHECKING:
    import plotly.graph_objects as go

Selected = int | tuple[int, int]
"""A block's id, or (child, slot) of a link."""

HEIGHT = 470
WIDE = 34
"""From so many places on, labels stand upright and the picture can be moved sideways."""
CROWDED = 84
"""From so many places on, labels are left to the tooltips, and the first of them are shown."""
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
"""For whoever shows the figure: no bar of buttons that nobody needs here."""

_FONT = "Source Sans Pro, Source Sans 3, system-ui, sans-serif"
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

    chosen = _Chosen(drawing, selected)
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
    return go.Figure(data=traces, layout=_frame(drawing, theme, chosen))


class _Chosen:
    """What is selected, and what belongs to it."""

    def __init__(self, drawing: Drawing, selected: Selected | None) -> None:
        self.blocks: set[int] = set()
        self.wires: set[tuple[int | None, int | None, int]] = set()
        self.block = selected if isinstance(selected, int) else None
        if any(node.id == selected for node in drawing.nodes):
            self.blocks |= {selected} if isinstance(selected, int) else set()
        for wire in drawing.wires:
            ends = {end for end in (wire.parent, wire.child) if end is not None}
            if selected in ends or (len(ends) == 2 and (wire.child, wire.slot) == selected):
                self.wires.add((wire.parent, wire.child, wire.slot))
                self.blocks |= ends

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return bool(self.blocks)

    def has(self, wire: Wire) -> bool:
        """Whether a wire is selected, or leaves or enters what is."""
        return (wire.parent, wire.child, wire.slot) in self.wires

    def recedes(self, wire: Wire) -> bool:
        """Whether a wire steps back for others."""
        return self.any and not self.has(wire)


def _wire_traces(drawing: Drawing, theme: Theme, chosen: _Chosen) -> list[dict[str, Any]]:
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


def _arrow_traces(drawing: Drawing, theme: Theme, chosen: _Chosen) -> list[dict[str, Any]]:
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


def _block_traces(drawing: Drawing, theme: Theme, chosen: _Chosen) -> list[dict[str, Any]]:
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


def _mark_traces(drawing: Drawing, theme: Theme, chosen: _Chosen) -> list[dict[str, Any]]:
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
        "mode": "markers+text",
        "x": [end.x for end in ends],
        "y": [end.y for end in ends],
        "marker": {
            "symbol": "circle",
            "size": 25,
            "opacity": 1,
            "color": [end.fill for end in ends],
            "line": {"color": theme.ink, "width": 2.2},
        },
        "text": [end.label for end in ends],
        "textfont": {"size": 12, "color": [end.text for end in ends], "weight": 600},
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
    spots = [
        (node, node.x + dx * node.width * 0.22, node.y + dy * node.height * 0.32)
        for node in drawing.nodes
        for dx in (-1, 1)
        for dy in (-1, 0, 1)
    ]
    return {
        **_unseen("blocks", 14),
        "x": [x for _, x, _ in spots],
        "y": [y for _, _, y in spots],
        "customdata": [("block", node.id) for node, _, _ in spots],
        "hovertext": [_hover(node.tooltip) for node, _, _ in spots],
    }


def _link_points(drawing: Drawing) -> dict[str, Any]:
    """Unseen points along each link between blocks."""
    spots = [
        (wire, point)
        for wire in drawing.wires
        if wire.parent is not None and wire.child is not None
        for point in _along(wire.points)
    ]
    return {
        **_unseen("links", 8),
        "x": [point.x for _, point in spots],
        "y": [point.y for _, point in spots],
        "customdata": [("link", wire.child, wire.slot) for wire, _ in spots],
        "hovertext": [_hover(wire.tooltip) for wire, _ in spots],
    }


def _along(points: tuple[Point, ...], step: float = 9.0) -> list[Point]:
    """Points on a wire at even distances, its ends left out: those belong to the blocks."""
    found, left = [], step
    chain = sampled(points)
    for one, other in pairwise(chain):
        length = ((other.x - one.x) ** 2 + (other.y - one.y) ** 2) ** 0.5
        while length > 0 and left <= length:
            share = left / length
            found.append(
                Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)
            )
            left += step
        left -= length
    middle = chain[len(chain) // 2]
    return found or [Point((chain[0].x + chain[-1].x) / 2, middle.y)]


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


def _frame(drawing: Drawing, theme: Theme, chosen: _Chosen) -> dict[str, Any]:
    places = len(drawing.nodes) + 2
    wide = places >= WIDE
    left = drawing.image.x - drawing.image.width
    right = drawing.width if places < CROWDED else left + CROWDED * drawing.pitch
    axis = {"visible": False, "zeroline": False, "showgrid": False}
    return {
        "height": HEIGHT,
        "margin": {"l": 62, "r": 14, "t": 4, "b": 34, "pad": 0},
        "paper_bgcolor": theme.background,
        "plot_bgcolor": theme.background,
        "font": {"family": _FONT, "size": 12, "color": theme.ink},
        "xaxis": {**axis, "range": [left, right], "fixedrange": not wide},
        "yaxis": {**axis, "range": [drawing.height, 2.0], "fixedrange": True},
        "hovermode": "closest",
        "hoverdistance": 12,
        "clickmode": "event+select",
        "dragmode": "pan" if wide else False,
        "hoverlabel": {
            "bgcolor": theme.band,
            "bordercolor": theme.rule,
            "font": {"color": theme.ink, "size": 12, "family": _FONT},
            "align": "left",
        },
        "legend": {
            "title": {
                "text": drawing.legend_title,
                "side": "left",
                "font": {"size": 11.5, "color": theme.muted},
            },
            "orientation": "h",
            "x": 0,
            "y": -0.012,
            "yanchor": "top",
            "font": {"size": 11.5, "color": theme.muted},
            "itemclick": False,
            "itemdoubleclick": False,
            "bgcolor": "rgba(0,0,0,0)",
        },
        "shapes": _bands(drawing, theme),
        "annotations": [
            *_lane_labels(drawing, theme),
            *_phase_labels(drawing, theme),
            *_block_labels(drawing, theme, chosen),
        ],
        "meta": {"alt": drawing.alt},
    }


def _bands(drawing: Drawing, theme: Theme) -> list[dict[str, Any]]:
    shapes = [
        {
            "type": "rect",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": lane.top,
            "y1": lane.bottom,
            "fillcolor": theme.band,
            "line": {"width": 0},
            "layer": "below",
        }
        for lane in drawing.lanes
        if lane.shaded
    ]
    shapes += [
        {
            "type": "rect",
            "xref": "paper",
            "xsizemode": "pixel",
            "xanchor": 0,
            "x0": -4,
            "x1": 0,
            "y0": lane.top,
            "y1": lane.bottom,
            "fillcolor": lane.colour,
            "line": {"width": 0},
        }
        for lane in drawing.lanes
    ]
    for phase in drawing.phases:
        path = f"M {phase.left} {phase.y + 5} V {phase.y} H {phase.right} V {phase.y + 5}"
        shapes.append({"type": "path", "path": path, "line": {"color": theme.rule, "width": 1.2}})
    return shapes


def _lane_labels(drawing: Drawing, theme: Theme) -> list[dict[str, Any]]:
    return [
        {
            "xref": "paper",
            "x": 0,
            "y": lane.middle,
            "xanchor": "right",
            "xshift": -8,
            "showarrow": False,
            "align": "right",
            "text": f"<b>{lane.label}</b><br><span style='font-size:10px;color:{theme.muted}'>"
            f"{lane.stride}</span>",
            "font": {"size": 13, "color": theme.ink},
        }
        for lane in drawing.lanes
    ]


def _phase_labels(drawing: Drawing, theme: Theme) -> list[dict[str, Any]]:
    return [
        {
            "x": (phase.left + phase.right) / 2,
            "y": phase.y,
            "yanchor": "bottom",
            "yshift": -2,
            "showarrow": False,
            "text": phase.label,
            "font": {"size": 11.5, "color": theme.muted},
        }
        for phase in drawing.phases
    ]


def _block_labels(drawing: Drawing, theme: Theme, chosen: _Chosen) -> list[dict[str, Any]]:
    places = len(drawing.nodes) + 2
    if places >= CROWDED:
        return []
    size = 11.0 if places < 22 else 10.0 if places < 25 else 9.0
    labels = []
    for node in drawing.nodes:
        colour = theme.muted if node.dead else node.text
        if chosen.any and node.id not in chosen.blocks:
            colour = text_on(faded(node.fill, theme))
        labels.append(
            {
                "x": node.x,
                "y": node.y,
                "showarrow": False,
                "text": node.label,
                "textangle": -90 if places >= WIDE else 0,
                "font": {"size": size, "color": colour},
                "captureevents": False,
            }
        )
    if places >= WIDE:
        return labels
    labels.append(
        {
            "x": drawing.image.x,
            "y": drawing.image.y,
            "showarrow": False,
            "text": drawing.image.label,
            "textangle": -90,
            "font": {"size": 10, "color": theme.muted},
        }
    )
    return labels


def _joined(
    chains: list[tuple[Point, ...]],
) -> tuple[list[float | None], list[float | None]]:
    """Several chains as one, with a gap after each."""
    x: list[float | None] = []
    y: list[float | None] = []
    for chain in chains:
        x += [*(point.x for point in chain), None]
        y += [*(point.y for point in chain), None]
    return x, y


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
