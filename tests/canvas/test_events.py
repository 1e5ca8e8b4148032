"""What the browser sends is taken up once, in order, or refused with a sentence."""

import pytest

from explorer.architecture.edits import Edit
from explorer.architecture.errors import FormatError
from explorer.canvas.events import Kind, events_from

LEVEL = {"n": 3, "kind": "edit", "edits": [["set_level", 5, 3], ["move", 5, 7, "block"]]}


def test_gestures_come_in_order_and_none_twice():
    sent = [{"n": 2, "kind": "undo"}, LEVEL, {"n": 4, "kind": "select", "block": 5, "slot": None}]
    assert [event.kind for event in events_from(sent)] == [Kind.UNDO, Kind.EDIT, Kind.SELECT]
    assert [event.number for event in events_from(sent, 3)] == [4]
    assert events_from(sent, 4) == ()


def test_edits_made_together_stay_together():
    (event,) = events_from([LEVEL])
    assert event.edits == (Edit("set_level", (5, 3)), Edit("move", (5, 7, "block")))


@pytest.mark.parametrize(
    "sent", [None, {"n": 1, "kind": "undo"}, [{"kind": "undo"}], [{"n": True}]]
)
def test_what_holds_no_gestures_is_refused_with_a_mend(sent: object):
    with pytest.raises(FormatError, match="Reload the page"):
        events_from(sent)


@pytest.mark.parametrize(
    "sent",
    [
        {"n": 1, "kind": "format the disk"},
        {"n": 1, "kind": "edit", "edits": []},
        {"n": 1, "kind": "edit", "edits": [7]},
        {"n": 1, "kind": "edit", "edits": [["set_level", 1, 2]] * 501},
        {"n": 1, "kind": "select", "block": "5"},
        {"n": 1, "kind": "select", "block": 5, "slot": "0"},
    ],
)
def test_a_gesture_that_is_none_does_not_hold_up_the_next(sent: dict[str, object]):
    refused, edit = events_from([sent, LEVEL])
    assert "Reload the page" in refused.refused
    assert (edit.number, edit.refused, len(edit.edits)) == (3, "", 2)


@pytest.mark.parametrize("edit", [["explode", 5], ["set_level", 5], ["set_level", 5, "up"]])
def test_an_edit_that_is_none_is_refused(edit: list[object]):
    (event,) = events_from([{"n": 1, "kind": "edit", "edits": [edit]}])
    assert event.refused
    assert not event.edits
