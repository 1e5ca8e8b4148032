"""The weights of another PyTorch code under our names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.cost.cost import supports_head
from explorer.network.build import build
from explorer.network.official_names import body_names
from explorer.network.ports.tables import Order, PortTable, load_table, shipped
from explorer.network.weights import Weights

BLOCKS, PLACES, STAGES = "blocks.", "places.", "stages."


class PortReport(NamedTuple):
    """What became of a port's weights: names, sorted."""

    matched: tuple[str, ...]
    """Parameters of ours that it gave."""
    missing: tuple[str, ...]
    """Parameters of ours that it has not: they keep their initial values."""
    unused: tuple[str, ...]
    """Its names that are no parameter of this architecture."""
    reshaped: tuple[str, ...]
    """Parameters that it has in another shape: they keep their initial values."""
    left_out: tuple[str, ...]
    """Its names that mean nothing here, as the table says."""
    filled: tuple[str, ...]
    """Parameters that it does without, as if they were zero."""


class PortResult(NamedTuple):
    """Weights of ours, and how they came about."""

    weights: Weights
    report: PortReport


def from_port(
    arch: Architecture, tensors: Mapping[str, Tensor], table: PortTable, head: bool | None = None
) -> PortResult:
    """Our weights from a port's state dict.

    Parameters
    ----------
    arch: the architecture that they were trained as.
    tensors: by the port's names; `explorer.network.weights.load_weights` reads them.
    head: also the head; where None, if `arch` can feed one and the port's weights have one.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    FormatError: where no name of the port fits, or two that should be one differ.
    """
    renamed: dict[str, str] = {}
    unused, left_out = [], []
    numbers = _numbers(arch)
    for theirs in tensors:
        ours = table.name_for(theirs)
        if ours == "":
            left_out.append(theirs)
        elif ours is None or (ours := _numbered(ours, numbers)) is None:
            unused.append(theirs)
        else:
            renamed[theirs] = ours
    if head is None:
        head = supports_head(arch) and any(name.startswith("head.") for name in renamed.values())
    wanted = build(arch, head=head, device="meta").state_dict()
    found: dict[str, Tensor] = {}
    reshaped = set()
    for theirs, ours in renamed.items():
        if ours not in wanted:
            unused.append(theirs)
            continue
        value = _ordered(tensors[theirs].float(), ours, table.orders)
        if value is None or value.shape != wanted[ours].shape:
            reshaped.add(ours)
        elif ours in found and not torch.equal(found[ours], value):
            raise FormatError(
                f"{theirs}: found other values than under another name for {ours}, expected the "
                "same, for they are one parameter. Choose weights as that code saves them."
            )
        else:
            found[ours] = value
    if not found:
        first = next(iter(tensors), "nothing")
        raise FormatError(
            f"The weights: found names such as {first[:80]}, none of which {table.title} has for "
            f"{arch.name}. Choose another table ({', '.join(shipped())}) or architecture."
        )
    filled = {
        name: torch.zeros(value.shape)
        for name, value in wanted.items()
        if name not in found
        and name not in reshaped
        and any(rule.name_for(name) is not None for rule in table.zeros)
    }
    report = PortReport(
        matched=tuple(sorted(found)),
        missing=tuple(sorted(wanted.keys() - found.keys() - reshaped - filled.keys())),
        unused=tuple(sorted(unused)),
        reshaped=tuple(sorted(reshaped)),
        left_out=tuple(sorted(left_out)),
        filled=tuple(sorted(filled)),
    )
    return PortResult(Weights(found | filled), report)


def likely_table(names: Mapping[str, Tensor]) -> PortTable | None:
    """The shipped table that knows most of these names; None where none knows half of them.

    >>> from explorer.network.ports.mapping import likely_table
    >>> likely_table({"layer1.0.conv1.weight": torch.zeros(1)}).name
    'torchvision'
    """
    tables = [load_table(name) for name in shipped()]
    known = [sum(table.name_for(name) is not None for name in names) for table in tables]
    best = max(range(len(tables)), key=lambda i: known[i])
    return tables[best] if 2 * known[best] > len(names) else None


def _numbers(arch: Architecture) -> dict[str, str]:
    """What stands in our names for a place in the order, and for a place in a stage."""
    places = {f"{PLACES}{place}": f"{BLOCKS}{b.id}" for place, b in enumerate(arch.blocks)}
    stages = {
        official: f"{BLOCKS}{block_id}.body.{copy}"
        for block_id, names in body_names(arch).items()
        for copy, official in enumerate(names)
        if official.startswith(STAGES)
    }
    return places | stages


def _numbered(name: str, numbers: Mapping[str, str]) -> str | None:
    """The name with block ids; None where the architecture has no such place."""
    length = {PLACES[:-1]: 2, STAGES[:-1]: 3}.get(name.partition(".")[0])
    if length is None:
        return name
    parts = name.split(".")
    start = numbers.get(".".join(parts[:length]))
    return None if start is None else ".".join((start, *parts[length:]))


def _ordered(value: Tensor, name: str, orders: tuple[Order, ...]) -> Tensor | None:
    """The value with its outputs in our order; None where they cannot be taken apart so."""
    for order in orders:
        if order.names.name_for(name) is None:
            continue
        sizes = [order.sizes.get(axis, -1) for axis in order.axes]
        known = abs(_product(sizes))
        if value.ndim == 0 or (value.shape[0] % known if -1 in sizes else value.shape[0] != known):
            return None
        rest = value.shape[1:]
        split = value.reshape(*sizes, *rest)
        for axis, taken in order.take.items():
            split = split.index_select(order.axes.index(axis), torch.tensor(taken))
        axes = [order.axes.index(axis) for axis in order.becomes]
        joined = split.permute(*axes, *range(len(sizes), split.ndim))
        return joined.reshape(-1, *rest).contiguous()
    return value


def _product(numbers: list[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result
