"""Links made to hurt: each ends in one sentence, fast, and changes nothing."""

import base64
import json
import time
import zlib

import pytest

from explorer.app.share import MAX_STEPS_NBYTES, from_link, to_link
from explorer.app.state import Desk
from explorer.architecture.edits import Edit
from explorer.architecture.errors import ExplorerError
from explorer.architecture.history import History
from explorer.catalog import entry, photos


def desk() -> Desk:
    return Desk(History.start(entry("spinenet-49").architecture), photos()[0].name)


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


ATTACKS = {
    "bomb": packed(b"0" * (50 * MAX_STEPS_NBYTES)),
    "deep": packed(b"[" * 200_000),
    "cut": packed(b'{"version": 1}')[:-6],
    "not base64": "é" * 100,
    "future": packed(json.dumps({"version": 99, "cursor": 0, "steps": []}).encode()),
    "no steps": packed(json.dumps({"version": 1, "cursor": 0, "steps": []}).encode()),
    "numbers": packed(b'{"version": 1e999}'),
    "not utf-8": packed(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("word", ["steps", "net"])
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_it_is_refused_quickly(word: str, attack: str) -> None:
    before = time.perf_counter()
    with pytest.raises(ExplorerError):
        from_link(desk(), {word: attack})
    assert time.perf_counter() - before < 2


def test_a_link_of_many_edits_reads_back_equal() -> None:
    edited = desk()
    history = edited.history
    for level in (3, 5, 6, 4, 3, 5) * 30:
        history = history.apply(Edit("set_level", (8, level)))
    for _ in range(7):
        history = history.undo()
    edited = Desk(history, edited.photo)
    words = to_link(edited)
    assert len(words["steps"]) < 16_000
    assert from_link(desk(), words) == edited
