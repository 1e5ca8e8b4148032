"""What stands for the norm of a network whose norms are folded into its convolutions."""

from torch import Tensor, nn


class Norm(nn.Module):
    """Nothing: the convolution before it has the norm's scale and shift in it."""

    def __init__(self, channels: int) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x
