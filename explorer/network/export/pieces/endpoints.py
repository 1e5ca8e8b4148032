"""From output blocks to pyramid levels in an exported file."""

from torch import Tensor, nn

from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.primitives import Conv
from explorer.network.export.pieces.settings import activate


class Endpoint(nn.Module):
    """From an output block to its pyramid level: 1x1, norm, activation."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.conv, self.bn = Conv(c_in, c), Norm(c)

    def forward(self, x: Tensor) -> Tensor:
        return activate(self.bn(self.conv(x)))


class EndpointNorm(nn.Module):
    """From an FPN's block to its pyramid level: a norm alone."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.bn = Norm(c)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(x)
        return x
