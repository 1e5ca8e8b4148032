"""Links, and the blocks that stand behind them, of an exported file."""

from collections.abc import Sequence

from torch import Tensor, nn

from explorer.network.export.pieces.primitives import Conv, ConvNorm, upsample
from explorer.network.export.pieces.same import max_pools
from explorer.network.export.pieces.settings import activate


class Resample(nn.Module):
    """1x1 to `narrow`; levels down by 3x3 stride 2 and max pools, or up; 1x1 to c."""

    def __init__(
        self,
        c_in: int,
        narrow: int,
        c: int,
        down: int = 0,
        up: bool = False,
    ) -> None:
        super().__init__()
        self.levels, self.up = down, up
        self.squeeze = ConvNorm(c_in, narrow)
        if down:
            self.down = ConvNorm(narrow, narrow, 3, 2)
        self.expand = ConvNorm(narrow, c)

    def forward(self, x: Tensor, width: int = 0) -> Tensor:  # (N, c_in, H, W)
        x = activate(self.squeeze(x))  # (N, narrow, H, W)
        if self.levels:
            x = activate(self.down(x))  # (N, narrow, H/2, W/2)
        if self.levels > 1:
            x = max_pools(x, self.levels - 1)  # halved again
        if self.up:
            x = upsample(x, width)  # (N, narrow, _, width)
        x = self.expand(x)  # (N, c, _, _)
        return x


class SeparableResample(nn.Module):
    """A 3x3 depthwise stride 2 for each level down, or up; 1x1 to c."""

    def __init__(self, c_in: int, c: int, down: int = 0, up: bool = False) -> None:
        super().__init__()
        self.levels, self.up = down, up
        for i in range(down):
            self.add_module(f"down{i}", ConvNorm(c_in, c_in, 3, 2, c_in))
        self.expand = ConvNorm(c_in, c)

    def forward(self, x: Tensor, width: int = 0) -> Tensor:  # (N, c_in, H, W)
        for i in range(self.levels):
            x = activate(self.get_submodule(f"down{i}")(x))  # halved
        if self.up:
            x = upsample(x, width)  # (N, c_in, _, width)
        x = self.expand(x)  # (N, c, _, _)
        return x


class Plain(nn.Module):
    """A block that reads one map as it is."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        return x


class Block(nn.Module):
    """A block that resamples its parents, adds them up, and activates the sum.

    Maps that are `joined` fit and are added as they are; links that go up aim at
    `width`.
    """

    def __init__(self, *body: nn.Module, links: Sequence[nn.Module]) -> None:
        super().__init__()
        for slot, link in enumerate(links):
            self.add_module(f"resample{slot}", link)
        self.body = nn.Sequential(*body)

    def forward(
        self,
        *parents: Tensor,
        joined: Sequence[Tensor] = (),
        width: int = 0,
    ) -> Tensor:
        maps = [
            self.get_submodule(f"resample{slot}")(parent, width)
            for slot, parent in enumerate(parents)
        ]
        x: Tensor = maps[0]
        for other in (*maps[1:], *joined):
            x = x + other
        x = self.body(activate(x))
        return x


class Lateral(nn.Module):
    """FPN: 1x1 from a stage, plus a coarser map of the pyramid, upsampled."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleDict({"conv": Conv(c_in, c, bias=True)})

    def forward(
        self,
        x: Tensor,
        above: Tensor | None = None,
        width: int = 0,
    ) -> Tensor:
        x = self.lateral["conv"](x)  # (N, c, H, W)
        return x if above is None else x + upsample(above, width)


class PyramidConv(nn.Module):
    """FPN: a 3x3; for P7, behind an activation."""

    def __init__(
        self,
        c_in: int,
        c: int,
        stride: int = 1,
        activates: bool = False,
    ) -> None:
        super().__init__()
        self.activates = activates
        self.body = nn.ModuleDict({"conv": Conv(c_in, c, 3, stride, bias=True)})

    def forward(self, x: Tensor) -> Tensor:
        x = self.body["conv"](activate(x) if self.activates else x)
        return x
