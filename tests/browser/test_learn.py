"""A lesson played in a real browser, and the walk watched: what a person does and sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Visitor]


def guess(person: Visitor, place: int) -> None:
    person.page.locator(".st-key-lesson-question [role=radiogroup] label").nth(place).click()
    person.settle()
    person.press("lesson-lock")


def test_a_lesson_wrong_then_hinted_then_right_and_kept_after_a_reload(visit: Visit) -> None:
    person = visit("/learn?lesson=fpn")
    page = person.page
    expect(page.locator(".st-key-lesson")).to_contain_text("FPN: a repair")
    expect(page.locator(".st-key-lesson-task")).to_have_count(0)
    guess(person, 0)
    expect(page.locator(".st-key-lesson")).to_contain_text("It is a third")

    person.press("lesson-hint")
    task = page.locator(".st-key-lesson-task")
    expect(task).to_contain_text("Hint: P3 comes from b21")
    person.choose("form-edit", "Disconnect")
    person.choose("form-block", "b17 · L4")
    person.choose("field-slot-from", "2: b16 · L5")
    person.press("form-apply")
    expect(task).to_contain_text("not yet")
    expect(page.locator(".st-key-lesson-why")).to_have_count(0)

    person.press("lesson-undo")
    person.choose("form-edit", "Disconnect")
    person.choose("form-block", "b18 · L3")
    person.choose("field-slot-from", "2: b17 · L4")
    person.press("form-apply")
    expect(task).not_to_contain_text("not yet")
    expect(page.locator(".st-key-lesson-why")).to_contain_text("scale-permuted")
    expect(page.locator(".st-key-lesson-row")).to_contain_text("1 of 12 done")

    person.settle()
    person.go(page.url)  # a new session: only the browser remembers
    expect(page.locator(".st-key-lesson-row")).to_contain_text("1 of 12 done")
    assert not person.errors


def test_a_drag_on_the_canvas_does_the_task(visit: Visit) -> None:
    """b9 from its lane to L5, as the lesson's hint says."""
    person = visit("/learn?lesson=levels")
    guess(person, 2)
    expect(person.page.locator(".st-key-lesson")).to_contain_text("Right: 16 times")
    box = person.body(9).bounding_box()
    lane = person.page.locator(".st-key-drawing [data-lane='5']").bounding_box()
    assert box and lane
    mouse, x = person.page.mouse, box["x"] + box["width"] / 2
    mouse.move(x, box["y"] + box["height"] / 2)
    mouse.down()
    for share in (0.3, 0.6, 1.0):
        target = lane["y"] + lane["height"] / 2
        mouse.move(x, box["y"] + (target - box["y"]) * share)
        person.page.wait_for_timeout(60)
    mouse.up()
    person.settle()
    expect(person.page.locator(".st-key-lesson-why")).to_contain_text("Done")
    assert not person.errors


def test_the_arrow_keys_step_through_a_lesson(visit: Visit) -> None:
    person = visit("/learn?lesson=levels&present=1")
    lesson = person.page.locator(".st-key-lesson")
    expect(lesson).to_contain_text("one cell stands for")
    size = lesson.locator("p").first.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")
    assert size > 20
    person.page.locator("body").press("ArrowRight")
    expect(lesson).to_contain_text("Guess first")
    person.page.locator("body").press("ArrowLeft")
    expect(lesson).to_contain_text("one cell stands for")


def test_the_walk_to_spinenet_49_plays_to_its_end(visit: Visit) -> None:
    person = visit("/compare")
    page = person.page
    count, now = page.locator(".walk .count"), page.locator(".walk .now")
    expect(count).to_have_text("0 of 110")
    page.locator(".walk button").first.click()
    page.wait_for_timeout(4000)
    seen = int(count.inner_text().split()[0])
    assert 3 <= seen <= 7, "about one edit in three quarters of a second"
    page.locator(".walk button").first.click()
    page.locator(".walk input").evaluate(
        "slider => { slider.value = 107; slider.dispatchEvent(new Event('input')); }"
    )
    page.locator(".walk button").first.click()
    expect(count).to_have_text("110 of 110")
    expect(now).to_contain_text("SpineNet-49")
    expect(page.locator(".walk figcaption").first).to_contain_text("28.26 G")
    assert page.locator(".walk .drawing .node").count() == 17 + 5
    assert not person.errors


@pytest.mark.parametrize("path", ["/learn", "/compare"])
@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_page(visit: Visit, path: str, width: int, dark: bool) -> None:
    person = visit(path, width=width, dark=dark)
    wide = person.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    assert not person.errors
