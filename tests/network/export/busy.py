"""Weights under which every parameter and running statistic of a network shows in its outputs."""

import math
from random import Random

import torch
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.network.build import Network
from tests.random_edits import random_step


def busy_state(network: Network, seed: int = 0) -> dict[str, Tensor]:
    """Seeded values of every name: norms that shift and scale, predictions that are not tiny."""
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for name, value in network.state_dict().items():
        leaf = name.rpartition(".")[2]
        noise = torch.randn(value.shape, generator=generator)
        if value.ndim == 4:
            found[name] = noise / math.sqrt(value[0].numel())
        elif leaf == "running_var" or (leaf == "weight" and "bn" in name) or ".norms." in name:
            found[name] = 1 + 0.2 * noise.clamp(-2, 2)
        else:
            found[name] = 0.2 * noise
    return found


def edited(arch: Architecture, seed: int, edits: int) -> Architecture:
    """`arch` after a row of random edits."""
    rng = Random(seed)
    for _ in range(edits):
        _, arch = random_step(arch, rng)
    return arch
