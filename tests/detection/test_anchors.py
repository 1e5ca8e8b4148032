"""Anchors against those that the official code made."""

import numpy as np
import pytest

from explorer.detection.anchors import anchors
from tests.network.parity import FOLDER


@pytest.mark.parametrize("level", [3, 4, 5, 6, 7])
def test_the_official_anchors(level: int) -> None:
    with np.load(FOLDER / "retinanet_spinenet_tiny_detections.npz") as arrays:
        expected = arrays[f"anchors_P{level}"]
    cells = 128 >> level
    found = anchors(cells, cells, 128 / cells, 3.0)
    assert found.shape == (cells * cells * 9, 4)
    assert np.abs(found[: len(expected)].numpy() - expected).max() < 1e-4


def test_the_last_anchors_stand_in_the_last_corner() -> None:
    found = anchors(2, 5, 64, 4.0)
    assert found[-9].tolist() == [96 - 128, 288 - 128, 96 + 128, 288 + 128]


def test_a_map_of_640_pixels_has_76725() -> None:
    assert sum(len(anchors(640 >> k, 640 >> k, 1 << k, 3.0)) for k in range(3, 8)) == 76725
