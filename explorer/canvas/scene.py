"""What the canvas shows, as data for its script; and what each gesture on it would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.codec import to_json
from explorer.architecture.edits import Edit, Follow
from explorer.canvas.consequences import (
    Table,
    consequences_of,
    levels_of,
    moves_of,
    parents_of,
    readers_of,
    swaps_of,
    together_of,
)
from explorer.drawing.drawing import Drawing, Node
from explorer.drawing.looks import node_look, wire_colour
from explorer.drawing.palette import Theme

MANY = 60
"""Beyond so many blocks only lanes are promised for beforehand; the rest is found on the drop."""
OPS = (Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV)
"""What the palette and the menu offer."""

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class Chosen(NamedTuple):
    """The selected block, or with a slot the link into it."""

    block: int
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """How promised costs are counted: for one square image, with or without the head."""

    size: int
    head: bool


def scene(
    arch: Architecture,
    drawing: Drawing,
    theme: Theme,
    chosen: Chosen | None,
    height: int,
    can_undo: bool = False,
    can_redo: bool = False,
    own_history: bool = True,
    seen: int = 0,
) -> dict[str, Json]:
    """Everything that the script paints.

    `height` is in pixels. With `own_history` the canvas has buttons for undo and redo.
    `seen` is the number of the last gesture that was taken up.
    Promises and feature maps come after it (`explorer.canvas.handing`).
    """
    data = drawing.to_data()
    for node, found in zip(data["nodes"], drawing.nodes, strict=True):  # type: ignore[call-overload]
        look = node_look(found, theme)
        node["look"] = {"fill": look.fill, "border": look.border, "width": look.width}
        node["spoken"] = _spoken(arch, found)
    for wire, drawn in zip(data["wires"], drawing.wires, strict=True):  # type: ignore[call-overload]
        wire["look"] = wire_colour(drawn, theme)
    return {
        "drawing": data,  # type: ignore[dict-item]
        "theme": asdict(theme),
        "height": height,
        "shape": shape_of(arch),
        "can_undo": can_undo,
        "can_redo": can_redo,
        "own_history": own_history,
        "seen": seen,
        "selected": None if chosen is None else {"block": chosen.block, "slot": chosen.slot},
        "blocks": {str(block.id): _facts(arch, block.id) for block in arch.blocks},
        "ops": [op.value for op in OPS],
    }


@lru_cache(maxsize=256)
def shape_of(arch: Architecture) -> str:
    """Names an architecture: equal names, equal values, also in another run of the app.

    >>> from explorer.architecture.example import small
    >>> shape_of(small()) == shape_of(small())
    True
    """
    return blake2b(to_json(arch).encode(), digest_size=12).hexdigest()


def _facts(arch: Architecture, block_id: int) -> Json:
    block = arch.block(block_id)
    return {
        "id": block.id,
        "op": block.op.value,
        "level": block.level,
        "parents": block.parents,
        "is_output": block.is_output,
        "in_stem": block.in_stem,
        "repeats": block.repeats or arch.scaling.block_repeats,
    }


def _spoken(arch: Architecture, node: Node) -> str:
    """The block in a sentence, for whoever cannot see the drawing."""
    block = arch.block(node.id)
    reads = ", ".join(f"b{parent}" for parent in block.parents) or "the stem"
    marks = ", output" if block.is_output else ""
    return f"b{block.id}, {block.op}, level {block.level}{marks}, reads {reads}"


def promises(
    arch: Architecture, chosen: Chosen, counting: Counting, also: tuple[int, ...] = ()
) -> dict[str, Json]:
    """What every drop of the chosen block, or of an end of the chosen link, would do.

    With `also`, other blocks, only what becomes of all when this one is dropped on another lane.
    """
    size, head = counting.size, counting.head
    block = arch.block(chosen.block)
    if chosen.slot is not None and chosen.slot < len(block.parents):
        parent = block.parents[chosen.slot]
        cut = Edit("disconnect", (block.id, chosen.slot))
        ends = {
            one.id: (Edit("rewire", (one.id, len(one.parents), parent)), cut)
            for one in arch.blocks
            if one.id not in (block.id, parent) and not one.in_stem
        }
        return {
            "parents": _data(parents_of(arch, block.id, chosen.slot, size, head)),
            "children": _data(consequences_of(arch, ends, size, head)),
        }
    if known := {one.id for one in arch.blocks} & set(also):
        return {"together": _data(together_of(arch, block.id, frozenset(known), size, head))}
    found = {"levels": _data(levels_of(arch, block.id, size, head))}
    if len(arch.blocks) > MANY:
        return dict(found)
    found["readers"] = _data(readers_of(arch, block.id, size, head))
    if block.in_stem:
        return dict(found)
    found["more"] = _data(parents_of(arch, block.id, len(block.parents), size, head))
    for name, follow in (("", Follow.PLACE), ("_block", Follow.BLOCK)):
        found[f"swaps{name}"] = _data(swaps_of(arch, block.id, follow, size, head))
        found[f"moves{name}"] = _data(moves_of(arch, block.id, follow, size, head))
    return dict(found)


def _data(table: Table) -> Json:
    return {str(target): found.to_data() for target, found in table.items()}
