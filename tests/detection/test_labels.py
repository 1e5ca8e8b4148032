"""COCO's names: known pairs of the annotation files."""

import pytest

from explorer.detection.labels import coco_labels


@pytest.mark.parametrize(
    ("class_id", "name"),
    [(0, "background"), (1, "person"), (13, "stop sign"), (18, "dog"), (27, "backpack"),
     (44, "bottle"), (62, "chair"), (70, "toilet"), (72, "tv"), (84, "book"), (90, "toothbrush")],
)  # fmt: skip
def test_known_ids(class_id: int, name: str) -> None:
    assert coco_labels()[class_id] == name


def test_91_names_each_once() -> None:
    assert list(coco_labels()) == list(range(91))
    assert len(set(coco_labels().values())) == 91
