"""Processes that train one network together: each its own batch and architecture, one step of all.

With two paths a step the gradients of shared weights are less of one path alone. The processes
start from equal values and step on equal gradients, so they stay equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import distributed, nn

BETWEEN_SEEDS = 1_000_003
"""From the seed of one process's scenes to the next one's."""


@dataclass(frozen=True, slots=True)
class Team:
    """One process, the `rank`-th of `size`."""

    rank: int = 0
    size: int = 1

    def seed(self, seed: int) -> int:
        """Of this process's scenes.

        >>> Team().seed(3), Team(1, 2).seed(3)
        (3, 1000006)
        """
        return seed + BETWEEN_SEEDS * self.rank

    def any(self, asked: bool) -> bool:
        """Whether any of the processes says yes; all get the same answer."""
        if self.size == 1:
            return asked
        said = torch.tensor(int(asked))
        distributed.all_reduce(said)
        return bool(said)

    def average(self, parameters: Sequence[nn.Parameter]) -> None:
        """Makes every gradient the mean over the processes.

        One without a gradient counts as zero; what has none in any process stays without.
        """
        if self.size == 1:
            return
        used = torch.tensor([float(p.grad is not None) for p in parameters])
        flat = [p.new_zeros(p.numel()) if p.grad is None else p.grad.flatten() for p in parameters]
        both = torch.cat([used, *flat])
        distributed.all_reduce(both)
        counts, rest = both[: len(parameters)].tolist(), both[len(parameters) :] / self.size
        means = torch.split(rest, [p.numel() for p in parameters])
        for parameter, mean, count in zip(parameters, means, counts, strict=True):
            if count:
                parameter.grad = mean.view_as(parameter)


ALONE = Team()


@contextmanager
def joined(rank: int, size: int, meeting: Path) -> Iterator[Team]:
    """A team whose processes find each other by the file `meeting`, which is not there before."""
    distributed.init_process_group(
        "gloo", init_method=meeting.absolute().as_uri(), rank=rank, world_size=size
    )
    try:
        yield Team(rank, size)
    finally:
        distributed.destroy_process_group()
