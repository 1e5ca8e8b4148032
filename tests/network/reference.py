"""A second forward of SpineNet, written from the official code's words with plain float64 ops.

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
class Reference:
    """Arrays in TensorFlow's layout; `__call__` gives the block outputs and P maps."""

    arrays: Mapping[str, np.ndarray]
    specs: Specs
    activation: str
    mobile: bool = False
    epsilon: float = 1e-3
    levels: range = range(3, 8)

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
        x = self.same(x, kernel.shape[0], stride, 0.0)
        bias = self.get(f"{name}.bias") if f"{name}.bias" in self.arrays else None
        groups = x.shape[1] if depthwise else 1
        return functional.conv2d(x, weight, bias, stride, groups=groups)

    def norm(self, x: Tensor, name: str) -> Tensor:
        keys = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = (self.get(f"{name}.{key}")[:, None, None] for key in keys)
        return (x - mean) / torch.sqrt(variance + self.epsilon) * gamma + beta

    def pool(self, x: Tensor) -> Tensor:
        windows = self.same(x, 3, 2, float("-inf")).unfold(2, 3, 2).unfold(3, 3, 2)
        return windows.amax((-2, -1))

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
        maps = [self.block(x, op, "stem.block0.0")]
        maps.append(self.block(maps[0], op, "stem.block1.0", 2 if self.mobile else 1))
        read = [0, 0]
        ends: dict[int, int] = {}
        for block, (level, op, parents, is_output) in enumerate(self.specs, 2):
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
            maps.append(self.block(self.act(total), op, f"blocks.{block}.body.0"))
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
