"""The convolution of the mobile heads."""

from torch import Tensor, nn

from explorer.network.export.pieces.primitives import Conv


class HeadConv(nn.Module):
    """3x3 depthwise, then 1x1 with bias."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.depthwise = Conv(c_in, c_in, 3, groups=c_in, bias=False)
        self.pointwise = Conv(c_in, c, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pointwise(self.depthwise(x))
        return x
