"""The canvas under a real mouse and real keys: what one does, and what becomes of the network."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import to_json
from explorer.architecture.edits import Edit, Follow
from explorer.catalog import entry
from tests.browser.conftest import Visitor, free_port, served
from tests.browser.hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Visitor]
SPINENET = entry("spinenet-49").architecture


@pytest.fixture
def hands(visit: Visit) -> Hands:
    """Hands on SpineNet-49's canvas."""
    return Hands(visit("/?run=128"))


def made(*edits: Edit, of: Architecture = SPINENET) -> Architecture:
    """What Python makes of the same edits."""
    for edit in edits:
        of = edit.apply(of)
    return of


def same(found: Architecture, expected: Architecture) -> bool:
    """Whether they are the same but for the name, which a link may have changed."""
    return found.blocks == expected.blocks and found.scaling == expected.scaling


def test_a_block_dragged_down_changes_its_level_and_all_that_follows(hands: Hands) -> None:
    person = hands.person
    numbers, maps = person.numbers(), person.maps()
    hands.take_block(7)
    hands.move_to_lane(6)
    told = hands.tip()
    assert "to L6" in told
    promised = told.split("\n")[1].split(" MACs")[0]  # for example −1.23 G
    assert hands.pills(), "each lane tells what the block would cost there"
    hands.drop()
    assert same(person.architecture(), made(Edit("set_level", (7, 6))))
    assert person.numbers() != numbers
    assert promised in person.numbers()
    assert person.maps() != maps
    assert hands.lane_of(7) == 6


def test_a_block_dragged_sideways_changes_its_place(hands: Hands) -> None:
    hands.take_block(16)
    hands.move_between(14, 15, lane=6)
    assert "earlier" in hands.tip()
    hands.drop()
    assert same(hands.person.architecture(), made(Edit("move", (16, 15, Follow.PLACE))))


def test_a_block_dropped_on_another_swaps_the_two_under_either_rule(hands: Hands) -> None:
    person = hands.person
    hands.take_block(5)
    hands.move_to_block(6)
    assert "swap with b6, wires stay with the place" in hands.tip()
    hands.drop()
    assert same(person.architecture(), made(Edit("swap", (5, 6, Follow.PLACE))))
    hands.press("Control+z")
    assert same(person.architecture(), SPINENET)
    hands.take_block(12)
    person.page.keyboard.down("Alt")
    hands.move_to_block(11)
    assert "wires follow the block" in hands.tip()
    hands.drop()
    person.page.keyboard.up("Alt")
    assert same(person.architecture(), made(Edit("swap", (12, 11, Follow.BLOCK))))


def test_a_drop_that_is_not_allowed_says_why_and_changes_nothing(hands: Hands) -> None:
    hands.take_block(13)
    hands.move_to_lane(4)
    assert hands.refuses()
    assert "L4" in hands.tip() or "level" in hands.tip()
    hands.drop()
    assert same(hands.person.architecture(), SPINENET)
    assert hands.lane_of(13) == 3


def test_an_end_of_a_wire_dragged_to_another_block_rewires(hands: Hands) -> None:
    person = hands.person
    hands.take_wire(12, 0, "parent")
    assert 15 in hands.greyed()
    assert 8 not in hands.greyed()
    hands.move_to_block(8)
    assert "b12 reads b8" in hands.tip()
    assert "MACs" in hands.tip()
    hands.drop()
    assert same(person.architecture(), made(Edit("rewire", (12, 0, 8))))


def test_the_other_end_of_a_wire_leads_it_into_another_block(hands: Hands) -> None:
    hands.take_wire(14, 1, "child")
    hands.move_to_block(16)
    hands.drop()
    parent = SPINENET.block(14).parents[1]
    edits = (Edit("rewire", (16, 2, parent)), Edit("disconnect", (14, 1)))
    assert same(hands.person.architecture(), made(*edits))
    hands.press("Control+z")
    assert same(hands.person.architecture(), SPINENET), "one gesture is one undo"


def test_a_wire_that_would_make_a_cycle_is_refused(hands: Hands) -> None:
    hands.take_wire(10, 0, "parent")
    hands.move_to_block(14)
    assert hands.refuses()
    hands.drop()
    assert same(hands.person.architecture(), SPINENET)


def test_the_dot_beside_a_block_lets_another_read_it(hands: Hands) -> None:
    hands.take_port(9)
    hands.move_to_block(16)
    hands.drop()
    assert same(hands.person.architecture(), made(Edit("rewire", (16, 2, 9))))


def test_a_block_from_the_palette_lands_where_it_is_dropped(hands: Hands) -> None:
    hands.take_chip("residual")
    hands.move_between(11, 12, lane=4)
    hands.drop()
    added = hands.person.architecture().blocks
    new = next(block for block in added if block.id == 17)
    assert (new.op.value, new.level) == ("residual", 4)
    assert added.index(new) == SPINENET.position(12)


def test_the_menu_changes_op_repeats_and_output_and_duplicates_and_removes(hands: Hands) -> None:
    person = hands.person
    hands.menu(7, "residual")
    assert same(person.architecture(), made(Edit("set_op", (7, "residual"))))
    hands.press("Control+z")
    hands.menu(7, "+")
    assert same(person.architecture(), made(Edit("set_repeats", (7, 2))))
    hands.press("Control+z")
    hands.menu(13, "output of its level")
    assert same(person.architecture(), made(Edit("set_output", (13, False))))
    hands.press("Control+z")
    hands.menu(8, "duplicate")
    copy = person.architecture().blocks[9]
    assert (copy.id, copy.level, copy.parents) == (17, 5, SPINENET.block(8).parents)
    hands.press("Control+z")
    hands.menu(11, "remove")
    assert same(person.architecture(), made(Edit("remove", (11,))))


def test_several_blocks_are_marked_out_and_moved_together(hands: Hands) -> None:
    hands.marquee(10, 11)
    assert hands.chosen() == {10, 11}
    hands.take_block(10)
    hands.move_to_lane(4)
    hands.drop()
    expected = made(Edit("set_level", (10, 4)), Edit("set_level", (11, 4)))
    assert same(hands.person.architecture(), expected)
    hands.press("Control+z")
    assert same(hands.person.architecture(), SPINENET)
    hands.click(7)
    hands.click(8, "Shift")
    assert hands.chosen() == {7, 8}


def test_undo_and_redo_by_button_and_by_key(hands: Hands) -> None:
    person = hands.person
    hands.click(7)
    hands.press("ArrowUp")
    edited = made(Edit("set_level", (7, 3)))
    assert same(person.architecture(), edited)
    hands.person.press("undo")
    assert same(person.architecture(), SPINENET)
    hands.person.press("redo")
    assert same(person.architecture(), edited)
    hands.press("Control+z")
    assert same(person.architecture(), SPINENET)
    hands.press("Control+Shift+z")
    assert same(person.architecture(), edited)


KEYS: dict[str, tuple[int, tuple[str, ...], tuple[Edit, ...]]] = {
    "level up": (7, ("ArrowUp",), (Edit("set_level", (7, 3)),)),
    "level down": (7, ("ArrowDown",), (Edit("set_level", (7, 5)),)),
    "earlier": (16, ("ArrowLeft",), (Edit("move", (16, 15, "place")),)),
    "later": (15, ("ArrowRight",), (Edit("move", (15, 16, "place")),)),
    "swap": (6, ("s", "Enter"), (Edit("swap", (6, 5, "place")),)),
    "swap, chosen": (6, ("s", "ArrowRight", "Enter"), (Edit("swap", (6, 7, "place")),)),
    "swap, links follow": (12, ("l", "s", "Enter"), (Edit("swap", (12, 11, "block")),)),
    "rewire": (12, ("r", "ArrowRight", "Enter"), None),  # type: ignore[dict-item]
    "connect": (16, ("c", "Enter"), (Edit("rewire", (16, 2, 15)),)),
    "cut": (16, ("x",), (Edit("disconnect", (16, 1)),)),
    "remove": (11, ("Delete",), (Edit("remove", (11,)),)),
    "output off": (13, ("o",), (Edit("set_output", (13, False)),)),
    "next op": (7, ("b",), (Edit("set_op", (7, "residual")),)),
    "repeats": (7, ("]",), (Edit("set_repeats", (7, 2)),)),
    "nothing after Esc": (6, ("s", "ArrowRight", "Escape"), ()),
}


@pytest.mark.parametrize("case", KEYS)
def test_every_gesture_has_keys(hands: Hands, case: str) -> None:
    block, keys, edits = KEYS[case]
    if edits is None:
        old = SPINENET.block(block).parents[0]
        edits = (Edit("rewire", (block, 0, SPINENET.blocks[SPINENET.position(old) + 1].id)),)
    hands.click(block)
    hands.press(*keys)
    assert same(hands.person.architecture(), made(*edits))
    focused = hands.focused()
    assert case == "remove" or focused == block, "the focus stays on the block"


def test_a_and_d_add_blocks_and_the_question_mark_lists_the_keys(hands: Hands) -> None:
    hands.click(7)
    hands.press("a")
    assert hands.person.architecture().blocks[8].level == 4
    hands.press("Control+z")
    hands.click(7)
    hands.press("d")
    assert hands.person.architecture().blocks[8].parents == SPINENET.block(7).parents
    hands.press("?")
    help_ = hands.person.page.locator(".st-key-drawing [role=dialog]")
    expect(help_).to_be_visible()
    for word in ("rewire", "swap", "undo", "duplicate"):
        expect(help_).to_contain_text(word)
    hands.press("Escape")
    expect(help_).to_be_hidden()


def test_the_tab_key_walks_from_block_to_block(hands: Hands) -> None:
    hands.click(5)
    hands.press("Tab")
    assert hands.focused() == 6
    expect(hands.person.page.locator(".st-key-inspector")).to_contain_text("b6 ·")
    hands.press("Shift+Tab")
    assert hands.focused() == 5
    label = hands.block(5).get_attribute("aria-label")
    assert label is not None
    assert label.startswith("b5, bottleneck, level 4, reads b")


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
        for _ in range(60):
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


def test_zoom_pan_and_fit(hands: Hands) -> None:
    box = hands.box(9)
    hands.button("in")
    assert hands.box(9)["width"] > box["width"]
    hands.button("fit")
    assert hands.box(9)["width"] == pytest.approx(box["width"], abs=0.5)


def test_touch_moves_a_block(visit: Visit) -> None:
    hands = Hands(visit("/?run=128", touch=True))
    hands.touch_drag(7, lane=6)
    assert same(hands.person.architecture(), made(Edit("set_level", (7, 6))))


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
