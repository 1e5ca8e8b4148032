"""The head of an exported file.

Source: tensorflow/models `dense_prediction_heads.py`, RetinaNetHead.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from explorer.network.export.pieces.head_conv import HeadConv
from explorer.network.export.pieces.norm_batch import Norm
from explorer.network.export.pieces.settings import activate


class Tower(nn.Module):
    """RetinaNet: convolutions shared over levels, each with the level's own norm.

    `start` is what every output is before training.
    """

    def __init__(
        self,
        c_in: int,
        c: int,
        convs: int,
        outputs: int,
        levels: Sequence[int],
        start: float = 0.0,
    ) -> None:
        super().__init__()
        widths = [c_in, *[c] * convs]
        self.convs = nn.ModuleList(HeadConv(width, c) for width in widths[:-1])
        self.norms = nn.ModuleDict()
        for level in levels:
            self.norms[str(level)] = nn.ModuleList(Norm(c) for _ in self.convs)
        self.predict = HeadConv(widths[-1], outputs)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 4:
                nn.init.normal_(parameter, std=1e-5 if "predict" in name else 0.01)
            elif name.startswith("predict"):
                nn.init.constant_(parameter, start)

    def forward(self, x: Tensor, level: int) -> Tensor:  # (N, c_in, H, W)
        for i, conv in enumerate(self.convs):
            norm = self.get_submodule(f"norms.{level}.{i}")
            x = activate(norm(conv(x)))  # (N, c, H, W)
        x = self.predict(x)  # (N, outputs, H, W)
        return x
