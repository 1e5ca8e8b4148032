"""Photographs in, feature maps out: the official rule, and files that are not what they say."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from explorer.architecture.errors import FormatError
from explorer.network.image import (
    DEVIATION,
    MEAN,
    Mode,
    feature_picture,
    open_image,
    preprocess,
    shown_picture,
)


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def stored(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(200, 100, 128), (100, 333, 256), (640, 480, 128), (50, 40, 384), (128, 128, 128)],
)
def test_preprocessing_is_the_official_rule(width: int, height: int, size: int) -> None:
    """Normalise, then torch's bilinear resize (half-pixel, no antialias), then zeros."""
    image = noise(width, height)
    tensor, info = preprocess(image, size)
    x = torch.from_numpy(np.asarray(image).astype(np.float32)).permute(2, 0, 1)[None] / 255
    x = (x - torch.from_numpy(MEAN)[:, None, None]) / torch.from_numpy(DEVIATION)[:, None, None]
    fit = min(size / height, size / width)
    scaled = round(height * fit), round(width * fit)
    x = functional.interpolate(x, scaled, mode="bilinear", align_corners=False, antialias=False)
    expected = functional.pad(x, (0, size - scaled[1], 0, size - scaled[0]))
    torch.testing.assert_close(tensor, expected, rtol=0, atol=2e-4)
    assert info.original == (height, width)
    assert info.scaled == scaled
    assert info.scale == (scaled[0] / height, scaled[1] / width)


def test_the_photograph_comes_back_as_it_was_shown() -> None:
    image = noise(64, 48)
    found = shown_picture(preprocess(image, 64)[0])
    assert np.array_equal(found[:48], np.asarray(image))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_each_format_opens_from_bytes_and_from_a_file(kind: str, tmp_path: Path) -> None:
    data = stored(Image.new("RGB", (40, 30), (200, 30, 60)), kind)
    file = tmp_path / "picture"
    file.write_bytes(data)
    for source in (data, file, str(file)):
        image = open_image(source)
        assert (image.size, image.mode) == ((40, 30), "RGB")
        assert np.abs(np.asarray(image).astype(int) - (200, 30, 60)).max() <= 12


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_each_mode_becomes_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((20, 20), 128 << 8, np.uint16))
    else:
        image = Image.new("RGB", (20, 20), (255, 255, 255)).convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = np.asarray(open_image(stored(image, kind)))
    assert found.shape == (20, 20, 3)
    assert (found == (128 if mode == "I;16" else 255)).all()


def test_what_is_transparent_is_white_and_what_lies_on_its_side_is_turned() -> None:
    clear = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    found = open_image(stored(clear, "PNG", exif=exif.tobytes()))
    assert found.size == (10, 20)
    assert (np.asarray(found) == 255).all()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "found no image"),
        (b"hello, I am a photograph", "found no image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "found no image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n", "found no image"),
        (stored(Image.new("RGB", (20, 20)), "TIFF"), "found no image"),
        (stored(noise(64, 64), "JPEG")[:900], "cut off or damaged"),
        (stored(noise(64, 64), "PNG")[:900], "cut off or damaged"),
        (stored(Image.new("RGB", (1, 1)), "PNG"), "1x1 pixels, expected at least 8x8"),
        (huge_png(30_000, 30_000), "expected at most 64 million"),
        (huge_png(10_000, 10_000), "10000x10000 pixels, expected at most 64 million"),
        (huge_png(2**31 - 1, 2**31 - 1), "expected at most 64 million"),
        (huge_png(5000, 5000), "cut off or damaged"),
    ],
)
def test_what_is_no_good_photograph_is_refused_in_one_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        open_image(data)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("The image: found ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jpg", "with\0nul"):
        with pytest.raises(FormatError):
            open_image(path)


@pytest.mark.parametrize(("channels", "height", "width"), [(1, 1, 1), (3, 5, 7), (100, 16, 8)])
def test_feature_pictures(channels: int, height: int, width: int) -> None:
    maps = torch.randn(1, channels, height, width)
    mean = feature_picture(maps)
    assert mean.shape == (height, width, 3)
    assert mean.dtype == np.uint8
    side = int(np.ceil(np.sqrt(min(channels, 64))))
    rows = -(-min(channels, 64) // side)
    assert feature_picture(maps, Mode.MOSAIC).shape == (rows * height, side * width, 3)
    large = feature_picture(maps, side=100)
    assert max(large.shape) >= 100
    factor = large.shape[0] // height
    assert np.array_equal(large[::factor, ::factor], mean)


def test_a_mosaic_puts_channels_in_reading_order() -> None:
    maps = torch.arange(4.0)[:, None, None].expand(4, 2, 2)[None]
    red = feature_picture(maps, Mode.MOSAIC)[:, :, 1]
    assert red[0, 0] < red[0, 2] < red[2, 0] < red[2, 2]


def test_pictures_of_maps_without_contrast_or_with_infinities() -> None:
    for maps in (torch.zeros(1, 2, 9, 9), torch.full((1, 2, 9, 9), torch.nan)):
        assert (feature_picture(maps) == (68, 1, 84)).all()
    maps = torch.rand(1, 1, 20, 20)
    maps[0, 0, 3, 3] = torch.inf
    assert len(np.unique(feature_picture(maps))) > 20
