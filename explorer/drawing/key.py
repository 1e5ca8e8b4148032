"""The key to a drawing: only what occurs in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from explorer.drawing.drawing import Colour, Drawing, LegendItem, Mark, Node, Outline, Wire

_SHAPES = {
    Outline.BOX: (Mark.BOX, "bottleneck"),
    Outline.DIAMOND: (Mark.DIAMOND, "residual"),
    Outline.ROUND: (Mark.ROUND, "MBConv"),
    Outline.OCTAGON: (Mark.OCTAGON, "FPN part"),
}


def key(
    nodes: tuple[Node, ...],
    wires: tuple[Wire, ...],
    colours: tuple[LegendItem, ...],
    colour: Colour = Colour.LEVEL,
    meanings: Mapping[Outline, str] = MappingProxyType({}),
) -> tuple[LegendItem, ...]:
    """What marks mean: colours first, then shapes, then what is out of the ordinary.

    `meanings` are words for shapes that stand for something else than usual. Where colours tell
    ops or changes already, shapes and dots need no words of their own.

    >>> key((), (), (LegendItem(Mark.FILL, "#000000", "black"),))[0].label
    'black'
    """
    found = list(colours)
    if colour is not Colour.OP:
        shapes = {node.outline for node in nodes}
        found += [
            LegendItem(mark, None, meanings.get(o, text))
            for o, (mark, text) in _SHAPES.items()
            if o in shapes
        ]
    if any(node.badge for node in nodes):
        found.append(LegendItem(Mark.BORDER, None, "output"))
    if any(wire.dashed for wire in wires):
        found.append(LegendItem(Mark.DASHED, None, "joined"))
    if any(node.dead for node in nodes):
        found.append(LegendItem(Mark.FADED, None, "dead: not run"))
    if colour is not Colour.CHANGE and any(node.changed for node in nodes):
        found.append(LegendItem(Mark.DOT, None, "changed"))
    return tuple(found)


class Placed(NamedTuple):
    """A legend entry at natural size: the middle of its mark, and where its text begins."""

    item: LegendItem
    x: float
    text_x: float


ROW = 30.0
"""Height of the legend below a drawing at natural size."""


def row(drawing: Drawing) -> tuple[Placed, ...]:
    """The legend as one row, from where lanes begin; widths of texts are estimates.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> [placed.item.label for placed in row(layout(small()))]
    ['bottleneck', 'residual', 'output']
    """
    found, x = [], drawing.left + 12.0
    x += 6.0 * len(drawing.legend_title) + 12.0 if drawing.legend_title else 0.0
    for item in drawing.legend:
        wide = item.mark in (Mark.LINE, Mark.DASHED)
        text_x = x + (19.0 if wide else 13.0)
        found.append(Placed(item, x, text_x))
        x = text_x + 6.0 * len(item.label) + (32.0 if wide else 26.0)
    return tuple(found)
