"""A person's hands on the canvas: takes, drags and drops with the real mouse, and real keys."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import Edit
from explorer.catalog import entry
from tests.browser.conftest import Visitor

ROOT = ".st-key-drawing"
SPINENET = entry("spinenet-49").architecture


def made(*edits: Edit, of: Architecture = SPINENET) -> Architecture:
    """What Python makes of the same edits."""
    for edit in edits:
        of = edit.apply(of)
    return of


def same(found: Architecture, expected: Architecture) -> bool:
    """Whether they are the same but for the name, which a link may have changed."""
    return found.blocks == expected.blocks and found.scaling == expected.scaling


class Hands:
    """What one does on the canvas and what one sees of it while doing it."""

    def __init__(self, person: Visitor) -> None:
        self.person = person
        self.page = person.page

    # What is there

    def block(self, block: int) -> Locator:
        """A block."""
        return self.page.locator(f"{ROOT} .world [data-block='{block}']")

    def box(self, block: int) -> Any:
        """Where a block's shape stands, in pixels."""
        return self.person.body(block).bounding_box()

    def lane(self, level: int) -> Any:
        """Where a lane is."""
        return self.page.locator(f"{ROOT} [data-lane='{level}']").bounding_box()

    def lane_of(self, block: int) -> int:
        """The level of the lane that a block stands in."""
        box = self.box(block)
        middle = box["y"] + box["height"] / 2
        for level in range(2, 10):
            lane = self.lane(level)
            if lane["y"] <= middle < lane["y"] + lane["height"]:
                return level
        raise AssertionError(f"b{block} stands in no lane")

    def tip(self) -> str:
        """The words beside the pointer."""
        text: str = self.page.locator(f"{ROOT} .tip").inner_text()
        return text

    def refuses(self) -> bool:
        """Whether these words say `not here`."""
        found: str | None = self.page.locator(f"{ROOT} .tip").get_attribute("class")
        return "wrong" in (found or "").split()

    def pills(self) -> list[str]:
        """What each lane says while a block is held."""
        return self.page.locator(f"{ROOT} .pill.words").all_inner_texts()

    def covered(self) -> set[int]:
        """Blocks that these words hide a part of."""
        words = self.page.locator(f"{ROOT} rect.pill").all()
        pills = [box for box in (one.bounding_box() for one in words) if box]
        blocks = self._ids(f"{ROOT} .world [data-block]")
        return {block for block in blocks if any(_meet(self.box(block), pill) for pill in pills)}

    def greyed(self) -> set[int]:
        """Blocks that cannot take the wire that is held."""
        return self._ids(f"{ROOT} .world [data-block].no")

    def chosen(self) -> set[int]:
        """Blocks that are selected."""
        return self._ids(f"{ROOT} .world [data-block][aria-pressed=true]")

    def marked(self) -> set[int]:
        """Blocks that the last edit changed."""
        return self._ids(f"{ROOT} .world [data-block]:has(.fresh)")

    def _ids(self, selector: str) -> set[int]:
        found = self.page.locator(selector).evaluate_all("all => all.map(e => e.dataset.block)")
        return {int(one) for one in found}

    def thumbnails(self) -> dict[int, str]:
        """The feature map on each block."""
        found = self.page.locator(f"{ROOT} .world [data-block]:has(.map)").evaluate_all(
            "all => all.map(e => [e.dataset.block, e.querySelector('.map').getAttribute('href')])"
        )
        return {int(block): address for block, address in found}

    def wire_widths(self) -> dict[str, float]:
        """How thick each wire is drawn, by child and slot."""
        found = self.page.locator(f"{ROOT} .world .wire[data-slot]").evaluate_all(
            """all => all.map(e => [`${e.dataset.child}.${e.dataset.slot}`,
                parseFloat(getComputedStyle(e.querySelector('.line')).strokeWidth)])"""
        )
        return dict(found)

    def focused(self) -> int | None:
        """The block that has the keyboard."""
        found = self.page.locator(f"{ROOT} .canvas").evaluate(
            "e => e.getRootNode().activeElement?.dataset?.block ?? null"
        )
        return None if found is None else int(found)

    def animations_of(self, act: Callable[[], None], block: int) -> list[float]:
        """How long the block's motions last that an act sets off, in milliseconds."""
        self.page.evaluate("() => { window.seenMotions = []; }")
        self.page.locator(f"{ROOT} .canvas").evaluate(
            """(frame, block) => {
                const animate = Element.prototype.animate;
                Element.prototype.animate = function (frames, timing) {
                    if (this.dataset.block === String(block)) seenMotions.push(timing.duration);
                    return animate.call(this, frames, timing);
                };
            }""",
            block,
        )
        act()
        self.person.settle()
        found: list[float] = self.page.evaluate("() => window.seenMotions")
        return found

    # The mouse

    def _at(self, box: Any) -> tuple[float, float]:
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _down(self, x: float, y: float) -> None:
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 9, y + 3)
        self.person.settle()  # what the block could become arrives while it is held

    def take_block(self, block: int) -> None:
        """Press on a block and start to drag."""
        self._down(*self._at(self.box(block)))

    def take_port(self, block: int) -> None:
        """Start to drag the dot beside a block."""
        self.block(block).hover()
        port = self.page.locator(f"{ROOT} [data-port='{block}']").bounding_box()
        self._down(*self._at(port))

    def take_wire(self, child: int, slot: int, end: str) -> None:
        """Start to drag an end of a wire."""
        wire = f"{ROOT} .wire[data-child='{child}'][data-slot='{slot}'] [data-end='{end}']"
        self.page.mouse.move(*self._at(self.page.locator(wire).bounding_box()))
        self.page.wait_for_timeout(300)  # whatever moved has arrived
        self._down(*self._at(self.page.locator(wire).bounding_box()))
        held = self.page.locator(f"{ROOT} .canvas.dragging").count()
        assert held, f"nothing is held; the pointer says {self.tip()!r}"

    def take_chip(self, op: str) -> None:
        """Start to drag a new block out of the palette."""
        self._down(*self._at(self.page.locator(f"{ROOT} [data-op='{op}']").bounding_box()))

    def move_to_lane(self, level: int) -> None:
        """Move straight up or down to another lane."""
        lane = self.lane(level)
        x, _ = self._start()
        self._move(x, lane["y"] + lane["height"] / 2)

    def move_to_block(self, block: int) -> None:
        """Move onto a block."""
        self._move(*self._at(self.box(block)))

    def move_between(self, left: int, right: int, lane: int) -> None:
        """Move to a lane between two blocks."""
        x = (self._at(self.box(left))[0] + self._at(self.box(right))[0]) / 2
        self._move(x, self._at(self.lane(lane))[1])

    def _start(self) -> tuple[float, float]:
        found = self.page.locator(f"{ROOT} .ghost .body").bounding_box()
        return self._at(found)

    def _move(self, x: float, y: float) -> None:
        self.page.mouse.move(x, y, steps=6)
        self.page.wait_for_timeout(60)

    def drop(self) -> None:
        """Let go."""
        self.page.mouse.up()
        self.person.settle()

    def click(self, block: int, modifier: str | None = None) -> None:
        """Click a block."""
        keys: Any = [modifier] if modifier else None
        self.person.body(block).click(modifiers=keys)
        self.person.settle()

    def marquee(self, first: int, last: int) -> None:
        """Draw a rectangle around blocks that stand side by side."""
        one, two = self.box(first), self.box(last)
        self.page.mouse.move(two["x"] + two["width"] + 18, two["y"] + two["height"] + 4)
        self.page.mouse.down()
        self.page.mouse.move(one["x"] - 4, one["y"] - 4, steps=5)
        self.drop()

    def menu(self, block: int, item: str) -> None:
        """Choose from a block's own menu."""
        self.person.body(block).click(button="right")
        self.person.settle()
        self.page.locator(f"{ROOT} .menu button", has_text=item).first.click()
        self.person.settle()

    def button(self, name: str) -> None:
        """Press a button of the canvas."""
        self.page.locator(f"{ROOT} [data-do='{name}']").click()
        self.person.settle()

    # Keys and fingers

    def press(self, *keys: str, settle: bool = True) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)
        if settle:
            self.person.settle()

    def touch_drag(self, block: int, lane: int) -> None:
        """Drag a block with a finger."""
        x, y = self._at(self.box(block))
        goal = self._at(self.lane(lane))[1]
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            at = [{"x": px, "y": py} for px, py in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        touch("touchStart", (x, y))
        for step in range(1, 9):
            touch("touchMove", (x, y + (goal - y) * step / 8))
            self.page.wait_for_timeout(30)
        self.person.settle()
        touch("touchEnd")
        self.person.settle()


def _meet(one: Any, two: Any) -> bool:
    return all(
        one[at] < two[at] + two[long] and two[at] < one[at] + one[long]
        for at, long in (("x", "width"), ("y", "height"))
    )
