"""Processes that train one network together: each its own batch and architecture, one step of all.

With two paths a step the gradients of shared weights are less of one path alone. The processes
start from equal values and step on equal gradients, so they stay equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, distributed, nn

from explorer.architecture.errors import ExplorerError

BETWEEN_SEEDS = 1_000_003
"""From the seed of one process's scenes to the next one's."""
PATIENCE = timedelta(minutes=5)
"""How long a process waits for a silent one; one that ends once they have met is seen."""


class TeamError(ExplorerError):
    """A process of the team has ended, or never came."""


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
        """Whether any of the processes says yes; all get the same answer.

        Raises TeamError where one of them has ended; so does `average`.
        """
        if self.size == 1:
            return asked
        said = torch.tensor(int(asked))
        _sum(said)
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
        _sum(both)
        counts, rest = both[: len(parameters)].tolist(), both[len(parameters) :] / self.size
        means = torch.split(rest, [p.numel() for p in parameters])
        for parameter, mean, count in zip(parameters, means, counts, strict=True):
            if count:
                parameter.grad = mean.view_as(parameter)


ALONE = Team()


@contextmanager
def joined(rank: int, size: int, meeting: Path, patience: timedelta = PATIENCE) -> Iterator[Team]:
    """A team whose processes find each other by the file `meeting`, which is not there before.

    Raises TeamError where they do not all come in time.
    """
    with _told_in_words():
        distributed.init_process_group(
            "gloo",
            init_method=meeting.absolute().as_uri(),
            rank=rank,
            world_size=size,
            timeout=patience,
        )
    try:
        yield Team(rank, size)
    finally:
        distributed.destroy_process_group()


def _sum(values: Tensor) -> None:
    """Over the processes, in place."""
    with _told_in_words():
        distributed.all_reduce(values)


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise TeamError(
            "--processes: found one that has ended or says nothing, expected all of them. Go on "
            "from the last checkpoint with --resume, with fewer of them if memory ran out."
        ) from error
