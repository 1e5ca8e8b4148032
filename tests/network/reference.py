"""A second forward of the official networks, written from their code's words in float64 ops.

It knows nothing of plans, layers or links: it reads a spec list and arrays under official names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Specs = list[tuple[int, str, tuple[int, ...], bool]]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda x: x.clamp(min=0),
    "swish": lambda x: x * torch.sigmoid(x),
    "hard_swish": lambda x: x * (x + 3).clamp(0, 6) / 6,
}


@dataclass
class Ops:
    """What all networks are made of; arrays in TensorFlow's layout, by official names."""

    arrays: Mapping[str, np.ndarray]
    specs: Specs
    activation: str
    mobile: bool = False
    epsilon: float = 1e-3
    levels: range = range(3, 8)
    padding: str = "same"
    """`same` as TensorFlow 2; `symmetric` as torchvision; `tf1` as the code for TensorFlow 1."""

    def get(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name]).double()

    def act(self, x: Tensor) -> Tensor:
        return ACTIVATIONS[self.activation](x)

    def same(self, x: Tensor, kernel: int, stride: int, value: float) -> Tensor:
        """TensorFlow's `same`, one axis at a time, as its documentation states it."""
        for axis in (2, 3):
            n = x.shape[axis]
            total = max((kernel - stride) if n % stride == 0 else kernel - n % stride, 0)
            shape = list(x.shape)
            shape[axis] = total // 2
            before = torch.full(shape, value, dtype=x.dtype)
            shape[axis] = total - total // 2
            x = torch.cat([before, x, torch.full(shape, value, dtype=x.dtype)], axis)
        return x

    def conv(self, x: Tensor, name: str, stride: int = 1, depthwise: bool = False) -> Tensor:
        kernel = self.get(f"{name}.kernel")
        weight = kernel.permute(2, 3, 0, 1) if depthwise else kernel.permute(3, 2, 0, 1)
        if self.padding == "same":
            x = self.same(x, kernel.shape[0], stride, 0.0)
        else:
            x = functional.pad(x, [(kernel.shape[0] - 1) // 2] * 4)
        bias = self.get(f"{name}.bias") if f"{name}.bias" in self.arrays else None
        groups = x.shape[1] if depthwise else 1
        return functional.conv2d(x, weight, bias, stride, groups=groups)

    def norm(self, x: Tensor, name: str) -> Tensor:
        keys = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = (self.get(f"{name}.{key}")[:, None, None] for key in keys)
        return (x - mean) / torch.sqrt(variance + self.epsilon) * gamma + beta

    def pool(self, x: Tensor, kernel: int = 3, stride: int = 2) -> Tensor:
        if self.padding == "symmetric":
            x = functional.pad(x, [(kernel - 1) // 2] * 4, value=float("-inf"))
        else:
            x = self.same(x, kernel, stride, float("-inf"))
        return x.unfold(2, kernel, stride).unfold(3, kernel, stride).amax((-2, -1))

    def group(self, x: Tensor, op: str, name: str, stride: int = 1) -> Tensor:
        """A block and its repeats."""
        repeats = {key.split(".")[name.count(".") + 1] for key in self.arrays if f"{name}." in key}
        for i in range(len(repeats)):
            x = self.block(x, op, f"{name}.{i}", stride if i == 0 else 1)
        return x

    def block(self, x: Tensor, op: str, name: str, stride: int = 1) -> Tensor:
        projects = f"{name}.conv0.kernel" in self.arrays and op != "mbconv"
        shortcut = x
        if projects:
            shortcut = self.norm(self.conv(x, f"{name}.conv0", stride), f"{name}.bn0")
        if op == "mbconv":
            return self.mbconv(x, name, stride)
        last = 3 if op == "bottleneck" else 2
        for i in range(1, last + 1):
            steps = stride if i == last - 1 else 1
            x = self.norm(self.conv(x, f"{name}.conv{i}", steps), f"{name}.bn{i}")
            if i < last:
                x = self.act(x)
        return self.act(x + shortcut)

    def mbconv(self, x: Tensor, name: str, stride: int) -> Tensor:
        shortcut = x
        x = self.act(self.norm(self.conv(x, f"{name}.conv0"), f"{name}.bn0"))
        x = self.conv(x, f"{name}.conv1", stride, depthwise=True)
        x = self.act(self.norm(x, f"{name}.bn1"))
        gate = self.conv(x.mean((2, 3), keepdim=True), f"{name}.se.reduce").clamp(min=0)
        gate = (self.conv(gate, f"{name}.se.expand") + 3).clamp(0, 6) * 0.16667
        x = self.norm(self.conv(x * gate, f"{name}.conv2"), f"{name}.bn2")
        return x + shortcut if x.shape == shortcut.shape and stride == 1 else x

    def head(self, outputs: Mapping[int, Tensor]) -> dict[str, Tensor]:
        """RetinaNet's class logits and boxes, by the fixtures' names."""
        found = {}
        for level, x in outputs.items():
            for tower in ("class", "box"):
                y, i = x, 0
                while f"head.{tower}.convs.{i}.kernel" in self.arrays:
                    y = self.head_conv(y, f"head.{tower}.convs.{i}")
                    y = self.act(self.norm(y, f"head.{tower}.norms.{level}.{i}"))
                    i += 1
                found[f"{tower}_P{level}"] = self.head_conv(y, f"head.{tower}.predict")
        return found

    def head_conv(self, x: Tensor, name: str) -> Tensor:
        depthwise = f"{name}.depthwise_kernel"
        if depthwise in self.arrays:
            weight = self.get(depthwise).permute(2, 3, 0, 1)
            x = functional.conv2d(functional.pad(x, [1] * 4), weight, groups=x.shape[1])
        return self.conv(x, name)


@dataclass
class Reference(Ops):
    """SpineNet and Mobile SpineNet; `__call__` gives the block outputs and P maps.

    Blocks without arrays are dead: they count as readers, and nothing else is known of them.
    """

    stem: tuple[int, ...] = ()
    """The levels of the stem's blocks; those of the two families where empty."""

    def resample(self, x: Tensor, name: str, width: int) -> Tensor:
        if not self.mobile:
            x = self.act(self.norm(self.conv(x, f"{name}.squeeze.conv"), f"{name}.squeeze.bn"))
        downs = 0
        while x.shape[3] > width:
            if self.mobile:
                x = self.conv(x, f"{name}.down{downs}.conv", 2, depthwise=True)
                x = self.act(self.norm(x, f"{name}.down{downs}.bn"))
            elif downs == 0:
                x = self.conv(x, f"{name}.down.conv", 2)
                x = self.act(self.norm(x, f"{name}.down.bn"))
            elif self.padding == "tf1":
                ratio = 2 * x.shape[3] // width
                x = self.pool(x, 3 if ratio <= 4 else 5, ratio // 2)
            else:
                x = self.pool(x)
            downs += 1
        factor = width // x.shape[3]
        x = x.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
        return self.norm(self.conv(x, f"{name}.expand.conv"), f"{name}.expand.bn")

    def __call__(self, image: Tensor) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
        x = self.act(self.norm(self.conv(image.double(), "stem.conv1", 2), "stem.bn1"))
        if not self.mobile:
            x = self.pool(x)
        op = "mbconv" if self.mobile else "bottleneck"
        maps, at = [], 1 if self.mobile else 2
        for i, level in enumerate(self.stem or ((1, 2) if self.mobile else (2, 2))):
            x = self.group(x, op, f"stem.block{i}", 2 ** (level - at))
            maps, at = [*maps, x], level
        read = [1] * (len(maps) - 2) + [0, 0] if len(maps) > 2 else [0, 0]
        ends: dict[int, int] = {}
        for block, (level, op, parents, is_output) in enumerate(self.specs, len(maps)):
            if f"blocks.{block}.resample0.expand.conv.kernel" not in self.arrays:
                for parent in parents:
                    read[parent] += 1
                maps.append(x[:, :0])
                read.append(0)
                continue
            width = -(-image.shape[3] // 2**level)
            inputs = []
            for slot, parent in enumerate(parents):
                inputs.append(self.resample(maps[parent], f"blocks.{block}.resample{slot}", width))
                read[parent] += 1
            total = sum(inputs[1:], inputs[0])
            for other, x in enumerate(maps):
                fits = x.shape[3] == width and x.shape[1] == total.shape[1]
                if is_output and not read[other] and fits:
                    total = total + x
                    read[other] += 1
            maps.append(self.group(self.act(total), op, f"blocks.{block}.body"))
            read.append(0)
            if is_output:
                ends[level] = block
        outputs = {}
        for level in self.levels:
            x = self.norm(
                self.conv(maps[ends[level]], f"endpoints.{level}.conv"), f"endpoints.{level}.bn"
            )
            outputs[level] = self.act(x)
        return dict(enumerate(maps)), outputs


@dataclass
class ResNetReference(Ops):
    """ResNet, with the official FPN where there is one; `__call__` gives the C maps or P maps."""

    def __call__(self, image: Tensor) -> dict[int, Tensor]:
        x = self.act(self.norm(self.conv(image.double(), "stem.conv1", 2), "stem.bn1"))
        x = self.pool(x)
        op = "bottleneck" if "stages.2.0.conv3.kernel" in self.arrays else "residual"
        stages = {}
        for level in (2, 3, 4, 5):
            x = self.group(x, op, f"stages.{level}", 1 if level == 2 else 2)
            stages[level] = x
        return self.pyramid(stages) if "fpn.lateral.5.kernel" in self.arrays else stages

    def pyramid(self, stages: Mapping[int, Tensor]) -> dict[int, Tensor]:
        top = {5: self.conv(stages[5], "fpn.lateral.5")}
        for level in (4, 3):
            up = top[level + 1].repeat_interleave(2, 2).repeat_interleave(2, 3)
            top[level] = self.conv(stages[level], f"fpn.lateral.{level}") + up
        found = {level: self.conv(x, f"fpn.post_hoc.{level}") for level, x in top.items()}
        found[6] = self.conv(found[5], "fpn.coarse.6", 2)
        found[7] = self.conv(self.act(found[6]), "fpn.coarse.7", 2)
        return {level: self.norm(found[level], f"fpn.bn.{level}") for level in range(3, 8)}
