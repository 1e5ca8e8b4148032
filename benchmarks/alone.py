"""Trainings alone, and how well something predicts what they reach: Kendall's tau."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

DRAWS = 2000


class Row(NamedTuple):
    """One architecture, trained alone; AP50 of all, and AP by size."""

    name: str
    seed: int
    steps: int
    width: int
    """Of 3x3 convolutions; the one-shot weights are for `miniature.WIDTH`."""
    alone: float
    small: float
    medium: float
    large: float
    one_shot: float | None
    """With the shipped weights; None before they were asked, or at another width."""
    macs: int
    params: int
    bottleneck: float
    """Minus the mean, over P3 to P5, of the coarsest level on the way: higher is better."""


def kendall(one: Sequence[float], two: Sequence[float]) -> float:
    """Kendall's tau-b.

    >>> kendall([1, 2, 3], [1, 3, 2])
    0.3333333333333333
    """
    a, b = np.sign(np.subtract.outer(one, one)), np.sign(np.subtract.outer(two, two))
    return float((a * b).sum() / max(1e-12, np.sqrt((a * a).sum() * (b * b).sum())))


def interval(one: Sequence[float], two: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """The middle 95 per cent of tau over architectures drawn again with repeats."""
    rng, x, y = np.random.default_rng(seed), np.asarray(one), np.asarray(two)
    drawn = (rng.integers(len(x), size=len(x)) for _ in range(DRAWS))
    taus = [kendall(x[places], y[places]) for places in drawn]
    low, high = np.quantile(taus, (0.025, 0.975))
    return float(low), float(high)


PREDICTORS: dict[str, Callable[[Row], float]] = {
    "one-shot AP50": lambda row: row.one_shot or 0.0,
    "multiply-adds": lambda row: row.macs,
    "parameters": lambda row: row.params,
    "bottleneck levels": lambda row: row.bottleneck,
}
