"""A network as a list of steps, each with a key that says what it computes.

A key is a hash of the step's part (its name, layers and conventions), of what decides its
parameters' values, and of the keys of what it reads: two steps of one key give equal maps for one
image, whichever architectures they stand in. So after an edit only what lies downstream of it has
new keys, and a link from an untouched parent into a touched block keeps its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from torch import Tensor, nn

from explorer.architecture.architecture import Architecture
from explorer.architecture.layers import Layers, Size
from explorer.architecture.plan import plan
from explorer.network.links import fuse
from explorer.network.parts import (
    TOWERS,
    Part,
    body_part,
    endpoint_part,
    link_part,
    stem_part,
    tower_part,
)
from explorer.network.primitives import ACTIVATIONS, Function

Compute = Callable[[nn.Module, Sequence[Tensor]], Tensor]


class Step(NamedTuple):
    """One unit of work: a part applied to what earlier steps gave."""

    name: str
    """The unit's name in the plan; for a tower of the head, with its level."""
    key: bytes
    reads: tuple[int, ...]
    """Places of earlier steps; the stem reads the image."""
    part: Part
    part_key: bytes
    compute: Compute


class Program(NamedTuple):
    """The steps of one architecture at one image size, and where its maps come from."""

    steps: tuple[Step, ...]
    blocks: Mapping[int, int]
    """The place of each block's step, by id; dead blocks have none."""
    outputs: Mapping[int, int]
    """The place of each P map, by level."""
    heads: Mapping[int, tuple[int, int]]
    """The places of class logits and boxes, by level; empty without a head."""
    links: Mapping[tuple[int, int], int]
    """The place of what each link hands over, by the id of its child and the slot."""


@lru_cache(maxsize=1024)
def program(arch: Architecture, height: int, width: int, head: bool, version: str) -> Program:
    """The steps that give every map of `arch` on images of this size.

    `version` names the values of the parameters: equal versions and names, equal values. Raises as
    `explorer.architecture.plan.plan` does.
    """
    network = plan(arch, height, width, head)
    scaling = arch.scaling
    steps = _Steps(version)
    stem = steps.add(network.stem.name, stem_part(network), (), _one)
    blocks: dict[int, int] = {}
    links: dict[tuple[int, int], int] = {}
    for block_id, step in network.blocks.items():
        sources = []
        for wire in step.links:
            source = blocks[wire.link.parent]
            if part := link_part(wire, scaling):
                size = wire.unit.output.size
                source = steps.add(wire.unit.name, part, (source,), partial(_link, size), size)
            sources.append(source)
            links[block_id, wire.link.slot] = source
        compute = partial(_body, step.fuse.layers, ACTIVATIONS[scaling.activation])
        name, part = step.body.name, body_part(step, scaling)
        fused = [layer.name for layer in step.fuse.layers]
        blocks[block_id] = steps.add(name, part, tuple(sources) or (stem,), compute, fused)
    outputs = {block.level: blocks[block.id] for block in arch.outputs}
    for level, unit in network.endpoints.items():
        if part := endpoint_part(unit, scaling):
            outputs[level] = steps.add(unit.name, part, (outputs[level],), _one)
    towers = [tower_part(network, tower) for tower in TOWERS] if head else []
    heads = {}
    for level, source in outputs.items() if head else ():
        logits, boxes = (
            steps.add(f"{part.name}.{level}", part, (source,), partial(_tower, level), level)
            for part in towers
        )
        heads[level] = (logits, boxes)
    return Program(tuple(steps.found), blocks, outputs, heads, links)


class _Steps:
    """The steps so far; `add` gives the place of the new one."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.found: list[Step] = []

    def add(
        self, name: str, part: Part, reads: tuple[int, ...], compute: Compute, detail: object = ""
    ) -> int:
        """`detail` is what the result depends on beside the part and what it reads."""
        part_key = _hash(f"{part.signature}|{self.version}".encode())
        sources = (self.found[place].key for place in reads)
        key = _hash(part_key, str(detail).encode(), *sources)
        self.found.append(Step(name, key, reads, part, part_key, compute))
        return len(self.found) - 1


def _hash(*pieces: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(len(piece).to_bytes(4, "little") + piece)
    return digest.digest()


def _one(module: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    (x,) = inputs
    result: Tensor = module(x)
    return result


def _link(size: Size, module: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    (x,) = inputs
    result: Tensor = module(x, size)
    return result


def _body(layers: Layers, act: Function, module: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    result: Tensor = module(fuse(inputs, layers, act))
    return result


def _tower(level: int, module: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    (x,) = inputs
    result: Tensor = module(x, level)
    return result
