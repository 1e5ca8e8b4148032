"""An architecture resolved at an image size: every part with its layers and shapes.

The one place where shapes are worked out. Cost adds up its layers, the network builds its modules
from it, drawings take sizes from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import ArchitectureError, SizeError
from explorer.architecture.layers import (
    Layers,
    Size,
    body_layers,
    endpoint_layers,
    fuse_layers,
    halved,
    head_layers,
    lateral_layers,
    resample_layers,
    stem_layers,
    top_down_layers,
)
from explorer.architecture.links import Link, LinkKind, dead_blocks, links_into
from explorer.architecture.rules import problems
from explorer.architecture.scaling import Endpoint


class Shape(NamedTuple):
    """Channels, height, width of one feature map."""

    channels: int
    height: int
    width: int

    @property
    def size(self) -> Size:
        """Height and width."""
        return self.height, self.width


class Unit(NamedTuple):
    """A part that is run, counted and cached as one. Full parameter names: `{name}.{layer}`."""

    name: str
    layers: Layers
    output: Shape


class LinkPlan(NamedTuple):
    """A link and what it computes; a plain or joined one has no layers."""

    link: Link
    unit: Unit


class BlockPlan(NamedTuple):
    """A block: its links, their sum (`fuse`), and its body."""

    block: Block
    links: tuple[LinkPlan, ...]
    fuse: Unit
    body: Unit
    project: bool
    """The body's first copy projects its shortcut (for `coarse`: activates its input first)."""

    @property
    def output(self) -> Shape:
        """What later blocks read."""
        return self.body.output


class Plan(NamedTuple):
    """A whole network at one image size. Dead blocks are not in `blocks`."""

    architecture: Architecture
    size: Size
    stem: Unit
    blocks: Mapping[int, BlockPlan]
    """By id, in execution order."""
    endpoints: Mapping[int, Unit]
    """By level, finest first."""
    head: Mapping[int, Unit]
    """By level; empty without a head."""


@lru_cache(maxsize=256)
def plan(arch: Architecture, height: int, width: int, head: bool = False) -> Plan:
    """The network that `arch` describes, on images of this size.

    Parameters
    ----------
    arch: an architecture without problems.
    height, width: of the image, in pixels.
    head: also the RetinaNet head on every endpoint.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    SizeError: where two parents of a block come out at different sizes; multiples of 128 always fit
        for levels up to 7.
    """
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    if min(height, width) < 1:
        raise SizeError(f"The image: found {height}x{width} pixels, expected at least 1x1.")
    scaling = arch.scaling
    layers = stem_layers(scaling.stem, scaling.stem_filters, (height, width))
    stem = Unit("stem", layers, _shape(layers))
    dead = dead_blocks(arch)
    into = links_into(arch)
    blocks: dict[int, BlockPlan] = {}
    for block in arch.blocks:
        if block.id not in dead:
            target = (-(-height // block.stride), -(-width // block.stride))
            blocks[block.id] = _block_plan(arch, block, into[block.id], stem, blocks, target)
    endpoints = {}
    for block in arch.outputs:
        shape = blocks[block.id].output
        layers = endpoint_layers(
            _endpoint(arch, block), shape.channels, scaling.endpoints_num_filters, shape.size
        )
        endpoints[block.level] = Unit(
            f"endpoints.{block.level}", layers, _shape(layers) if layers else shape
        )
    heads = {
        level: Unit(
            "head",
            head_layers(scaling.head, unit.output.channels, level, unit.output.size),
            unit.output,
        )
        for level, unit in (endpoints.items() if head else ())
    }
    return Plan(
        arch,
        (height, width),
        stem,
        MappingProxyType(blocks),
        MappingProxyType(endpoints),
        MappingProxyType(heads),
    )


def _endpoint(arch: Architecture, block: Block) -> Endpoint:
    """An FPN's norm alone serves its own parts; any other block there needs the 1x1 as well."""
    if arch.scaling.endpoint is Endpoint.NORM and not block.op.is_pyramid:
        return Endpoint.CONV
    return arch.scaling.endpoint


def _block_plan(
    arch: Architecture,
    block: Block,
    into: tuple[Link, ...],
    stem: Unit,
    built: Mapping[int, BlockPlan],
    target: Size,
) -> BlockPlan:
    """One block whose parents are built. `target` is the map of its level, rounded up."""
    scaling = arch.scaling
    name = f"blocks.{block.id}"
    c_out = scaling.out_channels(block.op, block.level)
    ready = tuple(
        LinkPlan(link, _link_unit(arch, block, link, built[link.parent], target)) for link in into
    )
    source = ready[0].unit.output if ready else stem.output
    for other in ready[1:]:
        if other.unit.output != source:
            raise SizeError(_mismatch(block, ready[0], other))
    fused = block.resampled and not block.op.is_pyramid
    fuse = Unit(
        f"{name}.fuse",
        fuse_layers(source.channels, max(len(ready), 1), fused, source.size),
        source,
    )
    if fused or block.op is Op.LATERAL or block.op is Op.SMOOTH:
        stride, project, size = 1, False, source.size
    elif block.op is Op.COARSE:
        parent = arch.block(block.parents[0])
        stride, project, size = 2, parent.op is Op.COARSE, halved(source.size)
    else:
        from_level = arch.block(block.parents[0]).level if block.parents else scaling.stem_level
        stride = 2 ** (block.level - from_level)
        new_stage = scaling.stage_projection and (stride > 1 or not block.parents)
        project = source.channels != c_out or stride > 1 or new_stage
        size = halved(source.size, block.level - from_level)
    width = c_out if block.op.is_pyramid else scaling.width(block.level)
    layers = body_layers(
        block.op,
        source.channels,
        width,
        stride,
        project,
        block.repeats or scaling.block_repeats,
        source.size,
        size,
    )
    return BlockPlan(block, ready, fuse, Unit(f"{name}.body", layers, Shape(c_out, *size)), project)


def _link_unit(
    arch: Architecture, block: Block, link: Link, parent: BlockPlan, target: Size
) -> Unit:
    scaling = arch.scaling
    source = parent.output
    if link.kind in (LinkKind.PLAIN, LinkKind.JOINED):
        return Unit(f"blocks.{block.id}.{link.kind}{link.slot}", (), source)
    steps = block.level - parent.block.level
    size = halved(source.size, steps) if steps >= 0 else _upsampled(source.size, target)
    filters = scaling.endpoints_num_filters
    if link.kind is LinkKind.LATERAL:
        layers = lateral_layers(source.channels, filters, size)
        return Unit(f"blocks.{block.id}.lateral", layers, Shape(filters, *size))
    if link.kind is LinkKind.TOP_DOWN:
        return Unit(
            f"blocks.{block.id}.top_down{link.slot}",
            top_down_layers(filters, size),
            Shape(filters, *size),
        )
    narrow = source.channels // 4 if parent.block.op is Op.BOTTLENECK else source.channels
    c_in = scaling.out_channels(block.op, block.level)
    layers = resample_layers(
        scaling.link_style,
        source.channels,
        int(narrow * scaling.resample_alpha),
        c_in,
        steps,
        source.size,
        size,
    )
    return Unit(f"blocks.{block.id}.resample{link.slot}", layers, Shape(c_in, *size))


def _upsampled(source: Size, target: Size) -> Size:
    """Nearest upsampling by a whole factor; the widths decide it, the height follows (official)."""
    factor = max(1, target[1] // source[1])
    return source[0] * factor, source[1] * factor


def _mismatch(block: Block, first: LinkPlan, other: LinkPlan) -> str:
    one, two = first.unit.output, other.unit.output
    return (
        f"Block {block.id} on L{block.level}: its parents come out at different sizes "
        f"(b{first.link.parent} {one.channels}x{one.height}x{one.width}, b{other.link.parent} "
        f"{two.channels}x{two.height}x{two.width}). Choose an image height and width that are "
        "multiples of 128."
    )


def _shape(layers: Layers) -> Shape:
    last = layers[-1]
    return Shape(last.out_channels, last.height, last.width)
