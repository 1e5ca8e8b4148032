"""State dicts out of files, as they stand there: safetensors, and PyTorch's own files.

A file of PyTorch is a pickle. It is read on the shell alone, with `weights_only`, which knows
tensors and no other code; and what it claims to hold is measured before anything is unfolded.
"""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import Tensor

from explorer.architecture.errors import FormatError

PICKLED = (".pth", ".pt", ".bin")
WRAPPERS = ("state_dict", "model", "model_state_dict")
"""Where training programs put the state dict in what they save."""
COUNTER = "num_batches_tracked"
MAX_ENTRIES = 20_000
MAX_SHARING = 4
"""How many times over tensors may use the bytes of a file (weights that are tied)."""


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name, float32, without counters of steps.

    Raises
    ------
    FormatError: where there is no such file, or it holds something else.
    """
    if not path.is_file():
        raise FormatError(
            f"{path}: found no such file, expected the prefix of a TensorFlow checkpoint, a "
            ".safetensors or a .pth. Correct the name."
        )
    try:
        if path.suffix.lower() in PICKLED:
            return _floats(_unpickled(path), path.name)
        return _floats(load_file(path), path.name)
    except SafetensorError as error:
        raise _no_safetensors(path.name, error) from error
    except OSError as error:
        raise FormatError(
            f"{path}: found no readable file ({error.strerror or error}). Choose another."
        ) from error


def safetensors_of(data: bytes, name: str) -> dict[str, Tensor]:
    """The tensors of a safetensors file in memory; `name` is for messages.

    Raises FormatError where it is no such file.
    """
    try:
        return _floats(load(data), name)
    except SafetensorError as error:
        raise _no_safetensors(name, error) from error


def _no_safetensors(name: str, error: Exception) -> FormatError:
    return FormatError(
        f"{name}: found a file that is not in the safetensors format ({error}), expected one. "
        "Choose a .safetensors file."
    )


def _floats(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    found = {}
    for key, tensor in tensors.items():
        if key.endswith(COUNTER):
            continue
        if not tensor.is_floating_point():
            raise FormatError(
                f"{name}: found {key} of type {tensor.dtype}, expected floating-point numbers. "
                "Choose a file of weights."
            )
        value = tensor.float().contiguous()
        if not torch.isfinite(value).all():
            raise FormatError(
                f"{name}: found values in {key} that are not finite numbers. Choose another file."
            )
        found[key] = value
    if not found:
        raise FormatError(f"{name}: found no tensors, expected weights. Choose another file.")
    return found


def _unpickled(path: Path) -> dict[str, Tensor]:
    nbytes = path.stat().st_size
    _check_archive(path, nbytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            held = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise FormatError(
            f"{path.name}: found a pickle that holds more than tensors, such as code, or that is "
            "damaged; none of it was run. Expected a state dict, saved as "
            "torch.save(model.state_dict(), …)."
        ) from error
    except (MemoryError, OverflowError) as error:
        raise FormatError(f"{path.name}: found more than fits into memory.") from error
    except Exception as error:  # torch has no one error for files that are damaged
        raise FormatError(
            f"{path.name}: found no file that PyTorch reads "
            f"({type(error).__name__}), expected a state dict. Choose another file."
        ) from error
    return _measured(_inner(held, path.name), nbytes, path.name)


def _check_archive(path: Path, nbytes: int) -> None:
    """PyTorch stores tensors as they are: an archive that unfolds to more is none of its own."""
    if not zipfile.is_zipfile(path):
        return  # the format of before 2020, one pickle after another
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise FormatError(f"{path.name}: found a damaged archive ({error}).") from error
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    claimed = sum(entry.file_size for entry in entries)
    if packed or claimed > nbytes or len(entries) > MAX_ENTRIES:
        raise FormatError(
            f"{path.name}: found an archive of {nbytes:,} bytes that unfolds to {claimed:,} in "
            f"{len(entries):,} entries, expected one that stores its bytes as they are. Nothing "
            "was unpacked."
        )


def _inner(held: object, name: str) -> dict[str, Tensor]:
    for wrapper in WRAPPERS:
        if isinstance(held, Mapping) and isinstance(held.get(wrapper), Mapping):
            held = held[wrapper]
    if not isinstance(held, Mapping):
        raise FormatError(
            f"{name}: found {type(held).__name__}, expected a state dict: tensors by name. "
            "Save model.state_dict()."
        )
    found = {str(key): value for key, value in held.items() if isinstance(value, Tensor)}
    if not found:
        raise FormatError(f"{name}: found no tensors, expected a state dict. Choose another file.")
    return found


def _measured(tensors: dict[str, Tensor], nbytes: int, name: str) -> dict[str, Tensor]:
    """A view can claim any size: a tensor may not have more numbers than were stored."""
    claimed = 0
    for key, tensor in tensors.items():
        if tensor.layout is not torch.strided or tensor.is_quantized:
            raise FormatError(
                f"{name}: found {key} as a {tensor.layout} tensor, expected plain ones. Save the "
                "network before it is pruned or quantised."
            )
        here = tensor.numel() * tensor.element_size()
        claimed += here
        if here > tensor.untyped_storage().nbytes() or claimed > MAX_SHARING * nbytes:
            raise FormatError(
                f"{name}: found {key} of shape {tuple(tensor.shape)}, which is more than the file "
                "holds. Choose another file."
            )
    return tensors
