"""What blocks, wires and legend marks look like on a theme: the same for every painter."""

from __future__ import annotations

from typing import NamedTuple

from explorer.drawing.drawing import LegendItem, Mark, Node, Wire
from explorer.drawing.palette import NEUTRAL, Theme, faded


class Look(NamedTuple):
    """Fill, border and its width."""

    fill: str
    border: str
    width: float


def wire_colour(wire: Wire, theme: Theme) -> str:
    """The colour of a wire; a dead one steps back, a wrong one is red."""
    if wire.problem:
        return theme.danger
    colour = wire.colour or theme.wire
    return faded(colour, theme) if wire.dead else colour


def node_look(node: Node, theme: Theme) -> Look:
    """A block: a thick border marks outputs, a red one what is wrong, a pale fill what is dead."""
    fill = faded(node.fill, theme) if node.dead else node.fill
    if node.problem:
        return Look(fill, theme.danger, 2.5)
    return Look(fill, theme.ink, 2.2) if node.badge else Look(fill, theme.background, 1.0)


def mark_look(item: LegendItem, theme: Theme) -> Look:
    """A legend's mark."""
    colour = item.colour or NEUTRAL
    if item.mark is Mark.BORDER:
        return Look(theme.background, theme.ink, 2.2)
    if item.mark is Mark.FADED:
        return Look(faded(colour, theme), theme.background, 0.0)
    if item.mark is Mark.DOT:
        return Look(theme.accent, theme.background, 0.0)
    return Look(colour, theme.background, 0.0)
