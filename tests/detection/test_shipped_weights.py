"""The shipped one-shot weights reach what their card says, and are small."""

import json

import pytest

from explorer.catalog import entry
from explorer.detection.evaluation import evaluate
from explorer.detection.miniature import ONE_SHOT_FILE, load_one_shot, permuted
from explorer.detection.scenes import evaluation_scenes

FIGURES = ONE_SHOT_FILE.with_suffix(".json")
SPINENET = entry("spinenet-49").architecture
AGREE = 0.01
"""Convolutions of another machine may round otherwise, and a box change places with its rival."""

pytestmark = pytest.mark.skipif(not ONE_SHOT_FILE.exists(), reason="the weights were deleted")


def _card() -> dict:
    return json.loads(FIGURES.read_text(encoding="utf-8"))


def test_the_file_is_small_and_serves_the_whole_catalog():
    assert ONE_SHOT_FILE.stat().st_size < 8 << 20
    assert load_one_shot() is not None


def test_spinenet_reaches_the_figures_of_the_card():
    card = _card()["orders"]["spinenet-49"]
    found = evaluate(SPINENET, evaluation_scenes())
    assert found.weights == "one-shot"
    assert found.precision.ap50 == pytest.approx(card["ap50"], abs=AGREE)
    assert found.precision.ap == pytest.approx(card["ap"], abs=AGREE)
    assert (found.macs, found.params) == (card["macs"], card["params"])


def test_the_blocks_do_the_work():
    """Without the permuted blocks much is lost, as the card says: stem and head alone are light."""
    card = _card()
    off = evaluate(SPINENET, evaluation_scenes(), bypass=permuted(SPINENET)).precision.ap50
    assert off == pytest.approx(card["all_bypassed"]["spinenet-49"], abs=AGREE)
    assert off < 0.75 * card["orders"]["spinenet-49"]["ap50"]


def test_the_unseen_style_is_found_as_the_card_says():
    card = _card()["unseen_style"]["spinenet-49"]["ap50"]
    found = evaluate(SPINENET, evaluation_scenes(unseen_style=True)).precision.ap50
    assert found == pytest.approx(card, abs=AGREE)
