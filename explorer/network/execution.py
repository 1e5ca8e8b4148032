"""Running networks so that nothing is computed twice: after an edit, only what lies downstream.

Activations are kept under the image's key and the step's key (`explorer.network.program`), modules
with their parameters under their own; both caches are bounded in bytes. Undo is a look-up, and two
people on the same architecture share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor, nn

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError, SizeError
from explorer.network.budget import Budget, check_budget, machine_budget
from explorer.network.build import fill
from explorer.network.cache import BoundedCache, Found
from explorer.network.program import Program, Step, program
from explorer.network.weights import Weights

Progress = Callable[[int, int, str], None]
"""Called before each step with the number done, the number to do, and the step's name."""


class StoppedError(ExplorerError):
    """A run that was asked to stop; what it had finished stays in the cache."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gives. The tensors are shared with the cache: read them, never write to them."""

    blocks: Mapping[int, Tensor]
    """By id, in execution order, (N, C, H, W); dead blocks are not run."""
    outputs: Mapping[int, Tensor]
    """P maps by level, finest first."""
    heads: Mapping[int, tuple[Tensor, Tensor]]
    """Class logits and boxes by level; empty where no head was asked for."""
    links: Mapping[tuple[int, int], Tensor]
    """What each link hands over, by child and slot; empty where it was not asked for."""
    executed: tuple[str, ...]
    """Names of the units that this run computed: the plan's, a tower's with its level."""
    reused: int
    """How many units it did not have to compute."""
    seconds: float


class Executor:
    """Runs architectures over two caches, of activations and of modules. Safe under threads.

    Parameters
    ----------
    max_nbytes: the most that kept activations take.
    max_weight_nbytes: the most that kept modules take.
    budget: the most that one forward may take; None asks the machine at each run.
    """

    def __init__(
        self,
        max_nbytes: int = 512 << 20,
        max_weight_nbytes: int = 1 << 30,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget
        self.activations = BoundedCache[Tensor](max_nbytes, _tensor_nbytes)
        self.modules = BoundedCache[nn.Module](max_weight_nbytes, _module_nbytes)

    def run(
        self,
        arch: Architecture,
        image: Tensor,
        image_key: str,
        *,
        blocks: Collection[int] | None = None,
        head: bool = False,
        links: bool = False,
        seed: int = 0,
        weights: Weights | None = None,
        should_stop: Callable[[], bool] | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Every P map of `arch` for an image, and the maps of `blocks`.

        Parameters
        ----------
        arch: an architecture without problems.
        image: float32 (N, 3, H, W).
        image_key: names the image: equal keys and shapes, equal images.
        blocks: ids of the blocks whose maps are wanted; None is all.
        head: also the RetinaNet head's class logits and boxes.
        links: also what each link hands over.
        seed, weights: values of the parameters, as in `explorer.network.build.build`.
        should_stop: asked before each unit.
        progress: told before each unit.

        Raises
        ------
        ArchitectureError: where `arch` has problems.
        SizeError: where the image is no (N, 3, H, W), or some maps do not meet at its size.
        BudgetError: where what is not in the cache needs more than the budget.
        StoppedError: where `should_stop` said so.

        >>> from explorer.architecture.block import Block, Op
        >>> arch = Architecture("one", (Block(0, Op.RESIDUAL, 3, is_output=True, resampled=False),))
        >>> executor = Executor()
        >>> executor.run(arch, torch.zeros(1, 3, 64, 64), "zeros").executed
        ('stem', 'blocks.0.body', 'endpoints.3')
        >>> executor.run(arch, torch.zeros(1, 3, 64, 64), "zeros").executed
        ()
        """
        started = perf_counter()
        if image.ndim != 4 or image.shape[1] != 3:
            raise SizeError(
                f"The image: found an array of shape {tuple(image.shape)}, expected "
                "(N, 3, height, width)."
            )
        size = (image.shape[2], image.shape[3])
        version = f"{seed}/{'' if weights is None else weights.version}"
        steps = program(arch, *size, head, version)
        wanted = _wanted(steps, blocks, links)
        job = _Job(arch, image, image_key, seed, weights or {}, should_stop, progress)
        maps, todo = self._look_up(steps, wanted, job)
        if todo:
            budget = self.budget or machine_budget()
            check_budget(arch, size, budget, head, image.shape[0])
        executed = self._execute(steps, todo, wanted, maps, job)
        return Run(
            blocks={block: maps[i] for block, i in steps.blocks.items() if i in wanted},
            outputs={level: maps[i] for level, i in steps.outputs.items()},
            heads={level: (maps[i], maps[j]) for level, (i, j) in steps.heads.items()},
            links={link: maps[i] for link, i in steps.links.items()} if links else {},
            executed=executed,
            reused=len(steps.steps) - len(executed),
            seconds=perf_counter() - started,
        )

    def _look_up(
        self, steps: Program, wanted: Collection[int], job: _Job
    ) -> tuple[dict[int, Tensor], list[int]]:
        """Maps that are there already, and the places of the steps to run, in their order.

        From the end back: what only a kept map would read is not looked for. The maps are held
        from here on, so that the cache may drop them while this run goes on.
        """
        maps: dict[int, Tensor] = {}
        todo: list[int] = []
        waiting = set(wanted)
        for place in reversed(range(len(steps.steps))):
            if place in waiting:
                step = steps.steps[place]
                kept = self.activations.peek((job.image_name, step.key))
                if kept is None:
                    todo.append(place)
                    waiting.update(step.reads)
                else:
                    maps[place] = kept
        return maps, todo[::-1]

    def _execute(
        self,
        steps: Program,
        todo: list[int],
        wanted: Collection[int],
        maps: dict[int, Tensor],
        job: _Job,
    ) -> tuple[str, ...]:
        """Adds the map of each step to `maps`, lets go what has no reader left; names what ran."""
        readers = Counter(source for place in todo for source in steps.steps[place].reads)
        executed = []
        for done, place in enumerate(todo):
            step = steps.steps[place]
            job.before(done, len(todo), step)
            found = self._map(step, [maps[source] for source in step.reads] or [job.image], job)
            maps[place] = found.value
            if found.made:
                executed.append(step.name)
            for source in step.reads:
                readers[source] -= 1
                if not readers[source] and source not in wanted:
                    maps.pop(source, None)
        return tuple(executed)

    def _map(self, step: Step, inputs: list[Tensor], job: _Job) -> Found[Tensor]:
        def compute() -> Tensor:
            module = self.modules.get_or_make(step.part_key, lambda: _filled_module(step, job))
            with torch.no_grad():
                return step.compute(module.value, inputs)

        return self.activations.get_or_make((job.image_name, step.key), compute)


@dataclass(frozen=True)
class _Job:
    """What one run was asked for."""

    arch: Architecture
    image: Tensor
    image_key: str
    seed: int
    weights: Mapping[str, Tensor]
    should_stop: Callable[[], bool] | None
    progress: Progress | None

    @property
    def image_name(self) -> tuple[str, tuple[int, ...], torch.dtype]:
        return self.image_key, tuple(self.image.shape), self.image.dtype

    def before(self, done: int, count: int, step: Step) -> None:
        if self.should_stop is not None and self.should_stop():
            raise StoppedError(f"{self.arch.name}: stopped after {done} of {count} units.")
        if self.progress is not None:
            self.progress(done, count, step.name)


def _filled_module(step: Step, job: _Job) -> nn.Module:
    with torch.device("meta"):
        module = step.part.build()
    fill(module, f"{step.part.name}.", job.seed, job.weights)
    return module.eval()


def _wanted(steps: Program, blocks: Collection[int] | None, links: bool) -> set[int]:
    """The places of the steps whose maps a run gives back."""
    ids = steps.blocks.keys() if blocks is None else steps.blocks.keys() & set(blocks)
    heads = (place for pair in steps.heads.values() for place in pair)
    handed = steps.links.values() if links else ()
    return {*(steps.blocks[block] for block in ids), *steps.outputs.values(), *heads, *handed}


def _tensor_nbytes(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()


def _module_nbytes(module: nn.Module) -> int:
    return sum(_tensor_nbytes(tensor) for tensor in module.state_dict().values())
