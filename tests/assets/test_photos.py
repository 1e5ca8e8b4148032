"""The sample photographs: there, small, described, and each with its licence."""

import re

import pytest
from PIL import Image

from explorer.catalog import Photo, photos
from explorer.catalog.photos import FOLDER

README = (FOLDER / "README.md").read_text(encoding="utf-8")
every_photo = pytest.mark.parametrize("photo", photos(), ids=[photo.name for photo in photos()])


@every_photo
def test_opens_and_is_of_a_size_to_run(photo: Photo) -> None:
    with Image.open(photo.path) as image:
        image.load()
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert min(image.size) >= 400 and max(image.size) <= 1024
        where = 0x8825  # EXIF's tag of the place where a photo was taken
        assert where not in image.getexif()


@every_photo
def test_is_described(photo: Photo) -> None:
    assert 30 <= len(photo.alt) <= 300
    assert photo.alt.endswith(".")
    assert 3 <= len(photo.title) <= 40


@every_photo
def test_has_its_row_with_author_licence_and_package(photo: Photo) -> None:
    row = re.search(rf"^\| `{re.escape(photo.path.name)}` \|.*$", README, re.MULTILINE)
    assert row
    cells = [cell.strip() for cell in row[0].strip("|").split("|")]
    assert len(cells) == 7 and all(cells)
    named = {"CC-BY-4.0": "CC BY 4.0", "CC0-1.0": "CC0 1.0"}.get(photo.licence, photo.licence)
    assert named.casefold() in cells[3].casefold()
    assert photo.author.split(";")[0].casefold() in cells[2].casefold()
    assert f"- {cells[4]}: " in README


def test_enough_of_them_and_none_left_over() -> None:
    listed = {photo.path.name for photo in photos()}
    there = {file.name for file in FOLDER.iterdir()} - {"README.md", "images.json"}
    assert listed == there
    assert len(photos()) >= 8
    assert len({photo.name for photo in photos()}) == len(photos())
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 2_500_000
