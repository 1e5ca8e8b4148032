"""Histories: undo gives back the very value, and a stored history is the same one."""

from __future__ import annotations

import json

import pytest

from explorer.architecture.codec import from_json
from explorer.architecture.edits import Edit
from explorer.architecture.errors import EditError, FormatError
from explorer.architecture.example import small
from explorer.architecture.history import (
    MAX_STEPS,
    History,
    history_from_json,
    history_to_json,
)
from tests.architecture.networks import CORPUS


def walked() -> History:
    history = History.start(small())
    for edit in (
        Edit("set_level", (2, 5)),
        Edit("add", ("residual", 6, (2, 3))),
        Edit("set_output", (5, True)),
    ):
        history = history.apply(edit)
    return history


def test_undo_and_redo_give_the_same_values() -> None:
    history = walked()
    seen = [history.goto(i).current for i in range(4)]
    assert seen[0] == small() and len(set(seen)) == 4
    assert history.undo().undo().current is seen[1]
    assert history.undo().undo().redo().current is seen[2]
    assert history.undo().redo() == history
    assert not History.start(small()).can_undo and not history.can_redo
    for stuck in (history.goto(0).undo, history.redo, lambda: history.goto(9)):
        with pytest.raises(EditError, match="expected 0 to 3"):
            stuck()


def test_an_edit_after_undo_drops_what_was_undone() -> None:
    history = walked().undo().undo().apply(Edit("remove", (3,)))
    assert [edit.name for step in history.steps for edit in step.edits] == ["set_level", "remove"]
    assert not history.can_redo


def test_an_edit_that_changes_nothing_or_fails_leaves_no_step() -> None:
    history = walked().undo()
    assert history.apply(Edit("set_level", (2, 5))) is history
    with pytest.raises(EditError):
        history.apply(Edit("set_level", (2, 9)))
    assert history.can_redo


def test_opening_another_network_can_be_undone() -> None:
    other = Edit("remove", (2,)).apply(small())
    history = walked().open(other)
    assert history.current == other and not history.steps[-1].edits
    assert history.undo().current == walked().current
    assert history.open(other) is history


def test_it_is_bounded_and_still_stored() -> None:
    history = History.start(small())
    for turn in range(MAX_STEPS + 20):
        history = history.apply(Edit("set_level", (2, 3 + turn % 2 * 2 + 1 - turn % 2)))
    assert len(history.steps) == MAX_STEPS and history.cursor == MAX_STEPS - 1
    assert history.steps[0].edits
    assert history_from_json(history_to_json(history)) == history


@pytest.mark.parametrize("cursor", [0, 2, 3])
def test_the_json_round_trip_is_exact(cursor: int) -> None:
    history = walked().open(small()).apply(Edit("remove", (2,))).goto(cursor)
    assert history_from_json(history_to_json(history)) == history


def test_the_stored_history_of_version_1_is_read_for_ever() -> None:
    history = history_from_json((CORPUS / "history_v1.json").read_text(encoding="utf-8"))
    assert (len(history.steps), history.cursor) == (13, 11)
    names = [step.edits[0].name if step.edits else "open" for step in history.steps]
    assert names == [
        "open", "set_level", "swap", "move", "rewire", "add", "set_op", "set_output",
        "set_repeats", "disconnect", "open", "remove", "set_repeats",
    ]  # fmt: skip
    stored = from_json((CORPUS / "architecture_v1.json").read_text(encoding="utf-8"))
    assert history.steps[10].architecture == stored
    assert [b.id for b in history.current.blocks] == [0, 1, 4, 5, 20, 21, 22]


def altered(**changes: object) -> str:
    return json.dumps({**json.loads(history_to_json(walked())), **changes})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "not JSON"),
        (altered(version=2), "from a newer program"),
        (altered(steps=[]), "found none, expected one or more"),
        (altered(steps={}), "found an object, expected a list"),
        (altered(steps=[{}] * 501), "a list of at most 500"),
        (altered(cursor=4), "cursor: found 4, expected a whole number from 0 to 3"),
        (altered(cursor=-1), "cursor: found -1"),
        (altered(corsor=1), "Did you mean cursor?"),
        (altered(steps=[{"edit": ["remove", 2]}]), "architecture: found null"),
        (altered(steps=[{"architecture": {"version": 1}}]), "blocks: found nothing"),
    ],
)
def test_a_broken_history_is_refused(text: str, expected: str) -> None:
    with pytest.raises(FormatError) as caught:
        history_from_json(text)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (["remove", 77], "no block of this id"),
        (["remove"], "found 0 arguments"),
        (["eval", "1"], "expected a list of the name of an edit"),
        ([["remove"], 2], "expected a list of the name of an edit"),
        ("remove", "expected a list of the name of an edit"),
        (["add", "residual", 3, [[1]]], "expected a list of whole numbers"),
    ],
)
def test_a_history_with_a_broken_edit_is_refused(edit: object, expected: str) -> None:
    steps = json.loads(history_to_json(walked()))["steps"][:1]
    with pytest.raises(FormatError) as caught:
        history_from_json(altered(steps=[*steps, {"edit": edit}]))
    assert expected in str(caught.value) and "steps[1]" in str(caught.value)


def test_edits_made_together_are_undone_together() -> None:
    start = History.start(small())
    both = start.apply(Edit("set_level", (3, 5)), Edit("move", (4, 3, "place")))
    assert len(both.steps) == 2 and both.undo().current == small()
    assert (
        both.current
        == start.apply(Edit("set_level", (3, 5))).apply(Edit("move", (4, 3, "place"))).current
    )
    assert history_from_json(history_to_json(both)) == both


def test_where_one_of_several_edits_is_refused_none_is_made() -> None:
    history = History.start(small())
    with pytest.raises(EditError):
        history.apply(Edit("set_level", (3, 5)), Edit("set_level", (3, 50)))
    assert history.current == small()
