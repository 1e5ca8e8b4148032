"""The parts of a network that have parameters: what each is made of, and its module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from torch import nn

from explorer.architecture.block import Op
from explorer.architecture.links import LinkKind
from explorer.architecture.plan import BlockPlan, LinkPlan, Plan, Unit
from explorer.architecture.scaling import HeadStyle, LinkStyle, Scaling
from explorer.network.bodies import (
    Bottleneck,
    Extra,
    Inverted,
    MBConv,
    Pointwise,
    PyramidConv,
    Residual,
    Sum,
    repeated,
)
from explorer.network.endpoints import EndpointModule
from explorer.network.head import Predictors, Tower
from explorer.network.links import AlphaLink, LateralLink, LeanLink, SeparableLink, TopDownLink
from explorer.network.primitives import Blueprint
from explorer.network.stem import StemModule

MODULES: dict[str, Callable[[Blueprint], nn.Module]] = {
    "stem": StemModule,
    LinkStyle.ALPHA: AlphaLink,
    LinkStyle.SEPARABLE: SeparableLink,
    LinkStyle.LEAN: LeanLink,
    LinkKind.LATERAL: LateralLink,
    LinkKind.TOP_DOWN: TopDownLink,
    Op.BOTTLENECK: partial(repeated, Bottleneck),
    Op.RESIDUAL: partial(repeated, Residual),
    Op.MBCONV: partial(repeated, MBConv),
    Op.INVERTED: partial(repeated, Inverted),
    Op.POINTWISE: partial(repeated, Pointwise),
    Op.EXTRA: partial(repeated, Extra),
    f"fpn {Op.LATERAL}": Sum,
    Op.SMOOTH: PyramidConv,
    Op.COARSE: PyramidConv,
    "endpoint": EndpointModule,
    f"{HeadStyle.RETINANET} head": Tower,
    f"{HeadStyle.SSD} head": Predictors,
}
"""Kind of part -> what makes its module."""

TOWERS = ("class", "box")


class Part(NamedTuple):
    """A part of a network; its parameters are named `{name}.{layer}.{leaf}`."""

    name: str
    kind: str
    blueprint: Blueprint

    def build(self) -> nn.Module:
        """Its module, with values that mean nothing yet."""
        return MODULES[self.kind](self.blueprint)

    @property
    def signature(self) -> str:
        """All that decides what it computes, but the values of its parameters."""
        return f"{self.name}|{self.kind}|{self.blueprint.signature}"


def stem_part(network: Plan) -> Part:
    """The stem's convolution."""
    return _part("stem", network.stem, network.architecture.scaling)


def link_part(wire: LinkPlan, scaling: Scaling) -> Part | None:
    """A link that computes something; None for one that passes its features on."""
    if wire.link.kind in (LinkKind.PLAIN, LinkKind.JOINED):
        return None
    kind = scaling.link_style if wire.link.kind is LinkKind.RESAMPLE else wire.link.kind
    return _part(kind, wire.unit, scaling)


def body_part(step: BlockPlan, scaling: Scaling) -> Part:
    """A block's body."""
    op = step.block.op
    return _part(f"fpn {op}" if op is Op.LATERAL else op, step.body, scaling)


def endpoint_part(unit: Unit, scaling: Scaling) -> Part | None:
    """An endpoint; None where the level's map is the block's own."""
    return _part("endpoint", unit, scaling) if unit.layers else None


def tower_part(network: Plan, tower: str) -> Part:
    """One tower of the head, or SSD's predictors of one kind, for all levels of `network`."""
    layers = tuple(layer for unit in network.head.values() for layer in unit.layers)
    blueprint = Blueprint.of(layers, network.architecture.scaling)
    kind = f"{network.architecture.scaling.head.style} head"
    return Part(f"head.{tower}", kind, blueprint.under(f"{tower}."))


def parts(network: Plan) -> Iterator[Part]:
    """Every part, in the order in which they run."""
    scaling = network.architecture.scaling
    yield stem_part(network)
    for step in network.blocks.values():
        yield from filter(None, (link_part(wire, scaling) for wire in step.links))
        yield body_part(step, scaling)
    yield from filter(None, (endpoint_part(unit, scaling) for unit in network.endpoints.values()))
    if network.head:
        yield from (tower_part(network, tower) for tower in TOWERS)


def _part(kind: str, unit: Unit, scaling: Scaling) -> Part:
    return Part(unit.name, kind, Blueprint.of(unit.layers, scaling))
