"""Renders the sticker sheets: `python render.py FOLDER`, where the unpacked npm packages lie.

FOLDER holds `noto/package/icons.json` and so on, from `npm pack @iconify-json/noto` …; the pictures
come out beside this script, one sheet a style: `<style>/sheet.png`, a row of 128x128 px cells with
alpha, in the order of `NAMES`. Needs `resvg-py` and `pillow`; the app needs neither npm nor resvg.
"""

import io
import json
import sys
from pathlib import Path

import resvg_py
from PIL import Image

STYLES = ("noto", "twemoji", "fluent-emoji-flat", "fluent-emoji", "openmoji")
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


def svg(icons: dict, name: str) -> str:
    """The picture of this name as a whole SVG file."""
    while name not in icons["icons"]:
        name = icons["aliases"][name]["parent"]
    icon = icons["icons"][name]
    width, height = (icon.get(k, icons.get(k, 16)) for k in ("width", "height"))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="512" height="512">{icon["body"]}</svg>'
    )


def cell(icons: dict, name: str) -> Image.Image:
    """The picture cut to what is not transparent, its long side 124 px, in the middle of a cell."""
    data = bytes(resvg_py.svg_to_bytes(svg_string=svg(icons, name), width=512, height=512))
    drawn = Image.open(io.BytesIO(data)).convert("RGBA")
    drawn = drawn.crop(drawn.getchannel("A").point(lambda a: 255 * (a > 24)).getbbox())
    scale = (SIDE - 2 * MARGIN) / max(drawn.size)
    drawn = drawn.resize([max(1, round(n * scale)) for n in drawn.size], Image.Resampling.LANCZOS)
    made = Image.new("RGBA", (SIDE, SIDE))
    made.paste(drawn, ((SIDE - drawn.width) // 2, (SIDE - drawn.height) // 2))
    return made


def main(packages: Path) -> None:
    """One sheet a style, and `stickers.json` that names the cells."""
    here = Path(__file__).parent
    for style in STYLES:
        icons = json.loads((packages / style / "package" / "icons.json").read_text("utf-8"))
        sheet = Image.new("RGBA", (SIDE * len(NAMES), SIDE))
        for i, name in enumerate(NAMES):
            sheet.paste(cell(icons, name), (SIDE * i, 0))
        (here / style).mkdir(exist_ok=True)
        sheet.quantize(256, Image.Quantize.FASTOCTREE).save(
            here / style / "sheet.png", optimize=True
        )
    named = {"side": SIDE, "classes": CLASSES, "clutter": CLUTTER, "styles": STYLES}
    text = json.dumps({**named, "unseen_style": "openmoji"}, indent=1)
    (here / "stickers.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
