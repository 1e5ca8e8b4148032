"""Settings, stem, plain inputs and widths as edits: what they change, and what they refuse."""

from __future__ import annotations

import json

import pytest

from explorer.architecture.edits import Edit
from explorer.architecture.errors import EditError
from explorer.architecture.example import small
from explorer.architecture.rules import problems
from explorer.catalog import entry


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("filter_size_scale", "0.65", 0.65),
        ("endpoint", "norm", "norm"),
        ("filters", json.dumps([32, 32, 64, 128, 128, 128, 128, 128]), None),
        ("stage_projection", "true", True),
        ("head.num_convs", "2", 2),
        ("head.separable", "true", True),
    ],
)
def test_a_setting_is_changed_alone(setting: str, value: str, found: object) -> None:
    after = Edit("set_scaling", (setting, value)).apply(small())
    part, _, name = setting.rpartition(".")
    owner = after.scaling.head if part else after.scaling
    got = getattr(owner, name)
    assert got == (tuple(json.loads(value)) if found is None else found)
    assert problems(after) == () and after.blocks == small().blocks


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("set_scaling", ("colour", "red"), "no setting colour"),
        ("set_scaling", ("head", "{}"), "no setting head"),
        ("set_scaling", ("tail.num", "1"), "no setting tail.num"),
        ("set_scaling", ("endpoint", "round"), "endpoint"),
        ("set_scaling", ("block_repeats", "0"), "expected 1 to 64"),
        ("set_scaling", ("block_repeats", "many"), "block_repeats"),
        ("set_scaling", ("min_level", "6"), "no output"),
        ("set_stem", (9,), "expected 0 to 5"),
        ("set_stem", (-1,), "expected 0 to 5"),
        ("set_resampled", (1, True), "belongs to the stem"),
        ("set_resampled", (4, False), "2 parents"),
        ("set_width", (4, 0), "a width of 0"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    name: str, args: tuple[object, ...], text: str
) -> None:
    with pytest.raises(EditError) as caught:
        Edit(name, args).apply(small())  # type: ignore[arg-type]
    assert text in str(caught.value)


def test_the_stem_can_be_unlocked_edited_and_locked_again() -> None:
    arch = entry("r23-sp30").architecture
    open_ = Edit("set_stem", (2,)).apply(arch)
    edited = Edit("set_level", (6, 4)).apply(open_)
    closed = Edit("set_stem", (7,)).apply(edited)
    assert closed.block(6).in_stem and closed.block(6).level == 4
    with pytest.raises(EditError):
        Edit("set_level", (6, 5)).apply(closed)
