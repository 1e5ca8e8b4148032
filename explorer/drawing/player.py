"""A walk from one drawing to another, as data for a small player, and as a page on its own.

Each stop is a drawing; the player moves blocks from where they stood to where they stand, bends
wires, marks what the last edit touched, and draws measures along the way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from explorer.drawing.drawing import Drawing, Lane, Node, Wire
from explorer.drawing.looks import node_look, wire_colour
from explorer.drawing.palette import LIGHT, Theme

_HERE = Path(__file__).parent
Json = str | int | float | bool | None | Sequence["Json"] | dict[str, "Json"]


class Stop(NamedTuple):
    """One stop of a walk: its drawing, what led to it, and the block that this was about."""

    drawing: Drawing
    text: str
    block: int | None = None


class Series(NamedTuple):
    """One measure along the walk, a value for each stop, and each value in words."""

    label: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


def player_data(
    name: str, stops: Sequence[Stop], series: Sequence[Series], theme: Theme = LIGHT
) -> dict[str, Json]:
    """Everything that the player's script shows; equal walks have equal data.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> data = player_data("one", [Stop(layout(small()), "start")], [])
    >>> len(data["stops"]), data["stops"][0]["text"]
    (1, 'start')
    """
    lanes = all_lanes(stops)
    width = max(stop.drawing.width for stop in stops)
    height = max(stop.drawing.height + lowered(stop.drawing, lanes) for stop in stops)
    return {
        "name": name,
        "width": round(width, 1),
        "height": round(height, 1),
        "colours": {
            "background": theme.background,
            "band": theme.band,
            "ink": theme.ink,
            "muted": theme.muted,
            "accent": theme.accent,
            "rule": theme.rule,
        },
        "lanes": [
            {
                "label": lane.label,
                "top": lane.top,
                "bottom": lane.bottom,
                "colour": lane.colour,
                "shaded": lane.shaded,
            }
            for lane in lanes
        ],
        "left": stops[0].drawing.left,
        "stops": [_stop_data(stop, lowered(stop.drawing, lanes), theme) for stop in stops],
        "series": [
            {"label": one.label, "values": list(one.values), "texts": list(one.texts)}
            for one in series
        ],
    }


def all_lanes(stops: Sequence[Stop]) -> tuple[Lane, ...]:
    """The lanes of the stop that has the most; the others' stand among them."""
    return max((stop.drawing.lanes for stop in stops), key=len)


def lowered(drawing: Drawing, lanes: tuple[Lane, ...]) -> float:
    """How far down a drawing must go so that its lanes lie on these."""
    first = drawing.lanes[0]
    return next((lane.top for lane in lanes if lane.level == first.level), first.top) - first.top


def _stop_data(stop: Stop, down: float, theme: Theme) -> dict[str, Json]:
    drawing = stop.drawing
    return {
        "text": stop.text,
        "block": stop.block,
        "alt": drawing.alt,
        "nodes": [_node_data(node, down, theme) for node in drawing.nodes],
        "wires": [_wire_data(wire, down, theme) for wire in drawing.wires],
        "ends": [
            {
                "label": end.label,
                "x": round(end.x, 1),
                "y": round(end.y + down, 1),
                "fill": end.fill,
                "text": end.text,
            }
            for end in drawing.outputs
        ],
    }


def _node_data(node: Node, down: float, theme: Theme) -> dict[str, Json]:
    look = node_look(node, theme)
    corners = " ".join(f"{p.x - node.x:.1f},{p.y - node.y:.1f}" for p in node.corners)
    return {
        "id": node.id,
        "x": round(node.x, 1),
        "y": round(node.y + down, 1),
        "corners": corners,
        "fill": look.fill,
        "border": look.border,
        "width": look.width,
        "label": node.label,
        "text": theme.muted if node.dead else node.text,
    }


def _wire_data(wire: Wire, down: float, theme: Theme) -> dict[str, Json]:
    start, *rest = (f"{point.x:.1f} {point.y + down:.1f}" for point in wire.points)
    curves = (f"C{' '.join(rest[at : at + 3])}" for at in range(0, len(rest), 3))
    return {
        "key": f"{wire.child}.{wire.slot}.{'in' if wire.parent is None else ''}",
        "path": f"M{start}{''.join(curves)}",
        "colour": wire_colour(wire, theme),
        "dashed": wire.dashed,
    }


def player_script() -> str:
    """The script: one function `play(root, data)`."""
    return (_HERE / "player.js").read_text(encoding="utf-8")


def player_style() -> str:
    """Its style sheet."""
    return (_HERE / "player.css").read_text(encoding="utf-8")


def player_page(data: dict[str, Json]) -> str:
    """A whole HTML page with the player; it needs nothing else and no network.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> "play(" in player_page(player_data("one", [Stop(layout(small()), "start")], []))
    True
    """
    colours = data["colours"]
    assert isinstance(colours, dict)  # noqa: S101
    safe = json.dumps(data).replace("</", "<\\/")
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(str(data['name']))}</title>\n<style>body {{ margin: 1rem; "
        f"background: {colours['background']}; color: {colours['ink']}; font: 15px "
        f"'Source Sans 3', 'Helvetica Neue', Arial, sans-serif }}\n"
        f"{player_style()}</style></head>\n"
        f'<body><h1>{escape(str(data["name"]))}</h1>\n<div id="walk"></div>\n<script>\n'
        f'{player_script()}\nplay(document.getElementById("walk"), {safe});\n</script></body>\n'
        "</html>\n"
    )
