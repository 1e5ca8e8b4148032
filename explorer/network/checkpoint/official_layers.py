"""The layers of the official networks, in the order in which the official code creates them.

Keras numbers layers of a class as they are created: `conv2d`, `conv2d_1`, …. A layer that the
finished model does not need is dropped, and its number is missing. So the layers of a stored model,
sorted by number, are those of the live network in its own order: the stem, then block by block the
links and the body, then the endpoints. Source: tensorflow/models `official/vision/modeling/`
backbones/spinenet.py, spinenet_mobile.py, resnet.py, and decoders/fpn.py.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.network.official_names import Parameter, parameters

_BODIES = {
    Op.BOTTLENECK: "bottleneck_block",
    Op.RESIDUAL: "residual_block",
    Op.MBCONV: "inverted_bottleneck_block",
}
_BLOCK = re.compile(r"blocks\.(\d+)\.")
_COPY = re.compile(r"blocks\.\d+\.body\.\d+\.(?P<inside>.+)")
_PYRAMID = re.compile(r"fpn\.(lateral|post_hoc|coarse|bn)\.(\d)\.")
_PYRAMID_KIND = {"lateral": "lateral", "post_hoc": "post_hoc", "coarse": "coarser", "bn": "norm"}


class OfficialLayer(NamedTuple):
    """A layer with weights.

    `kind` is Keras's name without its number; for the parts of an FPN, which have names of their
    own, the whole name. `name` begins its parameters' official names. `block` is the id of the
    block that it belongs to, None for the stem's convolution and the endpoints.
    """

    kind: str
    name: str
    block: int | None


def creation_order(arch: Architecture) -> tuple[OfficialLayer, ...]:
    """Every layer with weights of the live network, in the official code's order.

    Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.block import Block
    >>> from explorer.architecture.scaling import Scaling
    >>> block = Block(0, Op.RESIDUAL, 2, is_output=True, resampled=False, in_stem=True)
    >>> arch = Architecture("one", (block,), Scaling(min_level=2))
    >>> [layer.kind for layer in creation_order(arch)][:3]
    ['conv2d', 'batch_normalization', 'residual_block']
    """
    found = dict.fromkeys(_layer(arch, parameter) for parameter in parameters(arch))
    return tuple(found)


def _layer(arch: Architecture, parameter: Parameter) -> OfficialLayer:
    """The layer that a parameter belongs to."""
    owner = _BLOCK.match(parameter.name)
    block = int(owner[1]) if owner else None
    layer, _, leaf = parameter.official.rpartition(".")
    copy = _COPY.fullmatch(parameter.name)
    if copy and block is not None and not arch.block(block).op.is_pyramid:
        depth = copy["inside"].count(".") + 1
        name = parameter.official.rsplit(".", depth)[0]
        return OfficialLayer(_BODIES[arch.block(block).op], name, block)
    pyramid = _PYRAMID.match(parameter.official)
    if pyramid:
        return OfficialLayer(f"{_PYRAMID_KIND[pyramid[1]]}_{pyramid[2]}", layer, block)
    if parameter.kind == "depthwise":
        return OfficialLayer("depthwise_conv2d", layer, block)
    return OfficialLayer("conv2d" if leaf == "kernel" else "batch_normalization", layer, block)
