"""Each part of a plan as the call that makes it, or applies it, in an exported file.

Channels come from the plan's layers; nothing is worked out anew.
"""

from __future__ import annotations

import math
from itertools import groupby

from explorer.architecture.block import Op
from explorer.architecture.errors import FormatError
from explorer.architecture.layers import Layer, LayerKind, Layers
from explorer.architecture.links import LinkKind
from explorer.architecture.plan import BlockPlan, LinkPlan, Plan, Shape, Unit
from explorer.architecture.scaling import Head
from explorer.network.export.code import Call, Expression

RARE = 0.01
"""The probability at which class predictions start (focal loss, Lin et al. 2017)."""


def stem_module(network: Plan) -> Call:
    """`Stem(64)`."""
    layers = _named(network.stem.layers)
    kind = "Stem" if "pool" in layers else "MobileStem"
    return Call(f"{kind}(", (str(layers["conv1"].out_channels),))


def block_module(step: BlockPlan) -> Call:
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
    links = Call("links=[", tuple(_resample(wire) for wire in resampled), "]")
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
    """`Tower(256, 256, convs=4, outputs=819, levels=(3, 4, 5, 6, 7), start=-4.6)`."""
    levels = tuple(network.head)
    first = network.endpoints[levels[0]].output.channels
    outputs = head.num_anchors * (head.num_classes if tower == "class" else 4)
    items = (
        *(str(first), str(head.num_filters)),
        *(f"convs={head.num_convs}", f"outputs={outputs}", f"levels={levels}"),
    )
    start = -math.log((1 - RARE) / RARE)
    return Call("Tower(", (*items, f"start={start:.6f}") if tower == "class" else items)


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


def _copy(op: Op, layers: Layers) -> Call:
    named = _named(layers)
    if op is Op.MBCONV:
        first, reduce, last = named["conv0"], named["se.reduce"], named["conv2"]
        numbers = (first.in_channels, first.out_channels, reduce.out_channels, last.out_channels)
        items = [str(number) for number in numbers]
        strided = named["conv1"]
    elif op in (Op.BOTTLENECK, Op.RESIDUAL):
        first = named["conv1"]
        items = [str(first.in_channels), str(first.out_channels)]
        strided = named["conv2"] if op is Op.BOTTLENECK else first
    else:
        raise FormatError(
            f"A {op} block: found no words for it in a file of PyTorch, expected bottleneck, "
            "residual, mbconv or a part of an FPN. Save the network as JSON instead."
        )
    items += [f"stride={strided.stride}"] if strided.stride > 1 else []
    items += ["project=True"] if op is not Op.MBCONV and "conv0" in named else []
    name = {Op.BOTTLENECK: "Bottleneck", Op.RESIDUAL: "Residual", Op.MBCONV: "MBConv"}[op]
    return Call(f"{name}(", tuple(items))


def _resample(wire: LinkPlan) -> Call:
    """`Resample(1024, 128, 512, up=True)`, `SeparableResample(24, 40, down=2)`."""
    layers = _named(wire.unit.layers)
    expand = layers["expand.conv"]
    items = [str(expand.out_channels)]
    down = sum(
        layer.kind is LayerKind.POOL or (layer.kind is LayerKind.CONVOLUTION and layer.stride > 1)
        for layer in wire.unit.layers
    )
    items += [f"down={down}"] if down else []
    items += ["up=True"] if "up" in layers else []
    if "squeeze.conv" in layers:
        squeeze = layers["squeeze.conv"]
        return Call("Resample(", (str(squeeze.in_channels), str(squeeze.out_channels), *items))
    return Call("SeparableResample(", (str(expand.in_channels), *items))
