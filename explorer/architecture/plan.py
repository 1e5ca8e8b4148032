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
from explorer.architecture.block import PYRAMID_OPS, Block, Op
from explorer.architecture.block_layers import body_layers, stem_layers
from explorer.architecture.errors import ArchitectureError, SizeError
from explorer.architecture.head_layers import endpoint_layers, head_layers
from explorer.architecture.layers import Layers, Size, folded, halved
from explorer.architecture.link_layers import (
    fuse_layers,
    lateral_layers,
    resample_layers,
    top_down_layers,
)
from explorer.architecture.links import Link, LinkKind, dead_blocks, links_into
from explorer.architecture.rules import problems
from explorer.architecture.scaling import (
    Endpoint,
    LinkStyle,
    Norm,
    Padding,
    Scaling,
    level_widths,
)


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
    """The body's first copy projects its shortcut (`coarse` activates its input first, `inverted`
    expands it)."""

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
    head: also the head on every endpoint.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    SizeError: where two parents of a block come out at different sizes; multiples of the scaling's
        `fitting_side` (128 for levels up to 7) always fit.

    >>> from explorer.architecture.example import small
    >>> plan(small(), 256, 256).endpoints[4].output
    Shape(channels=256, height=16, width=16)
    """
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    if min(height, width) < 1:
        raise SizeError(f"The image: found {height}x{width} pixels, expected at least 1x1.")
    scaling = arch.scaling
    layers = _normed(scaling, stem_layers(scaling.stem, scaling.stem_filters, (height, width)))
    stem = Unit("stem", layers, _shape(layers))
    blocks = _blocks(arch, stem, (height, width))
    endpoints = {}
    for block in arch.outputs:
        shape = blocks[block.id].output
        layers = endpoint_layers(
            _endpoint(arch, block), shape.channels, scaling.endpoints_num_filters, shape.size
        )
        layers = _normed(scaling, layers)
        endpoints[block.level] = Unit(
            f"endpoints.{block.level}", layers, _shape(layers) if layers else shape
        )
    heads = {
        level: Unit("head", _head(scaling, level, unit.output), unit.output)
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


def _normed(scaling: Scaling, layers: Layers) -> Layers:
    return folded(layers) if scaling.norm is Norm.FOLDED else layers


def _head(scaling: Scaling, level: int, source: Shape) -> Layers:
    finest = level == scaling.min_level
    return _normed(scaling, head_layers(scaling.head, source.channels, level, source.size, finest))


def _endpoint(arch: Architecture, block: Block) -> Endpoint:
    """An FPN's norm alone serves its own parts; any other block there needs the 1x1 as well."""
    if arch.scaling.endpoint is Endpoint.NORM and block.op not in PYRAMID_OPS:
        return Endpoint.CONV
    return arch.scaling.endpoint


def _blocks(arch: Architecture, stem: Unit, image: Size) -> dict[int, BlockPlan]:
    """Every live block, in execution order."""
    dead, into = dead_blocks(arch), links_into(arch)
    widths = level_widths(arch.scaling)
    built: dict[int, BlockPlan] = {}
    for block in arch.blocks:
        if block.id not in dead:
            built[block.id] = _block_plan(
                arch.scaling, widths, block, into[block.id], built, stem, image
            )
    return built


def _block_plan(
    scaling: Scaling,
    widths: tuple[int, ...],
    block: Block,
    into: tuple[Link, ...],
    built: Mapping[int, BlockPlan],
    stem: Unit,
    image: Size,
) -> BlockPlan:
    """One block whose parents are built."""
    block_id, op, level = block.id, block.op, block.level
    pyramid = op in PYRAMID_OPS
    width = scaling.endpoints_num_filters if pyramid else block.width or widths[level]
    c_out = scaling.expansion * width if op is Op.BOTTLENECK else width
    ready = []
    for link in into:
        kind, parent = link.kind, built[link.parent]
        if kind is LinkKind.RESAMPLE:
            unit = _resample(scaling, link, parent, level, c_out, image)
        elif kind is LinkKind.PLAIN or kind is LinkKind.JOINED:
            unit = Unit(f"blocks.{block_id}.{kind}{link.slot}", (), parent.body.output)
        else:
            unit = _pyramid_link(link, parent, level, width, image)
        ready.append(LinkPlan(link, unit))
    source = ready[0].unit.output if ready else stem.output
    for other in ready:
        if other.unit.output != source:
            raise SizeError(_mismatch(block, ready[0], other, scaling.fitting_side))
    c_in, size = source.channels, source[1:]
    fused = block.resampled and not pyramid
    fuse = Unit(f"blocks.{block_id}.fuse", fuse_layers(c_in, len(ready) or 1, fused, size), source)
    stride, project = (
        (1, op is Op.INVERTED) if fused else _entry(scaling, block, into, built, c_in, c_out)
    )
    target = size if stride == 1 else halved(size)
    repeats = block.repeats or scaling.block_repeats
    layers = body_layers(op, c_in, width, stride, project, repeats, size, target, scaling.expansion)
    body = Unit(f"blocks.{block_id}.body", _normed(scaling, layers), Shape(c_out, *target))
    return BlockPlan(block, tuple(ready), fuse, body, project)


def _entry(
    scaling: Scaling,
    block: Block,
    into: tuple[Link, ...],
    built: Mapping[int, BlockPlan],
    c_in: int,
    c_out: int,
) -> tuple[int, bool]:
    """How a block reads a plain input: the stride of its first copy, and whether that projects.

    For `coarse`, whether its input is activated first; for `inverted`, whether it is expanded.
    """
    parent = built[into[0].parent].block if into else None
    if block.op is Op.COARSE:
        return 2, parent is not None and parent.op is Op.COARSE
    if block.op in PYRAMID_OPS:
        return 1, False
    from_level = parent.level if parent else scaling.stem_level
    stride = 2 ** (block.level - from_level)
    if block.op is Op.INVERTED:
        return stride, parent is not None and parent.op is not Op.POINTWISE
    new_stage = scaling.stage_projection and (stride > 1 or parent is None)
    return stride, c_in != c_out or stride > 1 or new_stage


def _resample(
    scaling: Scaling, link: Link, parent: BlockPlan, level: int, c_target: int, image: Size
) -> Unit:
    """A link that rescales and projects. A bottleneck's own width is the narrow one."""
    channels, height, width = parent.body.output
    source, steps = (height, width), level - parent.block.level
    size = halved(source, steps) if steps >= 0 else _upsampled(source, level, image)
    bottleneck = parent.block.op is Op.BOTTLENECK
    narrow = channels // scaling.expansion if bottleneck else channels
    # Of a lean link the target's channels decide, so that it is the same for any parent.
    basis = c_target if scaling.link_style is LinkStyle.LEAN else narrow
    squeezed = int(basis * scaling.resample_alpha)
    one_pool = scaling.padding is Padding.TF1
    layers = resample_layers(
        scaling.link_style, channels, squeezed, c_target, steps, source, size, one_pool
    )
    name = f"blocks.{link.child}.resample{link.slot}"
    return Unit(name, _normed(scaling, layers), Shape(c_target, *size))


def _pyramid_link(link: Link, parent: BlockPlan, level: int, filters: int, image: Size) -> Unit:
    """FPN: a 1x1 convolution on the same level, or upsampling from the level above."""
    source = parent.body.output
    if link.kind is LinkKind.LATERAL:
        layers = lateral_layers(source.channels, filters, source.size)
        return Unit(f"blocks.{link.child}.lateral", layers, Shape(filters, *source.size))
    size = _upsampled(source.size, level, image)
    layers = top_down_layers(filters, size)
    return Unit(f"blocks.{link.child}.top_down{link.slot}", layers, Shape(filters, *size))


def _upsampled(source: Size, level: int, image: Size) -> Size:
    """Nearest upsampling by a whole factor; the widths decide it, the height follows (official)."""
    factor = max(1, -(-image[1] // 2**level) // source[1])
    return source[0] * factor, source[1] * factor


def _mismatch(block: Block, first: LinkPlan, other: LinkPlan, side: int) -> str:
    one, two = first.unit.output, other.unit.output
    return (
        f"Block {block.id} on L{block.level}: its parents come out at different sizes "
        f"(b{first.link.parent} {one.channels}x{one.height}x{one.width}, b{other.link.parent} "
        f"{two.channels}x{two.height}x{two.width}). Choose an image height and width that are "
        f"multiples of {side}."
    )


def _shape(layers: Layers) -> Shape:
    last = layers[-1]
    return Shape(last.out_channels, last.height, last.width)
