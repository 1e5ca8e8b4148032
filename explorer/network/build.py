"""A live network from an architecture: any legal one builds, at any size where its maps meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import SizeError
from explorer.architecture.plan import BlockPlan, LinkPlan, Plan, plan
from explorer.cost.cost import cost
from explorer.network.budget import check_budget, machine_budget
from explorer.network.initial import initial_value
from explorer.network.links import fuse
from explorer.network.parts import TOWERS, Part, parts
from explorer.network.primitives import ACTIVATIONS

Device = Literal["cpu", "meta"]


class Maps(NamedTuple):
    """Every feature map of one forward, (N, C, H, W) each."""

    stem: Tensor
    blocks: Mapping[int, Tensor]
    """By id, in execution order; dead blocks are not run."""
    outputs: Mapping[int, Tensor]
    """By level, finest first."""


class Network(nn.Module):
    """A network that runs. `build` makes one."""

    def __init__(self, architecture: Architecture, head: bool) -> None:
        super().__init__()
        self.architecture = architecture
        self.has_head = head
        side = architecture.scaling.fitting_side  # parameters are the same at any size
        for part in parts(plan(architecture, side, side, head)):
            _attach(self, part)

    def forward(self, x: Tensor) -> dict[int, Tensor]:
        """P maps by level, finest first, of a float32 image (N, 3, H, W).

        A block's map is let go after its last reader.

        Raises
        ------
        SizeError: where the maps of some block do not meet at this size; multiples of 128 fit.
        """
        network = self.plan_for(x)
        return self._run(network, x, _last_readers(network))[2]

    def maps(self, x: Tensor) -> Maps:
        """As `forward`, with the maps of the stem and of every block."""
        return Maps(*self._run(self.plan_for(x), x, {}))

    def forward_head(self, outputs: Mapping[int, Tensor]) -> dict[int, tuple[Tensor, Tensor]]:
        """Class logits (N, anchors * classes, H, W) and boxes (N, anchors * 4, H, W) by level.

        Channels are anchor-major. Only for a network built with its head.
        """
        tower, box = (self.get_submodule(f"head.{name}") for name in TOWERS)
        return {level: (tower(x, level), box(x, level)) for level, x in outputs.items()}

    def plan_for(self, x: Tensor) -> Plan:
        """The plan at the size of this image. Raises SizeError where it is not (N, 3, H, W)."""
        if x.ndim != 4 or x.shape[1] != 3:
            raise SizeError(
                f"The image: found an array of shape {tuple(x.shape)}, expected "
                "(N, 3, height, width)."
            )
        return plan(self.architecture, x.shape[2], x.shape[3])

    def _run(
        self, network: Plan, x: Tensor, let_go: Mapping[int, tuple[int, ...]]
    ) -> tuple[Tensor, dict[int, Tensor], dict[int, Tensor]]:
        stem: Tensor = self.get_submodule("stem")(x)
        maps: dict[int, Tensor] = {}
        for block_id, step in network.blocks.items():
            maps[block_id] = self._block(step, [maps[w.link.parent] for w in step.links] or [stem])
            for done in let_go.get(block_id, ()):
                del maps[done]
        outputs = {}
        for block in self.architecture.outputs:
            outputs[block.level] = maps[block.id]
            if network.endpoints[block.level].layers:
                name = network.endpoints[block.level].name
                outputs[block.level] = self.get_submodule(name)(maps[block.id])
        return stem, maps, outputs

    def _block(self, step: BlockPlan, sources: list[Tensor]) -> Tensor:
        inputs = [
            self._link(wire, source) for wire, source in zip(step.links, sources, strict=False)
        ]
        act = ACTIVATIONS[self.architecture.scaling.activation]
        x = fuse(inputs or sources, step.fuse.layers, act)
        result: Tensor = self.get_submodule(step.body.name)(x)
        return result

    def _link(self, wire: LinkPlan, source: Tensor) -> Tensor:
        if not wire.unit.layers:
            return source
        result: Tensor = self.get_submodule(wire.unit.name)(source, wire.unit.output.size)
        return result


def build(
    arch: Architecture,
    *,
    seed: int = 0,
    weights: Mapping[str, Tensor] | None = None,
    head: bool = False,
    device: Device = "cpu",
) -> Network:
    """The network that `arch` describes, in evaluation mode.

    Parameters
    ----------
    arch: an architecture without problems.
    seed: decides, with its name, the initial value of each parameter.
    weights: values by parameter name; those whose shape fits are taken instead of initial ones
        (`explorer.network.weights.match` says which do).
    head: also the head.
    device: `meta` gives shapes without values, for counting.

    Raises
    ------
    ArchitectureError: where `arch` has problems, or a head is asked for and does not fit.
    BudgetError: where its parameters do not fit into the machine's memory.

    >>> from explorer.architecture.block import Block, Op
    >>> stage = Block(0, Op.RESIDUAL, 3, is_output=True, resampled=False)
    >>> network = build(Architecture("one", (stage,)))
    >>> network(torch.zeros(1, 3, 64, 64))[3].shape
    torch.Size([1, 256, 8, 8])
    """
    # Counting first: it refuses a head that does not fit, and a network larger than the machine.
    side = arch.scaling.fitting_side
    if device == "cpu":
        check_budget(arch, (side, side), machine_budget(), head)
    else:
        cost(arch, side, head)
    with torch.device("meta"):
        network = Network(arch, head)
    if device == "cpu":
        fill(network, "", seed, weights or {})
    return network.eval()


def fill(module: nn.Module, prefix: str, seed: int, weights: Mapping[str, Tensor]) -> None:
    """Gives a module on `meta` its values: those of `weights` that fit, initial ones otherwise.

    `prefix` is put before its parameters' names, with its dot. Weights are shared, not copied.
    """
    values = {}
    for name, empty in module.state_dict().items():
        given = weights.get(prefix + name)
        fits = given is not None and given.shape == empty.shape
        values[name] = given if fits else initial_value(prefix + name, empty.shape, seed)
    module.load_state_dict(values, assign=True)


def _attach(root: nn.Module, part: Part) -> None:
    """Hangs a part's module at its dotted name, so that its parameters are named after it."""
    *path, last = part.name.split(".")
    for name in path:
        if name not in dict(root.named_children()):
            root.add_module(name, nn.Module())
        root = root.get_submodule(name)
    root.add_module(last, part.build())


def _last_readers(network: Plan) -> dict[int, tuple[int, ...]]:
    """Which blocks' maps may go after each block: those that nothing later reads."""
    last: dict[int, int] = {}
    for block_id, step in network.blocks.items():
        last.update((wire.link.parent, block_id) for wire in step.links)
    kept = {block.id for block in network.architecture.outputs}
    done: dict[int, tuple[int, ...]] = {}
    for parent, reader in last.items():
        if parent not in kept:
            done[reader] = (*done.get(reader, ()), parent)
    return done
