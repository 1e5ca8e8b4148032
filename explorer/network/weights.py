"""Weights in and out of safetensors files, and what of them an architecture can use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.network.build import build

CHUNK = 1 << 20
FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)


class Weights(Mapping[str, Tensor]):
    """Values by parameter name, with a version: equal versions mean equal values.

    The tensors are not to be written to, for activations are cached under the version.

    >>> one, two = (Weights({"a": torch.full((1,), x)}) for x in (1.0, 2.0))
    >>> one.version == two.version
    False
    """

    def __init__(self, tensors: Mapping[str, Tensor], version: str | None = None) -> None:
        self._tensors = dict(tensors)
        self.version = _digest(self._tensors) if version is None else version

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


class Match(NamedTuple):
    """How weights and an architecture go together: names, sorted."""

    matched: tuple[str, ...]
    missing: tuple[str, ...]
    """Parameters that the weights have not: they keep their initial values."""
    unused: tuple[str, ...]
    """Weights that the architecture has no parameter for."""
    reshaped: tuple[str, ...]
    """Parameters that the weights have in another shape: they keep their initial values."""


def match(arch: Architecture, weights: Mapping[str, Tensor], head: bool = False) -> Match:
    """Which weights an architecture takes, and which of its parameters stay without.

    Raises ArchitectureError where `arch` has problems.
    """
    wanted = build(arch, head=head, device="meta").state_dict()
    shared = sorted(wanted.keys() & weights.keys())
    fits = {name for name in shared if wanted[name].shape == weights[name].shape}
    return Match(
        matched=tuple(name for name in shared if name in fits),
        missing=tuple(sorted(wanted.keys() - weights.keys())),
        unused=tuple(sorted(weights.keys() - wanted.keys())),
        reshaped=tuple(name for name in shared if name not in fits),
    )


def load_weights(path: str | Path) -> Weights:
    """The float32 weights of a safetensors file; their version is the file's SHA-256.

    Raises
    ------
    FormatError: where there is no such file, or it holds something else.
    """
    path = Path(path)
    try:
        version = _file_digest(path)
        tensors = load_file(path)
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        raise FormatError(
            f"{path}: found no readable file ({getattr(error, 'strerror', None) or error}). "
            "Name a .safetensors file with weights."
        ) from error
    except SafetensorError as error:
        raise FormatError(
            f"{path}: found a file that is not in the safetensors format ({error}). "
            "Name a .safetensors file with weights."
        ) from error
    for name, tensor in tensors.items():
        if tensor.dtype not in FLOATS:
            raise FormatError(
                f"{path}: found {name} of type {tensor.dtype}, expected floating-point numbers."
            )
    return Weights({name: tensor.float() for name, tensor in tensors.items()}, version)


def save_weights(path: str | Path, weights: Mapping[str, Tensor]) -> None:
    """Writes a safetensors file, for example of `network.state_dict()`. OSError where it cannot."""
    save_file({name: tensor.detach().contiguous() for name, tensor in weights.items()}, path)


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name}:{tuple(tensor.shape)}:{tensor.dtype};".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
