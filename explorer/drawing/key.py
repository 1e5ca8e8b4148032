"""The key to a drawing: only what occurs in it."""

from __future__ import annotations

from explorer.drawing.drawing import LegendItem, Mark, Node, Outline, Wire

_SHAPES = {
    Outline.BOX: (Mark.BOX, "bottleneck"),
    Outline.DIAMOND: (Mark.DIAMOND, "residual"),
    Outline.ROUND: (Mark.ROUND, "MBConv"),
    Outline.OCTAGON: (Mark.OCTAGON, "FPN part"),
}


def key(
    nodes: tuple[Node, ...], wires: tuple[Wire, ...], colours: tuple[LegendItem, ...]
) -> tuple[LegendItem, ...]:
    """What marks mean: colours first, then shapes, then what is out of the ordinary.

    >>> key((), (), (LegendItem(Mark.FILL, "#000000", "black"),))[0].label
    'black'
    """
    found = list(colours)
    shapes = {node.outline for node in nodes}
    found += [LegendItem(mark, None, text) for o, (mark, text) in _SHAPES.items() if o in shapes]
    if any(node.badge for node in nodes):
        found.append(LegendItem(Mark.BORDER, None, "output"))
    if any(wire.dashed for wire in wires):
        found.append(LegendItem(Mark.DASHED, None, "joined"))
    if any(node.dead for node in nodes):
        found.append(LegendItem(Mark.FADED, None, "dead: not run"))
    if any(node.changed for node in nodes):
        found.append(LegendItem(Mark.DOT, None, "changed since the start"))
    return tuple(found)
