"""State dicts with the names of public ports, and their forward in plain operations.

Written from the names, orders and settings that the ports' files state, without this project's
plans, rules or modules: mmdetection 1's ConvModule (`conv`, `bn`), ResNet blocks (`conv1`, `bn1`,
`downsample.0`), RetinaSepBNHead; torchvision's ResNet.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

FILTERS = {2: 64, 3: 128, 4: 256, 5: 256, 6: 256, 7: 256}
SPECS = (
    *((2, "bottleneck", (0, 1), False), (4, "basic", (0, 1), False)),
    *((3, "bottleneck", (2, 3), False), (4, "bottleneck", (2, 4), False)),
    *((6, "basic", (3, 5), False), (4, "bottleneck", (3, 5), False)),
    *((5, "basic", (6, 7), False), (7, "basic", (6, 8), False)),
    *((5, "bottleneck", (8, 9), False), (5, "bottleneck", (8, 10), False)),
    *((4, "bottleneck", (5, 10), True), (3, "bottleneck", (4, 10), True)),
    *((5, "bottleneck", (7, 12), True), (7, "bottleneck", (5, 14), True)),
    (6, "bottleneck", (12, 14), True),
)


class State:
    """A state dict in the making: seeded values, norms that show."""

    def __init__(self, seed: int = 0) -> None:
        self.values: dict[str, Tensor] = {}
        self.generator = torch.Generator().manual_seed(seed)

    def random(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator)

    def conv(self, name: str, c_in: int, c_out: int, kernel: int, bias: bool = False) -> None:
        weight = self.random(c_out, c_in, kernel, kernel) / math.sqrt(c_in * kernel**2)
        self.values[f"{name}.weight"] = weight
        if bias:
            self.values[f"{name}.bias"] = self.random(c_out)

    def norm(self, name: str, channels: int) -> None:
        self.values[f"{name}.weight"] = 1 + 0.2 * self.random(channels).clamp(-2, 2)
        self.values[f"{name}.bias"] = 0.2 * self.random(channels)
        self.values[f"{name}.running_mean"] = 0.2 * self.random(channels)
        self.values[f"{name}.running_var"] = 1 + 0.2 * self.random(channels).clamp(-2, 2)
        self.values[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def conv_module(self, name: str, c_in: int, c_out: int, kernel: int) -> None:
        self.conv(f"{name}.conv", c_in, c_out, kernel)
        self.norm(f"{name}.bn", c_out)

    def block(self, name: str, kind: str, c_in: int, c: int, project: bool = False) -> int:
        kernels, widths = ((1, 3, 1), (c, c, 4 * c)) if kind == "bottleneck" else ((3, 3), (c, c))
        before = c_in
        for i, (kernel, width) in enumerate(zip(kernels, widths, strict=True), 1):
            self.conv(f"{name}.conv{i}", before, width, kernel)
            self.norm(f"{name}.bn{i}", width)
            before = width
        if project or c_in != before:
            self.conv(f"{name}.downsample.0", c_in, before, 1)
            self.norm(f"{name}.downsample.1", before)
        return before

    def layer(self, name: str, kind: str, c_in: int, c: int, repeats: int) -> int:
        for i in range(repeats):
            c_in = self.block(f"{name}.{i}", kind, c_in, c)
        return c_in


def spinenet_state(scale: float, alpha: float, repeats: int, filters: int) -> dict[str, Tensor]:
    """The backbone of the SpineNet ports, without a prefix."""
    state = State()
    width = {level: int(c * scale) for level, c in FILTERS.items()}
    state.conv_module("conv1", 3, 64, 7)
    c = state.layer("init_block1", "bottleneck", 64, width[2], repeats)
    state.layer("init_block2", "bottleneck", c, width[2], repeats)
    built = [(2, "bottleneck"), (2, "bottleneck")]
    for i, (level, kind, parents, is_output) in enumerate(SPECS):
        target = width[level] * (4 if kind == "bottleneck" else 1)
        for slot, parent in enumerate(parents):
            from_level, from_kind = built[parent]
            c_in = width[from_level]
            narrow = int(c_in * alpha)
            name = f"merge_ops.{i}.resample_ops.{slot}"
            c_in *= 4 if from_kind == "bottleneck" else 1
            state.conv_module(f"{name}.squeeze_conv", c_in, narrow, 1)
            if level > from_level:
                state.conv_module(f"{name}.downsample_conv", narrow, narrow, 3)
            state.conv_module(f"{name}.expand_conv", narrow, target, 1)
        state.layer(f"scale_permuted_blocks.{i}", kind, target, width[level], repeats)
        built.append((level, kind))
        if is_output:
            state.conv_module(f"endpoint_convs.{level}", target, filters, 1)
    return state.values


def head_state(filters: int, convs: int, classes: int) -> dict[str, Tensor]:
    """RetinaSepBNHead: convolutions shared over five levels, each under five names."""
    state = State(1)
    for kind, outputs in (("cls", 9 * classes), ("reg", 9 * 4)):
        for i in range(convs):
            for level in range(5):
                state.conv_module(f"{kind}_convs.{level}.{i}", filters, filters, 3)
                first = state.values[f"{kind}_convs.0.{i}.conv.weight"]
                state.values[f"{kind}_convs.{level}.{i}.conv.weight"] = first
        state.conv(f"retina_{kind}", filters, outputs, 3, bias=True)
    return state.values


def resnet_state(kind: str, counts: tuple[int, ...], widths: tuple[int, ...]) -> dict[str, Tensor]:
    """torchvision's ResNet."""
    state = State(2)
    state.conv("conv1", 3, 64, 7)
    state.norm("bn1", 64)
    c = 64
    for n, (count, width) in enumerate(zip(counts, widths, strict=True), 1):
        for i in range(count):
            c = state.block(f"layer{n}.{i}", kind, c, width, project=i == 0 and n > 1)
    state.values["fc.weight"], state.values["fc.bias"] = state.random(10, c), state.random(10)
    return state.values


class Forward:
    """Plain operations on a state dict; symmetric padding, as every port has."""

    def __init__(self, state: dict[str, Tensor], epsilon: float) -> None:
        self.state, self.epsilon = state, epsilon

    def conv(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = self.state[f"{name}.weight"]
        bias = self.state.get(f"{name}.bias")
        return functional.conv2d(x, weight, bias, stride, weight.shape[-1] // 2)

    def norm(self, name: str, x: Tensor) -> Tensor:
        mean, variance, gamma, beta = (
            self.state[f"{name}.{leaf}"][:, None, None]
            for leaf in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / (variance + self.epsilon).sqrt() * gamma + beta

    def module(self, name: str, x: Tensor, stride: int = 1, act: bool = True) -> Tensor:
        x = self.norm(f"{name}.bn", self.conv(f"{name}.conv", x, stride))
        return x.relu() if act else x

    def block(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        count = 3 if f"{name}.conv3.weight" in self.state else 2
        strided = 2 if count == 3 else 1
        shortcut = x
        if f"{name}.downsample.0.weight" in self.state:
            shortcut = self.conv(f"{name}.downsample.0", x, stride)
            shortcut = self.norm(f"{name}.downsample.1", shortcut)
        for i in range(1, count + 1):
            x = self.conv(f"{name}.conv{i}", x, stride if i == strided else 1)
            x = self.norm(f"{name}.bn{i}", x)
            x = x.relu() if i < count else x
        return (x + shortcut).relu()

    def layer(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        i = 0
        while f"{name}.{i}.conv1.weight" in self.state:
            x = self.block(f"{name}.{i}", x, stride if i == 0 else 1)
            i += 1
        return x

    def resnet(self, image: Tensor) -> dict[int, Tensor]:
        x = self.norm("bn1", self.conv("conv1", image, 2)).relu()
        x = functional.max_pool2d(x, 3, 2, 1)
        maps = {}
        for n in range(1, 5):
            maps[n + 1] = x = self.layer(f"layer{n}", x, 1 if n == 1 else 2)
        return maps

    def spinenet(self, image: Tensor) -> dict[int, Tensor]:
        """P maps by level, without the activation that the ports' endpoints lack."""
        x = functional.max_pool2d(self.module("conv1", image, 2), 3, 2, 1)
        maps = [self.layer("init_block1", x)]
        maps.append(self.layer("init_block2", maps[0]))
        levels = [2, 2]
        read = [0, 0]
        found = {}
        for i, (level, _, parents, is_output) in enumerate(SPECS):
            total = sum(
                self.resample(f"merge_ops.{i}.resample_ops.{slot}", maps[parent],
                              level - levels[parent])
                for slot, parent in enumerate(parents)
            )  # fmt: skip
            if is_output:
                for j, map_ in enumerate(maps):
                    if read[j] == 0 and map_.shape == total.shape:
                        total = total + map_
                        read[j] += 1
            x = self.layer(f"scale_permuted_blocks.{i}", total.relu())
            maps.append(x)
            levels.append(level)
            read.append(0)
            for parent in parents:
                read[parent] += 1
            if is_output:
                found[level] = self.module(f"endpoint_convs.{level}", x, act=False)
        return found

    def resample(self, name: str, x: Tensor, steps: int) -> Tensor:
        x = self.module(f"{name}.squeeze_conv", x)
        if steps < 0:
            x = functional.interpolate(x, scale_factor=2**-steps, mode="nearest")
        elif steps > 0:
            x = self.module(f"{name}.downsample_conv", x, 2)
            if steps > 1:
                kernel = 3 if steps == 2 else 5
                x = functional.max_pool2d(x, kernel, 2 ** (steps - 1), kernel // 2)
        return self.module(f"{name}.expand_conv", x, act=False)

    def head(self, maps: dict[int, Tensor]) -> dict[int, tuple[Tensor, Tensor]]:
        found = {}
        for n, (level, map_) in enumerate(sorted(maps.items())):
            pair = []
            for kind in ("cls", "reg"):
                x, i = map_, 0
                while f"{kind}_convs.{n}.{i}.conv.weight" in self.state:
                    x = self.module(f"{kind}_convs.{n}.{i}", x)
                    i += 1
                pair.append(self.conv(f"retina_{kind}", x))
            found[level] = (pair[0], pair[1])
        return found
