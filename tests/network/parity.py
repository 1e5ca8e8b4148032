"""The fixtures of the official code as architectures, weights and arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.scaling import (
    RESNET_FILTERS,
    Activation,
    Endpoint,
    Head,
    Padding,
    Scaling,
)
from explorer.network.build import Network, build
from explorer.network.official_names import from_official
from tests.golden.parity import make_weights

FOLDER = Path(__file__).parents[1] / "golden" / "parity"
SPINENETS = ("spinenet49s_128", "retinanet_spinenet_tiny")
RESNETS = (
    "resnet18_128",
    "resnet18_128_symmetric",
    "resnet50_128_symmetric",
    "resnet50_fpn_128",
)
TOLERANCE = 1e-4
"""Of the largest value of an array, as the fixtures' README says."""


@dataclass(frozen=True)
class Fixture:
    """One network of the official code, and what it computes."""

    name: str
    data: dict[str, Any]
    architecture: Architecture
    expected: dict[str, NDArray[np.float32]]

    @property
    def has_head(self) -> bool:
        return "head" in self.data

    @property
    def image(self) -> Tensor:
        given = self.data["input"]
        image = make_weights.image(given["seed"], given["height"], given["width"])
        return torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))

    def weights(self) -> dict[str, Tensor]:
        arrays = make_weights.weights(self.data["parameters"])
        return from_official(self.architecture, arrays, self.has_head)

    def network(self) -> Network:
        return build(self.architecture, weights=self.weights(), head=self.has_head)


def fixture(name: str) -> Fixture:
    data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(FOLDER / f"{name}.npz") as arrays:
        expected = dict(arrays)
    return Fixture(name, data, _spinenet(data) if "scaling" in data else _resnet(data), expected)


def _scaling(data: dict[str, Any]) -> dict[str, Any]:
    same = data["padding"] == "TensorFlow 'same'"
    return {
        "padding": Padding.SAME if same else Padding.SYMMETRIC,
        "norm_epsilon": data["norm_epsilon"],
        "activation": Activation(data.get("activation", "relu")),
    }


def _spinenet(data: dict[str, Any]) -> Architecture:
    head = {
        key: value
        for key, value in data.get("head", {}).items()
        if key in ("num_convs", "num_filters", "num_classes", "num_anchors")
    }
    stem = [
        Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True),
        Block(1, Op.BOTTLENECK, 2, (0,), resampled=False, in_stem=True),
    ]
    blocks = [
        Block(i, Op(op), level, tuple(parents), is_output)
        for i, (level, op, parents, is_output) in enumerate(data["block_specs"], 2)
    ]
    scaling = Scaling(**data["scaling"], **_scaling(data), head=Head(**head))
    return Architecture(data["name"], (*stem, *blocks), scaling)


def _resnet(data: dict[str, Any]) -> Architecture:
    blocks: list[Block] = []
    ends: dict[int, int] = {}
    for level, count in enumerate(data["stages"], 2):
        for _ in range(count):
            parents = (blocks[-1].id,) if blocks else ()
            op = Op(data["block_fn"])
            blocks.append(Block(len(blocks), op, level, parents, resampled=False))
        ends[level] = blocks[-1].id
    same = data["padding"] == "TensorFlow 'same'"
    kept: dict[str, Any] = _scaling(data) | {"filters": RESNET_FILTERS, "stage_projection": same}
    if data.get("fpn"):
        blocks += pyramid(ends, len(blocks))
        scaling = Scaling(**kept, endpoint=Endpoint.NORM, min_level=3, max_level=7)
    else:
        blocks = [
            Block(b.id, b.op, b.level, b.parents, b.id in ends.values(), False) for b in blocks
        ]
        scaling = Scaling(**kept, endpoint=Endpoint.NONE, min_level=2, max_level=5)
    return Architecture(data["name"], tuple(blocks), scaling)


def pyramid(ends: dict[int, int], first: int) -> list[Block]:
    """An FPN on the stages that end with these blocks."""
    l5, l4, l3 = first, first + 1, first + 2
    return [
        Block(l5, Op.LATERAL, 5, (ends[5],), resampled=False),
        Block(l4, Op.LATERAL, 4, (ends[4], l5), resampled=False),
        Block(l3, Op.LATERAL, 3, (ends[3], l4), resampled=False),
        Block(first + 3, Op.SMOOTH, 5, (l5,), True, False),
        Block(first + 4, Op.SMOOTH, 4, (l4,), True, False),
        Block(first + 5, Op.SMOOTH, 3, (l3,), True, False),
        Block(first + 6, Op.COARSE, 6, (first + 3,), True, False),
        Block(first + 7, Op.COARSE, 7, (first + 6,), True, False),
    ]
