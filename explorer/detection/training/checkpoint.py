"""Everything that a training goes on from, in one safetensors file, written atomically."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from explorer.architecture.errors import FormatError

FILE = "checkpoint.safetensors"
VERSION = 1


class Checkpoint(NamedTuple):
    """Tensors by kind and name (`value`, `average`, `first`, `second`, `steps`), and settings."""

    tensors: Mapping[str, Mapping[str, Tensor]]
    step: int
    images: int
    """Trained on so far."""
    seconds: float
    """Spent training so far."""
    settings: Mapping[str, object]
    """What must be the same for the training to go on as it began."""


def save(folder: Path, state: Checkpoint) -> Path:
    """Writes `checkpoint.safetensors`; a stop half-way leaves the one before."""
    path = folder / FILE
    flat = {
        f"{kind}/{name}": tensor.detach().cpu().contiguous()
        for kind, tensors in state.tensors.items()
        for name, tensor in tensors.items()
    }
    about = {
        "version": VERSION,
        "step": state.step,
        "images": state.images,
        "seconds": state.seconds,
        "settings": dict(state.settings),
    }
    waiting = path.with_suffix(".writing")
    save_file(flat, waiting, metadata={"training": json.dumps(about)})
    os.replace(waiting, path)  # noqa: PTH105 (replaces in one step on every system)
    return path


def load(folder: Path) -> Checkpoint:
    """The checkpoint in a folder. Raises FormatError where there is none that can be read."""
    path = folder / FILE
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {})["training"])
            tensors: dict[str, dict[str, Tensor]] = {}
            for key in file.keys():  # noqa: SIM118 (it is no mapping)
                kind, _, name = key.partition("/")
                tensors.setdefault(kind, {})[name] = file.get_tensor(key)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise FormatError(
            f"{path}: found no checkpoint of a training ({error}). Name the folder of a training, "
            "or start one without --resume."
        ) from error
    if about.get("version") != VERSION:
        raise FormatError(
            f"{path}: found version {about.get('version')}, expected {VERSION}. Start anew."
        )
    step, settings = about["step"], about["settings"]
    images = about.get("images", step * settings["batch"])  # of one process, as it was at first
    return Checkpoint(tensors, step, images, about["seconds"], settings)


def weights_of(state: Checkpoint) -> dict[str, Tensor]:
    """The averaged parameters, which are what is used and shipped, in float32."""
    return {name: tensor.float() for name, tensor in state.tensors["average"].items()}


def halves(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same in float16, as they are shipped.

    >>> halves({"a": torch.ones(1)})["a"].dtype
    torch.float16
    """
    return {name: tensor.to(torch.float16) for name, tensor in weights.items()}
