"""What an architecture costs at an image size, in all and by class, part, block and link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError, Problem
from explorer.architecture.layers import LayerKind, Size
from explorer.architecture.links import Link, links
from explorer.architecture.plan import Plan, plan
from explorer.architecture.scaling import Endpoint
from explorer.cost.layers import Tally, UnitCost, unit_cost
from explorer.cost.memory import forward_nbytes

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
    """The head on each level: its multiply-adds there, and the norms that are the level's own."""
    head_shared_params: int
    """The head's convolutions, counted once: they serve every level."""

    @property
    def peak_nbytes(self) -> int:
        """Bytes that a float32 forward on one image holds at most (`explorer.cost.memory`)."""
        network = plan(self.architecture, *self.size, self.with_head)
        return 4 * self.params + forward_nbytes(network)


def supports_head(arch: Architecture) -> bool:
    """Whether a RetinaNet head fits: its convolutions are shared, so all maps need one width.

    >>> from explorer.architecture.scaling import Scaling
    >>> supports_head(Architecture("resnet", (), Scaling(endpoint=Endpoint.NONE)))
    False
    """
    return arch.scaling.endpoint is not Endpoint.NONE


def cost(arch: Architecture, size: int | Size = 640, head: bool = False) -> Cost:
    """What `arch` costs on one image of `size` (pixels; one number for a square).

    Parameters
    ----------
    arch: an architecture without problems.
    size: the side, or (height, width).
    head: also the RetinaNet head that `arch.scaling.head` describes, on every endpoint.

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
    network = plan(arch, height, width, head)
    stem = unit_cost(network.stem.layers)
    bodies = {i: unit_cost(block.body.layers) for i, block in network.blocks.items()}
    wires = [
        (wire.link, unit_cost(wire.unit.layers))
        for block in network.blocks.values()
        for wire in block.links
    ]
    ends = {level: unit_cost(unit.layers) for level, unit in network.endpoints.items()}
    heads = {level: unit_cost(unit.layers) for level, unit in network.head.items()}
    shared = next((one.tally.params - one.norm_params for one in heads.values()), 0)

    fuses = (unit_cost(block.fuse.layers) for block in network.blocks.values())
    counted: list[UnitCost] = [stem, *bodies.values(), *(one for _, one in wires), *ends.values()]
    counted += heads.values()
    by_class = map(sum, zip(*(one.by_class for one in (*counted, *fuses)), strict=True))
    by_part = _by_part(network, stem, bodies, (one for _, one in wires), ends, heads, shared)
    return Cost(
        architecture=arch,
        size=(height, width),
        with_head=head,
        macs=sum(part.macs for part in by_part.values()),
        params=sum(part.params for part in by_part.values()),
        activations=sum(one.activations for one in counted),
        by_class=MappingProxyType(dict(zip(LayerKind, by_class, strict=True))),
        by_part=MappingProxyType(by_part),
        blocks=MappingProxyType(
            {b.id: bodies[b.id].tally if b.id in bodies else NOTHING for b in arch.blocks}
        ),
        links=_links(arch, wires),
        endpoints=MappingProxyType({level: one.tally for level, one in ends.items()}),
        heads=MappingProxyType(
            {level: Tally(one.tally.macs, one.norm_params) for level, one in heads.items()}
        ),
        head_shared_params=shared,
    )


def _by_part(
    network: Plan,
    stem: UnitCost,
    bodies: Mapping[int, UnitCost],
    wires: Iterable[UnitCost],
    ends: Mapping[int, UnitCost],
    heads: Mapping[int, UnitCost],
    shared: int,
) -> dict[str, Tally]:
    inside, outside = [stem], list[UnitCost]()
    for block_id, block in network.blocks.items():
        (inside if block.block.in_stem else outside).append(bodies[block_id])
    head = Tally(
        sum(one.tally.macs for one in heads.values()),
        shared + sum(one.norm_params for one in heads.values()),
    )
    tallies = (_sum(inside), _sum(outside), _sum(wires), _sum(ends.values()), head)
    return dict(zip(PARTS, tallies, strict=True))


def _sum(units: Iterable[UnitCost]) -> Tally:
    macs = params = 0
    for unit in units:
        macs += unit.tally.macs
        params += unit.tally.params
    return Tally(macs, params)


def _links(arch: Architecture, wires: list[tuple[Link, UnitCost]]) -> tuple[LinkCost, ...]:
    """Every link; those into dead blocks, which the plan leaves out, with nothing."""
    run = {(link.child, link.slot): unit.tally for link, unit in wires}
    return tuple(LinkCost(link, *run.get((link.child, link.slot), NOTHING)) for link in links(arch))


def _no_head(arch: Architecture) -> Problem:
    return Problem(
        "head-endpoint",
        f"The RetinaNet head on {arch.name}",
        "outputs without endpoints, each of another width",
        "endpoints of one width, such as an FPN's or a SpineNet's P3 to P7",
        "Count it without a head, or choose a network with endpoints.",
    )
