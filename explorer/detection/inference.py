"""From a picture to maps and boxes, in one call.

A page asks `read_values` which weights there are, `picture` for the input, `infer` for what is
found, and `on_photo` where that lies on the photograph; each detection names the level that found
it. An edited network keeps the trained weights of every parameter that still fits.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.architecture.scaling import HeadStyle
from explorer.catalog import reference_for
from explorer.cost.cost import supports_head
from explorer.detection.decode import Detection, detections
from explorer.detection.ssd import ssd_detections
from explorer.network.budget import check_budget, machine_budget
from explorer.network.execution import Executor, Run
from explorer.network.image import ImageInfo, open_image, preprocess
from explorer.network.weights import Match, Weights, load_weights, match

MAX_ARRAY_NBYTES = 1 << 30
UNTRAINED = "untrained"
UNTRAINED_NOTE = "Seeded weights, not trained: their maps show structure, not objects."
INPUT_SIDES = {HeadStyle.RETINANET: 640, HeadStyle.SSD: 300}
"""Side of the square input that a network is given where nobody says another, in pixels."""


class Picture(NamedTuple):
    """What the network is given, (N, 3, H, W); `info` is None for an array taken as it is."""

    tensor: Tensor
    info: ImageInfo | None


class Values(NamedTuple):
    """Which weights are in use, and how well they fit."""

    label: str
    """`untrained`, the file they came from, or the title of the reference whose they are."""
    note: str
    weights: Weights | None = None
    has_head: bool = False
    """The weights hold the parameters of the head, so that boxes mean something."""
    levels: frozenset[int] | None = None
    """Of SSD, whose predictors are each level's own: the levels that have theirs."""


class Inference(NamedTuple):
    """What one call gives."""

    run: Run
    detections: tuple[Detection, ...]
    """Best first, boxes in pixels of the network's input; none without a head's weights, and none
    for a batch of several images."""


def infer(
    arch: Architecture,
    picture: Picture,
    name: str,
    values: Values,
    seed: int = 0,
    executor: Executor | None = None,
) -> Inference:
    """The P maps of a picture, and the boxes where the weights have a head.

    `name` tells the picture from others. An executor that is kept computes only what an edit
    changes. Raises as `explorer.network.execution.Executor.run`.
    """
    run = (executor or Executor()).run(
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
    classes = {level: maps[0] for level, maps in run.heads.items()}
    boxes = {level: maps[1] for level, maps in run.heads.items()}
    size = (picture.tensor.shape[2], picture.tensor.shape[3])
    if arch.scaling.head.style is HeadStyle.SSD:
        found = ssd_detections(classes, boxes, size, arch.scaling, levels=values.levels)
        return Inference(run, found)
    found = detections(
        classes,
        boxes,
        size,
        anchor_size=arch.scaling.head.anchor_size,
        image_size=picture.info.scaled if picture.info else None,
    )
    return Inference(run, found)


def on_photo(found: Detection, picture: Picture) -> tuple[float, float, float, float]:
    """The box x0, y0, x1, y1 in pixels of the photograph; of the array where there is none."""
    across, down = (picture.info.scale[1], picture.info.scale[0]) if picture.info else (1.0, 1.0)
    x0, y0, x1, y1 = found.box
    return x0 / across, y0 / down, x1 / across, y1 / down


def input_side(arch: Architecture) -> int:
    """Side of the square input in pixels where nobody says another: what the head is used to.

    >>> from explorer.catalog import entry
    >>> input_side(entry("ssdlite-mobilenetv2").architecture)
    300
    """
    return INPUT_SIDES[arch.scaling.head.style]


def picture(arch: Architecture, image: Image.Image, size: int | None = None) -> Picture:
    """A photograph as the network takes it, `size` pixels square (None: what its head is used to).

    Raises BudgetError where `arch` cannot run at this size here.
    """
    side = size or input_side(arch)
    # Before the photograph is enlarged: at the sizes that are refused this alone takes minutes.
    check_budget(arch, (side, side), machine_budget())
    return Picture(*preprocess(image, side, arch.scaling.head.style))


def read_picture(arch: Architecture, path: Path, size: int | None = None) -> Picture:
    """A photograph made `size` pixels square for the network; a `.npy` as it is.

    Raises
    ------
    FormatError: where the file holds neither.
    BudgetError: where `arch` cannot run at this size here.
    """
    if path.suffix.lower() == ".npy":
        return Picture(_array(path), None)
    return picture(arch, open_image(path), size)


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
    """The weights of a safetensors file for `arch`.

    Without a file: those that come with this program, where `arch` is the reference or was edited
    from it; else seeded and untrained ones.

    Raises FormatError where the file is not one, or fits less than half of the network.
    """
    if path is None:
        return _shipped(arch)
    weights = load_weights(path)
    found, has_head = _matched(arch, weights)
    left = (*found.missing, *found.reshaped)
    count = len(found.matched)
    if count <= len(left):
        raise FormatError(
            f"{path}: found {count} of the {count + len(left)} parameters of {arch.name}, expected "
            f"at least half of them; {left[0]} does not fit. Choose the weights of this "
            "architecture."
        )
    return _values(str(path), arch, weights, found, has_head)


def values_of(arch: Architecture, weights: Weights, label: str) -> Values | None:
    """These weights for `arch`, which may have been edited since; None where few or none fit.

    What does not fit keeps its seeded values, and the note says how much that is.
    """
    found, has_head = _matched(arch, weights)
    if len(found.matched) <= len(found.missing) + len(found.reshaped):
        return None
    return _values(label, arch, weights, found, has_head)


def _shipped(arch: Architecture) -> Values:
    reference = reference_for(arch)
    if reference is None or reference.weights is None:
        return Values(UNTRAINED, UNTRAINED_NOTE)
    weights = _kept_weights(reference.weights)
    found, has_head = _matched(arch, weights)
    if not found.matched:
        return Values(UNTRAINED, UNTRAINED_NOTE)
    return _values(reference.title, arch, weights, found, has_head)


@lru_cache(maxsize=4)
def _kept_weights(path: Path) -> Weights:
    """Read once: the file is this program's own and does not change."""
    return load_weights(path)


def _matched(arch: Architecture, weights: Weights) -> tuple[Match, bool]:
    """What fits, and whether the head was asked for."""
    wants_head = supports_head(arch) and any(name.startswith("head.") for name in weights)
    return match(arch, weights, wants_head), wants_head


def _values(
    label: str, arch: Architecture, weights: Weights, found: Match, wants_head: bool
) -> Values:
    left = (*found.missing, *found.reshaped)
    note = f"{len(found.matched)} parameters matched"
    if left:
        note += f"; {len(left)} have seeded, untrained values, such as {left[0]}"
    heads_left = [name for name in left if name.startswith("head.")]
    if arch.scaling.head.style is not HeadStyle.SSD:
        return Values(label, note, weights, wants_head and not heads_left)
    without = {name.split(".")[2] for name in heads_left}  # head.class.6.conv.weight
    levels = frozenset(b.level for b in arch.outputs if str(b.level) not in without)
    return Values(label, note, weights, wants_head and bool(levels), levels)
