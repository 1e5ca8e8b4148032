"""The stem and the links of an exported miniature network."""

from torch import Tensor, nn
from torch.nn import functional

from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.primitives import Conv, ConvNorm, upsample
from explorer.network.export.pieces.settings import activate


class MiniatureStem(nn.Module):
    """Each 2x2 pixels as 12 channels, 3x3 stride 2, norm, activation."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = Conv(12, c, 3, 2), Norm(c)

    def forward(self, x: Tensor) -> Tensor:  # (N, 3, H, W)
        x = functional.pad(x, (0, x.shape[-1] % 2, 0, x.shape[-2] % 2))
        x = functional.pixel_unshuffle(x, 2)  # (N, 12, H/2, W/2)
        return activate(self.bn1(self.conv1(x)))  # (N, c, H/4, W/4)


class LeanResample(nn.Module):
    """Means of squares down; 1x1 to `narrow`, to c; half of x; repeats going up."""

    def __init__(
        self,
        c_in: int,
        narrow: int,
        c: int,
        down: int = 0,
        up: bool = False,
    ) -> None:
        super().__init__()
        self.square, self.up, self.adds = 2**down, up, c_in == c
        self.squeeze = Conv(c_in, narrow, bias=True)
        self.expand = ConvNorm(narrow, c)

    def forward(self, x: Tensor, width: int = 0) -> Tensor:  # (N, c_in, H, W)
        if self.square > 1:
            # At an odd edge the mean is over what there is.
            pool = nn.AvgPool2d(self.square, ceil_mode=True, count_include_pad=False)
            x = pool(x)  # (N, c_in, H / square, W / square)
        made = self.expand(activate(self.squeeze(x)))  # (N, c, _, _)
        if self.adds:
            made = made + 0.5 * x  # of two parents the mean goes on
        return upsample(made, width) if self.up else made  # (N, c, _, width)
