"""A minute or two of training one architecture, from the weights that serve all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple

from safetensors.torch import save

from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import miniature
from explorer.detection.miniature import MiniatureWeights
from explorer.detection.training.trainer import Progress, Settings, Trainer
from explorer.network.execution import StoppedError
from explorer.network.weights import Weights

POOL = 600
RATE = 3e-3
EDGE_RATE = 0.1
EVERY = 10
LONGEST = 1_000_000
"""Steps: more than fit any time that is asked for."""


class Tuned(NamedTuple):
    """Where a tuning stands."""

    share: float
    """Of the time, 0 to 1; scenes are made first."""
    told: Progress | None
    weights: MiniatureWeights | None
    """The averages so far, from time to time, and at the end."""


def fine_tune(
    arch: Architecture,
    values: MiniatureWeights,
    seconds: float,
    *,
    seed: int = 0,
    scenes: int = POOL,
    weights_every: float = 20.0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Tuned]:
    """Trains `arch` alone for so long, yielding the loss every few steps.

    It can be left at any time; the weights so far are then those yielded last.
    """
    started = monotonic()
    settings = Settings(
        seed=seed,
        steps=LONGEST,
        rate=RATE,
        edge_rate=EDGE_RATE,
        fall_from=0.0,
        warm_up_steps=20,
        average=0.98,
        pool=scenes,
    )

    def made_one(done: int, count: int) -> None:
        if should_stop():
            raise StoppedError(f"{arch.name}: stopped after {done} of {count} scenes.")

    try:
        trainer = Trainer(
            settings, architecture=miniature(arch), initial=values.weights, tell_pool=made_one
        )
    except StoppedError:
        return
    began = monotonic()
    left = max(seconds - (began - started), seconds / 4)  # of a slow machine scenes take much
    # However fast the machine is, the rate has fallen when the time is over.
    trainer.share = lambda: min(1.0, (monotonic() - began) / left)
    said: list[Progress] = []
    given = monotonic()
    for _ in trainer.run(settings.steps, said.append, every=EVERY, should_stop=should_stop):
        share = trainer.share()
        over = share >= 1
        if said or over:
            new = over or monotonic() - given > weights_every
            if new:
                given = monotonic()
            yield Tuned(share, said[-1] if said else None, _weights(arch, trainer) if new else None)
            said.clear()
        if over:
            return


def as_file(values: MiniatureWeights) -> bytes:
    """The weights as the bytes of a safetensors file, float16; nothing where there are none."""
    return save(
        {name: tensor.half().contiguous() for name, tensor in (values.weights or {}).items()}
    )


def _weights(arch: Architecture, trainer: Trainer) -> MiniatureWeights:
    tensors = {name: value.clone() for name, value in trainer.average.items()}
    return MiniatureWeights(f"fine-tuned for {arch.name}", Weights(tensors))
