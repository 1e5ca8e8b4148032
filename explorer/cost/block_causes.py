"""Causes between two architectures of one scaling, block by block and link by link."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from explorer.architecture.architecture import blocks_by_id
from explorer.architecture.block import Block
from explorer.architecture.links import LinkKind
from explorer.architecture.plan import Plan, plan
from explorer.cost.causes import Cause, Of
from explorer.cost.cost import NOTHING, Cost, LinkCost
from explorer.cost.layers import Tally


def block_causes(before: Cost, after: Cost) -> Iterator[Cause]:
    """Every change from `before` to `after` that costs or saves, and every newly joined link.

    A block that is added, removed, dead, or alive again takes the links into it along; those into
    other blocks are told one by one.
    """
    for cause in _every_cause(_Side.of(before), _Side.of(after)):
        if cause.macs or cause.params or cause.text.endswith(_JOINED):
            yield cause


_JOINED = "joined (unread block)"
"""Such a link is free, but tells why a block without readers still runs."""


def _every_cause(one: _Side, two: _Side) -> Iterator[Cause]:
    for block_id in (*one.known, *(i for i in two.known if i not in one.known)):
        body = _minus(two.bodies.get(block_id, NOTHING), one.bodies.get(block_id, NOTHING))
        old, new = one.wires.get(block_id, []), two.wires.get(block_id, [])
        if block_id in one.network.blocks and block_id in two.network.blocks:
            text = _changed(one.known[block_id], two.known[block_id])
            yield Cause(text, *body, (block_id,), Of.BLOCK)
            yield from _link_causes(one, two, old, new)
        elif block_id in one.network.blocks or block_id in two.network.blocks:
            links = _minus(_sum(new), _sum(old))
            macs, params = body.macs + links.macs, body.params + links.params
            yield Cause(_came_or_went(block_id, one, two), macs, params, (block_id,), Of.BLOCK)
    yield from _endpoint_causes(one, two)


class _Side(NamedTuple):
    """One of the two, with what is asked of it again and again."""

    cost: Cost
    network: Plan
    known: dict[int, Block]
    bodies: dict[int, Tally]
    wires: dict[int, list[LinkCost]]
    """The links into each block, by slot."""

    @classmethod
    def of(cls, cost: Cost) -> _Side:
        wires: dict[int, list[LinkCost]] = {}
        for wire in cost.links:
            wires.setdefault(wire.link.child, []).append(wire)
        network = plan(cost.architecture, *cost.size, cost.with_head)
        return cls(cost, network, dict(blocks_by_id(cost.architecture)), dict(cost.blocks), wires)

    def steps(self, wire: LinkCost) -> int:
        """Levels that a link goes down; up, below zero."""
        return self.known[wire.link.child].level - self.known[wire.link.parent].level


def _minus(one: Tally, two: Tally) -> Tally:
    return Tally(one.macs - two.macs, one.params - two.params)


def _sum(wires: Collection[LinkCost]) -> Tally:
    return Tally(sum(wire.macs for wire in wires), sum(wire.params for wire in wires))


def _changed(old: Block, new: Block) -> str:
    parts = []
    if old.op is not new.op:
        parts.append(f"{new.op}")
    if old.level != new.level:
        parts.append(f"on L{new.level}")
    if old.width != new.width:
        parts.append(f"of width {new.width or 'as the scaling says'}")
    if old.repeats != new.repeats:
        parts.append("repeated as the scaling says" if new.repeats is None else f"×{new.repeats}")
    return f"{new.label} {'now ' + ' '.join(parts) if parts else 'reads a map of another shape'}"


def _came_or_went(block_id: int, one: _Side, two: _Side) -> str:
    if block_id in two.network.blocks:
        block = two.known[block_id]
        return (
            f"{block.label} {'read again' if block_id in one.known else f'added on L{block.level}'}"
        )
    return (
        f"b{block_id} {'no longer reaches an output: dead' if block_id in two.known else 'removed'}"
    )


def _link_causes(
    one: _Side, two: _Side, old: list[LinkCost], new: list[LinkCost]
) -> Iterator[Cause]:
    """Links into one block: those that keep their parent, then the others slot by slot."""
    left, arrived = list(old), []
    for wire in new:
        same = next((gone for gone in left if gone.link.parent == wire.link.parent), None)
        if same is None:
            arrived.append(wire)
        else:
            left.remove(same)
            yield _link_cause(_kept(one, two, same, wire), same, wire)
    for gone, come in zip(left, arrived, strict=False):
        yield _link_cause(f"{_name(come)} in place of b{gone.link.parent}", gone, come)
    for gone in left[len(arrived) :]:
        yield _link_cause(f"{_name(gone)} removed", gone, None)
    for come in arrived[len(left) :]:
        joined = come.link.kind is LinkKind.JOINED
        text = _JOINED if joined else f"added{_way(two.steps(come))}"
        yield _link_cause(f"{_name(come)} {text}", None, come)


def _kept(one: _Side, two: _Side, old: LinkCost, new: LinkCost) -> str:
    """What became of a link between the same two blocks."""
    name, steps = _name(new), two.steps(new)
    if old.link.kind is not new.link.kind:
        joined = new.link.kind is LinkKind.JOINED
        return f"{name} {_JOINED if joined else f'now {new.link.kind}'}"
    if one.steps(old) != steps:
        return f"{name} now{_way(steps) or ' on one level'}"
    sizes = (side.network.blocks[new.link.parent].output.size for side in (one, two))
    return f"{name} {'of another width' if len(set(sizes)) == 1 else 'at another resolution'}"


def _way(steps: int) -> str:
    return f" {'down' if steps > 0 else 'up'} ×{2 ** abs(steps)}" if steps else ""


def _name(wire: LinkCost) -> str:
    return f"link b{wire.link.parent}→b{wire.link.child}"


def _link_cause(text: str, old: LinkCost | None, new: LinkCost | None) -> Cause:
    macs, params = _minus(_sum([new] if new else []), _sum([old] if old else []))
    wire = new or old
    blocks = (wire.link.parent, wire.link.child) if wire else ()
    return Cause(text, macs, params, blocks, Of.LINK)


def _endpoint_causes(one: _Side, two: _Side) -> Iterator[Cause]:
    """Endpoints, and the head's work on them."""
    scaling = two.cost.architecture.scaling
    title = scaling.head.style.words
    reads_old, reads_new = ({b.level: b for b in x.cost.architecture.outputs} for x in (one, two))
    for level in sorted({*one.cost.endpoints, *two.cost.endpoints}):
        blocks = tuple(
            sorted({reads[level].id for reads in (reads_old, reads_new) if level in reads})
        )
        name = scaling.output_name(level)
        if level not in two.cost.endpoints:
            change = "removed"
        elif level not in one.cost.endpoints:
            change = "added"
        else:
            channels = two.network.blocks[reads_new[level].id].output.channels
            change = f"now reads {channels} channels"
        ends = _between(one.cost.endpoints, two.cost.endpoints, level)
        yield Cause(f"{name} endpoint {change}", *ends, blocks, Of.ENDPOINT)
        heads = _between(one.cost.heads, two.cost.heads, level)
        change = f" {change}" if change in ("added", "removed") else ""
        yield Cause(f"{title} head on {name}{change}", *heads, blocks, Of.HEAD)
    shared = two.cost.head_shared_params - one.cost.head_shared_params
    yield Cause("RetinaNet head, shared by all levels", 0, shared, (), Of.HEAD)


def _between(old: Mapping[int, Tally], new: Mapping[int, Tally], level: int) -> Tally:
    return _minus(new.get(level, NOTHING), old.get(level, NOTHING))
