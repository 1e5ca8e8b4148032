"""What blocks carry, on the canvas: chosen under View, measured meanwhile, gone with an edit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NOTES = ".st-key-drawing .world .name.note"


def test_amounts_come_below_blocks_can_be_stopped_and_go_with_an_edit(
    visit: Callable[..., Visitor],
) -> None:
    person = visit("/?run=128&colour=carried")
    page = person.page
    stop = page.locator(".st-key-carrying-stop button")
    stop.wait_for()
    page.locator(NOTES).nth(1).wait_for()  # the first ones are shown while others are measured
    stop.click()
    page.locator(".st-key-carrying-go button").wait_for()
    person.settle()
    kept = page.locator(NOTES).all_inner_texts()
    assert 2 <= len(kept) < 15
    page.wait_for_timeout(2500)
    assert page.locator(NOTES).all_inner_texts() == kept
    expect(page.locator(".st-key-drawing .legend")).to_contain_text("AP50 points lost")

    person.click_block(5)
    page.keyboard.press("ArrowUp")
    expect(page.locator(NOTES)).to_have_count(0)  # another network: nothing is known of it
    person.press("undo")
    expect(page.locator(NOTES)).to_have_count(len(kept))
    assert page.locator(NOTES).all_inner_texts() == kept
    assert not person.errors
