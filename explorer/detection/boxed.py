"""An image with boxes on it, each in the colour of the pyramid level that found it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from explorer.detection.decode import Detection
from explorer.detection.scenes import Scene
from explorer.detection.stickers import names
from explorer.drawing.palette import level_colour, text_on

LEAST_SIDE = 512
"""Small images are enlarged by a whole factor to about so many pixels, so that words fit."""
Rectangle = tuple[float, float, float, float]
TRUTH = (255, 255, 255)


def boxed(
    image: NDArray[np.uint8],
    found: Sequence[Detection],
    truth: Scene | None = None,
    text_share: float = 0.024,
) -> Image.Image:
    """The image, enlarged where it is small, with what was found; and dashed, what is there.

    Labels name the class, the score and the level: `bus 0.93 P4`. `text_share` is their
    height as a part of the picture's longer side.

    >>> boxed(np.zeros((128, 128, 3), np.uint8), ()).size
    (512, 512)
    """
    factor = max(1, -(-LEAST_SIDE // max(image.shape[:2])))
    size = (image.shape[1] * factor, image.shape[0] * factor)
    text_height = round(text_share * max(size))
    shown = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(shown)
    if truth is not None:
        for box, label in zip(truth.boxes.tolist(), truth.labels.tolist(), strict=True):
            corners = [x * factor for x in box]
            _dashed(draw, corners)
            draw.text(
                (corners[0] + 2, corners[3] + 1),
                names().classes[label],
                fill=TRUTH,
                font_size=text_height,
            )
    taken: list[Rectangle] = []
    labels = []
    for item in found:
        x0, y0, x1, y1 = (x * factor for x in item.box)
        if x1 <= x0 or y1 <= y0:
            continue
        text = f"{item.label} {item.score:.2f} P{item.level}"
        wide = draw.textlength(text, font_size=text_height) + 4
        place = _free((x0, y0, x1, y1), (wide, text_height + 3), size, taken)
        taken.append(place)
        labels.append((text, place, level_colour(item.level)))
        draw.rectangle((x0, y0, x1, y1), outline=level_colour(item.level), width=3)
    for text, place, colour in reversed(labels):  # the best on top
        draw.rectangle(place, fill=colour)
        draw.text((place[0] + 2, place[1]), text, fill=text_on(colour), font_size=text_height)
    return shown


def _free(
    box: Rectangle, label: tuple[float, float], size: tuple[int, int], taken: Sequence[Rectangle]
) -> Rectangle:
    """Where a label of this width and height hides no other: above its box, below, or inside.

    >>> _free((10, 50, 40, 80), (60, 15), (200, 200), [(0, 30, 90, 45)])
    (10, 80, 70, 95)
    """
    x0, y0, _, y1 = box
    wide, high = label
    x = max(0, min(x0, size[0] - wide))
    places = [(x, y, x + wide, y + high) for y in (y0 - high, y1, y0) if 0 <= y <= size[1] - high]
    free = (place for place in places if not any(_meet(place, other) for other in taken))
    return next(free, (x, max(0, y0 - high), x + wide, max(0, y0 - high) + high))


def _meet(one: Rectangle, two: Rectangle) -> bool:
    across = one[0] < two[2] and two[0] < one[2]
    return across and one[1] < two[3] and two[1] < one[3]


def _dashed(draw: ImageDraw.ImageDraw, box: Sequence[float], dash: float = 5) -> None:
    x0, y0, x1, y1 = box
    for start in np.arange(x0, x1, 2 * dash):
        end = min(start + dash, x1)
        draw.line((start, y0, end, y0), fill=TRUTH)
        draw.line((start, y1, end, y1), fill=TRUTH)
    for start in np.arange(y0, y1, 2 * dash):
        end = min(start + dash, y1)
        draw.line((x0, start, x0, end), fill=TRUTH)
        draw.line((x1, start, x1, end), fill=TRUTH)
