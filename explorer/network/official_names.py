"""Our parameters under the names and in the layout of the official TensorFlow code, both ways.

| ours | official |
| --- | --- |
| `blocks.0.body.0.conv1.weight`, in the stem | `stem.block0.0.conv1.kernel` |
| `blocks.4.body.0.conv1.weight`, in a plain chain | `stages.3.1.conv1.kernel` |
| `blocks.17.lateral.conv.weight` | `fpn.lateral.5.kernel` |
| `….bn1.weight`, `.bias` | `….bn1.gamma`, `.beta` |
| `….bn1.running_mean`, `.running_var` | `….bn1.moving_mean`, `.moving_variance` |
| `….depthwise.weight`, `….pointwise.weight` | `….depthwise_kernel`, `….kernel` |

All else has the same name. Kernels are height, width, in, out there (depthwise ones height, width,
channels, 1), and out, in, height, width here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.errors import FormatError
from explorer.architecture.layers import Layer, LayerKind, Layers
from explorer.architecture.plan import Plan, plan

Array = NDArray[np.float32]

_NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
_PYRAMID = {Op.LATERAL: "lateral", Op.SMOOTH: "post_hoc", Op.COARSE: "coarse"}


class Parameter(NamedTuple):
    """One parameter or running statistic."""

    name: str
    """Ours."""
    official: str
    shape: tuple[int, ...]
    """In the official layout."""
    kind: str
    """`kernel`, `depthwise`, `bias`, `gamma`, `beta`, `moving_mean` or `moving_variance`."""


def parameters(arch: Architecture, head: bool = False) -> tuple[Parameter, ...]:
    """Every parameter of the network, in the order in which it runs.

    Raises ArchitectureError where `arch` has problems.

    >>> from explorer.architecture.block import Block
    >>> stage = Block(0, Op.RESIDUAL, 2, is_output=True, resampled=False, in_stem=True)
    >>> from explorer.architecture.scaling import Scaling
    >>> arch = Architecture("one", (stage,), Scaling(min_level=2))
    >>> parameters(arch)[5]  # doctest: +NORMALIZE_WHITESPACE
    Parameter(name='blocks.0.body.0.conv1.weight', official='stem.block0.0.conv1.kernel',
              shape=(3, 3, 64, 64), kind='kernel')
    """
    side = arch.scaling.fitting_side
    network = plan(arch, side, side, head)
    found: dict[str, Parameter] = {}
    for prefix, official, layers in _units(network):
        for layer in layers:
            name, theirs = f"{prefix}.{layer.name}", f"{official}.{layer.name}"
            for parameter in _of_layer(layer, name, _shortened(theirs)):
                found.setdefault(parameter.name, parameter)
    return tuple(found.values())


def from_official(
    arch: Architecture, arrays: Mapping[str, Array], head: bool = False
) -> dict[str, Tensor]:
    """Our parameters from arrays under official names, float32; those left out are missing.

    Raises
    ------
    FormatError: where an array has not the shape that `arch` has there.
    """
    state = {}
    for parameter in parameters(arch, head):
        if parameter.official in arrays:
            array = arrays[parameter.official]
            if array.shape != parameter.shape:
                raise FormatError(
                    f"{parameter.official}: found shape {array.shape}, expected {parameter.shape}. "
                    "Load it into the architecture that it was saved from."
                )
            state[parameter.name] = _ours(array, parameter.kind)
    return state


def to_official(
    arch: Architecture, state: Mapping[str, Tensor], head: bool = False
) -> dict[str, Array]:
    """Arrays under official names from our parameters; those left out are missing."""
    return {
        parameter.official: _theirs(state[parameter.name], parameter.kind)
        for parameter in parameters(arch, head)
        if parameter.name in state
    }


def _ours(array: Array, kind: str) -> Tensor:
    axes = {"kernel": (3, 2, 0, 1), "depthwise": (2, 3, 0, 1)}.get(kind, (0,))
    return torch.from_numpy(np.ascontiguousarray(array.transpose(axes), dtype=np.float32))


def _theirs(tensor: Tensor, kind: str) -> Array:
    axes = {"kernel": (2, 3, 1, 0), "depthwise": (2, 3, 0, 1)}.get(kind, (0,))
    array = tensor.detach().cpu().numpy().transpose(axes)
    return np.ascontiguousarray(array, dtype=np.float32)


def body_names(arch: Architecture) -> dict[int, tuple[str, ...]]:
    """The official name of every copy of every block's body; dead blocks are numbered too.

    >>> from explorer.architecture.block import Block
    >>> chain = [Block(i, Op.RESIDUAL, 2, (i - 1,)[i == 0 :], resampled=False) for i in range(2)]
    >>> body_names(Architecture("chain", tuple(chain)))
    {0: ('stages.2.0',), 1: ('stages.2.1',)}
    """
    found: dict[int, tuple[str, ...]] = {}
    stem_blocks, in_stage = 0, dict[int, int]()
    for block in arch.blocks:
        copies = range(block.repeats or arch.scaling.block_repeats)
        if block.in_stem:
            found[block.id] = tuple(f"stem.block{stem_blocks}.{i}" for i in copies)
            stem_blocks += 1
        elif block.resampled:
            found[block.id] = tuple(f"blocks.{block.id}.body.{i}" for i in copies)
        elif not block.op.is_pyramid:
            first = in_stage.get(block.level, 0)
            found[block.id] = tuple(f"stages.{block.level}.{first + i}" for i in copies)
            in_stage[block.level] = first + len(copies)
    return found


def _units(network: Plan) -> Iterator[tuple[str, str, Layers]]:
    """Our name, the official name, and the layers of each part; a block's copies each by itself."""
    yield "stem", "stem", network.stem.layers
    bodies = body_names(network.architecture)
    for block_id, step in network.blocks.items():
        block = step.block
        if block.op.is_pyramid:
            official = f"fpn.{_PYRAMID[block.op]}.{block.level}"
            for unit in (*(wire.unit for wire in step.links), step.body):
                yield unit.name, official, unit.layers
            continue
        for wire in step.links:
            yield wire.unit.name, wire.unit.name, wire.unit.layers
        for copy, layers in _copies(step.body.layers).items():
            yield f"{step.body.name}.{copy}", bodies[block_id][copy], layers
    for level, unit in network.endpoints.items():
        fpn = not any(layer.kind is LayerKind.CONVOLUTION for layer in unit.layers)
        yield unit.name, f"fpn.bn.{level}" if fpn else unit.name, unit.layers
    for unit in network.head.values():
        yield "head", "head", unit.layers


def _copies(layers: Layers) -> dict[int, Layers]:
    """Layers by the number that starts their names, without it."""
    found: dict[int, Layers] = {}
    for layer in layers:
        number, _, rest = layer.name.partition(".")
        found[int(number)] = (*found.get(int(number), ()), layer._replace(name=rest))
    return found


def _shortened(official: str) -> str:
    """Without the layer where its part has only one: `fpn.lateral.5.conv`, `fpn.bn.3.bn`."""
    return official.rpartition(".")[0] if official.startswith("fpn.") else official


def _of_layer(layer: Layer, name: str, official: str) -> Iterator[Parameter]:
    if layer.kind is LayerKind.NORM:
        for leaf, theirs in _NORM.items():
            yield Parameter(f"{name}.{leaf}", f"{official}.{theirs}", (layer.out_channels,), theirs)
    elif layer.kind is LayerKind.CONVOLUTION:
        window = (layer.kernel, layer.kernel)
        kind, shape = "kernel", (*window, layer.in_channels // layer.groups, layer.out_channels)
        if layer.groups > 1:
            kind, shape = "depthwise", (*window, layer.in_channels, 1)
        part, _, last = official.rpartition(".")
        kernel, bias = {
            "depthwise": (f"{part}.depthwise_kernel", ""),
            "pointwise": (f"{part}.kernel", f"{part}.bias"),
        }.get(last, (f"{official}.kernel", f"{official}.bias"))
        yield Parameter(f"{name}.weight", kernel, shape, kind)
        if layer.bias:
            yield Parameter(f"{name}.bias", bias, (layer.out_channels,), "bias")
