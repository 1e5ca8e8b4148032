"""What an architecture costs at an image size, in all and by class, part, block and link."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError, Problem
from explorer.architecture.layers import LayerKind, Size
from explorer.architecture.links import Link, links_into
from explorer.architecture.plan import plan
from explorer.architecture.scaling import HeadStyle
from explorer.cost.layers import Tally
from explorer.cost.memory import forward_nbytes
from explorer.cost.parts import parts

NOTHING = Tally(0, 0)
PARTS = ("stem", "blocks", "links", "endpoints", "head")


class LinkCost(NamedTuple):
    """A link, and the multiply-adds and parameters on it."""

    link: Link
    macs: int
    params: int


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one network on one image. Multiply-adds are those of convolutions.

    The literature's "FLOPs" are these multiply-adds (one multiply-add is one). Dead blocks, and
    links into them, are listed with nothing: they are not run.
    """

    architecture: Architecture
    size: Size
    with_head: bool
    macs: int
    params: int
    """Trainable: weights and biases of convolutions, gamma and beta of norms."""
    activations: int
    """Elements that all convolutions give (Radosavovic et al. 2020)."""
    by_class: Mapping[LayerKind, int]
    """Multiply-adds of the convolutions; element operations of each other kind of layer
    (`explorer.cost.layers` says how each is counted)."""
    by_part: Mapping[str, Tally]
    """`stem` (its convolution and the blocks that belong to it), `blocks`, `links`, `endpoints`,
    `head`: they add up to the whole."""
    blocks: Mapping[int, Tally]
    """Every block's body by id, in execution order, those of the stem too."""
    links: tuple[LinkCost, ...]
    endpoints: Mapping[int, Tally]
    """By level."""
    heads: Mapping[int, Tally]
    """The head on each level: its multiply-adds there, and the parameters that are the level's own
    (RetinaNet's norms, all of SSD's)."""
    head_shared_params: int
    """The convolutions of RetinaNet's head, counted once: they serve every level."""

    @property
    def peak_nbytes(self) -> int:
        """Bytes that a float32 forward on one image holds at most (`explorer.cost.memory`)."""
        network = plan(self.architecture, *self.size, self.with_head)
        return 4 * self.params + forward_nbytes(network)


def supports_head(arch: Architecture) -> bool:
    """Whether the head fits: RetinaNet's convolutions are shared, so all maps need one width.

    >>> from explorer.architecture.scaling import Endpoint, Scaling
    >>> supports_head(Architecture("resnet", (), Scaling(endpoint=Endpoint.NONE)))
    False
    """
    return arch.scaling.feeds_head


def cost(arch: Architecture, size: int | Size = 640, head: bool = False) -> Cost:
    """What `arch` costs on one image of `size` (pixels; one number for a square).

    Parameters
    ----------
    arch: an architecture without problems.
    size: the side, or (height, width).
    head: also the head that `arch.scaling.head` describes, on every endpoint.

    Raises
    ------
    ArchitectureError: where `arch` has problems, or a head is asked for and does not fit.
    SizeError: where the maps of some block do not meet at this size.

    >>> from explorer.architecture.block import Block, Op
    >>> one = Block(0, Op.BOTTLENECK, 3, is_output=True, resampled=False)
    >>> cost(Architecture("one", (one,)), 128).macs
    143392768
    """
    height, width = (size, size) if isinstance(size, int) else size
    return _cost(arch, height, width, head)


@lru_cache(maxsize=1024)
def _cost(arch: Architecture, height: int, width: int, head: bool) -> Cost:
    if head and not supports_head(arch):
        raise ArchitectureError((_no_head(arch),))
    stem, run, ends, heads = parts(arch, height, width, head)
    tallies: dict[str, list[Tally]] = {part: [] for part in PARTS}
    tallies["stem"].append(stem.tally)
    counted = [stem, *ends.values(), *heads.values()]
    blocks = dict.fromkeys((block.id for block in arch.blocks), NOTHING)
    on_links: list[Tally] = tallies["links"]
    wires: list[LinkCost] = []
    for block, body, links in run:
        counted.append(body)
        tallies["stem" if block.in_stem else "blocks"].append(body.tally)
        blocks[block.id] = body.tally
        for link, one in links:
            tally = one.tally
            counted.append(one)
            on_links.append(tally)
            wires.append(LinkCost(link, *tally))
    if len(run) < len(arch.blocks):
        wires = _with_dead(arch, wires)
    if arch.scaling.head.style is HeadStyle.SSD:
        own, shared = {level: one.tally for level, one in heads.items()}, 0
    else:
        own = {level: Tally(one.tally.macs, one.norm_params) for level, one in heads.items()}
        shared = next((one.tally.params - one.norm_params for one in heads.values()), 0)
    tallies["endpoints"] += (one.tally for one in ends.values())
    tallies["head"] += (Tally(0, shared), *own.values())

    by_part = {part: _sum(found) for part, found in tallies.items()}
    by_class = map(sum, zip(*(one.by_class for one in counted), strict=True))
    macs, params = _sum(by_part.values())
    return Cost(
        architecture=arch,
        size=(height, width),
        with_head=head,
        macs=macs,
        params=params,
        activations=sum(one.activations for one in counted),
        by_class=MappingProxyType(dict(zip(LayerKind, by_class, strict=True))),
        by_part=MappingProxyType(by_part),
        blocks=MappingProxyType(blocks),
        links=tuple(wires),
        endpoints=MappingProxyType({level: one.tally for level, one in ends.items()}),
        heads=MappingProxyType(own),
        head_shared_params=shared,
    )


def _sum(tallies: Collection[Tally]) -> Tally:
    return Tally(*map(sum, zip(*tallies, strict=True))) if tallies else NOTHING


def _with_dead(arch: Architecture, wires: list[LinkCost]) -> list[LinkCost]:
    """Links into dead blocks, with nothing, in their place among the others."""
    run = {(wire.link.child, wire.link.slot): wire for wire in wires}
    every = (link for into in links_into(arch).values() for link in into)
    return [run.get((link.child, link.slot), LinkCost(link, *NOTHING)) for link in every]


def _no_head(arch: Architecture) -> Problem:
    return Problem(
        "head-endpoint",
        f"The RetinaNet head on {arch.name}",
        "outputs without endpoints, each of another width",
        "endpoints of one width, such as an FPN's or a SpineNet's P3 to P7",
        "Count it without a head, or choose a network with endpoints.",
    )
