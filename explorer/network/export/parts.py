"""Each part of a plan as the call that makes it, or applies it, in an exported file.

Channels come from the plan's layers; nothing is worked out anew.
"""

from __future__ import annotations

import math
from itertools import groupby

from explorer.architecture.block import Op
from explorer.architecture.layers import Layer, LayerKind, Layers
from explorer.architecture.links import LinkKind
from explorer.architecture.plan import BlockPlan, LinkPlan, Plan, Shape, Unit
from explorer.architecture.scaling import Head, HeadStyle, LinkStyle
from explorer.network.export.code import Call, Expression

RARE = 0.01
"""The probability at which class predictions start (focal loss, Lin et al. 2017)."""


def stem_module(network: Plan) -> Call:
    """`Stem(64)`."""
    layers = _named(network.stem.layers)
    kind = "Stem" if "pool" in layers else "MobileStem"
    if "unshuffle" in layers:
        kind = "MiniatureStem"
    return Call(f"{kind}(", (str(layers["conv1"].out_channels),))


def block_module(step: BlockPlan, style: LinkStyle) -> Call:
    """`Block(Bottleneck(256, 64), links=[…])` and the like."""
    op = step.block.op
    if op is Op.LATERAL:
        conv = step.links[0].unit.layers[0]
        return Call("Lateral(", (str(conv.in_channels), str(conv.out_channels)))
    if op.is_pyramid:
        conv = _named(step.body.layers)["conv"]
        items = [str(conv.in_channels), str(conv.out_channels)]
        items += [f"stride={conv.stride}"] if conv.stride > 1 else []
        return Call("PyramidConv(", (*items, *(["activates=True"] if step.project else [])))
    body = _body(op, step.body.layers)
    resampled = [wire for wire in step.links if wire.link.kind is LinkKind.RESAMPLE]
    if not resampled:
        return Call("Plain(", body)
    links = Call("links=[", tuple(_resample(wire, style) for wire in resampled), "]")
    return Call("Block(", (*body, links))


def applied(step: BlockPlan) -> Call:
    """`block["5"](b2, b4, width=-(-w // 16))`."""
    block = step.block
    wires = {kind: [w for w in step.links if w.link.kind is kind] for kind in LinkKind}
    joined = [f"b{wire.link.parent}" for wire in wires[LinkKind.JOINED]]
    items: list[Expression] = [
        f"b{wire.link.parent}" for wire in step.links if wire.link.kind is not LinkKind.JOINED
    ] or ["x"]
    if joined:
        comma = "," if len(joined) == 1 else ""
        items.append(Call("joined=(", tuple(joined), f"{comma})"))
    if any(layer.kind is LayerKind.RESIZE for wire in step.links for layer in wire.unit.layers):
        items.append(f"width=-(-w // {block.stride})")
    return Call(f'block["{block.id}"](', tuple(items))


def endpoint_module(unit: Unit) -> Call:
    """`Endpoint(1024, 256)`, or `EndpointNorm(256)`."""
    layers = _named(unit.layers)
    if "conv" not in layers:
        return Call("EndpointNorm(", (str(layers["bn"].out_channels),))
    conv = layers["conv"]
    return Call("Endpoint(", (str(conv.in_channels), str(conv.out_channels)))


def tower_module(network: Plan, tower: str, head: Head) -> Call:
    """`Tower(256, 256, convs=4, outputs=819, levels=(3, 4, 5, 6, 7), start=-4.6)`.

    For an SSD `Predictors((4, 576, 273), (5, 1280, 546), start=-4.6)`.
    """
    levels = tuple(network.head)
    start = [f"start={-math.log((1 - RARE) / RARE):.6f}"] if tower == "class" else []
    if head.style is HeadStyle.SSD:
        last = {level: _named(unit.layers) for level, unit in network.head.items()}
        ends = [(level, last[level][f"{tower}.{level}.predict"]) for level in levels]
        items = [str((level, one.in_channels, one.out_channels)) for level, one in ends]
        return Call("Predictors(", (*items, *start))
    first = network.endpoints[levels[0]].output.channels
    outputs = head.num_anchors * (head.num_classes if tower == "class" else 4)
    items = [str(first), str(head.num_filters)]
    items += [f"convs={head.num_convs}", f"outputs={outputs}", f"levels={levels}"]
    return Call("Tower(", (*items, *start))


def shape_text(shape: Shape, level: int) -> str:
    """A shape at any image size.

    >>> shape_text(Shape(256, 16, 16), 3)
    '(N, 256, H/8, W/8)'
    """
    return f"(N, {shape.channels}, H/{2**level}, W/{2**level})"


def _named(layers: Layers) -> dict[str, Layer]:
    return {layer.name: layer for layer in layers}


def _body(op: Op, layers: Layers) -> tuple[Expression, ...]:
    """The copies of a block; those that are equal in one expression."""
    copies: dict[str, list[Layer]] = {}
    for layer in layers:
        number, _, name = layer.name.partition(".")
        copies.setdefault(number, []).append(layer._replace(name=name))
    calls = [str(_copy(op, tuple(copy))) for copy in copies.values()]
    items = []
    for call, equal in groupby(calls):
        count = len(list(equal))
        items.append(f"*({call} for _ in range({count}))" if count > 1 else call)
    return tuple(items)


_WIDTHS: dict[Op, tuple[tuple[str, bool], ...]] = {
    Op.BOTTLENECK: (("conv1", False), ("conv1", True)),
    Op.RESIDUAL: (("conv1", False), ("conv1", True)),
    Op.MBCONV: (("conv0", False), ("conv0", True), ("se.reduce", True), ("conv2", True)),
    Op.INVERTED: (("conv0", False), ("conv1", True), ("conv2", True)),
    Op.POINTWISE: (("conv", False), ("conv", True)),
    Op.EXTRA: (("conv0", False), ("conv1", True), ("conv2", True)),
}
"""The numbers that each op's class takes: of which layer, and whether its outputs."""
_STRIDED = {Op.BOTTLENECK: "conv2", Op.POINTWISE: "conv"}
_CLASSES = {Op.MBCONV: "MBConv"}


def _copy(op: Op, layers: Layers) -> Call:
    """`Bottleneck(256, 64, stride=2, project=True)`."""
    named = _named(layers)
    items = []
    for name, outputs in _WIDTHS[op]:
        layer = named.get(name, named.get("conv1"))  # an inverted block may have no conv0
        if layer is not None:
            items.append(str(layer.out_channels if outputs else layer.in_channels))
    stride = named[_STRIDED.get(op, "conv1")].stride
    items += [f"stride={stride}"] if stride > 1 else []
    projects = op in (Op.BOTTLENECK, Op.RESIDUAL) and "conv0" in named
    items += ["project=True"] if projects else []
    if op is Op.BOTTLENECK and (times := _times(named)) != 4:
        items.append(f"expansion={times}")
    return Call(f"{_CLASSES.get(op, op.title())}(", tuple(items))


def _times(bottleneck: dict[str, Layer]) -> int:
    """How many times its own width a bottleneck gives."""
    return bottleneck["conv3"].out_channels // bottleneck["conv3"].in_channels


def _resample(wire: LinkPlan, style: LinkStyle) -> Call:
    """`Resample(1024, 128, 512, up=True)`, `SeparableResample(24, 40, down=2)`."""
    layers = _named(wire.unit.layers)
    expand = layers["expand.conv"]
    items = [str(expand.out_channels)]
    shrinking = (LayerKind.POOL, LayerKind.CONVOLUTION)
    down = sum(
        layer.stride.bit_length() - 1 for layer in wire.unit.layers if layer.kind in shrinking
    )
    items += [f"down={down}"] if down else []
    items += ["up=True"] if "up" in layers else []
    if "squeeze.conv" in layers:
        squeeze = layers["squeeze.conv"]
        kind = "LeanResample" if style is LinkStyle.LEAN else "Resample"
        return Call(f"{kind}(", (str(squeeze.in_channels), str(squeeze.out_channels), *items))
    return Call("SeparableResample(", (str(expand.in_channels), *items))
