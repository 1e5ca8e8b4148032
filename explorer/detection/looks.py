"""Other looks of a sticker: hue, light, grey, flat colours, outlines, blur.

Four art styles are few. What makes a network find a fifth is that in training colour, shading and
line carry no class. Every function takes and gives (H, W, 4), colours multiplied by alpha, 0 to 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.detection.stickers import Change, Pixels

GREY = np.array([0.299, 0.587, 0.114], np.float32)


def look(rng: np.random.Generator, strength: float, drawn: float = 0.0) -> Change:
    """A random look, the further from the sticker's own the greater `strength` is, 0 to 1.

    `drawn` is how often it looks drawn by pen: a few flat colours within dark lines.
    """
    turn = rng.normal(0, 50 * strength)
    saturation = rng.uniform(1 - 0.7 * strength, 1 + 0.4 * strength)
    if rng.random() < 0.15 * strength:
        saturation = 0.0
    gain = rng.uniform(1 - 0.45 * strength, 1 + 0.25 * strength)
    offset = rng.uniform(-0.12, 0.12) * strength
    flat = rng.random() < 0.35 * strength
    levels = rng.uniform(2.5, 5)
    ink = rng.random() < 0.6 * strength
    shade = rng.uniform(0.0, 0.35) if rng.random() < 0.85 else rng.uniform(0.7, 1)
    thick = int(rng.integers(1, 3))
    inner = rng.uniform(1.0, 5.0)
    pale = rng.random() < 0.15 * strength
    if rng.random() < drawn:
        flat, ink, pale, levels = True, True, False, rng.uniform(1.5, 3.5)
        shade, inner = rng.uniform(0.0, 0.15), rng.uniform(2.0, 7.0)

    def change(source: Pixels) -> Pixels:
        alpha = source[..., 3:]
        colour = source[..., :3] @ _rotation(round(turn), round(saturation, 2)).T
        colour = np.float32(gain) * colour + np.float32(offset) * alpha
        if flat:
            colour = np.round(colour * np.float32(levels)) / np.float32(levels)
        if pale:
            colour = alpha - (alpha - colour) * np.float32(0.4)
        made = np.concatenate((colour, alpha), axis=2)
        if ink:
            made = _inked(made, thick, inner, np.float32(shade))
        clipped: Pixels = np.clip(made, 0, made[..., 3:])
        return clipped

    return change


@lru_cache(maxsize=4096)
def _rotation(turn: int, saturation: float) -> NDArray[np.float32]:
    """The matrix that turns hues by so many degrees about the grey axis and scales saturation."""
    angle = np.deg2rad(turn)
    third, cos, sin = 1 / 3, np.cos(angle), np.sin(angle) / np.sqrt(3)
    even = third + (1 - third) * cos
    one, two = third * (1 - cos) - sin, third * (1 - cos) + sin
    turned = np.array([[even, one, two], [two, even, one], [one, two, even]])
    grey = np.repeat(GREY[None], 3, axis=0)
    mixed: NDArray[np.float32] = (saturation * turned + (1 - saturation) * grey @ turned).astype(
        np.float32
    )
    return mixed


def _inked(source: Pixels, thick: int, inner: float, shade: np.float32) -> Pixels:
    """With lines along its edge and where its brightness jumps, as a drawing has them."""
    alpha = source[..., 3]
    grey = source[..., :3] @ GREY
    thick = max(1, round(thick * len(source) / 48))
    least, jump = alpha, np.zeros_like(alpha)
    for axis in (0, 1):
        for step in (-thick, thick):
            least = np.minimum(least, np.roll(alpha, step, axis))
        ahead = np.roll(grey, -1, axis)
        jump = np.maximum(jump, np.abs(ahead - grey))
    line = np.clip(np.maximum(alpha - least, jump * np.float32(inner) - np.float32(0.2)), 0, 1)
    line = (line * alpha)[..., None]
    colour = source[..., :3] * (1 - line) + shade * line
    return np.concatenate((colour, source[..., 3:]), axis=2)
