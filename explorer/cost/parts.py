"""The parts of a network with their costs, put together from what was counted before.

At multiples of the coarsest level's stride every map's size follows from its level alone. A link
then costs what its ends' ops, levels and widths say, and a block what its own and its inputs say,
so a new architecture is mostly made of parts that another one had. A part that nobody had is taken
from the plan, and remembered: the plan stays the one place where shapes are worked out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from explorer.architecture.architecture import Architecture, blocks_by_id
from explorer.architecture.block import MAX_LEVEL, PYRAMID_OPS, Block, Op
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.links import Link, LinkKind, dead_blocks, links_into
from explorer.architecture.plan import Plan, plan
from explorer.architecture.rules import problems
from explorer.architecture.scaling import Scaling
from explorer.cost.layers import UnitCost, unit_cost

EVEN = 2**MAX_LEVEL
"""The stride of level 7: multiples of it halve evenly all the way down."""


class BlockParts(NamedTuple):
    """A live block: its body with the sum of its inputs, and the links into it by slot."""

    block: Block
    body: UnitCost
    links: list[tuple[Link, UnitCost]]


class Parts(NamedTuple):
    """A whole network at one size."""

    stem: UnitCost
    blocks: list[BlockParts]
    """Live ones, in execution order."""
    endpoints: dict[int, UnitCost]
    heads: dict[int, UnitCost]


EndKey = tuple[Op, int, int | None]
"""Op, level and width of a block: what decides its channels."""
LinkKey = tuple[LinkKind, Op, int, int | None, Op, int, int | None]
BodyKey = tuple[Op, int, int | None, int | None, int, Op | None, int, int | None]


def parts(arch: Architecture, height: int, width: int, head: bool) -> Parts:
    """Every part of `arch`, counted. Raises as `plan` does.

    >>> alone = Block(0, Op.BOTTLENECK, 3, is_output=True, resampled=False)
    >>> parts(Architecture("one", (alone,)), 128, 128, head=False).stem.tally
    Tally(macs=38535168, params=9536)
    """
    even = arch.scaling.fitting_side
    if height % even or width % even or min(height, width) < even:
        return _planned(plan(arch, height, width, head))
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    known = _known(arch.scaling, height, width, head)
    try:
        return _assembled(arch, known)
    except KeyError:
        fresh = _planned(plan(arch, height, width, head))
        known.learn(arch, fresh)
        return fresh


class _Known(NamedTuple):
    """What was counted so far for one scaling at one size."""

    stem: list[UnitCost]
    links: dict[LinkKey, UnitCost]
    bodies: dict[BodyKey, UnitCost]
    endpoints: dict[EndKey, UnitCost]
    heads: dict[EndKey, UnitCost]
    head: bool

    def learn(self, arch: Architecture, counted: Parts) -> None:
        by_id = blocks_by_id(arch)
        self.stem[:] = [counted.stem]
        for block, body, links in counted.blocks:
            for link, one in links:
                self.links[_link_key(link, by_id[link.parent], block)] = one
            first = by_id[links[0][0].parent] if links else None
            self.bodies[_body_key(block, first, len(links))] = body
        for block in arch.outputs:
            key = (block.op, block.level, block.width)
            self.endpoints[key] = counted.endpoints[block.level]
            if self.head:
                self.heads[key] = counted.heads[block.level]


@lru_cache(maxsize=256)
def _known(scaling: Scaling, height: int, width: int, head: bool) -> _Known:
    """Empty at first; it holds at most one entry for each kind of part."""
    return _Known([], {}, {}, {}, {}, head)


def _link_key(link: Link, parent: Block, block: Block) -> LinkKey:
    """What decides a link."""
    return link.kind, parent.op, parent.level, parent.width, block.op, block.level, block.width


def _body_key(block: Block, first: Block | None, inputs: int) -> BodyKey:
    """What decides a body and its sum: a block that resamples does not see its parents' shapes."""
    op, level, repeats, width = block.op, block.level, block.repeats, block.width
    if block.resampled and op not in PYRAMID_OPS:
        return op, level, repeats, width, inputs, None, -1, None
    if first is None:
        return op, level, repeats, width, 0, None, 0, None
    return op, level, repeats, width, inputs, first.op, first.level, first.width


def _assembled(arch: Architecture, known: _Known) -> Parts:
    """Raises KeyError where a part is not known."""
    if not known.stem:
        raise KeyError("stem")
    by_id, into, dead = blocks_by_id(arch), links_into(arch), dead_blocks(arch)
    link_costs, bodies = known.links, known.bodies
    blocks = []
    for block in arch.blocks:
        if block.id in dead:
            continue
        wires, first = [], None
        for link in into[block.id]:
            parent = by_id[link.parent]
            wires.append((link, link_costs[_link_key(link, parent, block)]))
            first = first or parent
        blocks.append(BlockParts(block, bodies[_body_key(block, first, len(wires))], wires))
    keys = {block.level: (block.op, block.level, block.width) for block in arch.outputs}
    ends = {level: known.endpoints[key] for level, key in keys.items()}
    heads = {level: known.heads[key] for level, key in keys.items()} if known.head else {}
    return Parts(known.stem[0], blocks, ends, heads)


def _planned(network: Plan) -> Parts:
    blocks = []
    for step in network.blocks.values():
        wires = [(wire.link, unit_cost(wire.unit.layers)) for wire in step.links]
        fuse, body = unit_cost(step.fuse.layers), unit_cost(step.body.layers)
        by_class = tuple(map(sum, zip(fuse.by_class, body.by_class, strict=True)))
        blocks.append(BlockParts(step.block, body._replace(by_class=by_class), wires))
    return Parts(
        unit_cost(network.stem.layers),
        blocks,
        {level: unit_cost(unit.layers) for level, unit in network.endpoints.items()},
        {level: unit_cost(unit.layers) for level, unit in network.head.items()},
    )
