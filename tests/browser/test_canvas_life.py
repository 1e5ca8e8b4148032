"""The canvas over time: what it shows of a run, how it moves, and what outlasts a lost page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.architecture.codec import to_json
from explorer.architecture.edits import Edit
from explorer.catalog import entry
from tests.browser.conftest import Visitor, free_port, served
from tests.browser.hands import ROOT, SPINENET, Hands, made, same

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Visitor]


def test_a_change_moves_blocks_from_where_they_were_within_300_ms(hands: Hands) -> None:
    hands.click(7)
    moved = hands.animations_of(lambda: hands.press("ArrowDown", settle=False), 7)
    assert moved, "the block was seen between its old and its new place"
    assert hands.person.page.evaluate("() => 0") == 0
    assert max(moved) < 300


def test_reduced_motion_is_respected(visit: Visit) -> None:
    person = visit("/?run=128")
    person.page.emulate_media(reduced_motion="reduce")
    hands = Hands(person)
    hands.click(7)
    assert not hands.animations_of(lambda: hands.press("ArrowDown", settle=False), 7)


def test_each_block_shows_its_map_and_changed_blocks_are_marked(hands: Hands) -> None:
    before = hands.thumbnails()
    assert set(before) == {block.id for block in SPINENET.blocks}
    hands.click(10)
    hands.press("ArrowUp")
    after = hands.thumbnails()
    assert hands.marked() == {10}
    upstream, downstream = (3, 7, 9), (10, 12, 13)
    assert all(after[block] == before[block] for block in upstream)
    assert all(after[block] != before[block] for block in downstream)


def test_maps_that_are_being_computed_are_dimmed_and_never_blank(hands: Hands) -> None:
    hands.click(10)
    world = hands.page.locator(f"{ROOT} .world")
    world.evaluate(
        """world => {
            window.looks = [];
            const look = () => {
                const map = world.querySelector('[data-block="12"] .map');
                const seen = { maps: world.querySelectorAll('.map').length };
                seen.opacity = map ? Number(getComputedStyle(map).opacity) : 0;
                window.looks.push(seen);
                window.looking = requestAnimationFrame(look);
            };
            look();
        }"""
    )
    hands.press("ArrowUp")
    looks = hands.page.evaluate("() => (cancelAnimationFrame(window.looking), window.looks)")
    assert min(look["opacity"] for look in looks) == 0.4, "dimmed for a while"
    assert looks[-1]["opacity"] == 1
    assert min(look["maps"] for look in looks) == len(SPINENET.blocks)


def test_an_edit_repaints_the_canvas_and_leaves_it_in_its_place(hands: Hands) -> None:
    canvas = hands.page.locator(".st-key-drawing .canvas")
    canvas.evaluate("canvas => { canvas.mark = 'the same one'; }")
    hands.click(7)
    hands.press("ArrowDown")
    hands.person.press("undo")
    hands.button("energy")
    assert canvas.evaluate("canvas => canvas.mark") == "the same one"


def test_the_focus_is_seen(hands: Hands) -> None:
    hands.click(5)
    hands.press("Tab")
    ring = hands.block(6).locator(".ring")
    dashes, width = ring.evaluate(
        "ring => [getComputedStyle(ring).strokeDasharray, getComputedStyle(ring).strokeWidth]"
    )
    assert (dashes, width) == ("4px, 2px", "3px")
    accent = hands.block(7).locator(".ring").evaluate("ring => getComputedStyle(ring).stroke")
    assert ring.evaluate("ring => getComputedStyle(ring).stroke") != accent


def test_wires_carry_the_share_of_energy(hands: Hands) -> None:
    hands.button("energy")
    widths = hands.wire_widths()
    assert len(set(widths.values())) > 5
    assert max(widths.values()) > 2 * min(widths.values())


def test_a_reload_keeps_the_edited_network_and_its_history(hands: Hands) -> None:
    person = hands.person
    hands.click(7)
    hands.press("ArrowDown")
    edited = person.architecture()
    person.page.reload()
    person.page.wait_for_selector(".st-key-drawing .world .body")
    person.settle()
    assert same(person.architecture(), edited)
    hands.person.press("undo")
    assert same(person.architecture(), SPINENET)


def test_a_lost_connection_and_a_restarted_server_lose_nothing(visit: Visit) -> None:
    port = free_port()
    with served(port):
        hands = Hands(visit(f"http://127.0.0.1:{port}/?run=128"))
        hands.click(7)
        hands.press("ArrowDown")
    hands.page.wait_for_timeout(500)
    hands.press("ArrowDown", settle=False)  # nobody hears this one yet
    with served(port):
        goal = made(Edit("set_level", (7, 6)))
        for _ in range(240):
            hands.page.wait_for_timeout(500)
            if same(hands.person.architecture(), goal):
                break
        hands.person.settle()
        assert same(hands.person.architecture(), goal)
        hands.person.press("undo")
        hands.person.press("undo")
        assert same(hands.person.architecture(), SPINENET)


def test_a_second_tab_has_the_same_network_and_goes_its_own_way(visit: Visit) -> None:
    first = Hands(visit("/?run=128"))
    first.click(7)
    first.press("ArrowDown")
    address = first.page.url
    second = Hands(visit(address[address.index("/?") :]))
    assert same(second.person.architecture(), first.person.architecture())
    second.person.press("undo")
    assert same(second.person.architecture(), SPINENET)
    assert same(first.person.architecture(), made(Edit("set_level", (7, 5))))


def test_the_back_button_goes_back(hands: Hands) -> None:
    hands.click(7)
    hands.press("ArrowDown")
    assert same(hands.person.architecture(), made(Edit("set_level", (7, 5))))
    hands.page.go_back()
    hands.person.settle()
    hands.page.go_back()
    hands.person.settle()
    assert same(hands.person.architecture(), SPINENET)
    assert hands.lane_of(7) == 4


def test_a_newcomer_permutes_resnet_50_fpn_with_four_drags(visit: Visit) -> None:
    """Swap two blocks of different levels, pull one to another lane, lead a wire elsewhere."""
    hands = Hands(visit("/?net=resnet-50-fpn&run=128"))
    start = entry("resnet-50-fpn").architecture
    hint = hands.page.locator(".st-key-drawing .foot .hint")
    expect(hint).to_contain_text("drag a block to another lane")
    hands.take_block(9)
    hands.move_to_block(5)
    assert not hands.refuses(), hands.tip()
    hands.drop()
    hands.take_block(10)
    hands.move_to_lane(3)
    assert not hands.refuses(), hands.tip()
    hands.drop()
    hands.take_port(4)
    hands.move_to_block(11)
    assert not hands.refuses(), hands.tip()
    hands.drop()
    hands.take_wire(14, 0, "child")  # its ends are too close to be told apart
    hands.move_to_block(8)
    hands.drop()
    assert hands.person.architecture().block(14).parents == (8,)
    assert hands.person.architecture().block(11).parents == (10, 4), "no step was taken back"
    blocks = hands.person.architecture().blocks
    levels = [block.level for block in blocks if block.id <= 15]
    assert levels != sorted(levels), "scales go up and down"
    assert 4 in hands.person.architecture().block(11).parents
    assert sorted(block.id for block in blocks) == sorted(block.id for block in start.blocks)
    assert not hands.person.errors


def test_three_hundred_blocks_are_read_and_edited(visit: Visit, tmp_path: Path) -> None:
    start = SPINENET
    while len(start.blocks) < 300:
        last = start.blocks[-1].id
        level = 2 + len(start.blocks) % 6
        start = Edit("add", ("bottleneck", level, (last, last - 5), None)).apply(start)
    file = tmp_path / "three-hundred.json"
    file.write_text(to_json(start))
    person = visit("/?run=128")
    person.page.locator(".st-key-open button").first.click()
    person.page.locator(".st-key-open-file input[type=file]").set_input_files(file)
    person.page.locator(".st-key-drawing [data-block='299']").wait_for(state="attached")
    person.page.keyboard.press("Escape")
    person.settle()
    hands = Hands(person)
    hands.take_block(20)
    box, lane = hands.box(20), hands.lane(6)
    person.page.mouse.move(box["x"] + 8, lane["y"] + lane["height"] / 2, steps=4)
    hands.drop()
    assert person.architecture().block(20).level == 6
    expect(hands.block(299)).to_have_attribute("aria-label", re.compile("^b299, bottleneck"))


def test_keys_faster_than_the_page_all_count(hands: Hands) -> None:
    """The page is drawn anew for each, and cut off by the next; no late word takes one back."""
    hands.click(7)
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        hands.page.keyboard.press(key)
        hands.page.wait_for_timeout(60)
    hands.person.body(10).click()
    for key in ("ArrowDown", "ArrowUp", "ArrowUp"):
        hands.page.keyboard.press(key)
        hands.page.wait_for_timeout(150)
    hands.page.keyboard.press("Control+z")
    hands.person.settle()
    hands.person.settle()
    expected = made(Edit("set_level", (7, 6)))
    assert same(hands.person.architecture(), expected), "b10 is where it was"
    hands.person.press("undo")
    hands.person.press("undo")
    assert hands.person.architecture().block(10).level == 5
    assert hands.person.architecture().block(7).level == 6


def test_resnet_152_fpn_is_read_and_edited(visit: Visit) -> None:
    hands = Hands(visit("/?net=resnet-152-fpn&run=128"))
    start = entry("resnet-152-fpn").architecture
    assert hands.page.locator(f"{ROOT} .world [data-block] .body").count() == len(start.blocks)
    hands.take_block(30)
    hands.move_to_lane(3)
    assert not hands.refuses(), hands.tip()
    hands.drop()
    goal = made(Edit("set_level", (30, 3)), of=start)
    assert same(hands.person.architecture(), goal)
    expect(hands.block(30)).to_have_attribute("aria-label", re.compile("^b30, bottleneck, level 3"))
