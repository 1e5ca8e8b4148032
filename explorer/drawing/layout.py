"""Where everything stands: an architecture laid out once, as data that every painter shares.

Across: the order in which blocks run, one place each. Down: a lane for each pyramid level, L2 on
top. A block's height tells its resolution (taller is finer) and its width the channels that it
gives, as in the paper's Fig. 1, turned by a quarter.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from math import sqrt

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import MAX_LEVEL, PYRAMID_OPS, Block, Op
from explorer.architecture.difference import difference
from explorer.architecture.errors import ArchitectureError, ExplorerError, Problem
from explorer.architecture.links import dead_blocks, links
from explorer.architecture.rules import MAX_BLOCKS, problems
from explorer.cost.cost import Cost, cost
from explorer.drawing.colouring import OP_NAMES, Changes, Paint, paint
from explorer.drawing.drawing import (
    Colour,
    Drawing,
    Lane,
    Node,
    Outline,
    Phase,
    Terminal,
)
from explorer.drawing.geometry import outline
from explorer.drawing.key import key
from explorer.drawing.palette import NEUTRAL, level_colour, text_on
from explorer.drawing.wires import PITCH, Places, wires
from explorer.drawing.wording import alt_text, block_lines, map_text

__all__ = ["Colour", "layout"]

LEFT = 62.0
TOP = 30.0
BOTTOM = 6.0
GUTTER = 27.0
HEIGHTS = {1: 58.0, 2: 53.0, 3: 46.0, 4: 39.0, 5: 33.0, 6: 27.0, 7: 22.0, 8: 19.0, 9: 17.0}
"""Of a block by level: each step coarser is lower; four times fewer pixels would be too low."""
OUTLINES = {
    Op.BOTTLENECK: Outline.BOX,
    Op.RESIDUAL: Outline.DIAMOND,
    Op.MBCONV: Outline.ROUND,
    Op.INVERTED: Outline.ROUND,
}
IMAGE_WIDTH = 24.0
MAX_PHASES = 6
"""More stretches than these are told by the lanes alone."""
OUTPUT_WIDTH, OUTPUT_HEIGHT = 30.0, 20.0


def layout(
    arch: Architecture,
    size: int | tuple[int, int] = 640,
    colour: Colour = Colour.LEVEL,
    start: Architecture | None = None,
    carried: tuple[tuple[int, float], ...] = (),
) -> Drawing:
    """The drawing of `arch`: the same value gives the same drawing.

    Parameters
    ----------
    arch: may have problems; these are marked. Levels outside the scaling's own (1 to 7, in SSD to
        9) stand in the nearest lane.
    size: of the image in pixels (a side, or height and width): feature maps and costs in tooltips.
    colour: what colours tell.
    start: the architecture to mark changes against.
    carried: for `Colour.CARRIED`, blocks and the AP50 (0 to 1) that is lost without each.

    Raises
    ------
    ArchitectureError: more blocks than any network may have.

    >>> from explorer.architecture.example import small
    >>> drawing = layout(small())
    >>> [lane.label for lane in drawing.lanes]
    ['L2', 'L3', 'L4', 'L5', 'L6', 'L7']
    >>> drawing.nodes[2].x < drawing.nodes[3].x and drawing.nodes[2].y == drawing.nodes[3].y
    True
    """
    height, width = (size, size) if isinstance(size, int) else size
    return _layout(arch, (height, width), colour, start, carried)


@lru_cache(maxsize=128)
def _layout(
    arch: Architecture,
    size: tuple[int, int],
    colour: Colour,
    start: Architecture | None,
    carried: tuple[tuple[int, float], ...],
) -> Drawing:
    if len(arch.blocks) > MAX_BLOCKS:
        raise ArchitectureError(problems(arch))
    found = problems(arch)
    counted = _counted(arch, size) if not found else None
    changes = Changes.of(difference(start, arch)) if start is not None else None
    colours = paint(arch, links(arch), colour, counted, changes, dict(carried))
    lanes = _lanes(arch)
    nodes = _nodes(arch, size, lanes, colours, counted, changes, found)
    image = _image(arch, size, lanes)
    outputs = _outputs(arch, size, lanes)
    drawn = wires(arch, Places(lanes, image, nodes, outputs), colours, counted, changes)
    return Drawing(
        name=arch.name,
        alt=alt_text(arch),
        colour=colour,
        width=_x(len(nodes)) + 1.45 * _last_gap(arch),
        height=lanes[-1].bottom + BOTTOM,
        left=LEFT,
        lanes=lanes,
        phases=_phases(arch, nodes),
        image=image,
        nodes=nodes,
        outputs=outputs,
        wires=drawn,
        legend=key(nodes, drawn, colours.legend, colour, _shapes(arch)),
        legend_title=colours.title,
        pitch=PITCH,
    )


def _counted(arch: Architecture, size: tuple[int, int]) -> Cost | None:
    """The cost, or None at sizes at which the maps do not meet: the drawing stays."""
    try:
        return cost(arch, size)
    except ExplorerError:
        return None


def _x(column: int) -> float:
    return LEFT + PITCH * (column + 0.5)


def _last_gap(arch: Architecture) -> float:
    """From the last block to the outputs: grows with the drawing, which is shown the smaller."""
    return 50.0 * min(2.6, max(1.0, len(arch.blocks) / 34))


def _shown(arch: Architecture, level: int) -> int:
    return min(max(level, arch.scaling.levels[0]), arch.scaling.levels[-1])


def _lanes(arch: Architecture) -> tuple[Lane, ...]:
    shown = [_shown(arch, block.level) for block in arch.blocks]
    first = min(2, arch.scaling.stem_level, *shown)
    found, top = [], TOP
    for level in range(first, max(MAX_LEVEL, *shown, 0) + 1):
        bottom = top + HEIGHTS[level] + GUTTER
        shaded = level % 2 == 0
        found.append(
            Lane(level, f"L{level}", f"stride {2**level}", top, bottom, level_colour(level), shaded)
        )
        top = bottom
    return tuple(found)


def _shapes(arch: Architecture) -> dict[Outline, str]:
    """What the shapes of this drawing mean, where the usual meaning does not hold."""
    found: dict[Outline, str] = {}
    for op in (Op.INVERTED, Op.POINTWISE, Op.EXTRA):
        shape = OUTLINES.get(op, Outline.OCTAGON)
        kin = [o for o in Op if OUTLINES.get(o, Outline.OCTAGON) is shape]
        there = [o for o in kin if any(block.op is o for block in arch.blocks)]
        if op in there:
            pyramid = any(o in PYRAMID_OPS for o in there)
            names = [OP_NAMES[o] for o in there if o not in PYRAMID_OPS]
            found[shape] = " or ".join(names + (["FPN part"] if pyramid else []))
    return found


def _lane(lanes: tuple[Lane, ...], level: int) -> Lane:
    return lanes[min(max(level, lanes[0].level), lanes[-1].level) - lanes[0].level]


def block_width(channels: int | None) -> float:
    """Width of a block that gives so many channels; the square root keeps wide ones in their place.

    >>> block_width(1024) > block_width(256) > block_width(None)
    True
    """
    return 27.0 + 17.0 * min(1.25, sqrt((channels or 0) / 2048))


def _nodes(
    arch: Architecture,
    size: tuple[int, int],
    lanes: tuple[Lane, ...],
    colours: Paint,
    counted: Cost | None,
    changes: Changes | None,
    found: tuple[Problem, ...],
) -> tuple[Node, ...]:
    # without an output every block is dead: fading all of them would say nothing
    dead = dead_blocks(arch) if arch.outputs else frozenset[int]()
    fed = {block.id: arch.scaling.output_name(block.level) for block in arch.outputs}
    wrong = {problem.block: str(problem) for problem in reversed(found)}
    shapes = _channels(arch, found)
    nodes = []
    for place, block in enumerate(arch.blocks):
        x, y = _x(place + 1), _lane(lanes, block.level).middle
        width, height = block_width(shapes.get(block.id)), HEIGHTS[_shown(arch, block.level)]
        shape = OUTLINES.get(block.op, Outline.OCTAGON)
        fill = colours.blocks.get(block.id, NEUTRAL)
        lines = block_lines(arch, block, size, shapes.get(block.id), counted)
        note = colours.notes.get(block.id)
        if note is not None:
            lines = (*lines, f"AP50 lost without it: {note} points (miniature)")
        problem = wrong.get(block.id)
        nodes.append(
            Node(
                id=block.id,
                label=block.label,
                position=place,
                level=block.level,
                x=x,
                y=y,
                width=width,
                height=height,
                outline=shape,
                corners=outline(shape, x, y, width, height),
                fill=fill,
                text=text_on(fill),
                badge=fed.get(block.id),
                in_stem=block.in_stem,
                dead=block.id in dead,
                changed=changes is not None and block.id in changes.blocks,
                problem=problem,
                tooltip=(*lines, problem) if problem else lines,
                note=note,
            )
        )
    return tuple(nodes)


def _channels(arch: Architecture, found: tuple[Problem, ...]) -> dict[int, int]:
    """Channels that each block gives; those that cannot be told are left out."""
    if any(problem.block is None and problem.code.startswith("scaling") for problem in found):
        return {}
    return {
        block.id: arch.scaling.channels_of(block)
        for block in arch.blocks
        if block.level in arch.scaling.levels
    }


def _image(arch: Architecture, size: tuple[int, int], lanes: tuple[Lane, ...]) -> Terminal:
    level = arch.scaling.stem_level
    lane = _lane(lanes, level)
    lines = (
        f"image {size[0]}×{size[1]}, 3 channels",
        f"stem ({arch.scaling.stem}): {arch.scaling.stem_filters} channels × "
        f"{map_text(level, size)}",
    )
    return Terminal(
        "image",
        level,
        _x(0),
        lane.middle,
        IMAGE_WIDTH,
        HEIGHTS[level],
        NEUTRAL,
        text_on(NEUTRAL),
        lines,
    )


def _outputs(
    arch: Architecture, size: tuple[int, int], lanes: tuple[Lane, ...]
) -> tuple[Terminal, ...]:
    found: list[Terminal] = []
    for block in arch.outputs:
        name = arch.scaling.output_name(block.level)
        fill = level_colour(block.level)
        lines = (f"{name} from {block.label}", f"feature map {map_text(block.level, size)}")
        if any(other.label == name for other in found):
            continue
        found.append(
            Terminal(
                name,
                block.level,
                _x(len(arch.blocks)) + _last_gap(arch),
                _lane(lanes, block.level).middle,
                OUTPUT_WIDTH,
                OUTPUT_HEIGHT,
                fill,
                text_on(fill),
                lines,
                block.id,
            )
        )
    return tuple(found)


def _phases(arch: Architecture, nodes: tuple[Node, ...]) -> tuple[Phase, ...]:
    """Stretches of blocks of one kind, named, where there is more than one kind."""
    stretches = [
        (name, [node for _, node in members])
        for name, members in groupby(
            zip(arch.blocks, nodes, strict=True), key=lambda pair: _phase(pair[0])
        )
    ]
    if len(stretches) > MAX_PHASES:
        return ()
    return tuple(
        Phase(name, members[0].x - PITCH * 0.4, members[-1].x + PITCH * 0.4, TOP - 7.0)
        for name, members in stretches
    )


def _phase(block: Block) -> str:
    if block.op.is_pyramid:
        return "feature pyramid"
    if block.in_stem:
        return "stem"
    return "scale-permuted" if block.resampled else "scale-decreased"
