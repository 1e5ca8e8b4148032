"""What the script paints: all of it data, with a look for each overlay."""

import json

import pytest

from explorer.architecture.edits import Edit
from explorer.canvas.scene import Chosen, Counting, promises, scene
from explorer.catalog import entry
from explorer.drawing.drawing import Colour
from explorer.drawing.layout import layout
from explorer.drawing.palette import LIGHT

SPINENET = entry("spinenet-49").architecture
MOVED = Edit("set_level", (7, 6)).apply(SPINENET)


def fills(colour: Colour) -> dict[int, str]:
    data = scene(MOVED, layout(MOVED, 640, colour, SPINENET), LIGHT, Chosen(7), 490)
    json.dumps(data)
    return {node["id"]: node["look"]["fill"] for node in data["drawing"]["nodes"]}


MEASURED = (Colour.CARRIED,)
"""Overlays of what a run measured, which a layout alone does not know."""


@pytest.mark.parametrize("colour", [one for one in Colour if one not in MEASURED])
def test_each_overlay_tells_blocks_apart(colour: Colour):
    found = fills(colour)
    assert len(set(found.values())) > 1
    if colour is not Colour.LEVEL:
        assert found != fills(Colour.LEVEL)


def test_the_change_since_the_start_marks_the_block_that_moved():
    found = fills(Colour.CHANGE)
    others = {fill for block, fill in found.items() if block in (2, 3, 4, 5, 6)}
    assert found[7] not in others


def test_a_block_is_told_in_a_sentence():
    data = scene(SPINENET, layout(SPINENET, 640), LIGHT, None, 490)
    spoken = {node["id"]: node["spoken"] for node in data["drawing"]["nodes"]}
    assert spoken[13].startswith("b13, ")
    assert "output" in spoken[13]


@pytest.mark.parametrize("chosen", [Chosen(7), Chosen(12, 0), Chosen(0)])
def test_promises_are_data(chosen: Chosen):
    tables = promises(SPINENET, chosen, Counting(640, False))
    json.dumps(tables)
    assert "parents" in tables if chosen.slot is not None else "levels" in tables
