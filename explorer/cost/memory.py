"""An estimate of the memory that a forward needs, from the plan alone."""

from __future__ import annotations

from itertools import pairwise

from explorer.architecture.layers import Layer, Layers
from explorer.architecture.plan import Plan, Shape

FLOAT32 = 4


def forward_nbytes(network: Plan) -> int:
    """Bytes of feature maps held at the worst moment of one forward in float32, batch 1.

    Counted: a block's output from when it is made to its last reader; every endpoint's map to the
    end; the links' maps while they are summed; within a part, the two largest neighbouring layers
    plus the shortcut that waits. Not counted: weights, and what a convolution's own workspace
    takes. A cache of activations keeps more.
    """
    readers = _last_readers(network)
    stem = network.stem
    live = {"stem": _elements(stem.output)}
    peak = _inside(stem.layers, 3 * network.size[0] * network.size[1])
    for place, (block_id, block) in enumerate(network.blocks.items()):
        held = sum(live.values())
        summed = 0
        for wire in block.links:
            source = _elements(network.blocks[wire.link.parent].output)
            peak = max(peak, held + summed + _inside(wire.unit.layers, source))
            summed = 2 * _elements(wire.unit.output) if wire.unit.layers else summed
        entry = _elements(block.fuse.output)
        peak = max(peak, held + entry + _inside(block.body.layers, entry))
        live[str(block_id)] = _elements(block.output)
        for name in [name for name, last in readers.items() if last == place]:
            live.pop(name, None)
    held = sum(live.values())
    for level, end in network.endpoints.items():
        peak = max(peak, held + _inside(end.layers, 0))
        held += _elements(end.output)
        if level in network.head:
            peak = max(peak, held + _inside(network.head[level].layers, _elements(end.output)))
    return FLOAT32 * max(peak, held)


def _last_readers(network: Plan) -> dict[str, int]:
    """The place in the order of the last block that reads each map; outputs are never let go."""
    last: dict[str, int] = {}
    for place, block in enumerate(network.blocks.values()):
        if not block.block.parents:
            last["stem"] = place
        for wire in block.links:
            last[str(wire.link.parent)] = place
    for block_id, block in network.blocks.items():
        if block.block.is_output:
            last.pop(str(block_id), None)
    return last


def _inside(layers: Layers, source: int) -> int:
    """The most that a part holds beside its input: a layer's input and output together.

    A shortcut's layers come first and their result waits, so the first and the widest are added.
    """
    sizes = [source, *(_layer_elements(layer) for layer in layers)]
    pairs = [one + two for one, two in pairwise(sizes)]
    return max(pairs, default=0) + (sizes[1] if len(sizes) > 1 else 0)


def _layer_elements(layer: Layer) -> int:
    return layer.out_channels * layer.height * layer.width


def _elements(shape: Shape) -> int:
    return shape.channels * shape.height * shape.width
