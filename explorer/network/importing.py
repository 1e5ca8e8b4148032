"""Weights from elsewhere under our names: TensorFlow's checkpoints, our files, other PyTorch codes.

Everything is read and checked before anything is handed on, so that a caller who writes a file
writes a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from safetensors.torch import save
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.cost.cost import supports_head
from explorer.network.checkpoint.reading import Reshaped, read_checkpoint
from explorer.network.export.files import write_whole
from explorer.network.official_names import from_official
from explorer.network.ports.mapping import from_port, likely_table
from explorer.network.ports.tables import PortTable, load_table
from explorer.network.state_dicts import read_state_dict
from explorer.network.weights import Match, match


class Source(StrEnum):
    """What a file of weights is."""

    CHECKPOINT = "TensorFlow 2 checkpoint"
    OWN = "state dict of ours"
    PORT = "state dict of a PyTorch port"


class Part(NamedTuple):
    """How one part of a network fared: a line of the table."""

    name: str
    matched: int
    missing: int
    reshaped: int


class ImportReport(NamedTuple):
    """What became of what was found. Names are the file's kind's: official ones, or ours."""

    source: Source
    title: str
    """Of the source, more exactly."""
    head: bool
    """Whether the head was asked for."""
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    """Of the architecture, not in the file: they keep seeded values."""
    unused: tuple[str, ...]
    """Of the file, for which the architecture has no place."""
    reshaped: tuple[Reshaped, ...]
    """Of the architecture, in the file in another shape: they keep seeded values."""
    notes: tuple[str, ...]
    """What a reader must know beside the lists, a sentence each."""

    @property
    def wanted(self) -> int:
        """How many parameters the architecture has."""
        return len(self.matched) + len(self.missing) + len(self.reshaped)

    def parts(self) -> tuple[Part, ...]:
        """The same by part of the network, in the order in which it runs."""
        reshaped = [one.name for one in self.reshaped]
        rows = []
        for part in dict.fromkeys(map(_part, (*self.matched, *self.missing, *reshaped))):
            counts = (_count(names, part) for names in (self.matched, self.missing, reshaped))
            rows.append(Part(part, *counts))
        return tuple(sorted(rows, key=lambda row: _ORDER.index(row.name)))


class ImportedWeights(NamedTuple):
    """The parameters that were found, under our names; and the report."""

    tensors: Mapping[str, Tensor]
    report: ImportReport


def import_weights(
    path: Path, arch: Architecture, *, head: bool | None = None, table: str | None = None
) -> ImportedWeights:
    """What a file holds for `arch`. All of it, or an error.

    Parameters
    ----------
    path: the prefix of a TensorFlow 2 checkpoint; or a `.safetensors` or `.pth`.
    arch: the architecture that the weights were trained as.
    head: whether the head is wanted; None wants it where the file has one.
    table: the name of a port's table, or a table file; None finds out.

    Raises
    ------
    ArchitectureError: where `arch` has problems.
    FormatError: where the file is damaged, holds something else, or weights of another network.
    UnknownNameError: where there is no such table.
    """
    prefix = _prefix(path)
    if prefix is not None and table is None:
        return _from_checkpoint(prefix, arch, head)
    chosen = load_table(Path(table) if table.endswith(".json") else table) if table else None
    return import_tensors(read_state_dict(path), arch, path.name, head=head, table=chosen)


def import_tensors(
    tensors: Mapping[str, Tensor],
    arch: Architecture,
    name: str,
    *,
    head: bool | None = None,
    table: PortTable | None = None,
) -> ImportedWeights:
    """What a state dict holds for `arch`: ours, or that of a port; `name` is for messages.

    Raises FormatError where it is of another network.
    """
    if table is None and _is_ours(tensors, arch):
        found = _from_own(tensors, arch, head)
    else:
        found = _from_port(tensors, arch, name, head, table)
    report = found.report
    if 2 * len(report.matched) <= report.wanted:
        left = (*(one.name for one in report.reshaped), *report.missing)
        raise FormatError(
            f"{name} is of another network: found {len(report.matched)} of the {report.wanted} "
            f"parameters of {arch.name} in their shapes; {left[0]} does not fit. Choose the "
            "architecture that it was trained as."
        )
    return found


def write_weights(path: Path, found: ImportedWeights, arch: Architecture) -> None:
    """Nothing; `path` is a safetensors file of ours afterwards, whole, or as it was before.

    Raises ExplorerError where it cannot be written.
    """
    about = {"architecture": arch.name, "source": found.report.title}
    tensors = {name: tensor.contiguous() for name, tensor in found.tensors.items()}
    write_whole(path, save(tensors, metadata=about))


def _prefix(path: Path) -> Path | None:
    """The prefix of a checkpoint, where `path` is meant as one."""
    known = (".safetensors", ".pth", ".pt", ".bin")
    if path.name.endswith(".index"):
        return path.with_name(path.name.removesuffix(".index"))
    is_prefix = path.with_name(f"{path.name}.index").exists() if path.name else False
    return path if is_prefix or not (path.is_file() or path.suffix.lower() in known) else None


def _from_checkpoint(prefix: Path, arch: Architecture, head: bool | None) -> ImportedWeights:
    wants = head if head is not False and supports_head(arch) else False
    arrays, found = read_checkpoint(prefix, arch, wants)
    names = (*found.matched, *found.missing, *(one.name for one in found.reshaped))
    has_head = any(name.startswith("head.") for name in names)
    notes = [found.note] if found.note else []
    if found.training_state:
        notes.append(
            f"{len(found.training_state)} values of the optimizer and counters were left out."
        )
    report = ImportReport(
        Source.CHECKPOINT,
        f"TensorFlow 2 checkpoint {prefix.name}",
        has_head,
        found.matched,
        found.missing,
        found.unused,
        found.reshaped,
        tuple(notes),
    )
    return ImportedWeights(from_official(arch, arrays, has_head), report)


def _is_ours(tensors: Mapping[str, Tensor], arch: Architecture) -> bool:
    """Whether more names are ours than a port's table knows."""
    ours = len(match(arch, tensors, supports_head(arch)).matched)
    return ours > 0 and (2 * ours > len(tensors) or likely_table(tensors) is None)


def _from_own(
    tensors: Mapping[str, Tensor], arch: Architecture, head: bool | None
) -> ImportedWeights:
    has = any(name.startswith("head.") for name in tensors)
    wants = supports_head(arch) and (has if head is None else head)
    found = match(arch, tensors, wants)
    report = ImportReport(
        Source.OWN,
        str(Source.OWN),
        wants,
        found.matched,
        found.missing,
        found.unused,
        _reshaped(arch, tensors, found),
        (),
    )
    return ImportedWeights({name: tensors[name] for name in found.matched}, report)


def _reshaped(
    arch: Architecture, tensors: Mapping[str, Tensor], found: Match
) -> tuple[Reshaped, ...]:
    wanted = _shapes(arch, found.reshaped)
    return tuple(Reshaped(name, tuple(tensors[name].shape), wanted[name]) for name in wanted)


def _shapes(arch: Architecture, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The shapes that `arch` has of these parameters."""
    from explorer.network.build import build

    names = tuple(names)
    with_head = any(name.startswith("head.") for name in names)
    state = build(arch, head=with_head, device="meta").state_dict() if names else {}
    return {name: tuple(state[name].shape) for name in names}


def _from_port(
    tensors: Mapping[str, Tensor],
    arch: Architecture,
    name: str,
    head: bool | None,
    table: PortTable | None,
) -> ImportedWeights:
    known = table or likely_table(tensors)
    if known is None:
        raise FormatError(
            f"{name}: found names such as {next(iter(tensors))[:80]}, expected those of "
            f"{arch.name}, of torchvision's ResNets or of a port that a table is there for. Choose "
            "another file or architecture, or write a table (--table)."
        )
    wants = head if supports_head(arch) else False
    weights, found = from_port(arch, tensors, known, wants)
    every = (*found.matched, *found.missing, *found.reshaped, *found.filled)
    wanted = _shapes(arch, found.reshaped)
    reshaped = tuple(Reshaped(one, (), wanted[one]) for one in found.reshaped)
    notes = list(known.differences)
    if found.left_out:
        notes.append(f"{len(found.left_out)} values that mean nothing here were left out.")
    if found.filled:
        notes.append(f"{len(found.filled)} parameters that it does without are zero.")
    report = ImportReport(
        Source.PORT,
        known.title,
        any(one.startswith("head.") for one in every),
        tuple(sorted((*found.matched, *found.filled))),
        found.missing,
        found.unused,
        reshaped,
        tuple(notes),
    )
    return ImportedWeights(weights, report)


_ORDER = ("stem", "blocks", "links", "FPN", "endpoints", "head")


def _part(name: str) -> str:
    """The part of a network that a parameter belongs to, by an official name or by ours."""
    first = name.partition(".")[0]
    if first == "blocks" and ".resample" in name:
        return "links"
    return {"stages": "blocks", "fpn": "FPN"}.get(first, first if first in _ORDER else "blocks")


def _count(names: Iterable[str], part: str) -> int:
    return sum(_part(name) == part for name in names)
