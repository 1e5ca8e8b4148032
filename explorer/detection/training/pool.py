"""Training scenes kept in memory, a little renewed at each step, the same after a resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from explorer.detection.miniature import normalised
from explorer.detection.scenes import SIDE, training_scene

MOST = 12
"""Objects that a scene is taken with."""


class Batch(NamedTuple):
    """Images as the network takes them, and their objects."""

    images: Tensor
    """(N, 3, H, W) float32."""
    boxes: Tensor
    """(N, MOST, 4)."""
    labels: Tensor
    """(N, MOST); -1 where there is none."""


class Pool:
    """The latest `size` scenes of the endless row that belongs to a seed.

    Before step t it holds the scenes t … t + size - 1, whenever training was begun or resumed.
    """

    def __init__(
        self, seed: int, size: int, step: int = 0, tell: Callable[[int, int], None] | None = None
    ) -> None:
        self.seed, self.size = seed, size
        self.images = np.zeros((size, SIDE, SIDE, 3), np.uint8)
        self.boxes = np.zeros((size, MOST, 4), np.float32)
        self.labels = np.full((size, MOST), -1, np.int64)
        for done, number in enumerate(range(step, step + size)):
            self._put(number)
            if tell is not None:
                tell(done + 1, size)

    def renew(self, step: int) -> None:
        """After step `step`: the oldest scene goes, the next one comes."""
        self._put(step + self.size)

    def batch(self, rng: np.random.Generator, count: int, device: str = "cpu") -> Batch:
        """Some scenes drawn at random, mirrored and under other light."""
        places = rng.integers(self.size, size=count)
        images, boxes = self.images[places], self.boxes[places].copy()
        mirrored = rng.random(count) < 0.5
        images[mirrored] = images[mirrored, :, ::-1]
        boxes[mirrored] = boxes[mirrored][..., [2, 1, 0, 3]] * (-1, 1, -1, 1) + (SIDE, 0, SIDE, 0)
        for i in np.flatnonzero(rng.random(count) < 0.3):
            images[i] = images[i][..., rng.permutation(3)]
        gain = rng.uniform(0.75, 1.25, (count, 1, 1, 1)).astype(np.float32)
        offset = rng.uniform(-0.2, 0.2, (count, 1, 1, 1)).astype(np.float32)
        lit = normalised(images) * gain + 2 * offset
        tensor = torch.from_numpy(np.ascontiguousarray(lit.transpose(0, 3, 1, 2)))
        return Batch(
            tensor.to(device),
            torch.from_numpy(boxes).to(device),
            torch.from_numpy(self.labels[places]).to(device),
        )

    def _put(self, number: int) -> None:
        made, at = training_scene(self.seed, number), number % self.size
        count = min(MOST, len(made.boxes))
        self.images[at] = made.image
        self.boxes[at], self.labels[at] = 0, -1
        self.boxes[at, :count] = made.boxes[:count]
        self.labels[at, :count] = made.labels[:count]
