"""The one-shot network in training: one set of parameters, and any architecture run on it.

The modules are those of `explorer.network`, put together by the very steps that the executor runs;
only the cache is left out, for in training nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.miniature import miniature
from explorer.network.build import build
from explorer.network.initial import initial_value
from explorer.network.parts import Part
from explorer.network.program import program

PLACES = 24
"""Places in the order that have parameters of their own: as many as ResNet-50-FPN has blocks."""
PREDICT_DEVIATION = 0.03


class Supernet:
    """Parameters by name, shared by every architecture; `heads` runs one of them."""

    def __init__(
        self,
        seed: int,
        initial: Mapping[str, Tensor] | None = None,
        device: str = "cpu",
        shapes: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        """`shapes`: of the parameters; None takes those that serve every architecture."""
        given = initial or {}
        self.device = device
        self.parameters: dict[str, nn.Parameter] = {}
        for name, shape in (shapes or shared_shapes()).items():
            value = given.get(name)
            if value is None:
                value = _start(name, shape, seed)
            self.parameters[name] = nn.Parameter(value.detach().clone().float().to(device))
        self._modules: dict[str, nn.Module] = {}

    def heads(self, arch: Architecture, images: Tensor) -> dict[int, tuple[Tensor, Tensor]]:
        """Class and box outputs by level of a miniature architecture, with gradients."""
        steps = program(arch, images.shape[2], images.shape[3], True, "")
        maps: list[Tensor] = []
        for step in steps.steps:
            inputs = [maps[i] for i in step.reads] or [images]
            maps.append(step.compute(self._module(step.part), inputs))
        return {level: (maps[i], maps[j]) for level, (i, j) in steps.heads.items()}

    def _module(self, part: Part) -> nn.Module:
        key = part.signature
        module = self._modules.get(key)
        if module is None:
            with torch.device("meta"):
                module = part.build()
            for name, _ in list(module.named_parameters()):
                path, _, leaf = name.rpartition(".")
                owner = module.get_submodule(path)
                setattr(owner, leaf, self.parameters[f"{part.name}.{name}"])
            self._modules[key] = module
        return module


def shared_shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of the one-shot network."""
    found: dict[str, tuple[int, ...]] = {}
    for light in (1, 2):
        found |= shapes_of(miniature(_widest(light)))
    return dict(sorted(found.items()))


def shapes_of(arch: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of one miniature architecture with its head."""
    network = build(arch, head=True, device="meta")
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def _widest(light: int) -> Architecture:
    """An architecture in which every place has a block that reads two parents."""
    blocks = [
        Block(i, Op.BOTTLENECK, 2, (i - 1,) if i else (), resampled=False, in_stem=True)
        for i in range(light)
    ]
    for i in range(light, PLACES):
        level = max(3, 7 - (PLACES - 1 - i))
        blocks.append(Block(i, Op.BOTTLENECK, level, (i - 1, max(0, i - 2)), i >= PLACES - 5))
    return Architecture("widest", tuple(blocks))


def _start(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Initial values as elsewhere, but for the head."""
    value = initial_value(name, shape, seed)
    if name.startswith("head.") and len(shape) == 4:
        return value / 1e-5 * PREDICT_DEVIATION
    return value
