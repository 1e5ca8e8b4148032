"""Scenes of the miniature task: stickers on photographs, with exact boxes, made from a seed.

A scene has objects from about 8 pixels to most of the image, rotated a little, partly hidden, lit
and shifted in hue, among clutter that belongs to no class. What can be made is not stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from explorer.detection.backgrounds import Split, background
from explorer.detection.looks import look
from explorer.detection.stickers import Box, Pixels, Placement, box_of, names, paste

SIDE = 128
"""Of a scene, in pixels."""
DEFAULT_DIFFICULTY = 0.5
EVALUATION_SEED = 1_000_003
"""Of the fixed evaluation set; training draws from other streams and other photographs."""
EVALUATION_SCENES = 256
TRIES = 12
LEAST_IN_TRAINING = 3
"""Objects to place in a training scene: each is something to learn from."""
DRAWN = 0.15
"""How often a sticker of a training scene is made to look drawn by pen."""
MORE_STYLES = 0.4
"""How often a sticker of a training scene is of a style that scenes are not judged by."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What a scene is like; `at` gives one for a number from 0 to 1."""

    most_objects: int
    most_clutter: int
    smallest: float
    """Least length of an object's longer side, of a side of 128 pixels."""
    largest: float
    hidden: float
    """The largest part of an object that others may cover."""
    turn: float
    """Rotation to either side, in degrees."""
    look: float
    """How far from the sticker's own look, 0 to 1."""
    noise: float

    @classmethod
    def at(cls, value: float) -> Difficulty:
        """0 is easy, 0.5 the default, 1 hard.

        >>> Difficulty.at(0.5).smallest, Difficulty.at(0.5).turn
        (8.0, 20.0)
        """
        value = min(max(value, 0.0), 1.0)
        return cls(
            most_objects=round(3 + 6 * value),
            most_clutter=round(5 * value),
            smallest=max(6.0, 14 - 12 * value),
            largest=108.0,
            hidden=0.1 + 0.5 * value,
            turn=40.0 * value,
            look=0.6 * value,
            noise=0.04 * value,
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """An image and what is to be found in it."""

    image: NDArray[np.uint8]
    """(H, W, 3)."""
    boxes: NDArray[np.float32]
    """(n, 4): x0, y0, x1, y1 in pixels, cut off at the image's edge."""
    labels: NDArray[np.int64]
    """(n,): places in `names().classes`."""
    objects: tuple[Placement, ...]


def scene(
    seed: int | tuple[int, ...],
    *,
    difficulty: float = DEFAULT_DIFFICULTY,
    split: Split = "test",
    style: str | None = None,
    side: int = SIDE,
    training: bool = False,
) -> Scene:
    """The scene of this seed.

    Parameters
    ----------
    seed: equal arguments give equal scenes.
    difficulty: 0 to 1.
    split: the photographs that it is made on.
    style: the art style of every object; None draws among those that networks are trained on.
    side: of the image, in pixels; sizes grow with it.
    training: looks are drawn further from the stickers' own, so that a fifth style is found.

    >>> one = scene(3)
    >>> one.image.shape, len(one.boxes) == len(one.labels) > 0
    ((128, 128, 3), True)
    """
    rng = np.random.default_rng(seed)
    rules = Difficulty.at(difficulty)
    canvas = _tinted(rng, background(rng, split, side), rules)
    # Mostly near the scenes that are judged, now and then far off: learns faster than far always.
    strength = rules.look + (1 - rules.look) * float(rng.random() ** 2 if training else 0)
    drawn = DRAWN if training else 0.0
    known, unit = names(), side / SIDE
    styles = (style,) if style else known.seen_styles
    least, most = (
        (LEAST_IN_TRAINING, rules.most_objects + 2) if training else (1, rules.most_objects)
    )
    count = int(rng.integers(least, most + 1))
    clutter = int(rng.integers(0, rules.most_clutter + 1))
    kinds = [known.classes] * count + [known.clutter] * clutter
    # Larger ones first, so that they hide few others; clutter anywhere among them.
    span = math.log(rules.largest / rules.smallest)
    sizes = rules.smallest * np.exp(span * rng.random(len(kinds)))
    placed = _Placed(canvas, rules.hidden)
    for i in np.argsort(-sizes * np.exp(rng.normal(0, 0.5, len(kinds)))):
        is_object, size = i < count, float(sizes[i]) * unit
        if not is_object and rng.random() < 0.4:
            _shape(rng, placed, min(size, 48 * unit))
            continue
        kind = str(kinds[i][rng.integers(len(kinds[i]))])
        drawn_style = _style(rng, kind, styles, MORE_STYLES if training else 0.0)
        angle = float(rng.uniform(-rules.turn, rules.turn))
        change = look(rng, strength, drawn) if rng.random() < 0.85 else None
        for _ in range(TRIES):
            x, y = rng.uniform(0.42 * size, max(side - 0.42 * size, 0.43 * size), 2)
            at = Placement(kind, drawn_style, float(x), float(y), size, angle)
            if placed.add(at, change, is_object):
                break
    return _scene(rng, placed, rules, side)


def evaluation_scenes(
    count: int = EVALUATION_SCENES,
    *,
    seed: int | None = None,
    unseen_style: bool = False,
    difficulty: float = DEFAULT_DIFFICULTY,
) -> tuple[Scene, ...]:
    """The fixed evaluation set, or scenes of another seed; no training scene is among them.

    `unseen_style`: every object in the style that no network is trained on.
    """
    return _evaluation(count, EVALUATION_SEED if seed is None else seed, unseen_style, difficulty)


@lru_cache(maxsize=8)
def _evaluation(count: int, seed: int, unseen_style: bool, difficulty: float) -> tuple[Scene, ...]:
    style = names().unseen_style if unseen_style else None
    return tuple(
        scene((1, seed, i), difficulty=difficulty, split="test", style=style) for i in range(count)
    )


def training_scene(seed: int, number: int, difficulty: float = DEFAULT_DIFFICULTY) -> Scene:
    """Scene `number` of the endless row that belongs to a training seed.

    >>> bool((training_scene(0, 5).image == training_scene(0, 5).image).all())
    True
    """
    return scene((2, seed, number), difficulty=difficulty, split="train", training=True)


def _style(rng: np.random.Generator, kind: str, styles: tuple[str, ...], more: float) -> str:
    """One of `styles`, or in `more` of the cases one of those that are for training alone."""
    if more and rng.random() < more:  # no draw where scenes are judged: they stay what they were
        known = names()
        others = known.more_training_styles
        drawn = str(others[rng.integers(len(others))])
        if known.has(drawn, kind):
            return drawn
    return str(styles[rng.integers(len(styles))])


class _Placed:
    """What lies on the canvas so far, and how much of it is still seen."""

    def __init__(self, canvas: Pixels, hidden: float) -> None:
        self.canvas = canvas
        self.hidden = hidden
        self.covers: list[tuple[Placement, NDArray[np.bool_], int]] = []

    def add(self, at: Placement, change: object, is_object: bool) -> bool:
        """Pastes it, unless it would hide too much of what is there."""
        before = self.canvas.copy()
        covered = paste(self.canvas, at, change)  # type: ignore[arg-type]
        if self.allows(covered):
            self._hide(covered)
            if is_object:
                self.covers.append((at, covered, int(covered.sum())))
            return True
        self.canvas[:] = before
        return False

    def allows(self, covered: NDArray[np.bool_]) -> bool:
        """Whether enough of every object stays visible under it."""
        return all(
            int((seen & ~covered).sum()) >= (1 - self.hidden) * area
            for _, seen, area in self.covers
        )

    def _hide(self, covered: NDArray[np.bool_]) -> None:
        for _, seen, _ in self.covers:
            seen &= ~covered


def _shape(rng: np.random.Generator, placed: _Placed, size: float) -> None:
    """A plain shape that belongs to no class: an ellipse, a polygon, a bar."""
    side = len(placed.canvas)
    drawn = Image.new("L", (side, side))
    pen = ImageDraw.Draw(drawn)
    x, y = rng.uniform(0, side, 2)
    corners = int(rng.integers(2, 7))
    angles = np.sort(rng.uniform(0, 2 * math.pi, corners))
    reach = size / 2 * rng.uniform(0.5, 1, corners)
    points = [
        (float(x + r * math.cos(a)), float(y + r * math.sin(a)))
        for a, r in zip(angles, reach, strict=True)
    ]
    if corners == 2:
        pen.line(points, fill=255, width=max(1, int(size / 8)))
    elif corners == 6:
        pen.ellipse((x - reach[0], y - reach[1], x + reach[0], y + reach[1]), fill=255)
    else:
        pen.polygon(points, fill=255)
    alpha = np.asarray(drawn, np.float32) / np.float32(255)
    if placed.allows(alpha > 0):
        placed._hide(alpha > 0)
        colour = rng.random(3).astype(np.float32)
        alpha *= np.float32(rng.uniform(0.6, 1))
        placed.canvas *= 1 - alpha[..., None]
        placed.canvas += alpha[..., None] * colour


def _tinted(rng: np.random.Generator, canvas: Pixels, rules: Difficulty) -> Pixels:
    """A photograph under another light."""
    gain = rng.uniform(1 - 0.5 * rules.look, 1 + 0.3 * rules.look, 3) * rng.uniform(0.7, 1.1)
    made: Pixels = canvas * gain.astype(np.float32)
    return made


def _scene(rng: np.random.Generator, placed: _Placed, rules: Difficulty, side: int) -> Scene:
    image = placed.canvas
    if rng.random() < 0.3:
        image = image + rng.normal(0, rules.noise, image.shape).astype(np.float32)
    objects = tuple(at for at, _, _ in placed.covers)
    boxes = np.array([box_of(at) for at in objects], np.float32).reshape(-1, 4).clip(0, side)
    labels = np.array([names().classes.index(at.name) for at in objects], np.int64)
    pixels = (image.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return Scene(pixels, boxes, labels, objects)


def endless(seed: int, first: int = 0) -> Iterator[Scene]:
    """Training scenes one after another, from number `first` on."""
    number = first
    while True:
        yield training_scene(seed, number)
        number += 1


__all__ = ["Box", "Difficulty", "Scene", "endless", "evaluation_scenes", "scene", "training_scene"]
