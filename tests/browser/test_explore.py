"""Explore in a real browser: what one does, and what one sees of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DRAWN, ROOT, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Visitor]
DARK_INKS = ("rgb(238, 242, 246)", "rgb(163, 173, 186)")
"""Ink and muted ink of the dark theme."""


def test_an_edit_changes_numbers_drawing_and_maps_and_undo_brings_them_back(visit: Visit) -> None:
    person = visit("/?run=256")
    numbers, drawing, maps = person.numbers(), person.drawing(), person.maps()
    assert "28.26 G" in numbers
    assert len(maps) >= 7  # the photograph, the block, P3 to P7

    person.choose("form-block", "b5 · L4")
    person.choose("field-level", "L3 · stride 8")
    person.press("form-apply")
    assert "28.26 G" not in person.numbers()
    assert person.drawing() != drawing
    changed = person.maps()
    outputs = slice(2, 6)  # P7 is two by two at this size: too few values to tell apart
    assert all(new != old for new, old in zip(changed[outputs], maps[outputs], strict=True))

    person.press("undo")
    assert person.numbers() == numbers
    assert person.maps()[outputs] == maps[outputs]
    assert person.maps()[0] == maps[0]  # the photograph with its boxes
    assert person.drawing() == drawing
    person.press("redo")
    assert person.maps() == changed
    assert not person.errors


def test_a_click_on_a_block_selects_it_and_shows_its_map(visit: Visit) -> None:
    person = visit()
    before = person.maps()
    person.click_block(9)
    inspector = person.page.locator(".st-key-inspector")
    expect(inspector).to_contain_text("b9 · residual · L7")
    expect(person.page.locator("[class*=st-key-form-block] input")).to_have_value("b9 · L7")
    after = person.maps()
    assert after[1] != before[1]
    assert after[2:7] == before[2:7]


def test_a_link_opens_in_another_browser_as_it_was(visit: Visit) -> None:
    person = visit("/?run=128&photo=eagle")
    person.click_block(7)
    person.choose("form-edit", "Disconnect")
    person.press("form-apply")
    address = person.page.url
    other = visit(address[address.index("/?") :])
    assert other.numbers() == person.numbers()
    assert other.drawing() == person.drawing()
    assert other.maps() == person.maps()
    expect(other.page.locator(".st-key-undo button").first).to_be_enabled()


def test_a_reload_and_the_back_button_lose_nothing(visit: Visit) -> None:
    person = visit()
    first = person.numbers()
    person.choose("form-edit", "Remove")
    person.press("form-apply")
    edited = person.numbers()
    assert edited != first
    person.page.reload()
    person.page.wait_for_selector(DRAWN)
    person.settle()
    assert person.numbers() == edited
    person.press("undo")
    assert person.numbers() == first


def test_an_upload_that_is_no_image_says_so_and_changes_nothing(
    visit: Visit, tmp_path: Path
) -> None:
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no photograph")
    person = visit()
    before = person.maps()
    person.page.locator(".st-key-own-photo button").first.click()
    person.page.locator(".st-key-photo-file input[type=file]").set_input_files(bad)
    expect(person.page.locator(".st-key-notice")).to_contain_text("holiday.jpg")
    person.settle()
    assert person.maps() == before
    assert "Traceback" not in person.page.locator("body").inner_text()


def test_an_upload_is_run(visit: Visit) -> None:
    person = visit()
    before = person.maps()
    good = sorted((ROOT / "assets" / "images").glob("*.jpg"))[-1]
    person.page.locator(".st-key-own-photo button").first.click()
    person.page.locator(".st-key-photo-file input[type=file]").set_input_files(good)
    photo = person.page.locator("[class*=st-key-photo-of-] input")
    expect(photo.first).to_have_value(f"{good.name} (yours)")  # the list before it goes last
    person.settle()
    expect(photo).to_have_value(f"{good.name} (yours)")
    assert all(new != old for new, old in zip(person.maps()[:4], before[:4], strict=True))


@pytest.mark.parametrize("name", ["not-json.json", "cycle.json"])
def test_a_broken_architecture_file_keeps_what_one_had(
    visit: Visit, tmp_path: Path, name: str
) -> None:
    bad = tmp_path / name
    bad.write_text("this is { no JSON" if name == "not-json.json" else '{"version": 99}')
    person = visit()
    numbers = person.numbers()
    person.page.locator(".st-key-open button").first.click()
    person.page.locator(".st-key-open-file input[type=file]").set_input_files(bad)
    expect(person.page.locator(".st-key-notice")).to_contain_text(name)
    person.settle()
    assert person.numbers() == numbers


def test_a_long_run_is_dimmed_can_be_stopped_and_run_again(visit: Visit) -> None:
    person = visit()
    person.page.goto(person.page.url.split("?")[0] + "?net=spinenet-190&run=512")
    person.page.locator(".st-key-cancel button").click()
    person.settle()
    expect(person.page.locator(".st-key-pictures")).to_contain_text("Stopped")
    assert person.dimmed()
    person.choose("picker", "SpineNet-49S")
    person.page.locator(".st-key-pictures img").nth(6).wait_for()
    person.settle()
    assert not person.dimmed()
    expect(person.page.locator(".st-key-pictures")).not_to_contain_text("Stopped")


def test_the_loop_needs_no_scrolling(visit: Visit) -> None:
    """At 1440x900 the numbers, the drawing, the maps and the form's button are all in view."""
    person = visit()
    for place in (".st-key-numbers", ".st-key-drawing", ".st-key-pictures", ".st-key-form-apply"):
        box = person.page.locator(place).first.bounding_box()
        assert box, place
        assert box["y"] >= 0, place
        assert box["y"] + box["height"] <= 900, (place, box)


@pytest.mark.parametrize("path", ["/?run=128", "/gallery"])
@pytest.mark.parametrize("width", [1280, 1920])
def test_the_first_paint_is_dark_where_the_person_is(visit: Visit, path: str, width: int) -> None:
    person = visit(path, width=width, dark=True)
    page = person.page
    background = page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).color")
    assert background != "rgb(22, 27, 34)"  # the light theme's ink
    ink = page.locator(".st-key-drawing .level, .js-plotly-plot text").first
    assert ink.evaluate("e => getComputedStyle(e).fill") in DARK_INKS
    wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    assert not person.errors
