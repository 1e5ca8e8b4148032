"""Progress: a value that comes back from text, and a text that is none is refused."""

from __future__ import annotations

import pytest

from explorer.architecture.errors import FormatError
from explorer.lessons.progress import Progress, from_json, to_json


def test_it_comes_back_from_text() -> None:
    found = Progress().guessed("levels", 2).finished("levels").solved("lean", "eJx")
    assert from_json(to_json(found)) == found


def test_the_first_guess_counts_and_the_last_solution() -> None:
    assert Progress().guessed("fpn", 0).guessed("fpn", 1).guesses == {"fpn": 0}
    assert Progress().solved("lean", "a").solved("lean", "b").solutions == {"lean": "b"}


def test_two_progresses_are_put_together() -> None:
    one = Progress().guessed("fpn", 0).finished("fpn")
    other = Progress().guessed("fpn", 1).guessed("levels", 2).finished("levels")
    found = one.together(other)
    assert found.guesses == {"fpn": 0, "levels": 2}
    assert found.done == {"fpn", "levels"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2, "guesses": {}, "done": []}',
     '{"version": 1, "guesses": {"a": "b"}, "done": []}',
     '{"version": 1, "guesses": {"a": true}, "done": []}',
     '{"version": 1, "guesses": {}, "done": [1]}',
     '{"version": 1, "guesses": {}, "done": [], "solutions": {"a": 1}}',
     '{"version": 1, "guesses": [], "done": []}'],
)  # fmt: skip
def test_what_is_no_progress_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        from_json(text)
