"""The predictors of an exported SSD.

Source: tensorflow/models `object_detection`, `convolutional_box_predictor.py`.
"""

from torch import Tensor, nn

from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.primitives import Conv
from explorer.network.export.pieces.settings import activate


class Predictor(nn.Module):
    """3x3 depthwise, norm, activation, 1x1."""

    def __init__(self, c_in: int, outputs: int, start: float) -> None:
        super().__init__()
        self.conv, self.bn = Conv(c_in, c_in, 3, groups=c_in), Norm(c_in)
        self.predict = Conv(c_in, outputs, bias=True)
        nn.init.constant_(self.predict.get_parameter("bias"), start)

    def forward(self, x: Tensor) -> Tensor:  # (N, c_in, H, W)
        x = self.predict(activate(self.bn(self.conv(x))))  # (N, outputs, H, W)
        return x


class Predictors(nn.Module):
    """SSD: on each level a predictor of its own, given as (level, c_in, outputs).

    `start` is what every output is before training.
    """

    def __init__(self, *levels: tuple[int, int, int], start: float = 0.0) -> None:
        super().__init__()
        for level, c_in, outputs in levels:
            self.add_module(str(level), Predictor(c_in, outputs, start))

    def forward(self, x: Tensor, level: int) -> Tensor:  # (N, c_in, H, W)
        x = self.get_submodule(str(level))(x)  # (N, outputs, H, W)
        return x
