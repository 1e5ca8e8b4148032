"""From a picture to maps and boxes, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.cost.cost import supports_head
from explorer.detection.decode import Detection, detections
from explorer.network.budget import check_budget, machine_budget
from explorer.network.execution import Executor, Run
from explorer.network.image import ImageInfo, open_image, preprocess
from explorer.network.weights import Weights, load_weights, match

MAX_ARRAY_NBYTES = 1 << 30
UNTRAINED = "untrained"


class Picture(NamedTuple):
    """What the network is given, (N, 3, H, W); `info` is None for an array taken as it is."""

    tensor: Tensor
    info: ImageInfo | None


class Values(NamedTuple):
    """Which weights are in use, and how well they fit."""

    label: str
    """`untrained`, or the file they came from."""
    note: str
    weights: Weights | None = None
    has_head: bool = False
    """The file holds every parameter of the head, so that boxes mean something."""


class Inference(NamedTuple):
    """What one call gives."""

    run: Run
    detections: tuple[Detection, ...]
    """Best first, boxes in pixels of the network's input; none without a head's weights, and none
    for a batch of several images."""


def infer(
    arch: Architecture, picture: Picture, name: str, values: Values, seed: int = 0
) -> Inference:
    """The P maps of a picture, and the boxes where the weights have a head.

    `name` tells the picture from others. Raises as `explorer.network.execution.Executor.run`.
    """
    run = Executor().run(
        arch,
        picture.tensor,
        name,
        blocks=(),
        head=values.has_head,
        seed=seed,
        weights=values.weights,
    )
    if not run.heads or len(picture.tensor) != 1:
        return Inference(run, ())
    found = detections(
        {level: maps[0] for level, maps in run.heads.items()},
        {level: maps[1] for level, maps in run.heads.items()},
        (picture.tensor.shape[2], picture.tensor.shape[3]),
        anchor_size=arch.scaling.head.anchor_size,
        image_size=picture.info.scaled if picture.info else None,
    )
    return Inference(run, found)


def read_picture(arch: Architecture, path: Path, size: int) -> Picture:
    """A photograph made `size` pixels square for the network; a `.npy` as it is.

    Raises
    ------
    FormatError: where the file holds neither.
    BudgetError: where `arch` cannot run at this size here.
    """
    if path.suffix.lower() == ".npy":
        return Picture(_array(path), None)
    image = open_image(path)
    # Before the photograph is enlarged: at the sizes that are refused this alone takes minutes.
    check_budget(arch, (size, size), machine_budget())
    return Picture(*preprocess(image, size))


def _array(path: Path) -> Tensor:
    try:
        if path.stat().st_size > MAX_ARRAY_NBYTES:
            raise FormatError(f"{path}: found more than 1 GiB. Choose a smaller array.")
        array: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FormatError(
            f"{path}: found no array that NumPy reads without pickle, expected a .npy of float32."
        ) from error
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.ndim != 4:
        raise FormatError(
            f"{path}: found {getattr(array, 'dtype', 'several arrays')} of shape "
            f"{getattr(array, 'shape', '?')}, expected float32 of shape (N, 3, H, W)."
        )
    if not np.isfinite(array).all():
        raise FormatError(f"{path}: found values that are no finite numbers, expected only those.")
    return torch.from_numpy(np.ascontiguousarray(array))


def read_values(arch: Architecture, path: Path | None) -> Values:
    """The weights of a safetensors file for `arch`; without a file, seeded and untrained ones.

    Raises FormatError where the file is not one, or fits less than half of the network.
    """
    if path is None:
        return Values(
            UNTRAINED, "Seeded weights, not trained: their maps show structure, not objects."
        )
    weights = load_weights(path)
    wants_head = supports_head(arch) and any(name.startswith("head.") for name in weights)
    found = match(arch, weights, wants_head)
    left = (*found.missing, *found.reshaped)
    count = len(found.matched)
    if count <= len(left):
        raise FormatError(
            f"{path}: found {count} of the {count + len(left)} parameters of {arch.name}, expected "
            f"at least half of them; {left[0]} does not fit. Choose the weights of this "
            "architecture."
        )
    note = f"{count} parameters matched"
    if left:
        note += f"; {len(left)} have seeded, untrained values, such as {left[0]}"
    has_head = wants_head and not any(name.startswith("head.") for name in left)
    return Values(str(path), note, weights, has_head)
