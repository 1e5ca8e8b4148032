"""Average precision: COCO's evaluator on what we hand it."""

import numpy as np
import pytest

from explorer.catalog import entry
from explorer.detection.decode import Detection
from explorer.detection.evaluation import evaluate, precision
from explorer.detection.miniature import MiniatureWeights
from explorer.detection.scenes import evaluation_scenes
from explorer.detection.stickers import names

SCENES = evaluation_scenes(24)


def _said(scene, score=0.9, shift=0.0, wrong=False):
    return tuple(
        Detection(
            "x",
            (int(label) + wrong) % len(names().classes),
            score,
            tuple(float(x) + shift * (box[2] - box[0]) for x in box),
            3,
        )
        for box, label in zip(scene.boxes, scene.labels, strict=True)
    )


def test_the_truth_is_perfect_and_nothing_is_nothing():
    perfect = precision(SCENES, [_said(scene) for scene in SCENES])
    assert perfect.ap == perfect.ap50 == perfect.ap_small == perfect.ap_large == 1
    assert precision(SCENES, [() for _ in SCENES]).ap == 0


def test_boxes_a_little_off_keep_ap50_and_lose_ap75():
    shifted = precision(SCENES, [_said(scene, shift=0.1) for scene in SCENES])
    assert shifted.ap50 > 0.9
    assert shifted.ap75 < 0.6


def test_wrong_classes_count_for_nothing():
    assert precision(SCENES, [_said(scene, wrong=True) for scene in SCENES]).ap50 < 0.05


def test_half_of_the_objects_found_is_about_half():
    half = [_said(scene)[::2] if i % 2 else () for i, scene in enumerate(SCENES)]
    assert 0.05 < precision(SCENES, half).ap < 0.6


def test_bypassing_costs_no_macs_where_blocks_are_off():
    arch, untrained = entry("spinenet-49").architecture, MiniatureWeights("untrained", None)
    whole = evaluate(arch, SCENES[:2], values=untrained)
    off = evaluate(arch, SCENES[:2], values=untrained, bypass=(3, 4))
    assert off.macs < whole.macs
    assert whole.params == off.params
    assert whole.scenes == 2
    assert whole.weights == "untrained"
    assert np.isfinite(whole.precision.ap)


def test_stopping_stops():
    from explorer.network.execution import StoppedError

    with pytest.raises(StoppedError):
        evaluate(entry("spinenet-49").architecture, SCENES, should_stop=lambda: True)
