"""Scenes: seeded, exact, disjoint between training and judging."""

from itertools import pairwise

import numpy as np
import pytest

from explorer.detection.backgrounds import photographs
from explorer.detection.scenes import (
    Difficulty,
    evaluation_scenes,
    scene,
    training_scene,
)
from explorer.detection.stickers import Placement, box_of, names, paste, picture

STICKERS = [
    (style, name)
    for style in (*names().styles, *names().more_training_styles)
    for name in names().classes[::3]
    if names().has(style, name)
]


def test_equal_seeds_give_equal_scenes_and_others_others():
    one, two, three = scene(5), scene(5), scene(6)
    assert (one.image == two.image).all()
    assert (one.boxes == two.boxes).all()
    assert one.image.shape == three.image.shape
    assert (one.image != three.image).any()


@pytest.mark.parametrize(("style", "name"), STICKERS)
def test_a_box_is_the_extent_of_what_was_drawn(style: str, name: str):
    """Drawn large, so that a pixel counts little; the outside oracle is the picture itself."""
    for size, angle in ((400, 0.0), (300, 20.0), (350, -33.0)):
        placed = Placement(name, style, 300.5, 290.25, size, angle)
        covered = paste(np.zeros((600, 600, 3), np.float32), placed)
        rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
        drawn = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        np.testing.assert_allclose(box_of(placed), drawn, atol=5)  # one pixel of the sheet is 3.2


def test_small_stickers_lie_within_their_boxes():
    for name in names().classes:
        placed = Placement(name, "twemoji", 20.3, 21.7, 9)
        covered = paste(np.zeros((40, 40, 3), np.float32), placed)
        x0, y0, x1, y1 = box_of(placed)
        rows, columns = np.nonzero(covered)
        assert len(rows) > 8
        assert x0 - 1 <= columns.min() and columns.max() + 1 <= x1 + 1
        assert y0 - 1 <= rows.min() and rows.max() + 1 <= y1 + 1


def test_boxes_stay_inside_and_sizes_span_the_range():
    found = [scene(i) for i in range(150)]
    boxes = np.concatenate([one.boxes for one in found])
    assert boxes.min() >= 0 and boxes.max() <= 128
    sides = (boxes[:, 2:] - boxes[:, :2]).max(1)
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert sides.min() < 10 and sides.max() > 100
    labels = np.concatenate([one.labels for one in found])
    assert set(labels.tolist()) == set(range(len(names().classes)))
    assert all(at.style in names().seen_styles for one in found for at in one.objects)


def test_difficulty_is_a_scale():
    steps = [Difficulty.at(x / 10) for x in range(11)]
    for easier, harder in pairwise(steps):
        assert easier.most_objects <= harder.most_objects
        assert easier.smallest >= harder.smallest
        assert easier.hidden <= harder.hidden
        assert easier.look <= harder.look


def test_training_and_judging_share_no_photograph_and_no_style():
    """No 8x8 patch that both hold, at the sizes the files have."""
    patches = {}
    for split in ("train", "test"):
        patches[split] = set()
        for photo in photographs(split):
            small = np.asarray(photo.convert("L").resize((64, 64)))
            cut = small.reshape(8, 8, 8, 8).swapaxes(1, 2).reshape(-1, 64)
            patches[split] |= {bytes(row) for row in cut if row.std() > 3}
    assert not patches["train"] & patches["test"]
    unseen = evaluation_scenes(8, unseen_style=True)
    assert {at.style for one in unseen for at in one.objects} == {names().unseen_style}
    seen = [training_scene(0, i) for i in range(40)]
    assert names().unseen_style not in {at.style for one in seen for at in one.objects}


def test_the_evaluation_set_is_fixed():
    one, again = evaluation_scenes(4), evaluation_scenes(6)
    assert all((a.image == b.image).all() for a, b in zip(one, again, strict=False))
    other = evaluation_scenes(4, seed=7)
    assert any((a.image != b.image).any() for a, b in zip(one, other, strict=True))


def test_every_sticker_is_there():
    known = names()
    assert len(known.classes) >= 16 and not set(known.classes) & set(known.clutter)
    for style in known.styles:
        for name in (*known.classes, *known.clutter):
            alpha = np.asarray(picture(style, name))[..., 3]
            assert (alpha > 128).mean() > 0.1, (style, name)


def test_the_judged_scenes_stay_what_they_were():
    """Figures of different days are of the same scenes: as many objects, the first box."""
    found = evaluation_scenes(64)
    assert sum(len(one.boxes) for one in found) == 220
    np.testing.assert_allclose(found[0].boxes[0], [72.783, 87.001, 110.211, 128.0], atol=0.01)
    styles = {at.style for one in found for at in one.objects}
    assert styles == set(names().seen_styles)
    unseen = evaluation_scenes(8, unseen_style=True)
    assert {at.style for one in unseen for at in one.objects} == {names().unseen_style}


def test_training_draws_more_styles_and_never_the_unseen_one():
    found = {at.style for i in range(150) for at in training_scene(0, i).objects}
    assert found == {*names().seen_styles, *names().more_training_styles}
    at = [one for i in range(150) for one in training_scene(0, i).objects]
    assert all(names().has(one.style, one.name) for one in at)
