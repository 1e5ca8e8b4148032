"""The training loop: seeded, resumable at any step, with a learning curve.

Step t draws its batch and its architecture from generators of (seed, t), and the pool before it is
known from t alone, so a resumed training does what an uninterrupted one would have done. Several
processes can train together: each draws its own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.architecture.miniature import MINIATURE
from explorer.detection.points import outputs
from explorer.detection.scenes import SIDE
from explorer.detection.training import checkpoint
from explorer.detection.training.checkpoint import Checkpoint
from explorer.detection.training.muon import Muon, matrices_of, others_of
from explorer.detection.training.pool import Pool
from explorer.detection.training.sampling import Shares, sample
from explorer.detection.training.supernet import Supernet, shapes_of
from explorer.detection.training.targets import losses
from explorer.detection.training.team import ALONE, Team

CURVE = "learning.jsonl"
BETAS = (0.9, 0.99)
CLIP = 5.0
DRAW_BATCH, DRAW_ARCHITECTURE = 1, 2
"""Streams of random numbers of a step."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a training is; equal settings, seeds and steps give equal weights on one machine."""

    seed: int = 0
    steps: int = 60_000
    batch: int = 16
    rate: float = 0.03
    """Of Muon, which steps the convolutions between stem and head."""
    edge_rate: float = 0.2
    """Of `rate`: AdamW's, which steps stem, head, norms and biases."""
    last_rate: float = 0.02
    """Of `rate`, at the last step; in between the rate falls in a line from `fall_from` on."""
    fall_from: float = 0.1
    warm_up_steps: int = 200
    decay: float = 0.02
    average: float = 0.9995
    pool: int = 8_000
    bfloat16: bool = False
    """Convolutions in mixed precision: `train` takes it on a GPU always, on a CPU where asked."""
    shares: Shares = Shares()


class Progress(NamedTuple):
    """Where a training stands, told every so many steps."""

    step: int
    steps: int
    loss: float
    objects: float
    classes: float
    boxes: float
    rate: float
    images_per_second: float
    seconds: float
    """Spent training, resumed ones included."""

    @property
    def seconds_left(self) -> float:
        """Expected, at the present speed."""
        return (self.steps - self.step) * self.seconds / max(1, self.step)


Tell = Callable[[Progress], None]
TellPool = Callable[[int, int], None]


class Trainer:
    """A training that can be stepped, saved and gone on with.

    Parameters
    ----------
    settings: of the training.
    architecture: trained alone, a miniature of any width; None trains the one-shot network.
    initial: values to start from, by parameter name.
    device: `cpu` or `cuda`.
    state: of a training that goes on.
    pool: the scenes, where they are there already; None makes them.
    team: the process that this is of several that train together.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        architecture: Architecture | None = None,
        initial: Mapping[str, Tensor] | None = None,
        device: str = "cpu",
        state: Checkpoint | None = None,
        pool: Pool | None = None,
        tell_pool: TellPool | None = None,
        team: Team = ALONE,
    ) -> None:
        self.settings, self.architecture, self.device = settings, architecture, device
        self.team = team
        self.step = state.step if state else 0
        self.images = state.images if state else 0
        self.seconds = state.seconds if state else 0.0
        given = state.tensors["value"] if state else initial
        shapes = None
        if architecture is not None and architecture.scaling != MINIATURE:
            shapes = shapes_of(architecture)  # of another width: none but its own
        self.net = Supernet(settings.seed, given, device, shapes)
        self.parameters = self.net.parameters
        start = state.tensors["average"] if state else self.parameters
        self.average = {name: start[name].detach().clone().to(device) for name in self.parameters}
        self.optimizer, self.muon = self._optimizers(state)
        if state:
            self._restore(state)
        self.pool = pool or Pool(team.seed(settings.seed), settings.pool, self.step, tell_pool)
        self.said: list[Tensor] = []
        self.share: Callable[[], float] = lambda: self.step / settings.steps
        """How much of the training is over, 0 to 1; by time for one who trains against a clock."""

    def run(
        self,
        until: int,
        tell: Tell,
        *,
        every: int = 100,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[int]:
        """Trains to step `until`, or until asked to stop; yields the step after each one."""
        marked, at = perf_counter(), self.step
        while self.step < until and not self.team.any(should_stop()):
            started = perf_counter()
            self.said.append(self.one_step())
            self.seconds += perf_counter() - started
            if self.step % every == 0 or self.step == until:
                now = perf_counter()
                speed = (self.step - at) * self._images_a_step / (now - marked)
                marked, at = now, self.step
                tell(self._progress(speed))
            yield self.step

    def one_step(self) -> Tensor:
        """One batch on one architecture; gives total, object, class and box loss, (4,)."""
        chosen, step = self.settings, self.step
        batch = self.pool.batch(self._draw(DRAW_BATCH), chosen.batch, self.device)
        arch = self.architecture or sample(
            self._draw(DRAW_ARCHITECTURE),
            step * self.team.size + self.team.rank,
            self.share(),
            chosen.shares,
        )
        speed = rate(chosen, step, self.share())
        for group in self.optimizer.param_groups:
            group["lr"] = speed * chosen.edge_rate
        images = batch.images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device, torch.bfloat16, enabled=chosen.bfloat16):
            heads = self.net.heads(arch, images)
        found = losses(outputs(heads, SIDE, SIDE), batch.boxes, batch.labels)
        self.optimizer.zero_grad(set_to_none=True)
        self.muon.zero_grad()
        found.total.backward()  # type: ignore[no-untyped-call]
        self.team.average(list(self.parameters.values()))
        used = [p for p in self.parameters.values() if p.grad is not None]
        nn.utils.clip_grad_norm_(used, CLIP)
        self.optimizer.step()
        self.muon.step(speed)
        self._follow()
        self.pool.renew(step)
        self.step += 1
        self.images += self._images_a_step
        return torch.stack((found.total.detach(), found.objects, found.classes, found.boxes))

    def state(self) -> Checkpoint:
        """All that it takes to go on."""
        kept = self.optimizer.state
        named = {name: kept[p] for name, p in self.parameters.items() if p in kept}
        return Checkpoint(
            {
                "value": {name: p.detach() for name, p in self.parameters.items()},
                "average": self.average,
                "first": {name: s["exp_avg"] for name, s in named.items()},
                "second": {name: s["exp_avg_sq"] for name, s in named.items()},
                "steps": {name: s["step"] for name, s in named.items()},
                "momentum": self.muon.momentum,
            },
            self.step,
            self.images,
            self.seconds,
            json.loads(json.dumps(asdict(self.settings))),
        )

    def _optimizers(self, state: Checkpoint | None) -> tuple[torch.optim.AdamW, Muon]:
        decay = self.settings.decay
        past = state.tensors.get("momentum") if state else None
        muon = Muon(matrices_of(self.parameters), decay, past)
        others = others_of(self.parameters, muon.parameters)
        groups = [
            {"params": [p for p in others if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in others if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, betas=BETAS, foreach=True), muon

    def _restore(self, state: Checkpoint) -> None:
        for name, step in state.tensors.get("steps", {}).items():
            self.optimizer.state[self.parameters[name]] = {
                "step": step.clone(),
                "exp_avg": state.tensors["first"][name].clone().to(self.device),
                "exp_avg_sq": state.tensors["second"][name].clone().to(self.device),
            }

    @torch.no_grad()
    def _follow(self) -> None:
        """Moves the averages towards the values; in the first steps faster."""
        weight = 1 - min(self.settings.average, (1 + self.step) / (10 + self.step))
        values = [p.detach() for p in self.parameters.values()]
        torch._foreach_lerp_(list(self.average.values()), values, weight)

    @property
    def _images_a_step(self) -> int:
        return self.settings.batch * self.team.size

    def _draw(self, stream: int) -> np.random.Generator:
        others = (self.team.rank,) if self.team.rank else ()
        return np.random.default_rng((self.settings.seed, self.step, stream, *others))

    def _progress(self, speed: float) -> Progress:
        total, objects, classes, boxes = torch.stack(self.said).mean(0).tolist()
        self.said.clear()
        return Progress(
            self.step, self.settings.steps, total, objects, classes, boxes,
            rate(self.settings, self.step, self.share()), speed, self.seconds,
        )  # fmt: skip


def use_threads(count: int) -> None:
    """Lets this process compute on so many CPU threads."""
    torch.set_num_threads(count)


def rate(settings: Settings, step: int, progress: float) -> float:
    """The learning rate of a step: up in a line, level, then down in a line.

    `progress` is how much of the training is over, 0 to 1.

    >>> [round(rate(Settings(warm_up_steps=10), *at), 5) for at in ((0, 0), (50, 0.05), (99, 1))]
    [0.003, 0.03, 0.0006]
    """
    risen = min(1.0, (step + 1) / settings.warm_up_steps)
    fallen = max(0.0, progress - settings.fall_from) / (1 - settings.fall_from)
    return settings.rate * risen * (1 - min(1.0, fallen) * (1 - settings.last_rate))


def write_curve(folder: Path, told: Progress) -> None:
    """Adds a line to the learning curve, `learning.jsonl`."""
    row = {
        key: (round(value, 5) if isinstance(value, float) and math.isfinite(value) else value)
        for key, value in told._asdict().items()
    }
    with (folder / CURVE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def resumed(folder: Path, settings: Settings) -> Checkpoint:
    """The checkpoint of a training with these settings; `steps` and rates may have changed.

    Raises FormatError where there is none, or it is of another seed, batch or pool.
    """
    state = checkpoint.load(folder)
    for name in ("seed", "batch", "pool"):
        found, expected = state.settings.get(name), getattr(settings, name)
        if found != expected:
            raise FormatError(
                f"{folder}: found a training with {name} {found}, expected {expected}. Give the "
                "same values, or another --out."
            )
    return state
