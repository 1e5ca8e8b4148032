"""RetinaNet's head: two towers, shared over levels, with norms of their own per level.

Source: tensorflow/models `dense_prediction_heads.py`, RetinaNetHead.
"""

from __future__ import annotations

from torch import Tensor, nn

from explorer.network.primitives import Blueprint, Conv, OneMap


class Separable(OneMap):
    """A 3x3 depthwise convolution, then a 1x1 with bias (the mobile heads)."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.depthwise, self.pointwise = parts.conv("depthwise"), parts.conv("pointwise")

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class Tower(nn.Module):
    """One tower of the head: convolutions, each with the level's norm, then the prediction.

    Its blueprint has the layers of every level that it serves; those of the convolutions repeat.
    """

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        norms = parts.under("norms.")
        levels = dict.fromkeys(layer.name.partition(".")[0] for layer in norms.layers)
        self.convs = nn.ModuleList(
            _conv(parts, f"convs.{i}") for i in range(_length(parts.under("convs.")))
        )
        self.norms = nn.ModuleDict(
            {
                level: nn.ModuleList(
                    norms.norm(f"{level}.{i}") for i in range(len(self.convs))
                )
                for level in levels
            }
        )  # fmt: skip
        self.predict = _conv(parts, "predict")
        self.act = parts.act

    def forward(self, x: Tensor, level: int) -> Tensor:  # (N, C, H, W)
        for i, conv in enumerate(self.convs):
            norm = self.get_submodule(f"norms.{level}.{i}")
            x = self.act(norm(conv(x)))  # (N, filters, H, W)
        return self.predict(x)  # (N, anchors * outputs, H, W), anchor-major


class Predictors(nn.Module):
    """One of SSD's two kinds of predictors, for all levels: each level has one of its own."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        for level in dict.fromkeys(layer.name.partition(".")[0] for layer in parts.layers):
            self.add_module(level, Predictor(parts.under(f"{level}.")))

    def forward(self, x: Tensor, level: int) -> Tensor:  # (N, C, H, W)
        result: Tensor = self.get_submodule(str(level))(x)
        return result  # (N, anchors * outputs, H, W), anchor-major


class Predictor(OneMap):
    """SSDLite's: a 3x3 depthwise convolution, normed and activated, then a 1x1 with bias."""

    def __init__(self, parts: Blueprint) -> None:
        super().__init__()
        self.conv, self.bn = parts.conv("conv"), parts.norm("bn")
        self.predict = parts.conv("predict")
        self.act = parts.act

    def forward(self, x: Tensor) -> Tensor:
        return self.predict(self.act(self.bn(self.conv(x))))


def _length(convs: Blueprint) -> int:
    return len({layer.name.partition(".")[0] for layer in convs.layers})


def _conv(parts: Blueprint, name: str) -> Conv | Separable:
    return parts.conv(name) if name in parts else Separable(parts.under(f"{name}."))
