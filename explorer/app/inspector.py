"""What is known of the selected block or link, without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from explorer.app.state import Desk
from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.errors import ExplorerError
from explorer.architecture.links import Link, links
from explorer.architecture.paths import block_path_counts
from explorer.architecture.plan import plan
from explorer.architecture.receptive_field import receptive_fields
from explorer.architecture.rules import problems
from explorer.cost.cost import cost
from explorer.cost.layers import Tally
from explorer.cost.units import macs_text, params_text


class Neighbour(NamedTuple):
    """A link of the block as seen from it: the block at its other end, and what the link costs."""

    block: int
    level: int
    kind: str
    cost: str


class BlockFacts(NamedTuple):
    """The selected block in numbers."""

    title: str
    where: str
    shape: str
    receptive_field: str
    paths: str
    body: str
    reads: tuple[Neighbour, ...]
    read_by: tuple[Neighbour, ...]
    problems: tuple[str, ...]


@lru_cache(maxsize=256)
def block_facts(arch: Architecture, block_id: int, size: int) -> BlockFacts:
    """What is known of a block on square images of this side, in pixels."""
    block = arch.block(block_id)
    try:
        network, counted = plan(arch, size, size), cost(arch, size)
    except ExplorerError as error:
        return _uncounted(arch, block_id, str(error))
    wires = {(w.link.child, w.link.slot): Tally(w.macs, w.params) for w in counted.links}
    dead = block_id not in network.blocks
    shape = "none: not run" if dead else "×".join(map(str, network.blocks[block_id].output))
    return BlockFacts(
        _title(block),
        _where(arch, block, dead),
        shape,
        "none" if dead else f"{receptive_fields(arch)[block_id]:,} px",
        _paths_text(block_path_counts(arch).get(block_id, 0)),
        _tally_text(counted.blocks[block_id]),
        tuple(
            _neighbour(arch, link.parent, link, wires)
            for link in links(arch)
            if link.child == block_id
        ),
        tuple(
            _neighbour(arch, link.child, link, wires)
            for link in links(arch)
            if link.parent == block_id
        ),
        (),
    )


def _uncounted(arch: Architecture, block_id: int, reason: str) -> BlockFacts:
    """A block of a network in construction: its own problems, else what is wrong with the whole."""
    block = arch.block(block_id)
    own = tuple(str(one) for one in problems(arch) if one.block == block_id)
    known = {other.id for other in arch.blocks}
    return BlockFacts(
        _title(block),
        _where(arch, block, False),
        "not known",
        "not known",
        "not known",
        "not counted",
        tuple(
            Neighbour(i, arch.block(i).level, "", "not counted")
            for i in block.parents
            if i in known
        ),
        tuple(
            Neighbour(b.id, b.level, "", "not counted")
            for b in arch.blocks
            if block_id in b.parents
        ),
        own or (reason,),
    )


def _title(block: Block) -> str:
    return f"{block.label} · {block.op} · L{block.level}"


def _where(arch: Architecture, block: Block, dead: bool) -> str:
    marks = [
        f"stride {block.stride}",
        f"feeds {arch.scaling.output_name(block.level)}" if block.is_output else "",
        "part of the stem, which stays as it is" if block.in_stem else "",
        "dead: no output can be reached from it, so it is neither run nor counted" if dead else "",
    ]
    return ", ".join(filter(None, marks))


def _neighbour(
    arch: Architecture, other: int, link: Link, wires: Mapping[tuple[int, int], Tally]
) -> Neighbour:
    tally = wires.get((link.child, link.slot), Tally(0, 0))
    text = _tally_text(tally) if tally.params else "no cost"
    return Neighbour(other, arch.block(other).level, link.kind.value, text)


def _paths_text(count: int) -> str:
    return f"{count:,} path{'' if count == 1 else 's'}"


def _tally_text(tally: Tally) -> str:
    return f"{macs_text(tally.macs)} MACs, {params_text(tally.params)} params"


def show_inspector(desk: Desk) -> None:
    """The facts of the selected block on the left, the links into and out of it on the right."""
    facts = block_facts(desk.architecture, desk.block, desk.count_size)
    slot = desk.selected.slot if desk.selected else None
    reads = [
        f"{'**→** ' if place == slot else ''}reads **b{one.block}** (L{one.level}), "
        f"{one.kind} link: {one.cost}"
        for place, one in enumerate(facts.reads)
    ]
    readers = ", ".join(f"**b{one.block}** (L{one.level})" for one in facts.read_by)
    with st.container(key="inspector"):
        left, right = st.columns([5, 4], gap="medium")
        left.markdown(
            f"**{facts.title}** :gray[{facts.where}]  \n"
            f"gives **{facts.shape}** :gray[channels×height×width at {desk.count_size} px]  \n"
            f"sees **{facts.receptive_field}** :gray[receptive field], "
            f"**{facts.paths}** lead here  \n"
            f"costs **{facts.body}** :gray[without its links]"
        )
        right.markdown(
            "  \n".join(
                [
                    *(reads or ["reads the stem"]),
                    f"read by {readers}" if readers else "read by no block",
                ]
            )
        )
        for problem in facts.problems:
            st.warning(problem)
    if desk.selected is None:
        st.caption("Click a block or a link in the drawing to look at it.")
