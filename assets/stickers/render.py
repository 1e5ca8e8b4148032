"""Renders the sticker sheets: `python render.py FOLDER`, where the unpacked npm packages lie.

FOLDER holds `noto/package/icons.json` and so on, from `npm pack @iconify-json/noto` …; the pictures
come out beside this script, one sheet a style: `<style>/sheet.png`, a row of 128x128 px cells with
alpha, in the order of `NAMES`. Needs `resvg-py` and `pillow`; the app needs neither npm nor resvg.

Styles in `MORE` are for training alone: the more styles a class is seen in, the less a fifth one
surprises. Those in `LINES` have lines without fillings: what they enclose is filled with the mean
colour of Twemoji's picture. Where a set has no picture of a name, its cell stays empty.
"""

import io
import json
import sys
from pathlib import Path

import resvg_py
from PIL import Image, ImageChops, ImageDraw

STYLES = ("noto", "twemoji", "fluent-emoji-flat", "fluent-emoji", "openmoji")
MORE = (
    "noto-v1", "emojione", "fxemoji", "streamline-emojis", "fluent-emoji-high-contrast",
    "emojione-monotone",
)  # fmt: skip
LINES = {"fluent-emoji-high-contrast", "emojione-monotone"}
OTHER_NAMES = {
    "fxemoji": {
        "cat-face": "cat", "dog-face": "dog", "tropical-fish": "tropicalfish",
        "red-apple": "redapple", "evergreen-tree": "evergreentree", "soccer-ball": "soccerball",
        "alarm-clock": "alarmclock", "house": "housebuilding", "hot-beverage": "hotbeverage",
    },
    "streamline-emojis": {"sunflower": "sunflower-1"},
}  # fmt: skip
"""What a set calls a picture, where it is not the name here."""
CLASSES = (
    "cat-face", "dog-face", "tropical-fish", "butterfly", "turtle", "bus", "bicycle", "airplane",
    "sailboat", "rocket", "red-apple", "banana", "sunflower", "evergreen-tree", "soccer-ball",
    "umbrella",
)  # fmt: skip
CLUTTER = (
    "bird", "automobile", "mushroom", "alarm-clock", "house", "star", "hot-beverage", "key",
)  # fmt: skip
NAMES = CLASSES + CLUTTER
SIDE = 128
MARGIN = 2


def svg(icons: dict, name: str) -> str | None:
    """The picture of this name as a whole SVG file; None where the set has none."""
    while name not in icons["icons"]:
        if name not in icons.get("aliases", {}):
            return None
        name = icons["aliases"][name]["parent"]
    icon = icons["icons"][name]
    width, height = (icon.get(k, icons.get(k, 16)) for k in ("width", "height"))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="512" height="512">{icon["body"]}</svg>'
    )


def filled(lines: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """The same lines, in a dark grey, and what they enclose in this colour."""
    wide = Image.new("L", (lines.width + 2, lines.height + 2))
    wide.paste(lines.getchannel("A"), (1, 1))
    outside = wide.point(lambda a: 255 * (a > 96))
    ImageDraw.floodfill(outside, (0, 0), 128)
    inside = outside.point(lambda a: 255 * (a != 128)).crop((1, 1, *(n + 1 for n in lines.size)))
    made = Image.new("RGBA", lines.size, (*colour, 255))
    made.paste((32, 32, 32, 255), mask=lines.getchannel("A"))
    made.putalpha(ImageChops.lighter(inside, lines.getchannel("A")))
    return made


def mean_colour(drawn: Image.Image) -> tuple[int, int, int]:
    """Of what is not transparent."""
    whole = drawn.convert("RGBa").resize((1, 1), Image.Resampling.BOX)  # multiplied by alpha
    *colour, alpha = whole.getpixel((0, 0))
    return tuple(min(255, round(part * 255 / alpha)) for part in colour)


def drawing(icons: dict, name: str) -> Image.Image | None:
    """The picture as it is, 512 px wide and high; None where the set has none."""
    text = svg(icons, name)
    if text is None:
        return None
    data = bytes(resvg_py.svg_to_bytes(svg_string=text, width=512, height=512))
    return Image.open(io.BytesIO(data)).convert("RGBA")


def cell(drawn: Image.Image) -> Image.Image:
    """The picture cut to what is not transparent, its long side 124 px, in the middle of a cell."""
    drawn = drawn.crop(drawn.getchannel("A").point(lambda a: 255 * (a > 24)).getbbox())
    scale = (SIDE - 2 * MARGIN) / max(drawn.size)
    drawn = drawn.resize([max(1, round(n * scale)) for n in drawn.size], Image.Resampling.LANCZOS)
    made = Image.new("RGBA", (SIDE, SIDE))
    made.paste(drawn, ((SIDE - drawn.width) // 2, (SIDE - drawn.height) // 2))
    return made


def main(packages: Path) -> None:
    """One sheet a style, and `stickers.json` that names the cells."""
    here = Path(__file__).parent

    def icons_of(style: str) -> dict:
        return json.loads((packages / style / "package" / "icons.json").read_text("utf-8"))

    missing = {}
    twemoji = icons_of("twemoji")
    for style in STYLES + MORE:
        icons, other = icons_of(style), OTHER_NAMES.get(style, {})
        sheet = Image.new("RGBA", (SIDE * len(NAMES), SIDE))
        for i, name in enumerate(NAMES):
            drawn = drawing(icons, other.get(name, name))
            if drawn is None:
                missing.setdefault(style, []).append(name)
                continue
            if style in LINES:
                drawn = filled(drawn, mean_colour(drawing(twemoji, name)))
            sheet.paste(cell(drawn), (SIDE * i, 0))
        (here / style).mkdir(exist_ok=True)
        sheet.quantize(256, Image.Quantize.FASTOCTREE).save(
            here / style / "sheet.png", optimize=True
        )
    named = {
        "side": SIDE,
        "classes": CLASSES,
        "clutter": CLUTTER,
        "styles": STYLES,
        "unseen_style": "openmoji",
        "more_training_styles": MORE,
        "missing": missing,
    }
    (here / "stickers.json").write_text(json.dumps(named, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
