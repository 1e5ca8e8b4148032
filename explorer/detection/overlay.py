"""A picture of what was found: the image with its boxes, and the P maps below."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from torch import Tensor

from explorer.architecture.scaling import HeadStyle
from explorer.detection.inference import Inference
from explorer.drawing.palette import level_colour, text_on
from explorer.network.image import feature_picture, shown_picture

MAP_SIDE = 160
CAPTION = 22
GAP = 8
WHITE, INK = (255, 255, 255), (40, 40, 40)


def write_overlay(
    path: Path,
    tensor: Tensor,
    found: Inference,
    caption: str,
    name: Callable[[int], str],
    style: HeadStyle = HeadStyle.RETINANET,
) -> None:
    """A PNG of the first image of the batch, boxes coloured by the level that found them.

    Below it stand the maps, each under what `name` calls its level and its size; the caption says
    which weights were in use. `style` is the head's, whose rule made the input.
    """
    outputs = found.run.outputs
    photo = Image.fromarray(shown_picture(tensor, style))
    draw = ImageDraw.Draw(photo)
    for item in reversed(found.detections):
        colour = level_colour(item.level)
        draw.rectangle(item.box, outline=colour, width=2)
        text = f"{item.label} {item.score:.2f} P{item.level}"
        around = draw.textbbox((item.box[0] + 2, item.box[1] + 1), text)
        draw.rectangle((item.box[0], item.box[1], around[2] + 2, around[3] + 1), fill=colour)
        draw.text((item.box[0] + 2, item.box[1] + 1), text, fill=text_on(colour))
    maps = [_map(outputs[level], name(level)) for level in sorted(outputs)]
    width = max(photo.width, len(maps) * (MAP_SIDE + GAP) - GAP)
    sheet = Image.new("RGB", (width, CAPTION + photo.height + GAP + CAPTION + MAP_SIDE), WHITE)
    ImageDraw.Draw(sheet).text((2, 5), caption, fill=INK)
    sheet.paste(photo, (0, CAPTION))
    for place, one in enumerate(maps):
        sheet.paste(one, (place * (MAP_SIDE + GAP), CAPTION + photo.height + GAP))
    data = BytesIO()
    sheet.save(data, "PNG")
    path.write_bytes(data.getvalue())


def _map(values: Tensor, name: str) -> Image.Image:
    """One P map, at most `MAP_SIDE` on each side, under its name and size."""
    picture = Image.fromarray(feature_picture(values[:1]))
    factor = MAP_SIDE / max(picture.size)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    small = picture.resize(size, Image.Resampling.NEAREST)
    sheet = Image.new("RGB", (MAP_SIDE, MAP_SIDE + CAPTION), WHITE)
    sheet.paste(small, (0, CAPTION))
    text = f"{name}  {picture.width} x {picture.height}"
    ImageDraw.Draw(sheet).text((2, 5), text, fill=INK)
    return sheet
