"""The canvas under a real mouse and real keys: what one does, and what becomes of the network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from explorer.architecture.edits import Edit, Follow
from tests.browser.conftest import Visitor
from tests.browser.hands import SPINENET, Hands, made, same

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Visit = Callable[..., Visitor]


def test_a_block_dragged_down_changes_its_level_and_all_that_follows(hands: Hands) -> None:
    person = hands.person
    numbers, maps = person.numbers(), person.maps()
    hands.take_block(7)
    hands.move_to_lane(6)
    told = hands.tip()
    assert "to L6" in told
    promised = told.split("\n")[1].split(" MACs")[0]  # for example −1.23 G
    assert hands.pills(), "each lane tells what the block would cost there"
    assert hands.covered() <= {7}, "none of it on a block but the one that is held"
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
    assert hands.focused() == 13, "the menu gives the focus back"
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
    assert "2 blocks, levels 1 up" in hands.tip()
    assert "MACs" in hands.tip()
    assert len(hands.pills()) > 3
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
    "several": (
        10,
        ("Shift+ArrowRight", "ArrowUp"),
        (Edit("set_level", (10, 4)), Edit("set_level", (11, 4))),
    ),
    "cut the chosen wire": (12, ("r", "Delete"), (Edit("disconnect", (12, 0)),)),
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
    hands.press("Control+z")
    hands.click(7)
    hands.page.locator(".st-key-drawing [data-op='residual']").focus()
    hands.press("Enter")
    new = hands.person.architecture().blocks[8]
    assert (new.op.value, new.level) == ("residual", 4)
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


def test_zoom_pan_and_fit(hands: Hands) -> None:
    box = hands.box(9)
    hands.button("in")
    assert hands.box(9)["width"] > box["width"]
    hands.button("fit")
    assert hands.box(9)["width"] == pytest.approx(box["width"], abs=0.5)
    hands.click(9)
    hands.press("+", "+")
    near = hands.box(9)
    assert near["width"] > box["width"]
    hands.press("PageDown")
    assert hands.box(9)["x"] < near["x"]
    hands.press("f")
    assert hands.box(9) == pytest.approx(box, abs=0.5)


def test_touch_moves_a_block(visit: Visit) -> None:
    hands = Hands(visit("/?run=128", touch=True))
    hands.touch_drag(7, lane=6)
    assert same(hands.person.architecture(), made(Edit("set_level", (7, 6))))
