"""Photographs into networks, and feature maps out as pictures.

The input pipeline is the official one of the network's head. RetinaNet (tensorflow/models,
`retinanet_input.py`): normalise, resize to fit, zeros below and right. SSD (the graph of
SSDLite-MobileNetV2): stretched to a square, pixels from -1 to 1.
"""

from __future__ import annotations

import warnings
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from explorer.architecture.errors import FormatError
from explorer.architecture.scaling import HeadStyle

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
"""Decoders that are tried; Pillow's others (fonts, PostScript, …) are not for uploads."""
MOST_NBYTES = 64_000_000
MOST_PIXELS = 64_000_000
LEAST_SIDE = 8

MEAN = np.array((0.485, 0.456, 0.406), np.float32)
DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
"""Of ImageNet's pixels in [0, 1], by channel."""

MOSAIC = 64
"""At most so many channels in a mosaic."""
COLOURS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""Stops from low to high: dark to light, so that it reads without colour too (viridis)."""

Pixels = NDArray[np.uint8]
"""Height, width, and 3 for red, green, blue."""


class ImageInfo(NamedTuple):
    """How a photograph became an input: (height, width) pairs. Boxes go back divided by `scale`."""

    original: tuple[int, int]
    desired: tuple[int, int]
    scaled: tuple[int, int]
    """The part of the input that holds the photograph; what is below and right is padding."""
    scale: tuple[float, float]


class Mode(StrEnum):
    """How the channels of a feature map become one picture."""

    MEAN = "mean"
    """The mean over all channels."""
    MOSAIC = "mosaic"
    """The first channels side by side, on one scale."""


def open_image(source: str | Path | bytes) -> Image.Image:
    """The photograph of a file or of its bytes: RGB, upright, the first frame; on white.

    Raises
    ------
    FormatError: where it is no image of a known format, is cut off, or is too small or too large;
        nothing larger is decoded.
    """
    where = "The image" if isinstance(source, bytes) else str(source)
    data = source if isinstance(source, bytes) else _read(where)
    try:
        with warnings.catch_warnings():
            # Large ones are refused below in our own words, not announced by Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise FormatError(_too_large(where, "far more")) from error
    except Exception as error:
        # Decoders raise nearly anything on broken data; all of it means the same here.
        raise FormatError(
            f"{where}: found no image, expected a photograph as {', '.join(FORMATS)}. "
            "Choose another file, or save it in one of these formats."
        ) from error
    width, height = image.size
    if min(width, height) < LEAST_SIDE:
        raise FormatError(
            f"{where}: found an image of {width}x{height} pixels, expected at least "
            f"{LEAST_SIDE}x{LEAST_SIDE}. Choose a larger photograph."
        )
    if width * height > MOST_PIXELS:
        raise FormatError(_too_large(where, f"{width}x{height}"))
    try:
        return _upright_rgb(image)
    except Exception as error:
        raise FormatError(
            f"{where}: found an image that is cut off or damaged ({error}). "
            "Choose another file, or save it again."
        ) from error


def preprocess(
    image: Image.Image, size: int, style: HeadStyle = HeadStyle.RETINANET
) -> tuple[Tensor, ImageInfo]:
    """The network's input, float32 (1, 3, size, size), and how the photograph lies in it.

    The longer side becomes `size` pixels, by bilinear sampling with half-pixel centres and without
    antialiasing, as the official code does; the rest is zero. For SSD both sides become `size`
    pixels, by sampling from the corner (TensorFlow's `ResizeBilinear` of old).

    >>> tensor, info = preprocess(Image.new("RGB", (200, 100)), 128)
    >>> tensor.shape, info.scaled, info.scale
    (torch.Size([1, 3, 128, 128]), (64, 128), (0.64, 0.64))
    """
    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    if style is HeadStyle.SSD:
        square = _sampled(pixels, size, size, from_corner=True) / np.float32(127.5) - np.float32(1)
        info = ImageInfo((height, width), (size, size), (size, size), (size / height, size / width))
        return torch.from_numpy(np.ascontiguousarray(square.transpose(2, 0, 1)[None])), info
    fit = min(size / height, size / width)
    scaled = (max(1, round(height * fit)), max(1, round(width * fit)))
    # Sampling before normalising gives the same: both are affine, and weights add up to one.
    found = (_sampled(pixels, *scaled) / np.float32(255) - MEAN) / DEVIATION
    padded = np.zeros((1, 3, size, size), np.float32)
    padded[0, :, : scaled[0], : scaled[1]] = found.transpose(2, 0, 1)
    scale = (scaled[0] / height, scaled[1] / width)
    return torch.from_numpy(padded), ImageInfo((height, width), (size, size), scaled, scale)


def shown_picture(tensor: Tensor, style: HeadStyle = HeadStyle.RETINANET) -> Pixels:
    """The photograph in a network's input (1, 3, H, W), as it was before normalising for `style`.

    >>> grey = preprocess(Image.new("RGB", (10, 10), (10, 20, 30)), 128)[0]
    >>> shown_picture(grey)[0, 0].tolist()
    [10, 20, 30]
    """
    values: NDArray[np.float32] = tensor[0].numpy().transpose(1, 2, 0)
    if style is HeadStyle.SSD:
        return ((values + 1) * 127.5).round().clip(0, 255).astype(np.uint8)
    return ((values * DEVIATION + MEAN) * 255).round().clip(0, 255).astype(np.uint8)


def feature_picture(maps: Tensor, mode: Mode = Mode.MEAN, side: int = 0) -> Pixels:
    """A feature map (1, C, H, W) as a picture, dark for low and light for high.

    The scale runs from its 1st to its 99th percentile, that of a small map from its lowest to its
    highest value; a map of one value is dark all over. At its own resolution, or enlarged by a
    whole factor to `side` pixels or more.

    >>> feature_picture(torch.arange(4.0).reshape(1, 1, 2, 2))[:, :, 2].tolist()
    [[84, 139], [112, 37]]
    """
    values = np.nan_to_num(maps[0].detach().float().numpy(), posinf=0.0, neginf=0.0)
    plane = values.mean(0) if mode is Mode.MEAN else _mosaic(values[:MOSAIC])
    low, high = np.percentile(plane, (1, 99)) if plane.size > MOSAIC else (plane.min(), plane.max())
    share = (plane - low) / (high - low) if high > low else np.zeros_like(plane)
    factor = max(1, -(-side // max(plane.shape)))
    large = share.clip(0, 1).repeat(factor, 0).repeat(factor, 1)
    stops = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(large, stops, colour) for colour in zip(*COLOURS, strict=True)]
    return np.stack(channels, -1).round().astype(np.uint8)


def _read(where: str) -> bytes:
    try:
        with Path(where).open("rb") as file:
            data = file.read(MOST_NBYTES + 1)
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        raise FormatError(
            f"{where}: found no readable file ({getattr(error, 'strerror', None) or error}). "
            "Name a photograph."
        ) from error
    if len(data) > MOST_NBYTES:
        raise FormatError(
            f"{where}: found more than {MOST_NBYTES // 1_000_000} MB. Choose a smaller photograph."
        )
    return data


def _too_large(where: str, found: str) -> str:
    return (
        f"{where}: found an image of {found} pixels, expected at most "
        f"{MOST_PIXELS // 1_000_000} million. Make it smaller first."
    )


def _upright_rgb(image: Image.Image) -> Image.Image:
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        # 16 bits a pixel, which Pillow's own conversion would clip at 255.
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        image = white
    return image.convert("RGB")


def _sampled(
    pixels: Pixels, height: int, width: int, from_corner: bool = False
) -> NDArray[np.float32]:
    """Bilinear samples. Only the rows and columns that are sampled become floating point."""
    centre = 0.0 if from_corner else 0.5
    top, bottom, down = _between(pixels.shape[0], height, centre)
    left, right, across = _between(pixels.shape[1], width, centre)
    rows = []
    for row in (pixels[top], pixels[bottom]):
        one, other = row[:, left].astype(np.float32), row[:, right].astype(np.float32)
        rows.append(one + (other - one) * across[:, None])
    result: NDArray[np.float32] = rows[0] + (rows[1] - rows[0]) * down[:, None, None]
    return result


def _between(
    length: int, count: int, centre: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For each of `count` samples: the pixel before, the pixel after, and how far between.

    `centre` is where in a pixel its value stands, in pixels: 0 is its corner.
    """
    position: NDArray[np.float32]
    position = (np.arange(count, dtype=np.float32) + centre) * np.float32(length / count) - centre
    before = np.floor(position)
    one, other = (x.astype(np.int64).clip(0, length - 1) for x in (before, before + 1))
    return one, other, position - before


def _mosaic(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Channels (C, H, W) in rows of a square, as far as they go; the rest is the lowest value."""
    count, height, width = values.shape
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    full = np.full((rows * columns, height, width), values.min(), np.float32)
    full[:count] = values
    return full.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, -1)
