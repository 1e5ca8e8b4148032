"""What makes an architecture one that can run: one function a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from explorer.architecture.architecture import Architecture, blocks_by_id, positions
from explorer.architecture.block import MAX_LEVEL, MIN_LEVEL, PYRAMID_OPS, Block, Op
from explorer.architecture.errors import Problem
from explorer.architecture.scaling import LinkStyle

MAX_BLOCKS = 2000
MAX_PARENTS = 16
MAX_REPEATS = 64
MAX_NAME = 200

Rule = Callable[[Architecture], Iterator[Problem]]


@lru_cache(maxsize=1024)
def problems(arch: Architecture) -> tuple[Problem, ...]:
    """Everything that keeps `arch` from running, in the order of the rules; () where it is legal.

    A rule about links runs only where the blocks themselves are in order.
    """
    for rules in (_WHOLE, _BLOCKS, _LINKS):
        found = tuple(problem for rule in rules for problem in rule(arch))
        if found:
            return found
    return ()


def stage(problem: Problem) -> int:
    """How far the rules come before this problem: 0 the whole, 1 single blocks, 2 links, outputs.

    >>> stage(Problem("output-missing", "The architecture", "no output", "one", "Mark one."))
    2
    """
    return _STAGE[problem.code]


def ids_text(blocks: Iterable[Block]) -> str:
    """Ids of blocks as people read them: a range where they are in a row; '' for no blocks.

    >>> ids_text(Block(i, Op.RESIDUAL, 3) for i in range(7))
    '0 to 6'
    >>> ids_text([Block(2, Op.RESIDUAL, 3), Block(9, Op.RESIDUAL, 3)])
    '2, 9'
    """
    ids = sorted(block.id for block in blocks)
    if len(ids) > 2 and ids == list(range(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return ", ".join(map(str, ids[:20])) + (", …" if len(ids) > 20 else "")


def plain_step_fits(block: Block, known: Mapping[int, Block], stem_level: int) -> bool:
    """Whether a plain block can take its input as it is: one input, of its level or one finer.

    A parent that is not there counts as fitting: another rule speaks of it.

    >>> finer = Block(0, Op.RESIDUAL, 2, resampled=False)
    >>> plain_step_fits(Block(1, Op.RESIDUAL, 3, (0,), resampled=False), {0: finer}, 2)
    True
    """
    if len(block.parents) > 1:
        return False
    if not block.parents:
        return block.level - stem_level in (0, 1)
    parent = known.get(block.parents[0])
    return parent is None or block.level - parent.level in (0, 1)


def _size(arch: Architecture) -> Iterator[Problem]:
    count = len(arch.blocks)
    if not 1 <= count <= MAX_BLOCKS:
        yield Problem(
            "block-count",
            "The architecture",
            f"{count} blocks",
            f"1 to {MAX_BLOCKS}",
            "Add a block." if count == 0 else "Remove blocks, or split the network.",
        )


def _name(arch: Architecture) -> Iterator[Problem]:
    if len(arch.name) > MAX_NAME or not arch.name.isprintable():
        yield Problem(
            "name-text",
            "The architecture, name",
            f"{ascii(arch.name)[:40]}",
            f"at most {MAX_NAME} printable characters",
            "Choose a name that fits on one line.",
        )


def _scaling(arch: Architecture) -> Iterator[Problem]:
    scaling, head = arch.scaling, arch.scaling.head
    wholes = {
        "block_repeats": (scaling.block_repeats, MAX_REPEATS),
        "endpoints_num_filters": (scaling.endpoints_num_filters, 65536),
        "stem_filters": (scaling.stem_filters, 65536),
        "head.num_convs": (head.num_convs, 64),
        "head.num_filters": (head.num_filters, 65536),
        "head.num_classes": (head.num_classes, 65536),
        "head.num_anchors": (head.num_anchors, 1024),
    }
    for name, (value, most) in wholes.items():
        least = 0 if name == "head.num_convs" else 1
        if not least <= value <= most:
            yield _out_of_range(name, value, f"{least} to {most}")
    for name, factor in (
        ("filter_size_scale", scaling.filter_size_scale),
        ("resample_alpha", scaling.resample_alpha),
    ):
        if not 0.0 < factor <= 64.0:
            yield _out_of_range(name, factor, "above 0, to 64")
    if not 0.0 < scaling.norm_epsilon < 1.0:
        yield _out_of_range("norm_epsilon", scaling.norm_epsilon, "above 0, below 1")
    if not MIN_LEVEL <= scaling.min_level <= scaling.max_level <= MAX_LEVEL:
        yield _out_of_range(
            "min_level, max_level",
            f"{scaling.min_level}, {scaling.max_level}",
            f"{MIN_LEVEL} <= min_level <= max_level <= {MAX_LEVEL}",
        )
    if len(scaling.filters) != MAX_LEVEL + 1 or min(scaling.filters, default=0) < 1:
        yield _out_of_range(
            "filters", scaling.filters, f"{MAX_LEVEL + 1} widths of 1 or more, levels 0 to 7"
        )
    elif 0.0 < scaling.filter_size_scale <= 64.0:
        narrowest = min(scaling.width(level) for level in range(MIN_LEVEL, MAX_LEVEL + 1))
        if narrowest < 1 or max(scaling.filters) * scaling.filter_size_scale > 65536:
            yield _out_of_range(
                "filter_size_scale",
                scaling.filter_size_scale,
                "a width of 1 to 65536 on each level",
            )
        elif scaling.link_style is LinkStyle.ALPHA and 0.0 < scaling.resample_alpha <= 64.0:
            if any(block.op in PYRAMID_OPS for block in arch.blocks):
                narrowest = min(narrowest, scaling.endpoints_num_filters)
            if int(narrowest * scaling.resample_alpha) < 1:
                yield _out_of_range(
                    "resample_alpha",
                    scaling.resample_alpha,
                    f"1 or more channels left of {narrowest}, so {1 / narrowest:.3g} or more",
                )


def _out_of_range(name: str, found: object, expected: str) -> Problem:
    return Problem(
        "scaling-range", f"Scaling, {name}", str(found), expected, "Choose another value."
    )


def _unique_ids(arch: Architecture) -> Iterator[Problem]:
    ids = [block.id for block in arch.blocks]
    if len(set(ids)) == len(ids) and min(ids) >= 0:
        return
    for block_id, count in Counter(ids).items():
        if count > 1:
            yield Problem(
                "id-repeated",
                f"Block {block_id}",
                f"{count} blocks of this id",
                "one",
                "Give each block an id of its own.",
                block_id,
            )
        if block_id < 0:
            yield Problem(
                "id-negative",
                f"Block {block_id}",
                f"id {block_id}",
                "0 or more",
                "Number blocks from 0.",
                block_id,
            )


def _levels(arch: Architecture) -> Iterator[Problem]:
    for block in arch.blocks:
        if not MIN_LEVEL <= block.level <= MAX_LEVEL:
            yield Problem(
                "level-range",
                f"Block {block.id}",
                f"level {block.level}",
                f"{MIN_LEVEL} to {MAX_LEVEL}",
                "Choose a level in this range.",
                block.id,
            )
        repeats = block.repeats
        if repeats is not None and not 1 <= repeats <= MAX_REPEATS:
            yield Problem(
                "repeats-range",
                f"Block {block.id}",
                f"{repeats} repeats",
                f"1 to {MAX_REPEATS}",
                "Choose a number of repeats in this range.",
                block.id,
            )


def _parents_come_earlier(arch: Architecture) -> Iterator[Problem]:
    place = positions(arch)
    circles: dict[int, int] = {}
    for here, block in enumerate(arch.blocks):
        for slot, parent in enumerate(block.parents):
            if place.get(parent, here) < here:
                continue
            where = f"Block {block.id}, parent {slot}"
            if parent == block.id:
                yield Problem(
                    "parent-self",
                    where,
                    f"block {parent} itself",
                    "an earlier block",
                    _earlier(arch, here),
                    block.id,
                )
            elif parent not in place:
                yield Problem(
                    "parent-missing",
                    where,
                    f"block {parent}, which is not there",
                    "the id of an earlier block",
                    _earlier(arch, here),
                    block.id,
                )
            else:
                circles = circles or _circles(arch)
                cycle = circles[parent] == circles[block.id]
                found = f"block {parent}, which comes later in the order"
                yield Problem(
                    "parent-cycle" if cycle else "parent-later",
                    where,
                    f"{found} and reads block {block.id}: a cycle" if cycle else found,
                    "an earlier block",
                    _earlier(arch, here)
                    if cycle
                    else f"Move block {parent} before block {block.id}, or choose another parent.",
                    block.id,
                )


def _circles(arch: Architecture) -> dict[int, int]:
    """For every block a number that it shares with the blocks which it reads and which read it."""
    import networkx  # it takes longer to load than the rest of this package, for a rare case

    graph = networkx.DiGraph([(parent, b.id) for b in arch.blocks for parent in b.parents])
    groups = networkx.strongly_connected_components(graph)
    return {block_id: number for number, group in enumerate(groups) for block_id in group}


def _earlier(arch: Architecture, here: int) -> str:
    """The mend that names the blocks before this place."""
    if here == 0:
        return "It is the first block: disconnect this parent, so that it reads the stem."
    if here > 40:
        return "Choose a block that comes earlier in the order."
    return f"Choose one of {ids_text(arch.blocks[:here])}."


def _parent_counts(arch: Architecture) -> Iterator[Problem]:
    for block in arch.blocks:
        count = len(block.parents)
        if block.op is Op.LATERAL:
            least, most, mend = (
                1,
                2,
                "Leave a block of its own level, then at most one coarser FPN block.",
            )
        elif block.op in PYRAMID_OPS:
            least, most, mend = 1, 1, "Leave one parent, or choose another op."
        elif block.resampled:
            least, most, mend = 1, MAX_PARENTS, "Connect it to an earlier block, or remove it."
        else:
            least, most, mend = 0, 1, "Let it resample its parents, or leave one."
        if not least <= count <= most:
            expected = str(least) if least == most else f"{least} to {most}"
            yield Problem(
                "parent-count",
                f"Block {block.id} ({block.op})",
                f"{count} parents",
                expected,
                mend,
                block.id,
            )


def _stem_first(arch: Architecture) -> Iterator[Problem]:
    inside = [block.in_stem for block in arch.blocks]
    if True in inside[inside.index(False) if False in inside else len(inside) :]:
        late = arch.blocks[len(inside) - 1 - inside[::-1].index(True)]
        yield Problem(
            "stem-order",
            f"Block {late.id}",
            "a stem block after others",
            "stem blocks first",
            "Move it before all other blocks.",
            late.id,
        )


def _plain_steps(arch: Architecture) -> Iterator[Problem]:
    """A plain input keeps its level or shrinks once; FPN parts read what an FPN gives."""
    known = blocks_by_id(arch)
    for block in arch.blocks:
        if block.op in PYRAMID_OPS:
            yield from _pyramid(block, known)
        elif not block.resampled and not plain_step_fits(block, known, arch.scaling.stem_level):
            source = known[block.parents[0]].level if block.parents else arch.scaling.stem_level
            yield Problem(
                "plain-step",
                f"Block {block.id} on L{block.level}",
                f"a plain input from L{source}" + ("" if block.parents else ", the stem's"),
                f"one from L{block.level} or L{block.level - 1}",
                f"Put it on L{source} or L{source + 1}, or let it resample its parents."
                if block.parents
                else f"Put it on L{source} or L{source + 1}, or connect it to an earlier block.",
                block.id,
            )


def _pyramid(block: Block, known: Mapping[int, Block]) -> Iterator[Problem]:
    for slot, parent in enumerate(known[i] for i in block.parents):
        if block.op is Op.LATERAL and slot == 1:
            fits = parent.level > block.level and parent.op.is_pyramid
            expected = f"an FPN block coarser than L{block.level}"
        elif block.op is Op.COARSE:
            fits, expected = parent.level == block.level - 1, f"a block on L{block.level - 1}"
        else:
            fits, expected = parent.level == block.level, f"a block on L{block.level}"
        if not fits:
            yield Problem(
                "pyramid-parent",
                f"Block {block.id} ({block.op}), parent {slot}",
                f"block {parent.id} ({parent.op}) on L{parent.level}",
                expected,
                "Choose another parent, or make this block a bottleneck or residual block.",
                block.id,
            )


def _outputs(arch: Architecture) -> Iterator[Problem]:
    levels = arch.scaling.output_levels
    by_level: dict[int, list[Block]] = {}
    for block in arch.blocks:
        if block.is_output:
            by_level.setdefault(block.level, []).append(block)
    for level, (first, *others) in sorted(by_level.items()):
        for block in others:
            yield Problem(
                "output-repeated",
                f"Block {block.id}, output of L{level}",
                f"a second output on this level, after block {first.id}",
                "one output per level",
                f"Take the output mark off block {first.id} or {block.id}, "
                "or put one of them on another level.",
                block.id,
            )
    if not any(level in levels for level in by_level):
        yield Problem(
            "output-missing",
            "The architecture",
            "no output",
            f"at least one on L{levels.start} to L{levels.stop - 1}",
            "Mark a block on one of these levels as the output of its level.",
        )


_WHOLE: tuple[Rule, ...] = (_size, _name, _scaling, _unique_ids)
_BLOCKS: tuple[Rule, ...] = (_levels, _parents_come_earlier, _parent_counts, _stem_first)
_LINKS: tuple[Rule, ...] = (_plain_steps, _outputs)
_STAGE = {
    **dict.fromkeys(("block-count", "name-text", "scaling-range", "id-repeated", "id-negative"), 0),
    **dict.fromkeys(("level-range", "repeats-range", "parent-count", "stem-order"), 1),
    **dict.fromkeys(("parent-self", "parent-missing", "parent-cycle", "parent-later"), 1),
    **dict.fromkeys(("plain-step", "pyramid-parent", "output-repeated", "output-missing"), 2),
}
