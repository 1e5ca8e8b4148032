"""What stands around a Plotly drawing: axes, lanes, brackets, labels, legend."""

from __future__ import annotations

from typing import Any

from explorer.drawing.drawing import Drawing
from explorer.drawing.palette import Theme, faded, text_on
from explorer.drawing.selection import Chosen

HEIGHT = 470
WIDE = 34
"""From so many places on, labels stand upright and the picture can be moved sideways."""
CROWDED = 84
"""From so many places on, labels are left to the tooltips, and the first of them are shown."""
_FONT = "Source Sans Pro, Source Sans 3, system-ui, sans-serif"


def frame(drawing: Drawing, theme: Theme, chosen: Chosen) -> dict[str, Any]:
    """The Plotly layout of a drawing: everything but its traces.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> from explorer.drawing.palette import LIGHT
    >>> drawing = layout(small())
    >>> frame(drawing, LIGHT, Chosen(drawing, None))["yaxis"]["fixedrange"]
    True
    """
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
            *_output_labels(drawing),
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


def _output_labels(drawing: Drawing) -> list[dict[str, Any]]:
    """Not as text of the points: Plotly would dim it as soon as another point is clicked."""
    return [
        {
            "x": end.x,
            "y": end.y,
            "showarrow": False,
            "text": f"<b>{end.label}</b>",
            "font": {"size": 12, "color": end.text},
            "captureevents": False,
        }
        for end in drawing.outputs
    ]


def _block_labels(drawing: Drawing, theme: Theme, chosen: Chosen) -> list[dict[str, Any]]:
    places = len(drawing.nodes) + 2
    if places >= CROWDED:
        return []
    size = 11.0 if places < 20 else 10.0 if places < 25 else 9.0
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
    labels += [
        {
            "x": node.x,
            "y": node.y + node.height / 2,
            "yshift": -7,
            "showarrow": False,
            "text": node.note,
            "font": {"size": 10, "color": theme.ink},
            "bgcolor": theme.background,
            "borderpad": 0,
            "captureevents": False,
        }
        for node in drawing.nodes
        if node.note
    ]
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
