"""One look gives maps and boxes, and says whose weights made them."""

from __future__ import annotations

import pytest

from explorer.architecture.edits import Edit
from explorer.catalog import entry, photos
from explorer.detection.looking import look
from explorer.detection.miniature import load_one_shot
from explorer.network.execution import Executor

DOG = next(photo for photo in photos() if photo.name == "dog-bicycle-truck")


def test_the_reference_names_what_is_on_a_photograph() -> None:
    arch = entry("ssdlite-mobilenetv2").architecture
    found = look(Executor(), arch, DOG.path, DOG.name, 256, 0)
    assert found.boxes is not None
    assert not found.boxes.miniature
    assert found.values.label == found.boxes.label == "reference: SSDLite-MobileNetV2, COCO"
    assert {"dog", "bicycle"} <= {item.label for item in found.boxes.detections}
    assert found.views.photo.shape[:2] == (300, 300), "it has a size of its own"


def test_a_reference_without_one_of_its_blocks_loses_something() -> None:
    executor, arch = Executor(), entry("ssdlite-mobilenetv2").architecture
    damaged = Edit("remove", (17,)).apply(arch)
    whole, less = (look(executor, one, DOG.path, DOG.name, 300, 0) for one in (arch, damaged))
    assert whole.boxes is not None
    assert less.boxes is not None
    scores = [max((d.score for d in one.boxes.detections), default=0.0) for one in (whole, less)]
    assert scores[0] > 0.8
    assert [d.score for d in less.boxes.detections] != [d.score for d in whole.boxes.detections]


def test_maps_of_untrained_weights_say_so_and_boxes_are_the_miniatures() -> None:
    found = look(Executor(), entry("spinenet-49s").architecture, DOG.path, DOG.name, 128, 5)
    assert found.values.weights is None
    if load_one_shot() is None:
        assert found.boxes is None
    else:
        assert found.boxes is not None
        assert found.boxes.miniature
        assert found.boxes.label == "one-shot"


def test_without_the_one_shot_weights_there_are_no_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.detection.miniature.load_one_shot", lambda: None)
    found = look(Executor(), entry("spinenet-49s").architecture, DOG.path, DOG.name, 128, 5)
    assert found.boxes is None
    assert len(found.views.outputs) == 5
