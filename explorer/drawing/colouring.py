"""What the colours of a drawing tell: fills of blocks, colours of wires, and the key to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log10
from types import MappingProxyType

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.difference import Difference
from explorer.architecture.links import Link
from explorer.architecture.paths import block_path_counts
from explorer.architecture.receptive_field import receptive_fields
from explorer.cost.cost import Cost
from explorer.cost.units import macs_text, params_text
from explorer.drawing.drawing import Colour, LegendItem, Mark
from explorer.drawing.palette import (
    ADDED,
    CHANGED,
    MOVED,
    NEUTRAL,
    amount_colour,
    level_colour,
    op_colour,
)

OP_NAMES: Mapping[Op, str] = {
    Op.BOTTLENECK: "bottleneck",
    Op.RESIDUAL: "residual",
    Op.MBCONV: "MBConv",
    Op.LATERAL: "FPN lateral",
    Op.SMOOTH: "FPN 3×3",
    Op.COARSE: "FPN stride 2",
    Op.INVERTED: "inverted residual",
    Op.POINTWISE: "1×1 convolution",
    Op.EXTRA: "extra layer",
}
_SHARES = (0.0, 0.5, 1.0)
"""Of the most, shown in the legend."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids and slots that differ from the start."""

    added: frozenset[int]
    changed: frozenset[int]
    moved: frozenset[int]
    links: frozenset[tuple[int, int]]
    """(child, slot) of links that are new or other."""

    @property
    def blocks(self) -> frozenset[int]:
        """Every block that is not as it was, also where only its parents differ."""
        readers = frozenset(child for child, _ in self.links)
        return self.added | self.changed | self.moved | readers

    @classmethod
    def of(cls, found: Difference) -> Changes:
        """What a difference says, as sets."""
        return cls(
            frozenset(block.id for block in found.blocks_added),
            frozenset(change.after.id for change in found.blocks_changed),
            frozenset(found.moved),
            frozenset(
                (link.child, link.slot)
                for link in (*found.links_added, *(change.after for change in found.links_changed))
            ),
        )


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours by block id and by (child, slot); wires without one take the theme's."""

    blocks: Mapping[int, str]
    wires: Mapping[tuple[int, int], str]
    legend: tuple[LegendItem, ...]
    title: str = ""
    """What the amounts in the legend are."""
    notes: Mapping[int, str] = field(default_factory=dict)
    """Amounts to write below blocks, by id."""


def paint(
    arch: Architecture,
    wires: tuple[Link, ...],
    colour: Colour,
    counted: Cost | None,
    changes: Changes | None,
    carried: Mapping[int, float] = MappingProxyType({}),
) -> Paint:
    """The colours for one way of colouring.

    Where amounts cannot be counted (`counted` is None: the architecture has problems), and where
    there is no start to compare with, everything is neutral; so are blocks that `carried` does not
    tell of.

    >>> from explorer.architecture.example import small
    >>> paint(small(), (), Colour.OP, None, None).blocks[3]
    '#E69F00'
    """
    if colour is Colour.LEVEL:
        of = {block.id: level_colour(block.level) for block in arch.blocks}
        return Paint(of, {(w.child, w.slot): of[w.parent] for w in wires}, ())
    if colour is Colour.OP:
        ops = [op for op in Op if any(block.op is op for block in arch.blocks)]
        return Paint(
            {block.id: op_colour(block.op) for block in arch.blocks},
            {},
            tuple(LegendItem(Mark.FILL, op_colour(op), OP_NAMES[op]) for op in ops),
        )
    if colour is Colour.CHANGE:
        return _changes(arch, wires, changes)
    if colour is Colour.CARRIED:
        return _carried(arch, carried)
    if counted is None:
        return Paint({}, {}, (LegendItem(Mark.FILL, NEUTRAL, "not counted: has problems"),))
    if colour is Colour.RECEPTIVE_FIELD:
        return _spread(receptive_fields(arch), " px", "receptive field")
    if colour is Colour.PATHS:
        counts = {block: max(1, count) for block, count in block_path_counts(arch).items()}
        return _spread(counts, "", "paths that lead here")
    at = 0 if colour is Colour.MACS else 1
    blocks = {block_id: tally[at] for block_id, tally in counted.blocks.items()}
    links = {(link.child, link.slot): tally[at] for link, *tally in counted.links}
    most = max((*blocks.values(), *links.values(), 1))
    text = macs_text if at == 0 else params_text
    return Paint(
        {key: amount_colour(value / most) for key, value in blocks.items()},
        {key: amount_colour(value / most) for key, value in links.items() if value},
        tuple(
            LegendItem(Mark.FILL, amount_colour(share), text(round(most * share)))
            for share in _SHARES
        ),
        "MACs" if at == 0 else "parameters",
    )


def _changes(arch: Architecture, wires: tuple[Link, ...], changes: Changes | None) -> Paint:
    if changes is None:
        return Paint({}, {}, (LegendItem(Mark.FILL, NEUTRAL, "nothing to compare with"),))

    def of(block: Block) -> str:
        if block.id in changes.added:
            return ADDED
        if block.id in changes.changed:
            return CHANGED
        return MOVED if block.id in changes.moved else NEUTRAL

    blocks = {block.id: of(block) for block in arch.blocks}
    links = {
        (wire.child, wire.slot): CHANGED
        for wire in wires
        if (wire.child, wire.slot) in changes.links
    }
    meanings = {NEUTRAL: "as at the start", ADDED: "new", CHANGED: "changed", MOVED: "moved"}
    seen = {*blocks.values(), *links.values()}
    legend = (LegendItem(Mark.FILL, c, text) for c, text in meanings.items() if c in seen)
    return Paint(blocks, links, tuple(legend))


def _carried(arch: Architecture, lost: Mapping[int, float]) -> Paint:
    """AP50 that is lost without each block; what is a little below nothing counts as nothing."""
    known = {block.id: lost[block.id] for block in arch.blocks if block.id in lost}
    most = max((*known.values(), 0.001))
    legend = [
        LegendItem(Mark.FILL, amount_colour(share), f"{100 * most * share:.1f}")
        for share in (_SHARES if known else ())
    ]
    if len(known) < len(arch.blocks):
        legend.append(LegendItem(Mark.FILL, NEUTRAL, "not measured"))
    return Paint(
        {block: amount_colour(value / most) for block, value in known.items()},
        {},
        tuple(legend),
        "AP50 points lost without the block",
        {block: points_text(value) for block, value in known.items()},
    )


def points_text(share: float) -> str:
    """A share of AP in points, with no minus before a nought.

    >>> points_text(0.042), points_text(-0.0001), points_text(-0.006)
    ('4.2', '0.0', '−0.6')
    """
    return f"{round(100 * share, 1) + 0.0:.1f}".replace("-", "−")


def _spread(found: Mapping[int, int], unit: str, title: str) -> Paint:
    """Amounts that grow by factors: colours by their logarithm."""
    least, most = min(found.values(), default=1), max(found.values(), default=1)
    span = log10(most / least) or 1.0
    shares = _SHARES if most > least else _SHARES[:1]
    return Paint(
        {key: amount_colour(log10(value / least) / span) for key, value in found.items()},
        {},
        tuple(
            LegendItem(
                Mark.FILL, amount_colour(share), f"{round(least * 10 ** (span * share)):,}{unit}"
            )
            for share in shares
        ),
        title,
    )
