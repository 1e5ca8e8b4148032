"""The convolution of the usual head."""

from explorer.network.export.pieces.primitives import Conv


class HeadConv(Conv):
    """3x3 with bias."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__(c_in, c, 3, bias=True)
