"""The colours can be told apart by everybody, and text on them can be read."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from explorer.architecture.block import Op
from explorer.drawing.palette import (
    DARK,
    LIGHT,
    Theme,
    amount_colour,
    contrast,
    level_colour,
    op_colour,
    text_on,
)

# Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", severity 1.0, on linear RGB
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
LEVELS = range(1, 8)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_levels_can_be_told_apart(vision: str) -> None:
    seen = {level: lab(level_colour(level), vision) for level in LEVELS}
    for one, other in combinations(LEVELS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 15, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_amounts_grow_lighter_for_everybody(vision: str) -> None:
    lightness = [lab(amount_colour(step / 8), vision)[0] for step in range(9)]
    assert all(later - earlier > 2 for earlier, later in pairwise(lightness))


@pytest.mark.parametrize("fill", [level_colour(n) for n in LEVELS] + [op_colour(op) for op in Op])
def test_labels_can_be_read(fill: str) -> None:
    assert contrast(fill, text_on(fill)) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_themes_can_be_read(theme: Theme) -> None:
    for ground in (theme.background, theme.band):
        for text in (theme.ink, theme.muted, theme.accent, theme.danger):
            assert contrast(text, ground) >= 4.5, text
    for level in LEVELS:
        assert contrast(level_colour(level), theme.background) >= 2, level
