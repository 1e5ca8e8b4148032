"""Convolution and upsampling of an exported file."""

from torch import Tensor, nn

from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.same import pad
from explorer.network.export.pieces.settings import BIASED


class Conv(nn.Conv2d):
    """A convolution padded by the rule above; starts with variance 1 / fan-in."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        bias: bool = BIASED,
    ) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(c_in, c_out, kernel, stride, padding, 1, groups, bias)

    def reset_parameters(self) -> None:
        std = self.weight[0].numel() ** -0.5 / 0.87962566
        nn.init.trunc_normal_(self.weight, 0.0, std, -2 * std, 2 * std)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        if self.stride[0] > 1:
            x = pad(x, self.kernel_size[0], self.stride[0])
        return super().forward(x)  # (N, c_out, H / stride, W / stride)


class ConvNorm(nn.Module):
    """A convolution and its norm."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.conv = Conv(c_in, c_out, kernel, stride, groups)
        self.bn = Norm(c_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x))
        return x


def upsample(x: Tensor, width: int) -> Tensor:
    """Nearest-neighbour upsampling by the whole factor that gives this width.

    >>> import torch
    >>> upsample(torch.tensor([[[[1.0, 2.0]]]]), 4)[0, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """
    factor = max(1, width // x.shape[-1])
    return x.repeat_interleave(factor, -2).repeat_interleave(factor, -1)
