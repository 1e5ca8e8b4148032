"""An official checkpoint as official-named arrays, and a report of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.bundle import STRING, Bundle, open_bundle
from explorer.network.checkpoint.matching import assign_backbone, assign_head
from explorer.network.checkpoint.object_graph import KEY, ObjectGraph, read_object_graph
from explorer.network.official_names import parameters

_TRAINING = ("optimizer/", "global_step/", "save_counter/")
_SLOT = "/.OPTIMIZER_SLOT/"
_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


class Reshaped(NamedTuple):
    """A parameter that is there in another shape than the architecture's."""

    name: str
    found: tuple[int, ...]
    expected: tuple[int, ...]


class Report(NamedTuple):
    """What became of a checkpoint. Names are official ones (`blocks.5.body.0.conv1.kernel`)."""

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    """Of the architecture, not in the checkpoint."""
    unused: tuple[str, ...]
    """The checkpoint's keys that no parameter takes; without the optimizer's and the counters."""
    reshaped: tuple[Reshaped, ...]
    training_state: tuple[str, ...]
    """Keys of the optimizer's values and of counters, which a network does not need."""
    note: str
    """What a reader must know beside the lists; mostly empty."""


class Imported(NamedTuple):
    """The matched arrays by official name, in TensorFlow's layout, float32; and the report."""

    arrays: Mapping[str, NDArray[np.float32]]
    report: Report


def read_checkpoint(prefix: Path, arch: Architecture, head: bool | None = None) -> Imported:
    """What the TensorFlow 2 checkpoint at `prefix` holds for `arch`. All of it, or an error.

    Every byte of the checkpoint is checked, also of what is not used.

    Parameters
    ----------
    prefix: the path without `.index`.
    arch: the architecture that the checkpoint was trained as.
    head: whether a RetinaNet head is wanted; None wants one where the checkpoint has one.

    Raises
    ------
    FormatError: where a file is missing, cut short or altered, or the checkpoint is of a network
        that has other layers, or fits in less than half of its parameters.
    """
    bundle = open_bundle(prefix)
    graph = _graph(bundle, prefix)
    bundle.verify()
    head_keys = assign_head(graph, arch.scaling.min_level)
    assignment = assign_backbone(graph, arch)
    wants_head = head_keys is not None if head is None else head
    shapes = {one.official: one.shape for one in parameters(arch, wants_head)}
    keys = {**assignment.keys, **((head_keys or {}) if wants_head else {})}
    report = _report(bundle, keys, shapes, _note(assignment.unmerged))
    if 2 * len(report.matched) < len(shapes):
        raise FormatError(
            f"{prefix.name} is of another network: {len(report.matched)} of the {len(shapes)} "
            f"parameters of {arch.name} are there in their shapes. Choose the architecture that it "
            "was trained as."
        )
    arrays = {name: np.array(bundle.array(keys[name]), np.float32) for name in report.matched}
    _check_finite(arrays)
    return Imported(arrays, report)


def _graph(bundle: Bundle, prefix: Path) -> ObjectGraph:
    if KEY not in bundle.entries or bundle.entries[KEY].dtype != STRING:
        raise FormatError(
            f"{prefix.name} has no object graph: found a checkpoint of TensorFlow 1, or of weights "
            "alone, expected one that tf.train.Checkpoint of TensorFlow 2 saved."
        )
    texts = bundle.strings(KEY)
    if len(texts) != 1:
        raise FormatError(f"{prefix.name}: found {len(texts)} object graphs, expected one.")
    return read_object_graph(texts[0])


def _report(
    bundle: Bundle, keys: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]], note: str
) -> Report:
    matched, missing, reshaped = [], [], []
    for name, shape in shapes.items():
        entry = bundle.entries.get(keys.get(name, ""))
        if entry is None or entry.dtype == STRING:
            missing.append(name)
        elif entry.shape != shape:
            reshaped.append(Reshaped(name, entry.shape, shape))
        else:
            matched.append(name)
    taken = {keys[name] for name in (*matched, *(one.name for one in reshaped))}
    training = tuple(key for key in bundle.entries if _is_training_state(key))
    left = tuple(key for key in bundle.entries if key not in taken and not _is_training_state(key))
    return Report(tuple(matched), tuple(missing), left, tuple(reshaped), training, note)


def _is_training_state(key: str) -> bool:
    return _SLOT in key or key.startswith(_TRAINING) or key == KEY


def _note(unmerged: frozenset[int]) -> str:
    if not unmerged:
        return ""
    blocks = ", ".join(f"b{block}" for block in sorted(unmerged))
    return (
        f"The model was built without a fixed image size, so the official code never joined "
        f"{blocks} to an output and dropped it. Remove {blocks} for that model's outputs."
    )


def _check_finite(arrays: Mapping[str, NDArray[np.float32]]) -> None:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise FormatError(f"{name} holds values that are not finite numbers.")
