"""Initial values that depend on a parameter's name, shape and a seed alone.

So two networks differ in nothing but their architecture, and an edited one inherits every parameter
whose shape still fits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

TRUNCATED = 0.87962566103423978
"""Standard deviation of a unit normal cut at two: what is drawn is widened by it (Keras)."""
WITHIN = math.erf(math.sqrt(2.0))
"""The part of a normal that lies within two deviations."""
TOWER_DEVIATION = 0.01
PREDICT_DEVIATION = 1e-5
RARE = 0.01
"""The class predictions start at this probability (focal loss, Lin et al. 2017)."""


def initial_value(name: str, shape: Sequence[int], seed: int = 0) -> Tensor:
    """The float32 tensor that a parameter or running statistic starts with.

    Convolutions: normal, cut at two deviations, of variance 1 / fan-in (Keras VarianceScaling, the
    official initializer), where fan-in counts what one output reads. Norms: 1, 0, mean 0,
    variance 1. Head: normal of deviation 0.01, predictions 1e-5, class bias -log(99).

    >>> a = initial_value("blocks.5.body.0.conv1.weight", (8, 4, 3, 3), seed=1)
    >>> bool((a == initial_value("blocks.5.body.0.conv1.weight", (8, 4, 3, 3), seed=1)).all())
    True
    >>> initial_value("stem.bn1.running_var", (2,)).tolist()
    [1.0, 1.0]
    """
    value = torch.empty(tuple(shape))
    leaf = name.rpartition(".")[2]
    with torch.no_grad():
        if len(shape) == 4:
            return _kernel(name, value, seed)
        if name.startswith("head.class.") and ".predict" in name and leaf == "bias":
            return value.fill_(-math.log((1 - RARE) / RARE))
        return value.fill_(1.0 if leaf in ("weight", "running_var") else 0.0)


def _kernel(name: str, value: Tensor, seed: int) -> Tensor:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)
    if name.startswith("head."):
        deviation = PREDICT_DEVIATION if ".predict" in name else TOWER_DEVIATION
        return value.normal_(0.0, deviation, generator=generator)
    deviation = math.sqrt(1.0 / math.prod(value.shape[1:])) / TRUNCATED
    # By the inverse of the distribution: ten times faster than drawing again what lies outside.
    value.uniform_(-WITHIN, WITHIN, generator=generator)
    return value.erfinv_().mul_(math.sqrt(2.0) * deviation)
