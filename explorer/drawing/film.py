"""A walk through drawings as a GIF, for slides: painted by Pillow, one frame a stop."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from explorer.drawing.drawing import Lane, Point
from explorer.drawing.geometry import sampled
from explorer.drawing.looks import node_look, wire_colour
from explorer.drawing.palette import LIGHT, Theme
from explorer.drawing.player import Stop, all_lanes, lowered

WIDTH = 960
CAPTION = 26
MILLISECONDS = 600
LAST = 2500
"""How long the last frame stays."""


def film(stops: Sequence[Stop], theme: Theme = LIGHT) -> bytes:
    """The GIF: every stop at one scale, with its edit in words below.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> film([Stop(layout(small()), "start")])[:6]
    b'GIF89a'
    """
    wide = max(stop.drawing.width for stop in stops)
    lanes = all_lanes(stops)
    high = max(stop.drawing.height + lowered(stop.drawing, lanes) for stop in stops)
    scale = WIDTH / wide
    size = (WIDTH, round(high * scale) + CAPTION)
    frames = [_frame(stop, lanes, size, scale, theme) for stop in stops]
    file = BytesIO()
    times = [MILLISECONDS] * (len(frames) - 1) + [LAST]
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True
    )
    return file.getvalue()


def _frame(
    stop: Stop, lanes: tuple[Lane, ...], size: tuple[int, int], scale: float, theme: Theme
) -> Image.Image:
    picture = Image.new("RGB", size, theme.background)
    pen = ImageDraw.Draw(picture)
    small, plain = ImageFont.load_default(max(9, 10 * scale)), ImageFont.load_default(14)

    drawing = stop.drawing
    down = lowered(drawing, lanes)

    def at(point: Point) -> tuple[float, float]:
        return point.x * scale, (point.y + down) * scale

    for lane in lanes:
        box = (drawing.left * scale, lane.top * scale, WIDTH, lane.bottom * scale)
        if lane.shaded:
            pen.rectangle(box, fill=theme.band)
        pen.rectangle((box[0], box[1], box[0] + 4, box[3]), fill=lane.colour)
        middle = (box[0] - 6, lane.middle * scale)
        pen.text(middle, lane.label, fill=theme.ink, font=plain, anchor="rm")
    for wire in drawing.wires:
        points = [at(point) for point in sampled(wire.points)]
        pen.line(points, fill=wire_colour(wire, theme), width=2, joint="curve")
    for node in drawing.nodes:
        look = node_look(node, theme)
        marked = node.id == stop.block
        border, width = (theme.accent, 4) if marked else (look.border, max(1, round(look.width)))
        pen.polygon([at(point) for point in node.corners], look.fill, border, width)
        pen.text(at(Point(node.x, node.y)), node.label, fill=node.text, font=small, anchor="mm")
    for end in drawing.outputs:
        x, y = at(Point(end.x, end.y))
        pen.ellipse((x - 12, y - 12, x + 12, y + 12), end.fill, theme.ink, 2)
        pen.text((x, y), end.label, fill=end.text, font=small, anchor="mm")
    text = stop.text.replace("→", "->").replace("−", "-")
    pen.text((8, size[1] - CAPTION / 2), text, fill=theme.ink, font=plain, anchor="lm")
    return picture.quantize(96, dither=Image.Dither.NONE)
