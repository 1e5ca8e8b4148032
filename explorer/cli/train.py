"""The call that trains: the one-shot network, or one architecture alone."""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from explorer.architecture.errors import ExplorerError, FormatError
from explorer.architecture.miniature import miniature
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json

if TYPE_CHECKING:
    from explorer.detection.training.checkpoint import Checkpoint
    from explorer.detection.training.team import Team
    from explorer.detection.training.trainer import Progress, Trainer

ONE_SHOT = "one-shot"
SAVE_EVERY = 500
TELL_EVERY = 100


def train(options: argparse.Namespace) -> Answer:
    """Weights in `--out`, with a checkpoint to go on from and the learning curve."""
    from explorer.detection.training import checkpoint

    folder: Path = options.out
    if options.export:
        return _export(folder, options.what)
    if not options.resume and (folder / checkpoint.FILE).exists():
        raise FormatError(
            f"{folder}: found a checkpoint of an earlier training, expected none. Go on with "
            "--resume, or choose another --out."
        )
    if options.processes > 1 and options.device == "cuda":
        raise FormatError("--processes: found a GPU, expected a CPU. Leave one of the two out.")
    folder.mkdir(parents=True, exist_ok=True)
    with _together(options) as team:
        return _trained(options, team)


def _trained(options: argparse.Namespace, team: Team) -> Answer:
    """One process's part of a training; the first of a team says and writes what comes of it."""
    from explorer.detection.training import checkpoint
    from explorer.detection.training.trainer import use_threads

    folder: Path = options.out
    use_threads(options.threads)
    trainer = _trainer(options, folder, team)
    tell = _nothing if team.rank else _teller(folder)
    with _Stop(None if options.minutes is None else 60 * options.minutes) as stopped:
        for step in trainer.run(
            trainer.settings.steps, tell, every=TELL_EVERY, should_stop=stopped
        ):
            if step % SAVE_EVERY == 0 and not team.rank:
                checkpoint.save(folder, trainer.state())
    state = trainer.state()
    if team.rank:
        return Answer({}, "")
    checkpoint.save(folder, state)
    weights = _written(folder, options.what, state)
    data: dict[str, Json] = {
        "weights": str(weights),
        "checkpoint": str(folder / checkpoint.FILE),
        "step": trainer.step,
        "steps": trainer.settings.steps,
        "images": trainer.images,
        "seconds": trainer.seconds,
    }
    done = trainer.step == trainer.settings.steps
    goes_on = "" if done else " Go on with --resume."
    return Answer(data, f"{weights}: step {trainer.step} of {trainer.settings.steps}.{goes_on}")


def _export(folder: Path, what: str) -> Answer:
    """The weights of the checkpoint in a folder, also while a training goes on there."""
    from explorer.detection.training import checkpoint

    state = checkpoint.load(folder)
    weights = _written(folder, what, state)
    data: dict[str, Json] = {
        "weights": str(weights),
        "checkpoint": str(folder / checkpoint.FILE),
        "step": state.step,
        "seconds": state.seconds,
    }
    return Answer(data, f"{weights}: step {state.step}.")


def _written(folder: Path, what: str, state: Checkpoint) -> Path:
    """The averaged weights of a state as a file of float16."""
    from explorer.detection.training import checkpoint
    from explorer.network.weights import save_weights

    path = folder / f"{_slug(what)}.safetensors"
    save_weights(path, checkpoint.halves(checkpoint.weights_of(state)))
    return path


def _trainer(options: argparse.Namespace, folder: Path, team: Team) -> Trainer:
    from explorer.detection.training.trainer import Settings, Trainer, resumed

    one_shot = options.what == ONE_SHOT
    chosen = Settings(
        seed=options.seed,
        steps=options.steps or (60_000 if one_shot else 6_000),
        batch=options.batch,
        rate=options.rate or (0.03 if options.init is None else 0.006),
        pool=options.pool,
        bfloat16=options.bfloat16 or options.device == "cuda",
    )
    initial = None
    if options.init is not None:
        from explorer.detection.miniature import ONE_SHOT_FILE, miniature_weights

        path = ONE_SHOT_FILE if options.init == ONE_SHOT else Path(options.init)
        initial = miniature_weights(path).weights
    return Trainer(
        chosen,
        architecture=None if one_shot else miniature(resolve(options.what)),
        initial=initial,
        device=options.device,
        state=resumed(folder, chosen) if options.resume else None,
        tell_pool=None if team.rank else _tell_pool,
        team=team,
    )


@contextmanager
def _together(options: argparse.Namespace) -> Iterator[Team]:
    """The first process of as many as are asked for; the others have begun."""
    from explorer.detection.training.team import ALONE, joined

    if options.processes == 1:
        yield ALONE
        return
    start = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        others = [
            start.Process(target=_member, args=(options, rank, meeting), daemon=True)
            for rank in range(1, options.processes)
        ]
        for other in others:
            other.start()
        with joined(0, options.processes, meeting) as team:
            yield team
        for other in others:
            other.join()


def _member(options: argparse.Namespace, rank: int, meeting: Path) -> None:
    from explorer.detection.training.team import joined

    with joined(rank, options.processes, meeting) as team, suppress(ExplorerError):
        _trained(options, team)  # what is off, the first process says


class _Stop:
    """Says yes after Ctrl-C or a request to end, and when the time is over."""

    def __init__(self, seconds: float | None) -> None:
        self.end = None if seconds is None else monotonic() + seconds
        self.asked = False
        self.before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> _Stop:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *raised: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: object) -> None:
        self.asked = True

    def __call__(self) -> bool:
        return self.asked or (self.end is not None and monotonic() > self.end)


def _teller(folder: Path) -> Callable[[Progress], None]:
    """What writes the curve, and a line on standard error."""
    from explorer.detection.training.trainer import write_curve

    def tell(told: Progress) -> None:
        write_curve(folder, told)
        print(
            f"step {told.step:,} of {told.steps:,}: loss {told.loss:.3f} (objects "
            f"{told.objects:.3f}, classes {told.classes:.3f}, boxes {told.boxes:.3f}), "
            f"{told.images_per_second:.0f} images/s, about {told.seconds_left / 60:.0f} min left",
            file=sys.stderr,
            flush=True,
        )

    return tell


def _nothing(told: Progress) -> None:
    """Of all processes the first alone says how it goes."""


def _tell_pool(done: int, count: int) -> None:
    if done % 1000 == 0 or done == count:
        print(f"scenes {done:,} of {count:,}", file=sys.stderr, flush=True)


def _slug(name: str) -> str:
    stem = Path(name).stem
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in stem) or "weights"
